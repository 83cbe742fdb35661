# SPDX-License-Identifier: GPL-2.0-only
"""What fits into a night, in which order, and what its end tells."""

from dataclasses import replace
from datetime import date

import pytest

from harness.nights.failures import sort_out
from harness.nights.model import LeftOut, Past
from harness.nights.plan import Unit, by_need, choose, expected, last_nights, suspects, timed, unknown_seconds
from harness.nights.quarantine import Entry, judge
from harness.nights.text import night_end
from harness.outcome import Verdict
from tests.unit.nights_cases import a_run, past

ENTRY = Entry("q", "t", "why", "Ada", date(2026, 11, 30), "q.yaml:2")


def units(*seconds: float | None) -> list[Unit]:
    return [Unit(f"u{at}", f"u{at}.yaml", value) for at, value in enumerate(seconds)]


def test_what_a_session_is_expected_to_take() -> None:
    assert expected([], 2, 5.0) == 0.0
    assert expected(units(10.0), 1, 5.0) == pytest.approx(3 + 1.15 * 10.2)
    assert expected(units(10.0, 6.0, 4.0), 2, 5.0) == pytest.approx(3 + 1.15 * 10.4)
    assert expected(units(None), 1, 7.0) == expected(units(7.0), 1, 5.0)
    assert unknown_seconds(units(None, 1.0, 2.0, 9.0)) == 2.0
    assert unknown_seconds(units(None)) == 5.0


def test_what_no_duration_is_recorded_of_takes_as_long_as_in_the_last_night() -> None:
    nights = past([a_run("u1", seconds=9.0)], [a_run("u1", seconds=7.0), a_run("u0", seconds=3.0)])
    assert [unit.seconds for unit in timed(units(1.0, None, None), nights)] == [1.0, 7.0, None]


def test_what_does_not_fit_is_named_and_shorter_ones_still_fit() -> None:
    found = choose(units(1.0, 100.0, 2.0, None), 12.0, 1, 3.0)
    assert [unit.name for unit in found.units] == ["u0", "u2", "u3"]
    assert found.left_out == (LeftOut("u1", "does not fit: 100 s expected, 8 s left"),)
    assert found.expected <= 12.0
    assert choose(units(1.0), 0.0, 1, 3.0).units == ()


def test_suspects_are_what_failed_when_it_last_ran_and_what_is_quarantined() -> None:
    nights = past([a_run("a", "t"), a_run("b", "t"), a_run("c")],
                  [a_run("b"), a_run("c", "t"), a_run("c"), a_run("d", verdict=Verdict.SKIP)])
    assert suspects(nights, [ENTRY]) == {"a", "c", "q"}
    assert last_nights(nights) == {"a": "2026-11-01", "b": "2026-11-02", "c": "2026-11-02", "d": "2026-11-02"}


def test_time_goes_to_suspects_then_to_what_waited_longest_then_to_short_ones() -> None:
    ran = {"u0": "2026-11-02", "u1": "2026-11-01", "u2": "2026-11-02", "u3": "2026-11-02"}
    found = by_need(units(1.0, 9.0, 0.5, 50.0, 2.0), ran, {"u3"})
    assert [unit.name for unit in found] == ["u3", "u4", "u1", "u2", "u0"]


def end(nights: Past, *entries: Entry, night: str = "2026-11-02") -> str:
    runs = nights.nights[-1].runs
    return "\n".join(night_end(nights, sort_out(nights), judge(entries, runs, night)))


def test_the_end_of_a_night_tells_new_known_and_fixed_apart() -> None:
    nights = past([a_run("a", "t"), a_run("b", "t"), a_run("c")],
                  [a_run("a", "t"), a_run("b", images="i2"), a_run("c", "n", images="i2")])
    text = end(nights)
    new, rest = text.split("known failures:")
    known, fixed = rest.split("fixed:")
    assert "n: c (ref), last good 2026-11-01" in new
    assert "reproduce  python3 -m harness run a/x.yaml" in new
    assert "t: a (ref), first bad night 2026-11-01" in known
    assert "t: b (ref), bad from 2026-11-01 to 2026-11-01" in fixed
    assert text.endswith("2026-11-02  1 PASS, 2 FAIL")


def test_the_end_of_a_night_tells_of_the_quarantine() -> None:
    excused = end(past([], [a_run("q", "t")]), ENTRY)
    assert "new failures: none" in excused
    assert "failed in quarantine:\n  q: t (Ada, until 2026-11-30: why)" in excused
    expired = end(past([], [a_run("q", "t")]), ENTRY, night="2026-12-01")
    assert "new failures:\n  t: q" in expired
    assert "quarantine has expired, so these count again:\n  q.yaml:2: q: t (Ada" in expired
    passing = end(past([], [a_run("q")]), ENTRY)
    assert "quarantined, but they pass: remove the entries:\n  q.yaml:2: q: t" in passing


def test_the_end_of_a_night_names_what_was_left_out() -> None:
    nights = past([a_run()])
    session = replace(nights.nights[0].sessions[0], left_out=(LeftOut("long/one", "does not fit"),))
    nights = Past((replace(nights.nights[0], sessions=(session,)),))
    text = end(nights)
    assert "not run:\n  long/one: does not fit" in text
    assert text.endswith("2026-11-01  1 PASS, 1 left out")
