# SPDX-License-Identifier: GPL-2.0-only
"""Runs of a target: many inputs, or one."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError
from harness.hosttest import corpus
from harness.hosttest.finding import Finding, read
from harness.hosttest.targets import Target
from harness.proc import Completed, find_tool, run

_INPUT_S = 20  # one input, before libFuzzer calls it endless
_RUN_S = 0.02  # what a run may take on average
_SANITIZERS = "abort_on_error=1:detect_leaks=0:quarantine_size_mb=16:allocator_may_return_null=1"


@dataclass(frozen=True, slots=True)
class Order:
    """How much is to be done.

    :ivar runs: inputs to run after those of the corpus.
    :ivar seed: of the choice of inputs; the same seed and number of runs give the same inputs.
    :ivar seconds: run for so long instead, however many inputs that makes.
    :ivar fault: the planted defect to switch on, in a build that has them.
    :ivar profile: file for the counts of a program that was built for coverage.
    """

    runs: int = 20_000
    seed: int = 1
    seconds: int | None = None
    fault: str | None = None
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    :ivar executed: inputs that were run, those of the corpus among them.
    :ivar edges: places of the program that were reached, as libFuzzer counts them.
    :ivar finding: why it ended early, or None.
    :ivar reproducer: the input that did it, or None.
    """

    target: Target
    executed: int
    per_second: int
    edges: int
    finding: Finding | None
    reproducer: Path | None
    output: str

    def insist(self) -> None:
        """Take a finding for a failure of the host's: here none is looked for.

        :raise HostError: there is one.
        """
        if self.finding:
            hint = f"see 'harness fuzz {self.target.name}'"
            raise HostError(f"the fuzz target {self.target.name} found: {self.finding}", hint=hint)


def fuzz(program: Path, target: Target, order: Order, results: Path, grown: Path | None = None) -> Outcome:
    """Run a target on its corpus, then on inputs that libFuzzer makes of it.

    :param results: folder for the input that ends it.
    :param grown: folder that gets the corpus and every input that reached something new.
    """
    results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soo-fuzz-") as scratch:
        inputs = grown or Path(scratch, "corpus")
        inputs.mkdir(exist_ok=True)
        found = Path(scratch, "found")
        found.mkdir()
        kept = corpus.unpack(target.name, inputs)
        # Values that were compared are addresses at times, which differ from run to run.
        counted = [f"-runs={kept + order.runs}", "-use_cmp=0"]
        amount = [f"-max_total_time={order.seconds}"] if order.seconds else counted
        seconds = order.seconds or (kept + order.runs) * _RUN_S + 60
        argv = [str(program), *amount, f"-seed={order.seed}", f"-max_len={target.longest}", "-len_control=0",
                f"-timeout={_INPUT_S}", "-rss_limit_mb=2048", "-print_final_stats=1",
                f"-artifact_prefix={found}/", str(inputs)]
        done = _run(argv, seconds, order.fault, order.profile)
        return _outcome(target, done, found, results)


def once(program: Path, target: Target, file: Path, fault: str | None = None) -> Outcome:
    """Run a target on one input.

    :raise HostError: there is no such file.
    """
    if not file.is_file():
        raise HostError("no such file", where=str(file))
    with tempfile.TemporaryDirectory(prefix="soo-fuzz-") as scratch:
        argv = [str(program), f"-timeout={_INPUT_S}", f"-artifact_prefix={scratch}/", str(file)]
        done = _run(argv, 60, fault)
    finding = read(_text(done)) if done.status else None
    return Outcome(target, 1, 0, 0, finding, file if finding else None, _text(done))


def minimise(program: Path, target: Target, inputs: Path, into: Path) -> None:
    """Copy into a folder the few of the inputs that reach all that the whole reaches."""
    into.mkdir(exist_ok=True)
    number = sum(1 for _ in inputs.iterdir())
    argv = [str(program), "-merge=1", f"-max_len={target.longest}", str(into), str(inputs)]
    done = _run(argv, number * 0.2 + 120)
    if done.status:
        raise HostError(f"{target.name}: the corpus was not minimised: {read(_text(done))}")


def environment(fault: str | None, profile: Path | None) -> dict[str, str]:
    """What a target's process gets: how the sanitizers speak, the planted defect, where counts go."""
    symbolizer = find_tool("llvm-symbolizer-14", "llvm-14")
    chosen = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        "ASAN_OPTIONS": _SANITIZERS,
        "UBSAN_OPTIONS": "print_stacktrace=1:abort_on_error=1",
        "ASAN_SYMBOLIZER_PATH": symbolizer,
        "LLVM_PROFILE_FILE": str(profile or os.devnull),
    }
    return chosen | ({"SOO_FAULT": fault} if fault else {})


def _run(argv: list[str], seconds: float, fault: str | None = None, profile: Path | None = None) -> Completed:
    deadline = Deadline.after(seconds + 60, f"the target {Path(argv[0]).name}")
    return run(argv, deadline=deadline, env=environment(fault, profile), check=False)


def _text(done: Completed) -> str:
    return done.stderr.decode(errors="replace")


def _outcome(target: Target, done: Completed, found: Path, results: Path) -> Outcome:
    text = _text(done)
    finding = read(text) if done.status else None
    reproducer = None
    if finding:
        for path in sorted(found.iterdir()):
            reproducer = results / f"{target.name}-{path.name.rpartition('-')[2][:12]}.bin"
            shutil.copyfile(path, reproducer)
    edges = [int(number) for number in re.findall(r"\bcov: (\d+)", text)]
    return Outcome(target, _figure(text, "number_of_executed_units"), _figure(text, "average_exec_per_sec"),
                   edges[-1] if edges else 0, finding, reproducer, text)


def _figure(text: str, name: str) -> int:
    found = re.search(rf"stat::{name}:\s+(\d+)", text)
    return int(found[1]) if found else 0
