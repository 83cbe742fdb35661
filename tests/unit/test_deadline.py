# SPDX-License-Identifier: GPL-2.0-only
"""Deadlines and the speed factor of the host."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness import deadline
from harness.deadline import Deadline
from harness.errors import Expired, UsageError


@pytest.fixture(autouse=True)
def _fresh_scale() -> Iterator[None]:
    for factor in (deadline._host_scale, deadline.speed):
        factor.cache_clear()
    yield
    for factor in (deadline._host_scale, deadline.speed):
        factor.cache_clear()


def test_budget_is_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOO_TIME_SCALE", "3")
    limit = Deadline.after(10, "boot")
    assert limit.budget == 30
    assert 29 < limit.remaining() <= 30


def test_a_part_never_ends_later_than_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOO_TIME_SCALE", "1")
    whole = Deadline.after(5, "scenario")
    assert whole.sub(60, "step").at == whole.at
    assert whole.sub(1, "step").at < whole.at


def test_expired_tells_what_was_waited_for_and_the_last_sign_of_life() -> None:
    limit = Deadline.after_real(0, "device vdummy/0 connected")
    assert limit.expired()
    assert limit.remaining() == 0
    with pytest.raises(Expired) as caught:
        limit.check()
    assert caught.value.waiting_for == "device vdummy/0 connected"
    assert str(limit.error(where="me2", last="'so3%'")) == (
        "me2: device vdummy/0 connected: not within 0.0 s; last seen: 'so3%'")


def test_check_is_silent_in_time() -> None:
    Deadline.after(10, "boot").check()


@pytest.mark.parametrize("text", ["0", "-1", "fast", "nan", "inf", ""])
def test_a_scale_that_is_no_positive_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOO_TIME_SCALE", text)
    for factor in (deadline.scale, deadline.speed):
        with pytest.raises(UsageError, match="SOO_TIME_SCALE"):
            factor()


def test_calibration_is_short_and_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOO_TIME_SCALE", raising=False)
    before = deadline.cpu_seconds()
    assert 1 <= deadline.scale() <= 20
    assert deadline.cpu_seconds() - before < 0.05 * deadline.scale()
    assert 1 <= deadline.speed() <= 20


def test_calibration_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOO_TIME_SCALE", "2")
    assert deadline.scale() == 2
    monkeypatch.setenv("SOO_TIME_SCALE", "4")
    assert deadline.scale() == 2


class _Steps:
    """A clock that goes on by hand; a second of it may take any time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def block(self, seconds: float) -> float:
        return min(seconds, 0.01)

    def scale(self) -> float:
        return 2.0

    def denied(self) -> float:
        return 0.0


def test_another_clock_is_what_counts() -> None:
    clock = _Steps()
    whole = Deadline.after_real(5, "scenario", clock)
    part = whole.sub(2, "step")
    assert part.budget == 4.0  # as the clock wants, not as the host is
    clock.seconds = 4.0
    assert part.expired()
    assert part.clock is clock
    assert (whole.expired(), whole.remaining(), whole.patience()) == (False, 1.0, 0.01)


def test_a_wait_goes_on_while_the_clock_stands_still() -> None:
    clock = _Steps()
    limit = Deadline.after_real(1, "answer", clock)
    asked = []

    def holds() -> bool:
        asked.append(clock.seconds)
        clock.seconds += 0.1 if len(asked) > 5 else 0.0
        return False

    changed = threading.Condition()
    with changed:
        assert not limit.wait_for(changed, holds)
    assert clock.seconds >= 1.0
    assert len(asked) > 10


def test_a_clock_that_never_goes_on_ends_no_wait() -> None:
    limit = Deadline.after_real(0.02, "guest time", _Steps())
    assert not limit.expired()
    changed = threading.Condition()
    began = deadline.now()
    with changed:
        assert not limit.wait_for(changed, bool)
    assert 0.2 <= deadline.now() - began < 5
    assert limit.expired()


def test_an_error_tells_real_time_if_it_was_much_more() -> None:
    late = replace(Deadline.after_real(2, "boot", _Steps()), began=deadline.now() - 9)
    assert str(late.error()) == "boot: not within 2.0 s of the machine's time, which were 9.0 s"
    assert str(replace(late, began=deadline.now() - 2.1).error()) == "boot: not within 2.0 s"


def test_no_time_passes_while_a_person_holds_the_machine() -> None:
    limit = Deadline.after_real(0.05, "an answer")
    deadline.stand_still()
    try:
        held = deadline.now_ns()
        began = deadline.host_now()
        while deadline.host_now() < began + 0.2:
            assert deadline.now_ns() == held
        assert not limit.expired()
    finally:
        deadline.go_on()
    deadline.go_on()  # twice is as good as once
    changed = threading.Condition()
    with changed:
        assert not limit.wait_for(changed, lambda: False)
    assert limit.expired()
