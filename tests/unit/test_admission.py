# SPDX-License-Identifier: GPL-2.0-only
"""Who may have tokens, what machines cost, what a host has."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.qemu.spec import MachineSpec, Ram
from harness.schedule.amount import Amount, cost, host_total
from harness.schedule.tokens import Request, may_have

TOTAL = Amount(2, 1000)
PLENTY = 1_000_000


def request(ticket: int, cores: int = 1, mib: int = 100, *, granted: bool = False) -> Request:
    state = "granted" if granted else "waiting"
    return Request(ticket, state, Amount(cores, mib), 1000 + ticket, "a/b c.yaml")


def test_file_names_carry_all() -> None:
    one = request(7, granted=True)
    assert Request.parse(one.file) == one
    assert "/" not in one.file
    assert Request.parse("mutex") is None
    assert len(Request(1, "waiting", TOTAL, 1, "ä" * 500).file) < 255


def test_both_kinds_of_tokens_count() -> None:
    held = [request(1, granted=True)]
    assert may_have(request(2), held, TOTAL, PLENTY)
    assert not may_have(request(2, cores=2), held, TOTAL, PLENTY)
    assert not may_have(request(2, mib=901), held, TOTAL, PLENTY)


def test_who_came_earlier_has_his_place() -> None:
    others = [request(1, granted=True), request(2, cores=2)]
    assert not may_have(request(3), others, TOTAL, PLENTY)
    assert may_have(request(3), [request(1, granted=True), request(4, cores=2)], TOTAL, PLENTY)


def test_more_than_all_is_granted_alone() -> None:
    assert may_have(request(2, cores=9, mib=9999), [], TOTAL, PLENTY)
    assert not may_have(request(2, cores=9), [request(1, granted=True)], TOTAL, PLENTY)
    assert not may_have(request(2), [request(1, cores=9, granted=True)], TOTAL, PLENTY)


def test_a_host_that_others_fill_admits_one() -> None:
    assert not may_have(request(2), [request(1, granted=True)], TOTAL, available_mib=200)
    assert may_have(request(2), [], TOTAL, available_mib=0)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 1500)), min_size=1, max_size=8), st.data())
def test_in_any_order_of_asking_all_are_served_and_never_too_many(sizes: list[tuple[int, int]],
                                                                  data: st.DataObject) -> None:
    books = {ticket: request(ticket, cores, mib) for ticket, (cores, mib) in enumerate(sizes)}
    while books:
        ticket = data.draw(st.sampled_from(sorted(books)))
        mine = books[ticket]
        others = [other for other in books.values() if other != mine]
        if mine.granted:
            del books[ticket]
        elif may_have(mine, others, TOTAL, PLENTY):
            books[ticket] = Request(ticket, "granted", mine.amount, mine.pid, mine.who)
        granted = [one.amount.within(TOTAL) for one in books.values() if one.granted]
        assert sum((amount for amount in granted), Amount(0, 0)).fits(TOTAL)
        # Whoever is first is never stuck: it has its tokens, or somebody else holds some.
        first = books[min(books)] if books else None
        assert first is None or granted or may_have(first, books.values(), TOTAL, PLENTY)


def test_a_clone_costs_less_than_a_boot() -> None:
    ram = Path("ram")
    assert cost(MachineSpec(memory_mib=512)) == Amount(1, 320)
    assert cost(MachineSpec(memory_mib=512, smp=2, ram=Ram(ram, shared=False))) == Amount(1, 96)
    assert cost(MachineSpec(memory_mib=512, ram=Ram(ram, shared=True)), machines=2) == Amount(2, 640)


def group(root: Path, path: str, **limits: str) -> Path:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in limits.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return root


def test_limits_of_control_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOO_HARNESS_CORES", raising=False)
    own = tmp_path / "own"
    own.write_text("0::/ci/job\n")
    free = host_total(tmp_path / "none", own)
    group(tmp_path / "v2", "ci/job", cpu_max="max 100000", memory_max="max")
    assert host_total(tmp_path / "v2", own) == free
    group(tmp_path / "v2", "ci", cpu_max="150000 100000", memory_max=str(1000 << 20))
    assert host_total(tmp_path / "v2", own) == Amount(1, 800)
    own.write_text("4:memory:/job\n2:cpu,cpuacct:/job\n")
    group(tmp_path / "v1", "cpu/job", cpu_cfs_quota_us="50000", cpu_cfs_period_us="100000")
    group(tmp_path / "v1", "memory", memory_limit_in_bytes=str(500 << 20))
    assert host_total(tmp_path / "v1", own) == Amount(1, 400)


def test_the_number_of_cores_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOO_HARNESS_CORES", "5")
    assert host_total().cores == 5
    monkeypatch.setenv("SOO_HARNESS_CORES", "0")
    with pytest.raises(UsageError, match="variable SOO_HARNESS_CORES: '0' is no number of cores"):
        host_total()
