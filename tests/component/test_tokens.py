# SPDX-License-Identifier: GPL-2.0-only
"""Tokens among real processes: never too many, given back whatever happens, first come first served."""

import os
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

import pexpect
import pytest

from harness.deadline import Deadline
from harness.errors import Expired, HostError
from harness.proc import Child
from harness.qemu.spec import MachineSpec
from harness.schedule import admission
from harness.schedule.amount import Amount
from harness.schedule.tokens import Tokens
from tests.component.console_rig import soon

REPOSITORY = Path(__file__).resolve().parents[2]


def words(folder: Path, cores: int, *, total: int, rounds: int = 0) -> list[str]:
    numbers = [str(number) for number in (total, cores, rounds)]
    return ["-m", "tests.component.token_user", str(folder / "tokens"), *numbers, str(folder / "log")]


def tokens(folder: Path, total: int = 2) -> Tokens:
    return Tokens(folder / "tokens", Amount(total, 1000), lambda: 1_000_000, print)


@pytest.fixture
def users() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def user(users: ExitStack, folder: Path, cores: int, *, total: int = 2) -> "pexpect.spawn[str]":
    argv = words(folder, cores, total=total)
    process = pexpect.spawn(sys.executable, argv, cwd=str(REPOSITORY), timeout=20, encoding="utf-8")
    users.callback(process.close, force=True)
    return process


def queued(folder: Path, count: int) -> None:
    """Wait until so many requests are in the books."""
    limit = Deadline.after(20, "requests")
    while len(tokens(folder).requests()) < count:
        limit.check()


def left(folder: Path) -> list[str]:
    return [path.name for path in (folder / "tokens").iterdir() if path.name != "mutex"]


def test_never_more_than_there_are(tmp_path: Path) -> None:
    with ExitStack() as stack:
        sizes = (1, 1, 2, 1, 3, 2, 1, 4)
        running = [stack.enter_context(Child([sys.executable, *words(tmp_path, cores, total=3, rounds=40)],
                                             cwd=REPOSITORY)) for cores in sizes]
        assert [child.wait(Deadline.after(60, "users of tokens")) for child in running] == [0] * len(sizes)
    changes = [int(line) for line in (tmp_path / "log").read_text().split()]
    assert len(changes) == 2 * 40 * len(sizes)
    # The one that asks for four gets all three, alone.
    used = list(accumulate(max(-3, min(3, change)) for change in changes))
    assert max(used) == 3
    assert min(used) == 0
    assert left(tmp_path) == []


def test_kills_at_random_moments_lose_no_token(tmp_path: Path) -> None:
    chance = random.Random(3)
    with ExitStack() as stack:
        others = [stack.enter_context(Child([sys.executable, *words(tmp_path, cores, total=2, rounds=60)],
                                            cwd=REPOSITORY)) for cores in (1, 2)]
        for _ in range(12):
            argv = [sys.executable, *words(tmp_path, 1, total=2, rounds=10_000)]
            with Child(argv, cwd=REPOSITORY) as victim:
                with pytest.raises(Expired):
                    victim.wait(Deadline.after_real(chance.uniform(0.1, 0.3), "victim"))
                os.kill(victim.pid, signal.SIGKILL)
                assert victim.wait(soon()) == -signal.SIGKILL
        assert [child.wait(Deadline.after(60, "users of tokens")) for child in others] == [0, 0]
    with tokens(tmp_path).taken(Amount(2, 1), "afterwards") as waited:
        assert waited < 1
    assert left(tmp_path) == []


def test_a_killed_holder_wakes_who_waits(tmp_path: Path, users: ExitStack) -> None:
    holder = user(users, tmp_path, 2)
    holder.expect_exact("granted")
    waiting = user(users, tmp_path, 1)
    waiting.expect_exact(f"user/1 waits for 1 core and 1 MiB; held by user/2 (process {holder.pid})")
    holder.kill(signal.SIGKILL)
    waiting.expect_exact("granted")


def test_a_stopped_waiter_is_out_of_the_way(tmp_path: Path, users: ExitStack) -> None:
    holder = user(users, tmp_path, 1)
    holder.expect_exact("granted")
    big = user(users, tmp_path, 2)
    queued(tmp_path, 2)
    small = user(users, tmp_path, 1)
    small.expect_exact("user/1 waits for 1 core and 1 MiB, 1 before it in the queue; held by user/1")
    big.kill(signal.SIGINT)
    big.expect_exact("interrupted")
    small.expect_exact("granted")


def test_small_ones_do_not_overtake_a_big_one(tmp_path: Path, users: ExitStack) -> None:
    first = user(users, tmp_path, 1)
    first.expect_exact("granted")
    big = user(users, tmp_path, 2)
    queued(tmp_path, 2)
    small = []
    for before in (2, 3, 4):  # one by one: each holds its token until its line comes, in this order
        small.append(user(users, tmp_path, 1))
        queued(tmp_path, before + 1)
    assert [request.amount.cores for request in tokens(tmp_path).requests() if request.granted] == [1]
    first.sendline("")
    big.expect_exact("granted")
    assert [request.amount.cores for request in tokens(tmp_path).requests() if request.granted] == [2]
    big.sendline("")
    for process in small:
        process.expect_exact("granted")
        process.sendline("")


def test_who_holds_some_never_waits_for_more(tmp_path: Path) -> None:
    mine = tokens(tmp_path, total=1)
    with mine.taken(Amount(1, 1), "outer"), mine.taken(Amount(1, 1), "inner"):
        assert [request.who for request in mine.requests()] == ["outer", "inner"]
    assert left(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("")
    with (pytest.raises(HostError, match="tokens: cannot keep the books about tokens: File exists"),
          tokens(tmp_path).taken(Amount(1, 1), "x")):
        pass


def test_a_machine_takes_what_it_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(admission.TOKENS_VARIABLE, str(tmp_path / "tokens"))
    monkeypatch.setenv("SOO_HARNESS_CORES", "3")
    with admission.admitted(MachineSpec(memory_mib=512), "links/both-on", machines=2):
        (request,) = tokens(tmp_path).requests()
    assert (request.who, request.amount, request.granted) == ("links/both-on", Amount(2, 640), True)
