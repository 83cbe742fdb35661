# SPDX-License-Identifier: GPL-2.0-only
"""A machine that tells no events is not taken for one that does nothing wrong."""

from pathlib import Path

from harness.images.manifest import find
from harness.images.store import ensure
from harness.outcome import Verdict
from harness.scenario.result import Options
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read

IMAGES = Path(__file__).resolve().parents[2] / "images"


def test_no_event_stream(tmp_path: Path) -> None:
    text = (IMAGES / "ref-virt64.yaml").read_text()
    text = text.replace("../dts/", f"{IMAGES.parent}/dts/").replace("events: soo.events", "events: vuart6")
    (tmp_path / "silent.yaml").write_text(text)
    (tmp_path / "scenario.yaml").write_text("about: Boots.\nimages: silent\nsteps: [boot]\n")
    result = run_scenario(read(tmp_path / "scenario.yaml"), ensure(find("silent", [tmp_path])),
                          Options(seed=7, run_root=tmp_path / "runs", images_dirs=(tmp_path,)))
    assert (result.verdict, result.rules) == (Verdict.FAIL, ("boot.events",)), result.reason
    assert "vuart6: boot.events: expected an event stream, observed not a line in" in result.reason
