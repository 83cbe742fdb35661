# SPDX-License-Identifier: GPL-2.0-only
"""A healthy scenario passes beside busy loops, although its deadlines are too short in real time."""

from collections.abc import Callable

import pytest

from harness.deadline import speed
from harness.outcome import Verdict
from harness.scenario.result import Result
from harness.service import ServiceClock
from tests.system.busy import busy_host

RunText = Callable[[str], Result]

_SCENARIO = """
about: Traffic that takes the CPUs a while.
agency: {{overlays: [vdummy-be-on]}}
mes: [{{name: alpha, overlays: [vdummy-fe-on]}}]
deadline: 300s
steps:
  - inject: alpha
  - send: {{me: alpha, count: 300000, window: 32, within: {within}ms}}
"""
# Times what it takes alone: twice as many loops as CPUs slow a machine down by three.
_MARGIN = 1.8


@pytest.fixture(scope="module")
def alone() -> dict[str, float]:
    """How long the traffic takes on an idle host, once measured."""
    return {}


def _budget(alone: dict[str, float], run_text: RunText) -> str:
    if not alone:
        result = run_text(_SCENARIO.format(within=60_000))
        assert result.verdict is Verdict.PASS, result.reason
        alone["seconds"] = result.latency
    return _SCENARIO.format(within=round(alone["seconds"] * _MARGIN / speed() * 1000))


def test_time_that_others_take_is_not_counted(alone: dict[str, float], run_text: RunText) -> None:
    text = _budget(alone, run_text)
    with busy_host():
        result = run_text(text)
    assert result.verdict is Verdict.PASS, result.reason


def test_on_real_time_the_same_is_too_late(alone: dict[str, float], run_text: RunText,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above shows is the clock's doing."""
    text = _budget(alone, run_text)
    monkeypatch.setattr(ServiceClock, "denied", lambda self: 0.0)
    with busy_host():
        result = run_text(text)
    assert result.verdict > Verdict.ERROR
    assert "not within" in result.reason
