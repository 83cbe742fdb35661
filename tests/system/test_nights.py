# SPDX-License-Identifier: GPL-2.0-only
"""Ten nights with two regressions and a flaky scenario: the history names the nights and the rate.

Each night runs on guests that were built for it: the images of nights 4 to 6 have one defect, those of the
nights from 7 on another. A third scenario has a race that only some interleavings show; each night has one.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.nights.failures import failures
from harness.nights.flakes import flakes
from harness.nights.model import Past
from harness.nights.store import History
from harness.proc import Completed, run
from tests.system.race import RACE

REPOSITORY = Path(__file__).resolve().parents[2]
DEFECTS = [*[""] * 3, *["be-flip"] * 3, *["be-entries-left"] * 4]
NIGHTS = len(DEFECTS)

IMAGES = """# SPDX-License-Identifier: GPL-2.0-only
about: The reference guests as they were built on one night.
extends: ref-virt64-faults
machine: {{append: console=ttyAMA0 panic=-1{fault}}}
"""
SCENARIOS = {"traffic": """
about: Messages come back as they were sent.
images: tonight
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - send: {me: alpha, count: 200, window: 8}
""", "kill": """
about: Nothing stays behind of an ME that was killed.
images: tonight
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - expect.connected: alpha/vdummy
  - kill: alpha
"""}


def date(night: int) -> str:
    return f"2026-11-{night:02}"


def harness(folder: Path, *words: str) -> Completed:
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return run([sys.executable, "-m", "harness.cli", *words], deadline=Deadline.after(300, words[0]),
               cwd=folder, env=env, check=False)


def night_of(folder: Path, night: int) -> Completed:
    """One night: the set by `harness nightly`, and one interleaving of the race, added as CI adds a shard."""
    fault = f" soo_fault={DEFECTS[night - 1]}" if DEFECTS[night - 1] else ""
    (folder / "images" / "tonight.yaml").write_text(IMAGES.format(fault=fault))
    results = f"race-{night}.json"
    harness(folder, "run", "race.yaml", "--deterministic", "--seed", str(night), "--results", results)
    added = harness(folder, "history", "--add", results, "--night", date(night))
    assert added.status == 0, added.stderr
    return harness(folder, "nightly", "set", "--images", "images", "--budget", "4m", "--scenarios-only",
                   "--night", date(night), "--seed", str(night))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Completed]]:
    """The folder of ten nights, and what each of them said."""
    folder = tmp_path_factory.mktemp("nights")
    (folder / "images").mkdir()
    (folder / "set").mkdir()
    (folder / "race.yaml").write_text(RACE.replace("count: 3000, window: 16", "count: 300, window: 8"))
    for name, text in SCENARIOS.items():
        (folder / "set" / f"{name}.yaml").write_text(text)
    return folder, [night_of(folder, night) for night in range(1, NIGHTS + 1)]


def past_of(folder: Path) -> Past:
    return History(folder / "build/history.sqlite3").read()


def test_each_night_tells_new_known_and_fixed_apart(nights: tuple[Path, list[Completed]]) -> None:
    _, ends = nights
    said = [end.stdout.decode() for end in ends]
    parts = [dict(re.findall(r"^(new failures|known failures|fixed):(.*?)(?=^\S|\Z)", text, re.M | re.S))
             for text in said]
    assert [end.status for end in ends] == [0] * 3 + [1] * 7, said
    for night, part in enumerate(parts, start=1):
        assert ("traffic" in part["new failures"]) == (night == 4), said[night - 1]
        assert ("kill" in part["new failures"]) == (night == 7), said[night - 1]
        assert ("traffic" in part["known failures"]) == (night in (5, 6)), said[night - 1]
        assert ("kill" in part["known failures"]) == (night > 7), said[night - 1]
        assert ("traffic" in part["fixed"]) == (night == 7), said[night - 1]
    assert "ring.payload" in parts[3]["new failures"]


def test_the_history_names_first_bad_nights_and_the_rate(nights: tuple[Path, list[Completed]]) -> None:
    folder, _ = nights
    past = past_of(folder)
    assert [night.date for night in past.nights] == [date(night) for night in range(1, NIGHTS + 1)]
    found = {episode.series.scenario: episode for failure in failures(past) for episode in failure.episodes}
    assert (found["traffic"].nights[0], found["traffic"].fixed_on) == (date(4), date(7))
    assert (found["kill"].nights[0], found["kill"].fixed_on) == (date(7), "")
    assert [good.night for failure in (found["traffic"], found["kill"])
            if (good := failure.last_good) is not None] == [date(3), date(6)]
    (flake,) = flakes(past)
    assert (flake.series.scenario, flake.series.mode, flake.runs) == ("race", "deterministic", NIGHTS)
    bad = [r for night in past.nights for r in night.runs if r.scenario == "race" and r.failed]
    assert 0 < flake.bad == len(bad) < NIGHTS


def test_the_page_shows_them(nights: tuple[Path, list[Completed]]) -> None:
    folder, _ = nights
    assert harness(folder, "history", "--html", "history.html").status == 0
    page = (folder / "history.html").read_text()
    rows = re.findall(r"<tr>.*?</tr>", page, re.S)
    first_bad = {name: re.search(r'first-bad">([\d-]+)', row)[1]  # type: ignore[index]
                 for row in rows for name in ("traffic", "kill")
                 if "first-bad" in row and f"<code>{name} (tonight)</code>" in row}
    assert first_bad == {"traffic": date(4), "kill": date(7)}
    (flake,) = flakes(past_of(folder))
    (row,) = [row for row in rows if "flake-rate" in row]
    assert "race (ref-virt64-faults, deterministic)" in row
    assert f'flake-rate">{100 * flake.rate:.0f} %' in row
    assert f"{flake.bad} of {NIGHTS}" in row


def test_what_failed_runs_again_with_other_seeds(nights: tuple[Path, list[Completed]]) -> None:
    folder, _ = nights
    runs = [r for r in past_of(folder).nights[3].runs if r.scenario == "traffic"]
    assert [r.facts.seed for r in runs] == [4, 5, 6]
    assert all(r.failed for r in runs)
