# SPDX-License-Identifier: GPL-2.0-only
"""Which templates a scenario can begin with, and their keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cache.digest import file_digest, key_of
from harness.images.store import ImageSet
from harness.qemu import cmdline, version
from harness.scenario.model import Scenario
from harness.scenario.prepare import Prepared
from harness.scenario.result import Options
from harness.scenario.steps.life import Inject

# Counts up when a template holds something else than before.
_REVISION = "1"
PREFIX = "template-"
_NO_FILE = Path()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scenario begins with.

    :ivar booted: key of the template with the booted agency.
    :ivar inside: MEs that are injected, in order, in a template on top of that one; empty if none.
    :ivar peopled: key of that template.
    """

    booted: str
    inside: tuple[str, ...] = ()
    peopled: str = ""


def plan(scenario: Scenario, images: ImageSet, prepared: Prepared, options: Options) -> Plan | str:
    """The templates for a scenario, or the reason why it must boot."""
    if options.cold:
        return "asked for by --cold"
    if scenario.steps and scenario.steps[0].name == "boot":
        return "the scenario is about the boot"
    if images.manifest.agency_tree is None or images.manifest.events is None:
        return f"image set '{images.manifest.name}' has no agency of ours"
    booted = PREFIX + key_of(_booted_parts(images, prepared))
    inside = () if options.deterministic else _inside(scenario)
    if not inside:
        return Plan(booted)
    mes = [(f"me {name}", file_digest(me.file)) for name, me in prepared.mes.items()]
    order = ("order", " ".join(inside))
    return Plan(booted, inside, PREFIX + key_of([("booted", booted), order, *mes]))


def _booted_parts(images: ImageSet, prepared: Prepared) -> list[tuple[str, str]]:
    spec = prepared.spec
    tree = prepared.agency.dtb if prepared.agency is not None else b""
    drives = [(drive.file.stat().st_size, replace(drive, file=_NO_FILE)) for drive in spec.drives]
    return [
        ("revision", _REVISION),
        ("images", images.key),
        ("tree", hashlib.sha256(tree).hexdigest()),
        ("qemu", version.find(spec.binary).text),
        ("machine", repr(cmdline.hardware(spec))),
        ("append", spec.append or ""),
        ("initrd", file_digest(spec.initrd) if spec.pace is not None and spec.initrd is not None else ""),
        ("consoles", repr(spec.consoles)),
        ("drives", repr(drives)),
        ("extra", repr(spec.extra)),
    ]


def _inside(scenario: Scenario) -> tuple[str, ...]:
    """MEs that the first steps inject, one machine and no planted defect supposed."""
    faults = [scenario.agency.fault, *(me.fault for me in scenario.mes), *(me.damage for me in scenario.mes)]
    if len(scenario.machines) > 1 or any(faults):
        return ()
    names: list[str] = []
    for step in scenario.steps:
        if not isinstance(step, Inject) or step.refused is not None or not step.settle:
            break
        names += step.mes
    return tuple(names)
