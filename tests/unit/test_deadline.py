# SPDX-License-Identifier: GPL-2.0-only
"""Deadlines and the speed factor of the host."""

from collections.abc import Iterator

import pytest

from harness import deadline
from harness.deadline import Deadline
from harness.errors import Expired, UsageError


@pytest.fixture(autouse=True)
def _fresh_scale() -> Iterator[None]:
    deadline._host_scale.cache_clear()
    yield
    deadline._host_scale.cache_clear()


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
    with pytest.raises(UsageError, match="SOO_TIME_SCALE"):
        deadline.scale()


def test_calibration_is_short_and_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOO_TIME_SCALE", raising=False)
    before = deadline.cpu_seconds()
    assert 1 <= deadline.scale() <= 20
    assert deadline.cpu_seconds() - before < 0.05 * deadline.scale()


def test_calibration_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOO_TIME_SCALE", "2")
    assert deadline.scale() == 2
    monkeypatch.setenv("SOO_TIME_SCALE", "4")
    assert deadline.scale() == 2
