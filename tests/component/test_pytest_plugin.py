# SPDX-License-Identifier: GPL-2.0-only
"""pytest with our plugin as a program: what it collects, prints and returns. Nothing is booted here."""

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.proc import Completed, run
from harness.scenario.schema import REPOSITORY
from tests.component.console_rig import soon

BAD = "about: x\nimages: uboot-arm64\nsteps:\n  - bot\n"
NEEDY = "about: x\nimages: nothing\nrequires: [wings]\nsteps:\n  - run: version\n"
SMALL = NEEDY.replace("nothing", "uboot-arm64").replace("wings", "uboot")
MANIFEST = """\
about: A machine that is never started.
artifacts:
  firmware: {file: blob}
machine: {binary: qemu-system-aarch64, machine: virt, memory: 64M, firmware: firmware}
consoles:
  - {name: main, kind: serial, dialect: hush, prompt: "=> "}
boot: {console: main, deadline: 5s}
"""


def pytest_run(folder: Path, *arguments: str) -> Completed:
    """The program in `folder`, without the settings of our own repository."""
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "harness.pytest_plugin",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "SOO_HARNESS_CACHE": str(folder / "cache")}
    return run(argv, deadline=soon("pytest"), cwd=folder, env=env, check=False)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / "scenarios" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_bad_scenario_is_one_line_and_status_2(tmp_path: Path) -> None:
    write(tmp_path, "bad.yaml", BAD)
    done = pytest_run(tmp_path, "scenarios", "--seed", "5")
    text = done.stdout.decode()
    assert done.status == 2, text
    assert "ERROR: bad: scenarios/bad.yaml:4: unknown step 'bot'; did you mean 'boot'?" in text
    assert "reproduce  python3 -m harness run scenarios/bad.yaml --seed 5" in text
    assert "Traceback" not in text
    assert "1 scenario: 1 ERROR" in text


def test_bad_ones_do_not_keep_others_from_running(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        write(tmp_path, name, BAD)
    assert "2 scenarios: 2 ERROR" in pytest_run(tmp_path, "scenarios").stdout.decode()


def test_nothing_selected_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "bad.yaml", BAD)
    done = pytest_run(tmp_path, "scenarios", "-k", "nothing")
    assert done.status == 2
    told = "ERROR: no scenario was selected; -k, -m and the tag 'long' leave none of the 1"
    assert told in done.stdout.decode()
    (tmp_path / "empty").mkdir()
    done = pytest_run(tmp_path, "empty")
    assert done.status == 2
    assert "ERROR: no scenario was selected; there is none in these paths" in done.stdout.decode()


def test_unmet_needs_are_skipped_and_counted(tmp_path: Path) -> None:
    write(tmp_path, "needy.yaml", NEEDY)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "nothing.yaml").write_text(MANIFEST)
    (tmp_path / "images" / "winged.yaml").write_text(MANIFEST + "features: [wings]\n")
    (tmp_path / "images" / "blob").write_bytes(b"\0" * 16)
    done = pytest_run(tmp_path, "scenarios", "--images", "images")
    text = done.stdout.decode()
    assert done.status == 0, text
    assert "SKIP" in text
    assert "image set 'nothing' lacks wings" in text
    assert "1 scenario: 1 SKIP" in text


def test_a_need_that_nobody_can_meet_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "x.yaml", NEEDY.replace("nothing", "uboot-arm64"))
    done = pytest_run(tmp_path, "scenarios")
    assert done.status == 2
    told = "x: scenarios/x.yaml:3: x.requires[0]: no image set has the feature 'wings'; valid: agency, "
    assert told in done.stdout.decode()


def test_an_image_set_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "x.yaml", NEEDY)
    done = pytest_run(tmp_path, "scenarios")
    assert done.status == 2
    assert "scenarios/x.yaml:2: x.images: unknown image set 'nothing'" in done.stdout.decode()


def test_an_artifact_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "x.yaml", NEEDY.replace("wings", "uboot"))
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "nothing.yaml").write_text(MANIFEST)
    done = pytest_run(tmp_path, "scenarios", "--images", "images")
    text = done.stdout.decode()
    assert done.status == 2, text
    assert "no file" in text
    assert "Traceback" not in text


def test_junit_has_verdict_seed_and_reproduction(tmp_path: Path) -> None:
    write(tmp_path, "bad.yaml", BAD)
    pytest_run(tmp_path, "scenarios", "--junitxml", "out.xml", "--seed", "77")
    found = {
        item.get("name"): item.get("value")
        for item in ElementTree.parse(tmp_path / "out.xml").iter("property")
    }
    assert (found["verdict"], found["seed"]) == ("ERROR", "77")
    assert found["reproduce"] == "python3 -m harness run scenarios/bad.yaml --seed 77"


def test_two_workers(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        write(tmp_path, name, BAD)
    done = pytest_run(tmp_path, "scenarios", "-n", "2", "--seed", "8")
    text = done.stdout.decode()
    assert done.status == 2, text
    assert "3 scenarios: 3 ERROR" in text
    assert text.count("--seed 8") == 3


def test_a_folder_of_another_name(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.yaml").write_text(BAD)
    assert "1 scenario: 1 ERROR" in pytest_run(tmp_path, "mine").stdout.decode()


def test_tags_select(tmp_path: Path) -> None:
    write(tmp_path, "fast.yaml", SMALL + "tags: [fast]\n")
    write(tmp_path, "slow.yaml", SMALL + "tags: [slow]\n")
    done = pytest_run(tmp_path, "scenarios", "-m", "fast", "--collect-only", "-q")
    assert "fast" in done.stdout.decode()
    assert "slow" not in done.stdout.decode().replace("deselected", "")
