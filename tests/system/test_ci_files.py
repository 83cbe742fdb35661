# SPDX-License-Identifier: GPL-2.0-only
"""The files for CI services: what they say is run here, with a few scenarios."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.commands.merge import status
from harness.deadline import Deadline
from harness.nights.store import History
from harness.proc import Completed, run
from harness.report.results import join, read

REPOSITORY = Path(__file__).resolve().parents[2]
GITHUB = REPOSITORY / "ci/github-actions.yml"
GITLAB = REPOSITORY / "ci/gitlab-ci.yml"
SELECTED = ("links/both-on", "links/both-off", "trees/be-absent")
SHARDS = 3
PREREQUISITES = "apt-get update && apt-get install -y git python3 python3-venv"

Job = Mapping[str, Any]  # Any: a job is what the service's YAML says


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that stands for the checkout, with a few scenarios."""
    for name in SELECTED:
        file = tmp_path / "scenarios" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((REPOSITORY / "scenarios" / f"{name}.yaml").read_text())
    return tmp_path


def shell(folder: Path, line: str, **variables: str) -> Completed:
    """Run a line as the service does."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "SOO_SELECT": "scenarios", **variables}
    return run(["sh", "-ec", line], deadline=Deadline.after(300, line), cwd=folder, env=env, check=False)


def github(name: str) -> Job:
    jobs: Job = yaml.safe_load(GITHUB.read_text())["jobs"]
    found: Job = jobs[name]
    return found


def lines(job: Job) -> Iterator[str]:
    """The lines of a job on GitHub, but for what a bare container lacks."""
    steps = [step["run"] for step in job["steps"] if "run" in step]
    assert steps[0] == PREREQUISITES
    yield from steps[1:]


def on_github(line: str, shard: int) -> str:
    filled = line.replace("${{ matrix.shard }}", str(shard))
    assert "${{" not in filled
    return filled


def demand_whole(folder: Path) -> None:
    """All scenarios ran in some shard, the reports are joined, the history has them."""
    files = sorted((folder / "build/parts").glob("*.json"))
    assert len(files) == SHARDS
    rows = join([(str(file), read(file)) for file in files])
    assert {row.name for row in rows} == set(SELECTED)
    assert status(rows) == 0
    (night,) = History(folder / "build/history.sqlite3").read().nights
    assert {run.scenario for run in night.runs} == set(SELECTED)
    assert all(run.facts.images_key for run in night.runs)
    for name in ("junit.xml", "history.html", "report.html"):
        assert "both-on" in (folder / "build" / name).read_text() or name == "history.html"


def test_the_jobs_of_github(folder: Path) -> None:
    shard, summary = github("shard"), folder / "summary.md"
    assert shard["strategy"]["matrix"]["shard"] == list(range(1, SHARDS + 1))
    for number in shard["strategy"]["matrix"]["shard"]:
        for line in lines(shard):
            done = shell(folder, on_github(line, number))
            assert done.status == 0, done.stdout.decode() + done.stderr.decode()
    for line in lines(github("merge")):
        done = shell(folder, on_github(line, 0), GITHUB_STEP_SUMMARY=str(summary))
        assert done.status == 0, done.stderr
    demand_whole(folder)
    assert summary.read_text().startswith("## 3 scenarios, none failed\n")
    assert re.search(r"^```\n\d{4}-\d\d-\d\d  3 PASS", summary.read_text(), re.MULTILINE)


def test_the_jobs_of_gitlab(folder: Path) -> None:
    jobs = yaml.safe_load(GITLAB.read_text())
    assert jobs["default"]["before_script"] == [PREREQUISITES]
    assert jobs["shard"]["parallel"] == SHARDS
    for number in range(1, SHARDS + 1):
        for line in jobs["shard"]["script"]:
            done = shell(folder, line, CI_NODE_INDEX=str(number), CI_NODE_TOTAL=str(SHARDS))
            assert done.status == 0, done.stdout.decode() + done.stderr.decode()
    for line in jobs["merge"]["script"]:
        done = shell(folder, line)
        assert done.status == 0, done.stderr
    demand_whole(folder)


def test_a_shard_that_is_missing_or_fails_makes_the_merge_red(folder: Path) -> None:
    jobs = yaml.safe_load(GITLAB.read_text())
    (line,) = jobs["shard"]["script"]
    shell(folder, line, CI_NODE_INDEX="1", CI_NODE_TOTAL=str(SHARDS))
    done = shell(folder, jobs["merge"]["script"][-1])
    assert done.status == 2
    assert b"merge: shard" in done.stderr


@pytest.mark.parametrize("service", ["github", "gitlab"])
def test_the_night(folder: Path, service: str) -> None:
    if service == "github":
        commands = list(lines(github("nightly")))
    else:
        job = yaml.safe_load(GITLAB.read_text())["nightly"]
        commands = [*job["script"], *job["after_script"]]
    assert len(commands) == 2
    night = commands[0].replace("--budget 2h", "--budget 1m --scenarios-only")
    assert night != commands[0]
    for line in (night, commands[1]):
        done = shell(folder, line)
        assert done.status == 0, done.stdout.decode() + done.stderr.decode()
    assert b"3 PASS" in shell(folder, "python3 -m harness history").stdout
    assert (folder / "build/history.html").is_file()


def test_what_is_kept_is_what_the_commands_write() -> None:
    """Paths of artefacts and caches are those that the commands name, or that the harness writes anyway."""
    written = {"build/parts", "build/runs", "build/junit.xml", "build/report.html", "build/history.html",
               "build/history.sqlite3", "build/nightly", "build/explore", ".soo-cache"}
    kept = set()
    for job in yaml.safe_load(GITHUB.read_text())["jobs"].values():
        kept |= {path for step in job["steps"] for path in step.get("with", {}).get("path", "").split()}
    for job in yaml.safe_load(GITLAB.read_text()).values():
        if isinstance(job, dict) and "artifacts" in job:
            kept |= set(job["artifacts"]["paths"])
    assert kept <= written
    assert {"build/parts", "build/history.sqlite3", "build/junit.xml"} <= kept
