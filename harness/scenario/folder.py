# SPDX-License-Identifier: GPL-2.0-only
"""The folder of a run: what it holds, after success and after failure, and how many are kept.

    manifest.json     hashes of images and trees, QEMU's command line, versions, seed
    result.json       verdict, reason, violations, the line that runs it again
    scenario.*, origin.json, origin/   what it was made from, see `harness.scenario.origin`
    console-*.log     each console raw; `.times` beside it
    qmp.jsonl         all QMP traffic; qemu.stderr what QEMU said
    agency.dtb, *.itb the files of the machine (after a failure only, with .dts beside)
    timeline.jsonl    steps; after a failure with all consoles and QMP merged by time
    *.expected.tree   the trees that were compared: what a guest should have, and beside it what it told,
                      in the form of `harness.dt.effective`  (after a failure)
    observer.json     what `harness check` needs to judge the event stream again
    events.log        the event stream                              (after a failure)
    store.txt, views  the agency's views, as far as it answers       (after a failure)
    ring-*.bin, .txt  every mapped ring page, raw and decoded        (after a failure)
    registers.txt     registers of every CPU                        (after a failure)
    record/           what a replay needs (with --record, see `harness.scenario.recorded`)
    attach.json       where `harness attach` gets in, while the run holds its machine
    places.txt        where CPUs, MEs and tasks stood, by functions (after a failure)
    diagnosis.json    the cause: title, sentence, what they rest on (after a failure)
    NAME/             the same of each further machine of the scenario
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import secrets
import shlex
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from harness.cache.digest import known_digest
from harness.deadline import Deadline, wall_clock
from harness.dt.build import Merged
from harness.errors import HarnessError, HostError
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.proc import run
from harness.qemu.machine import Machine
from harness.scenario.prepare import Prepared
from harness.scenario.result import Result
from harness.scenario.timeline import Timeline, source_of

_RESULT = "result.json"
_KEPT = 300
_DAY_S = 86_400
# As `create` names them: in a folder of the user's there may be others, which are not ours to remove.
_NAMED = f"{'[0-9]' * 8}-{'[0-9]' * 6}-*"
_NONCE = 4


def create(root: Path, name: str) -> Path:
    """A new folder for a run below `root`; old ones beyond the last 300 finished are removed.

    :raise HostError: it cannot be made
    """
    stamp = wall_clock().strftime("%Y%m%d-%H%M%S")
    word = re.sub(r"[^A-Za-z0-9-]+", "-", name)
    run_dir = root / f"{stamp}-{word}-{secrets.token_hex(_NONCE)}"
    try:
        _prune(root)
        run_dir.mkdir(parents=True)
    except OSError as error:
        raise HostError(f"cannot make a run folder: {error.strerror}", where=str(run_dir)) from error
    return run_dir


def _prune(root: Path) -> None:
    """Finished runs, and killed ones a day later: another process may be at work on the others."""
    yesterday = wall_clock().timestamp() - _DAY_S
    over = sorted(path for path in root.glob(_NAMED)
                  if (path / _RESULT).exists() or (path.is_dir() and path.stat().st_mtime < yesterday))
    for old in over[: max(0, len(over) - _KEPT)]:
        shutil.rmtree(old, ignore_errors=True)


def discard(run_dir: Path) -> None:
    """Remove the folder of a run that has nothing to tell."""
    shutil.rmtree(run_dir, ignore_errors=True)


def facts(images: ImageSet, machine: Machine | None, begun: Mapping[str, str]) -> dict[str, str]:
    """What a run was made of, for the report; `begun` tells how it was started."""
    found = {"images": images.manifest.name, "images key": images.key}
    found |= {name: text for name, text in begun.items() if text}
    if machine is not None:
        found["qemu"] = ".".join(map(str, machine.qemu.version))
        found["command line"] = shlex.join(machine.argv)
    return found


def complete(run_dir: Path, result: Result, images: ImageSet, prepared: Prepared | None,
             timeline: Timeline) -> None:
    """Write what is written of every run; `result.json` comes last and marks the folder as finished."""
    (run_dir / "manifest.json").write_text(json.dumps(_manifest(result, images, prepared), indent=2) + "\n")
    logs = [(source_of(run_dir, path), path) for path in sorted(run_dir.rglob("console-*.log"))]
    if result.verdict is Verdict.PASS:
        timeline.write(run_dir / "timeline.jsonl", ())
        for pattern in ("*.itb", "*.tar", "*.raw", "*.dtb", "*.cpio", "**/*.tree"):
            for file in list(run_dir.glob(pattern)):
                file.unlink()
    else:
        qmp = [(source_of(run_dir, path), path) for path in sorted(run_dir.rglob("qmp.jsonl"))]
        timeline.write(run_dir / "timeline.jsonl", logs, qmp)
        _keep_trees(run_dir, prepared)
        events = images.manifest.events
        for name, log in logs:
            if name.rpartition("/")[2] == events:
                shutil.copyfile(log, log.parent / "events.log")
    (run_dir / _RESULT).write_text(result.as_json())


def _keep_trees(run_dir: Path, prepared: Prepared | None) -> None:
    for name, merged in _trees(prepared).items():
        (run_dir / f"{name}.dtb").write_bytes(merged.dtb)
        argv = ["dtc", "-I", "dtb", "-O", "dts", "-q", "-o", str(run_dir / f"{name}.dts")]
        with suppress(HarnessError):  # the .dtb is there all the same
            run([*argv, str(run_dir / f"{name}.dtb")], deadline=Deadline.after(10, "dtc"))


def _trees(prepared: Prepared | None) -> dict[str, Merged]:
    if prepared is None:
        return {}
    trees = {name: me.tree for name, me in prepared.mes.items()}
    if prepared.agency is not None:
        trees["agency"] = prepared.agency
    return trees


def _manifest(result: Result, images: ImageSet, prepared: Prepared | None) -> dict[str, object]:
    return {
        "scenario": result.name,
        "seed": result.seed,
        "reproduce": result.reproduce,
        **result.facts,
        "artifacts": {name: {"file": str(path), "sha256": known_digest(path)}
                      for name, path in images.files.items()},
        "versions": images.versions,
        "trees": {name: {"sha256": hashlib.sha256(tree.dtb).hexdigest(),
                         "sources": [str(path) for path in tree.sources]}
                  for name, tree in _trees(prepared).items()},
        "host": {"python": platform.python_version(), "system": platform.platform()},
    }
