# SPDX-License-Identifier: GPL-2.0-only
"""A template in its folder of the cache.

    ram           the machine's memory, sparse
    state         CPUs and devices, as QEMU writes them
    record.json   the nonce in the guest's memory, and the MEs inside
    made/         the logs of the machine that became the template; its consoles are a clone's history,
                  and the trees that were compared in it are a clone's trees
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

NONCE_FILE = "/tmp/template"


@dataclass(frozen=True, slots=True)
class Inside:
    """An ME that lives in a template.

    :ivar start: where it begins on its console.
    """

    domain: int
    console: str
    start: int


@dataclass(frozen=True, slots=True)
class Record:
    """What a scenario that begins with a template has to know.

    :ivar nonce: a number in the guest's memory; no boot can bring it there.
    """

    nonce: str
    mes: Mapping[str, Inside] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Into the folder of a template."""
        (folder / "record.json").write_text(json.dumps(asdict(self), indent=1) + "\n")


@dataclass(frozen=True, slots=True)
class Template:
    """A finished template."""

    key: str
    folder: Path
    record: Record

    @property
    def ram(self) -> Path:
        """The memory, a file that is mapped copy on write."""
        return self.folder / "ram"

    @property
    def state(self) -> Path:
        """All else."""
        return self.folder / "state"

    def told(self) -> str:
        """What it is, in a few words."""
        inside = f" with {', '.join(self.record.mes)} inside" if self.record.mes else ""
        return f"clone of {self.key}{inside}"

    def history(self) -> dict[str, bytes]:
        """What each console had printed."""
        logs = (self.folder / "made").glob("console-*.log")
        return {log.name[len("console-"):-len(".log")]: log.read_bytes() for log in logs}

    def hand_trees(self, folder: Path) -> None:
        """What its guests told of their trees, and should have told, into the folder of a clone."""
        for tree in (self.folder / "made").glob("*.tree"):
            shutil.copyfile(tree, folder / tree.name)


def read(key: str, folder: Path) -> Template:
    """The template in a folder of the cache, which has verified it."""
    text = json.loads((folder / "record.json").read_text())
    mes = {name: Inside(**inside) for name, inside in text["mes"].items()}
    return Template(key, folder, Record(text["nonce"], mes))
