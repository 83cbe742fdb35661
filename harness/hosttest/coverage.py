# SPDX-License-Identifier: GPL-2.0-only
"""Which lines of the guests' C code the host's programs run: corpus and seeded inputs of all targets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.cache.digest import key_of, sources_of
from harness.cache.store import Cache, Progress
from harness.deadline import Deadline
from harness.hosttest import build, corpus, fuzz
from harness.hosttest.build import ROOT
from harness.hosttest.targets import TARGETS
from harness.proc import find_tool, run

_RUNS = 5_000
_SEED = 1
_RESULT = "lines.json"
_GUESTS = ("images/agency/", "images/me/", "images/include/")
_PACKAGE = "llvm-14"
_KEPT = 12


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """The lines of one source file.

    :ivar path: below the root of the repository.
    :ivar lines: lines that hold code.
    :ivar covered: those of them that were run.
    :ivar missed: numbers of the others, rising.
    """

    path: str
    lines: int
    covered: int
    missed: tuple[int, ...]

    @property
    def percent(self) -> float:
        """Share of the lines that were run, 0 to 100."""
        return 100.0 * self.covered / self.lines if self.lines else 100.0


def line_coverage(cache: Cache, progress: Progress, *, runs: int = _RUNS) -> list[FileCoverage]:
    """Coverage of every C file and header of the guests that is in a program of the host, by path.

    The first call compiles and runs; the result stays in the cache until a source or an input changes.

    :param runs: seeded inputs for each target, after those of its corpus.
    :raise ToolMissing: there is no compiler, or none of its tools.
    :raise HostError: a target ended with a finding: `harness fuzz` tells more.
    """
    inputs = sources_of([corpus.CORPUS, Path(__file__), Path(fuzz.__file__)], ROOT)
    key = "hosttest-lines-" + key_of([*inputs, ("programs", build.key("coverage")), ("runs", str(runs))])

    def count(out: Path) -> None:
        programs = build.programs(cache, "coverage", progress)
        with cache.scratch(f"{key}-profiles") as work:
            text = _traced(programs, work, runs, progress)
        (out / _RESULT).write_text(json.dumps([asdict(one) for one in read_trace(text)]))

    stored = json.loads((cache.get(key, count) / _RESULT).read_text())
    cache.prune("hosttest-lines-", _KEPT)
    return [FileCoverage(one["path"], one["lines"], one["covered"], tuple(one["missed"])) for one in stored]


def _traced(programs: Path, work: Path, runs: int, progress: Progress) -> str:
    """Run all targets; gives the lines' counts in the format of lcov."""
    profiles: list[Path] = []
    for target in TARGETS:
        progress(f"counting lines: {target.name}")
        profile = work / f"{target.name}.raw"
        order = fuzz.Order(runs=runs, seed=_SEED, profile=profile)
        outcome = fuzz.fuzz(programs / target.name, target, order, work)
        outcome.insist()
        profiles.append(profile)
    merged = work / "merged"
    _tool("llvm-profdata-14", ["merge", "-o", str(merged), *map(str, profiles)])
    first, *others = [str(programs / target.name) for target in TARGETS]
    objects = [f"-object={program}" for program in others]
    return _tool("llvm-cov-14", ["export", "-format=lcov", f"-instr-profile={merged}", first, *objects])


def _tool(name: str, arguments: list[str]) -> str:
    argv = [find_tool(name, _PACKAGE), *arguments]
    return run(argv, deadline=Deadline.after(120, name), cwd=ROOT).stdout.decode()


def read_trace(text: str) -> list[FileCoverage]:
    """Read lcov's format: the guests' files, by path. A line of several functions counts once."""
    counts: dict[str, dict[int, int]] = {}
    lines: dict[int, int] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            lines = counts.setdefault(rest.removeprefix("./"), {})
        elif kind == "DA":
            number, count = (int(part) for part in rest.split(",")[:2])
            lines[number] = max(count, lines.get(number, 0))
    return sorted(_of_guests(counts.items()), key=lambda one: one.path)


def _of_guests(counts: Iterable[tuple[str, dict[int, int]]]) -> Iterable[FileCoverage]:
    for path, lines in counts:
        if path.startswith(_GUESTS) and (ROOT / path).is_file():
            text = (ROOT / path).read_text().splitlines()
            # A macro's lines count where it is used.
            lines = {number: count for number, count in lines.items() if not text[number - 1].startswith("#")}
            missed = tuple(sorted(number for number, count in lines.items() if not count))
            yield FileCoverage(path, len(lines), len(lines) - len(missed), missed)
