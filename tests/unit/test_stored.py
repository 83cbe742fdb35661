# SPDX-License-Identifier: GPL-2.0-only
"""A stored event log is judged as it was when it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import UsageError
from harness.scenario.stored import EVENTS, OBSERVER, Observer, judge, logs_below
from tests.unit.event_log import BE2, up_to_connected
from tests.unit.life_log import whole

_SECOND = 1_000_000_000
_TWICE = f"store write dom=0 tx=9 path={BE2}/state val=4"


def _log(folder: Path, lines: list[str], name: str = EVENTS, end: str = "\n") -> Path:
    folder.mkdir(exist_ok=True)
    numbered = [f"{number} {number * 1_000_000} {line}" for number, line in enumerate(lines)]
    (folder / name).write_text("\n".join(numbered) + end)
    return folder / name


def test_clean_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = _log(tmp_path, whole())
    judged = judge(log)
    assert (judged.events, judged.lost, judged.broken, judged.cut) == (len(whole()), 0, (), False)
    assert main(["check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{log}: {len(whole())} events, 0 violations\n"


def test_broken_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _log(tmp_path, [*up_to_connected(), _TWICE])
    assert main(["check", str(tmp_path)]) == 1
    assert "\n  state.rewritten at backend/vdummy/2/0/state: " in capsys.readouterr().out


def test_what_the_scenario_asks_for_is_no_failure(tmp_path: Path) -> None:
    log = _log(tmp_path, [*up_to_connected(), _TWICE], "console-x.log")
    Observer("console-x.log", expected=("state.rewritten",)).write(tmp_path)
    assert logs_below(tmp_path) == [log]
    judged = judge(log)
    assert judged.broken == ()
    assert [violation.rule for violation in judged.awaited] == ["state.rewritten"]
    assert main(["check", str(tmp_path)]) == 0


def test_silence_at_the_end_counts_as_far_as_it_was_observed(tmp_path: Path) -> None:
    lines = [line for line in up_to_connected() if "val=4" not in line]
    lines = lines[:next(number for number, line in enumerate(lines) if "vdummy/0/state val=3" in line) + 1]
    log = _log(tmp_path, lines)
    assert judge(log).broken == ()
    Observer(stall_after=2.0, end_ns=3 * _SECOND).write(tmp_path)
    assert [violation.rule for violation in judge(log).broken] == ["link.stalled"]


def test_backends_are_known_from_the_observer(tmp_path: Path) -> None:
    log = _log(tmp_path, up_to_connected())
    Observer(backends=("vuart",)).write(tmp_path)
    assert [violation.rule for violation in judge(log).broken] == ["store.be_entry_disabled"]


def test_each_machine_has_its_log(tmp_path: Path) -> None:
    logs = [_log(tmp_path, whole()), _log(tmp_path / "there", whole(), "console-soo.events.log")]
    assert logs_below(tmp_path) == logs
    assert logs_below(logs[1]) == [logs[1]]


def test_cut_line_is_left_out(tmp_path: Path) -> None:
    judged = judge(_log(tmp_path, [*up_to_connected(), "store wri"], end=""))
    assert judged.cut
    assert judged.broken == ()
    assert judged.events == len(up_to_connected())


@pytest.mark.parametrize("observed", [True, False])
def test_wherever_a_log_is_cut_nothing_is_missing_from_it(tmp_path: Path, observed: bool) -> None:
    log = _log(tmp_path, whole())
    lines = log.read_bytes().splitlines(keepends=True)
    if observed:
        Observer(end_ns=len(lines) * 1_000_000 + 60 * _SECOND, last=len(lines) - 1).write(tmp_path)
    for number in range(len(lines)):
        log.write_bytes(b"".join(lines[:number]))
        judged = judge(log)
        assert (judged.events, judged.broken, judged.cut) == (number, (), observed)


def test_what_is_to_be_told_at_the_end_is_missing_only_after_a_while(tmp_path: Path) -> None:
    lines = whole()
    end = max(number for number, line in enumerate(lines) if line.startswith("watch event"))
    log = _log(tmp_path, lines[:end])
    last_ns = (end - 1) * 1_000_000
    for silence, rules in ((0, []), (1, []), (5, ["watch.event_missing"])):
        Observer(end_ns=last_ns + silence * _SECOND, last=end - 1).write(tmp_path)
        assert [violation.rule for violation in judge(log).broken] == rules
    Observer(end_ns=last_ns + 5 * _SECOND, last=end - 1, denied=((last_ns + 1, 3 * _SECOND),)).write(tmp_path)
    assert judge(log).broken == (), "a busy host kept it from telling"


@pytest.mark.parametrize(("content", "told"), [
    (b"hello\n", "events.log:1: no event line"), (b"\xff\xfe\x00\n", "events.log:1: no event line")])
def test_no_event_stream(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / EVENTS).write_bytes(content)
    with pytest.raises(UsageError, match=told):
        judge(tmp_path / EVENTS)


def test_nothing_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert "no event log" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "missing")]) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"log": "x", "backends": 1, "stall_after": 1, '
                                  '"end_ns": 1, "expected": []}'])
def test_bad_observer(tmp_path: Path, text: str) -> None:
    log = _log(tmp_path, whole())
    (tmp_path / OBSERVER).write_text(text)
    with pytest.raises(UsageError, match="observer"):
        judge(log)


def test_what_the_host_denied_is_remembered(tmp_path: Path) -> None:
    lines = [line for line in up_to_connected() if "val=4" not in line]
    lines = lines[:next(number for number, line in enumerate(lines) if "vdummy/0/state val=3" in line) + 1]
    log = _log(tmp_path, lines)
    denied = ((len(lines) * 1_000_000, 2 * _SECOND),)
    Observer(stall_after=2.0, end_ns=3 * _SECOND, denied=denied).write(tmp_path)
    assert judge(log).broken == ()
    observer = tmp_path / OBSERVER
    observer.write_text(observer.read_text().replace('"denied": [', '"denied": [7, '))
    with pytest.raises(UsageError, match="no observer's file"):
        judge(log)
