# SPDX-License-Identifier: GPL-2.0-only
"""What a finished run was made from, as its folder tells it; `harness.report.stored` reads how it went."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.repro.outcome import Outcome
from harness.scenario import origin
from harness.wording import fault_of

RESULT = "result.json"
MANIFEST = "manifest.json"
_SET = re.compile(r"[\w][\w.-]*\Z")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of the image set of a run, where it was then."""

    file: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is needed to make a run again, and how it ended then.

    :ivar where: the scenario's file as it was named then.
    :ivar test: name of its function, if it is a scenario in Python.
    :ivar set_name: the image set; `set_chosen`: in place of the one that the scenario names.
    :ivar set_folder: where the manifest of the set was.
    :ivar trees: copies of the trees that the scenario names, in its order.
    :ivar qemu: version of QEMU, empty if there was no machine.
    :ivar logs: hash of all that the guests printed, of a deterministic run; else empty.
    """

    folder: Path
    scenario: Path
    name: str
    where: str
    test: str
    seed: int
    deterministic: bool
    cold: bool
    set_name: str
    set_chosen: bool
    set_folder: Path
    images_key: str
    artifacts: Mapping[str, Artifact]
    trees: tuple[Path, ...]
    manifests: tuple[Path, ...]
    agency_base: Path | None
    agency_overlays: tuple[Path, ...]
    me_base: Path | None
    qemu: str
    logs: str
    outcome: Outcome


def is_run(folder: Path) -> bool:
    """Whether this is the folder of a finished run."""
    return (folder / RESULT).is_file()


def read_recipe(folder: Path) -> Recipe:
    """Read the folder of a run.

    :raise UsageError: it is none, or not finished, or from before runs kept what they are made from
    """
    if not folder.is_dir():
        raise UsageError("no such folder of a run", where=str(folder), hint="look into build/runs")
    if not is_run(folder):
        raise UsageError(f"is no folder of a finished run: it has no {RESULT}", where=str(folder),
                         hint="name one of build/runs")
    if not (folder / origin.FILE).is_file():
        raise UsageError(f"this run has not kept what it was made from: it has no {origin.FILE}",
                         where=str(folder), hint="run the scenario again")
    values = [_json(folder / name) for name in (origin.FILE, RESULT, MANIFEST)]
    try:
        return _recipe(folder, *values)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"its files do not fit together: {fault_of(error)}", where=str(folder)) from error


def _json(path: Path) -> dict[str, Any]:  # Any: what a program has written as JSON
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {fault_of(error)}", where=str(path)) from error
    if not isinstance(values, dict):
        raise UsageError("is no file of a run", where=str(path))
    return values


_Values = dict[str, Any]


def _recipe(folder: Path, made: _Values, result: _Values, manifest: _Values) -> Recipe:
    facts = result["facts"]
    if not _SET.match(made["set"]) or not made["manifests"]:
        raise ValueError(f"no image set {made['set']!r}")
    return Recipe(
        folder=folder,
        scenario=_scenario(folder),
        name=made["scenario"], where=made["where"], test=made["test"], seed=int(made["seed"]),
        deterministic=bool(made["deterministic"]), cold=bool(made["cold"]),
        set_name=made["set"], set_chosen=bool(made["set_chosen"]), set_folder=Path(made["set_folder"]),
        images_key=facts["images key"],
        artifacts={name: Artifact(Path(entry["file"]), entry["sha256"])
                   for name, entry in manifest["artifacts"].items()},
        trees=_files(folder, made["trees"]),
        manifests=_files(folder, made["manifests"]),
        agency_base=_file(folder, made["agency_base"]),
        agency_overlays=_files(folder, made["agency_overlays"]),
        me_base=_file(folder, made["me_base"]),
        qemu=facts.get("qemu", ""), logs=facts.get("logs", ""),
        outcome=Outcome.of_json(result),
    )


def _scenario(folder: Path) -> Path:
    for suffix in (".yaml", ".py"):
        if (folder / f"scenario{suffix}").is_file():
            return folder / f"scenario{suffix}"
    raise ValueError("no scenario")


def _files(folder: Path, names: list[str]) -> tuple[Path, ...]:
    return tuple(path for name in names if (path := _file(folder, name)) is not None)


def _file(folder: Path, name: str) -> Path | None:
    """A file of the run, which lies in its folder; the empty name is none.

    :raise ValueError: it does not
    """
    if not name:
        return None
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f"no file {name}")
    return path
