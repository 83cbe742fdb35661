# SPDX-License-Identifier: GPL-2.0-only
"""`harness boot`: the machine of a scenario, or an image set as it is, with this terminal on it."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from pathlib import Path

from harness.commands.images import ensure_all
from harness.errors import UsageError
from harness.images.manifest import features, find, manifest_files
from harness.qemu.machine import Machine
from harness.qemu.spec import MachineSpec
from harness.scenario.model import DEFAULT_IMAGES, Scenario
from harness.scenario.prepare import prepare
from harness.scenario.schema import read
from harness.schedule.admission import admitted
from harness.terminal import attach


def main(arguments: argparse.Namespace) -> int:
    """Boot, hand the consoles to the user, and stop the machine when the user leaves."""
    if arguments.scenario is not None and arguments.set is not None:
        raise UsageError("give either a scenario or --set", where="boot")
    if not sys.stdin.isatty():
        raise UsageError("an interactive console needs a terminal as standard input", where="boot")
    scenario = _scenario(arguments)
    (images,) = ensure_all([find(scenario.images, arguments.images)])
    with tempfile.TemporaryDirectory(prefix="soo-boot-") as folder:
        prepared = prepare(scenario, images, Path(folder))
        for name, me in prepared.mes.items():
            print(f"harness: ME {name}: injector /mnt/ME/{me.file.name}", file=sys.stderr)
        spec = _unwatched(prepared.spec)
        with admitted(spec, "harness boot"), Machine(spec, Path(folder) / "run") as machine:
            first = arguments.console or images.manifest.boot.console
            attach(list(machine.consoles.values()), first=first, echo=images.manifest.silent_consoles)
    return 0


def _scenario(arguments: argparse.Namespace) -> Scenario:
    if arguments.scenario is not None:
        return read(arguments.scenario, image_sets=list(manifest_files(arguments.images)),
                    features=lambda: features(arguments.images))
    name = arguments.set or DEFAULT_IMAGES
    return Scenario(name="boot", path=Path("boot"), about=f"image set {name} as it is", images=name)


def _unwatched(spec: MachineSpec) -> MachineSpec:
    """The same machine without failure patterns: a user who looks at a panic wants to go on looking."""
    return dataclasses.replace(
        spec, consoles=tuple(dataclasses.replace(console, system=None) for console in spec.consoles)
    )
