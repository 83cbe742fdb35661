# SPDX-License-Identifier: GPL-2.0-only
"""How long a browser takes until the report of a large session stands, beside a page that says nothing."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.bench.browser import Browser
from harness.bench.report import Figure
from harness.deadline import now
from harness.report.gather import gather
from harness.report.page import write

RUNS, FAILED = 200, 12
_LINES = 4000
_ROUNDS = 5
_EMPTY = "<!doctype html><title>empty</title><p>empty"
# Loaded is not yet seen: two frames later it has been laid out and painted.
_PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def figures(workdir: Path) -> list[Figure]:
    """Seconds and megabytes of a report of 200 runs, 12 of them failed with full time lines.

    Without a Chromium nothing is measured, and it is said so.
    """
    if shutil.which("chromium") is None:
        print("bench: no chromium, so how fast a report opens is not measured: apt-get install chromium",
              file=sys.stderr)
        return []
    report, empty = workdir / "report.html", workdir / "empty.html"
    size = write(gather([session(workdir / "runs")]), report)
    empty.write_text(_EMPTY)
    profile = workdir / "browser"
    profile.mkdir()
    with Browser(profile) as browser:
        times = {file: [_opened(browser, file) for _ in range(_ROUNDS)] for file in (empty, report)}
    how = f"median of {_ROUNDS}, from asking to painted; beside it an empty page"
    return [Figure(f"report of {RUNS} runs opens", statistics.median(times[report]), "s",
                   statistics.median(times[empty]), how),
            Figure(f"report of {RUNS} runs, size", size / 1e6, "MB", None, f"{FAILED} of them failed")]


def _opened(browser: Browser, file: Path) -> float:
    with browser.page() as page:
        began = now()
        page.open(file)
        page.value(_PAINTED)
        return now() - began


def session(root: Path) -> Path:
    """Folders of runs as a session leaves them; every sixteenth has failed, each of them differently."""
    for number in range(RUNS):
        folder = root / f"20260101-0000{number % 60:02d}-scenario-{number:08x}"
        folder.mkdir(parents=True)
        bad = number % (RUNS // FAILED) == 1 and number // (RUNS // FAILED) < FAILED
        (folder / "timeline.jsonl").write_text("\n".join(_timeline(number)) if bad else "")
        (folder / "result.json").write_text(json.dumps(_result(number, bad=bad)))
    return root


def _result(number: int, *, bad: bool) -> dict[str, object]:
    link = f"vdummy/2/{number}"
    broken = {"rule": f"link.stalled{number}", "place": f"{link}: FE of domain 2 waits for BE",
              "expected": "a handshake that makes progress", "observed": "BE InitWait(2)", "event": None}
    return {"name": f"links/scenario-{number}", "verdict": "FAIL" if bad else "PASS", "seed": 1,
            "reason": "FE of domain 2 waits for BE" if bad else "", "duration_s": 2.5,
            "violations": [broken] if bad else [], "facts": {"images": "ref-virt64"},
            "reproduce": f"python3 -m harness run scenarios/links/scenario-{number}.yaml --seed 1"}


def _timeline(number: int) -> Iterator[str]:
    for at in range(_LINES):
        text = f"[{at / 1000:12.6f}] a line of a kernel that has something to say about device {at % 97}"
        source = "agency"
        if at % 4 == 1:
            source, back = "soo.events", f"backend/vdummy/2/{number}"
            state = f"store write dom=0 tx=0 path={back}/state val={at % 5}"
            ring = (f"ring sample dev={back} req_prod={at} req_cons={at - at % 7} rsp_prod={at - at % 7} "
                    f"rsp_cons={max(0, at - 9)}")
            text = f"{at} {at}000000 {state if at % 8 == 1 else ring}"
        yield json.dumps({"t": at / 1000, "source": source, "text": text})
