# SPDX-License-Identifier: GPL-2.0-only
"""SIGKILL at random moments, of a command or of anything it has started: nothing hinders the next run."""

import os
import random
import select
import signal
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cache.store import ROOT_VARIABLE
from harness.deadline import Deadline, now
from harness.proc import Child, run
from harness.schedule.admission import TOKENS_VARIABLE
from harness.schedule.amount import Amount
from harness.schedule.tokens import Tokens
from tests.meta.tree import ROOT
from tests.orphans import MARK, marked, wait_until_gone

# In full once for each stage of the project, a part of them each time: SOO_TEST_KILLS=100.
KILLS = int(os.environ.get("SOO_TEST_KILLS", "8"))
_LONGEST_S = 8.0
_NEXT_S = 60.0
_CLOSED_S = 5.0
_SCENARIOS = (
    *("scenarios/links/both-on.yaml", "scenarios/links/be-off-fe-on.yaml"),
    "scenarios/trees/fe-absent.yaml",
)
COMMANDS = (
    ("run", *_SCENARIOS),
    ("run", *_SCENARIOS, "-j", "2"),
    ("run", _SCENARIOS[0], "--cold"),
    ("run", *_SCENARIOS, "--shard", "1/2"),
    ("run", _SCENARIOS[0], "--deterministic", "--seed", "3"),
    ("run", *_SCENARIOS, "--hosts", "local,local-2"),
    ("hunt", _SCENARIOS[0], "--seeds", "4", "-j", "2"),
)


@dataclass(frozen=True)
class Stage:
    """A cache and tokens of their own.

    :ivar environment: of every command.
    """

    folder: Path
    environment: Mapping[str, str]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "harness.cli", *words]

    def tokens_out(self) -> list[str]:
        """Who holds tokens or waits for some."""
        books = Tokens(self.folder / "tokens", Amount(1, 1), lambda: 1, print)
        return [str(request) for request in books.requests()]


@pytest.fixture
def stage(own_cache: Path, tmp_path: Path) -> Stage:
    environment = {**os.environ, ROOT_VARIABLE: str(own_cache), TOKENS_VARIABLE: str(tmp_path / "tokens")}
    return Stage(tmp_path, environment)


def _kill_something(mark: str, command: int, chance: random.Random) -> str:
    """Half of the time the command itself, else one of those that it has started."""
    started = [pid for pid in marked(mark) if pid != command]
    victim = chance.choice(started) if started and chance.random() < 0.5 else command
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return "one that had ended"
    return "the command" if victim == command else "one of its processes"


def _one_kill(stage: Stage, words: tuple[str, ...], chance: random.Random) -> None:
    mark = str(uuid.uuid4())
    output = stage.folder / "output"
    environment = {**stage.environment, MARK: mark}
    with Child(stage.command(*words), cwd=ROOT, env=environment, stdout=output, stderr=output) as child:
        ended = select.poll()
        ended.register(child.fileno(), select.POLLIN)
        after = chance.uniform(0, _LONGEST_S)
        over = bool(ended.poll(after * 1000))
        what = "nothing, it was over" if over else _kill_something(mark, child.pid, chance)
        print(f"{' '.join(words)}: after {after:.2f} s killed {what}", flush=True)
        child.wait(Deadline.after(_NEXT_S, "the end of a command of which a part was killed"))
    assert wait_until_gone(mark) == []
    closed = Deadline.after(_CLOSED_S, "the end of who held tokens")  # its memory goes before its files do
    while out := stage.tokens_out():
        assert not closed.expired(), out


def test_nothing_is_left_that_hinders_the_next_run(stage: Stage) -> None:
    chance = random.Random(KILLS)
    for number in range(KILLS):
        _one_kill(stage, COMMANDS[number % len(COMMANDS)], chance)
        began = now()
        done = run(stage.command("run", "scenarios/links/both-off.yaml"), cwd=ROOT, env=stage.environment,
                   deadline=Deadline.after(_NEXT_S, "the next run"), check=False)
        print(f"{number + 1}: next run in {now() - began:.1f} s", flush=True)
        assert done.status == 0, done.stdout.decode()
        assert b"in place of a clone" not in done.stdout
    run(stage.command("cache", "--prune"), cwd=ROOT, env=stage.environment,
        deadline=Deadline.after(_NEXT_S, "pruning"))
    assert list((Path(stage.environment[ROOT_VARIABLE]) / "tmp").iterdir()) == []
