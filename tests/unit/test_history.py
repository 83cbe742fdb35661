# SPDX-License-Identifier: GPL-2.0-only
"""The history: what is told of failures, flakes and drift over several nights."""

import re
from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.nights.drift import TIME, Measure, trends
from harness.nights.failures import failures, sort_out
from harness.nights.flakes import flakes
from harness.nights.model import Past, date_of
from harness.nights.page import page
from harness.nights.text import history_lines
from harness.outcome import Verdict
from harness.report.facts import BOOT, RATE
from tests.unit.nights_cases import a_run, past

GOOD = a_run()


def test_the_first_bad_night_and_the_last_good_one() -> None:
    bad = a_run(title="link.stalled", images="i2")
    (found,) = failures(past([GOOD], [GOOD], [bad], [bad]))
    assert (found.first_bad.night, found.last_bad.night) == ("2026-11-03", "2026-11-04")
    assert found.last_good is not None
    assert found.last_good.night == "2026-11-02"
    assert found.open
    assert found.bad_nights == ("2026-11-03", "2026-11-04")


def test_equal_titles_are_one_failure_since_the_earlier_night() -> None:
    one, two = a_run("a", "t", images="i2"), a_run("b", "t", images="i2")
    (found,) = failures(past([a_run("a"), a_run("b")], [one, a_run("b", images="i2")], [one, two]))
    assert found.first_bad.night == "2026-11-02"
    assert [series.scenario for series in found.series] == ["a", "b"]


def test_the_revisions_between_which_a_failure_came() -> None:
    nights = past([GOOD], [a_run(title="t", images="i2")])
    known = Past(tuple(replace(night, sessions=(replace(night.sessions[0], revision=revision),))
                       for night, revision in zip(nights.nights, ("a" * 40, "b" * 40 + "+"), strict=True)))
    text = "\n".join(history_lines(known, Measure()))
    assert f"\n      git log {'a' * 12}..{'b' * 12}" in text
    assert f"<code>git log {'a' * 12}..{'b' * 12}</code>" in page(known, Measure())
    assert "git log" not in "\n".join(history_lines(nights, Measure()))


def test_the_same_title_elsewhere_keeps_its_own_dates() -> None:
    """What is fixed in one scenario and open in another is open, and each has its own first bad night."""
    nights = past([a_run("a"), a_run("b", "t")], [a_run("a", "t", images="i2"), a_run("b")], [a_run("a")])
    (found,) = failures(nights)
    assert found.open
    assert [(episode.series.scenario, episode.nights[0], episode.fixed_on) for episode in found.episodes] == [
        ("b", "2026-11-01", ""), ("a", "2026-11-02", "2026-11-03")]
    assert found.first_bad.scenario == "b"
    assert found.bad_nights == ("2026-11-01", "2026-11-02")


def test_a_change_fixes_and_a_pass_with_the_same_images_does_not() -> None:
    bad = a_run(title="t", images="i2")
    (fixed,) = failures(past([GOOD], [bad], [a_run(images="i3")]))
    assert fixed.fixed_on == "2026-11-03"
    (flaky,) = failures(past([GOOD], [bad], [a_run(images="i2")], [bad]))
    assert (flaky.open, flaky.first_bad.night) == (True, "2026-11-02")
    (text,) = failures(past([a_run(title="t")], [a_run(text="t2")]))
    assert text.fixed_on == "2026-11-02"


def test_a_failure_that_comes_again_has_a_new_first_bad_night() -> None:
    nights = past([a_run(title="t", images="i1")], [a_run(images="i2")], [a_run(title="t", images="i3")])
    (found,) = failures(nights)
    assert found.first_bad.night == "2026-11-03"
    assert [episode.bad[0].night for episode in found.earlier] == ["2026-11-01"]
    (told,) = sort_out(nights).new
    assert told.earlier == "2026-11-01"


def test_skipped_runs_neither_fail_nor_fix() -> None:
    skip = a_run(verdict=Verdict.SKIP, images="i9")
    (found,) = failures(past([GOOD], [a_run(title="t", images="i2")], [skip]))
    assert found.open
    assert sort_out(past([a_run(title="t")], [skip])) == sort_out(Past())


def test_new_known_and_fixed_are_told_apart() -> None:
    nights = past(
        [a_run("known", "k"), a_run("gone", "g"), a_run("new"), a_run("still", "s", images="i1")],
        [a_run("known", "k", images="i2"), a_run("gone", images="i2"), a_run("new", "n", images="i2"),
         a_run("still")])
    found = sort_out(nights)
    assert [told.run.title for told in found.new] == ["n"]
    assert [(told.run.title, told.first_bad) for told in found.known] == [("k", "2026-11-01")]
    assert [episode.title for episode in found.fixed] == ["g"]
    assert [episode.title for episode in found.passed_unchanged] == ["s"]


def test_another_failure_of_the_same_scenario_is_new() -> None:
    found = sort_out(past([a_run(title="one")], [a_run(title="two", images="i2")]))
    assert [told.run.title for told in found.new] == ["two"]
    assert found.known == ()
    assert found.fixed == found.passed_unchanged == ()


def test_each_square_of_a_strip_tells_one_night() -> None:
    nights = past([GOOD], [a_run(title="t")], [GOOD, a_run(title="t")], [a_run(title="u")], [])
    text = page(nights, Measure())
    (strip,) = re.findall(r'<svg[^>]*aria-label="nights of a/x \(ref\) with t".*?</svg>', text)
    assert re.findall(r'rect class="(\w+)"', strip) == ["good", "bad", "both", "other", "none"]


def test_the_flake_rate_counts_only_what_gave_both() -> None:
    bad = a_run(title="t")
    nights = past([GOOD, GOOD], [bad, GOOD], [a_run(title="t", images="i2")], [a_run("b", "t", images="i2")])
    (flake,) = flakes(nights)
    assert (flake.series.scenario, flake.bad, flake.runs, flake.rate) == ("a/x", 1, 4, 0.25)
    assert flake.nights == ("2026-11-02",)


def test_a_regression_is_no_flake() -> None:
    assert flakes(past([GOOD], [GOOD], [a_run(title="t", images="i2")])) == ()
    assert flakes(past([GOOD], [a_run(title="t", text="t2")])) == ()
    assert flakes(past([a_run(images="")], [a_run(title="t", images="")])) == ()
    assert flakes(past([GOOD], [a_run(verdict=Verdict.SKIP)])) == ()


def test_drift_is_told_by_medians() -> None:
    boots = [2.0, 2.1, 9.0, 1.9, 2.0, 2.6, 2.5, 2.4]
    nights = past(*([a_run(boot=value)] for value in boots))
    found = {trend.name: trend for trend in trends(nights, Measure())}
    assert (found[BOOT].before, found[BOOT].now) == (2.0, 2.5)
    assert found[BOOT].change == pytest.approx(25)
    assert (found[BOOT].drifted, found[BOOT].worse) == (True, True)
    assert not found[TIME].drifted


def test_one_slow_night_is_no_drift_and_few_nights_tell_nothing() -> None:
    def drifted(values: list[float]) -> list[bool]:
        nights = past(*([a_run(seconds=0.1, messages=value)] for value in values))
        return [trend.drifted for trend in trends(nights, Measure())]

    assert drifted([100, 100, 100, 100, 100, 20]) == [False]
    assert drifted([100, 100, 100, 70, 75, 72]) == [True]
    assert drifted([100, 100, 70, 75, 72]) == [False]
    assert drifted([100]) == []
    nights = past(*([a_run(seconds=0.1, messages=value)] for value in [10] * 3 + [20] * 3))
    (faster,) = trends(nights, Measure())
    assert (faster.name, faster.drifted, faster.worse) == (RATE, True, False)


def test_the_text_names_all_of_it() -> None:
    bad = a_run("links/b", "link.stalled", images="i2")
    nights = past([a_run("links/b"), GOOD], [bad, a_run(title="t")], [bad, GOOD])
    text = "\n".join(history_lines(nights, Measure()))
    assert ("link.stalled: first bad night 2026-11-02\n    links/b (ref): first bad night 2026-11-02, "
            "last good 2026-11-01, last 2026-11-03, 2 bad nights") in text
    assert "  a/x (ref): 33 % (1 of 3 runs), t; last 2026-11-02" in text
    assert "2026-11-02  2 FAIL" in text
    assert Measure().definition in text


def test_the_page_has_no_network_and_no_script_and_says_the_same() -> None:
    bad = a_run("links/<b>", "link.<stalled>", images="i2")
    nights = past([a_run("links/<b>"), GOOD], [bad, a_run(title="t")], [bad, GOOD],
                  *([a_run("boot", boot=value)] for value in (2, 2, 2, 3, 3, 3)))
    text = page(nights, Measure())
    assert not re.search(r"https?://|<script|src=|@import|url\(", text)
    assert '<td class="date first-bad">2026-11-02</td>' in text
    assert "link.&lt;stalled&gt;" in text
    assert '<td class="n flake-rate">33 %</td>' in text
    assert "+50 %" in text
    assert "prefers-color-scheme: dark" in text
    assert "No night is recorded yet" in page(Past(), Measure())


def test_dates() -> None:
    assert date_of("2026-11-21") == "2026-11-21"
    with pytest.raises(UsageError, match="--night: '21.11.' is no date; for instance 2026-11-21"):
        date_of("21.11.")


def test_failures_are_older_than_the_nights_that_are_shown() -> None:
    bad = a_run(title="t", images="i2")
    nights = past([GOOD], [a_run("flaky", "f")], [a_run("flaky")], [bad], [bad], [bad])
    lines = list(history_lines(nights, Measure(nights=2)))
    assert [line.split()[0] for line in lines[:2]] == ["2026-11-05", "2026-11-06"]
    assert any("a/x (ref): first bad night 2026-11-04, last good 2026-11-01" in line for line in lines)
    assert "flaky: none" in lines
    assert any("flaky (ref): 50 %" in line for line in history_lines(nights, Measure()))
