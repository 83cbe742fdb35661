# SPDX-License-Identifier: GPL-2.0-only
"""Makes folders of runs as the runner leaves them, for tests of reports; the events are of a real run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

STALLED = """\
23 979887120 domain create dom=2 pid=118 spid=20000000001 incarnation=0 name=alpha
41 1069636320 store write dom=2 tx=0 path=device/2/vdummy/0/state val=1
47 1074215824 store write dom=2 tx=0 path=backend/vdummy/2/0/state val=1
55 1079603728 vbus probe dev=backend/vdummy/2/0
56 1079794624 store write dom=0 tx=1 path=backend/vdummy/2/0/state val=2
58 1079938368 watch event dom=2 path=backend/vdummy/2/0/state
62 1086327056 store write dom=2 tx=1 path=device/2/vdummy/0/ring-ref val=1
66 1088724832 store write dom=2 tx=2 path=device/2/vdummy/0/state val=3
68 1089407616 watch event dom=0 path=device/2/vdummy/0/state
"""
TRAFFIC = """\
71 1347156352 ring sample dev=backend/vdummy/2/0 req_prod=0 req_cons=0 rsp_prod=0 rsp_cons=0
83 1668547968 ring sample dev=backend/vdummy/2/0 req_prod=16032 req_cons=16032 rsp_prod=16032 rsp_cons=16020
84 1776360224 ring sample dev=backend/vdummy/2/0 req_prod=28600 req_cons=28576 rsp_prod=28576 rsp_cons=28568
"""
STALL = {"rule": "link.stalled", "place": "vdummy/2/0: FE of domain 2 waits for BE to leave InitWait",
         "expected": "a handshake that makes progress",
         "observed": "BE InitWait(2), FE Initialised(3) for 4.2 s",
         "event": "66 1088724832 store write dom=2 tx=2 path=device/2/vdummy/0/state val=3"}

Line = tuple[float, str, str]


def events(text: str = STALLED) -> list[Line]:
    """Lines of an event stream as they stand in a time line: at the agency's time."""
    return [(int(line.split()[1]) / 1e9, "soo.events", line) for line in text.splitlines()]


def result(**values: object) -> dict[str, object]:
    """What `result.json` says of a stalled run, with other values for some."""
    return {"name": "links/stuck", "verdict": "FAIL", "reason": "vdummy/2/0: FE waits: link.stalled",
            "note": "", "where": "scenarios/links/stuck.yaml:8", "duration_s": 7.6, "violations": [STALL],
            "seed": 95,
            "reproduce": "python3 -m harness run scenarios/links/stuck.yaml --seed 95",
            "places": ["cpu0: idle", "cpu1: kernel:f+0x1c <- soo:g+0x2"], "facts": {"images": "ref-virt64"},
            "traceback": "", **values}


def passed(name: str) -> dict[str, object]:
    """What `result.json` says of a run that passed."""
    return result(name=name, verdict="PASS", reason="", where="", violations=[], places=[])


def make(root: Path, number: int, values: Mapping[str, object], lines: Sequence[Line] = (),
         diagnosis: Mapping[str, object] | None = None) -> Path:
    """A folder below `root`; `number` makes its name another one."""
    folder = root / f"20261121-2128{number:02d}-run-{number:08x}"
    folder.mkdir(parents=True)
    told = [json.dumps({"t": t, "source": source, "text": text}) for t, source, text in sorted(lines)]
    (folder / "timeline.jsonl").write_text("".join(f"{line}\n" for line in told))
    if diagnosis is not None:
        (folder / "diagnosis.json").write_text(json.dumps(diagnosis))
    (folder / "result.json").write_text(json.dumps(values))
    return folder
