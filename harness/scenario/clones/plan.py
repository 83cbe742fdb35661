# SPDX-License-Identifier: GPL-2.0-only
"""Which templates a scenario can begin with, and their keys."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cache.digest import file_digest, key_of, known_digest
from harness.images.store import ImageSet
from harness.qemu import cmdline, version
from harness.scenario.model import Scenario, flatten
from harness.scenario.prepare import Prepared
from harness.scenario.result import Options
from harness.scenario.steps.life import Inject
from harness.scenario.steps.proof import ExpectViolation

# Counts up when a template holds something else than before.
_REVISION = "3"
PREFIX = "template-"
_NO_FILE = Path()


@dataclass(frozen=True, slots=True)
class Plan:
    """What one machine of a scenario begins with.

    :ivar booted: key of the template with the booted agency.
    :ivar inside: MEs that are injected, in order, in a template on top of that one; empty if none.
    :ivar peopled: key of that template.
    """

    booted: str
    inside: tuple[str, ...] = ()
    peopled: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all templates that may be used."""
        return (self.booted, self.peopled) if self.inside else (self.booted,)


@dataclass(frozen=True, slots=True)
class Cold:
    """Why a scenario boots; nothing has gone wrong."""

    reason: str


def plan(scenario: Scenario, images: ImageSet, prepared: Prepared,
         options: Options) -> Mapping[str, Plan] | Cold:
    """The templates for each machine of a scenario, or the reason why it boots."""
    if options.record:
        return Cold("recorded from its first instruction on")
    if options.cold:
        return Cold("asked for by --cold")
    if scenario.cold:
        return Cold("asked for by the scenario")
    if scenario.steps and scenario.steps[0].name == "boot":
        return Cold("the scenario is about the boot")
    if images.manifest.agency_tree is None or images.manifest.events is None:
        return Cold(f"image set '{images.manifest.name}' has no agency of ours")
    booted = PREFIX + key_of(_booted_parts(images, prepared))
    inside = {} if options.deterministic else _inside(scenario)
    return {name: _with_mes(booted, inside.get(name, ()), prepared) for name in scenario.machines}


def _with_mes(booted: str, inside: tuple[str, ...], prepared: Prepared) -> Plan:
    if not inside:
        return Plan(booted)
    # All images of the scenario lie in the agency's memory, also those that nobody has injected.
    mes = [(f"me {name}", file_digest(me.file)) for name, me in prepared.mes.items()]
    order = ("order", " ".join(inside))
    return Plan(booted, inside, PREFIX + key_of([("booted", booted), order, *mes]))


def _booted_parts(images: ImageSet, prepared: Prepared) -> list[tuple[str, str]]:
    spec = prepared.spec
    tree = prepared.agency.dtb if prepared.agency is not None else b""
    drives = [(drive.file.stat().st_size, replace(drive, file=_NO_FILE)) for drive in spec.drives]
    qemu = version.find(spec.binary)
    return [
        ("revision", _REVISION),
        ("images", images.key),
        ("tree", hashlib.sha256(tree).hexdigest()),
        ("qemu", f"{qemu.text} {known_digest(Path(qemu.path))}"),
        ("machine", repr(cmdline.hardware(spec))),
        ("append", spec.append or ""),
        ("initrd", file_digest(spec.initrd) if spec.pace is not None and spec.initrd is not None else ""),
        ("consoles", repr(spec.consoles)),
        ("drives", repr(drives)),
        ("extra", repr(spec.extra)),
    ]


def _inside(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """MEs that the first steps inject, by machine.

    What a planted defect does, and what a scenario expects to be broken, has to happen before its own
    eyes. A hostile ME can be inside: it attacks when it is told to, and a template is judged by all rules,
    with no excuse for anybody.
    """
    if scenario.agency.fault or any(isinstance(step, ExpectViolation) for step in flatten(scenario.steps)):
        return {}
    sound = {me.name for me in scenario.mes if not (me.fault or me.damage)}
    found: dict[str, tuple[str, ...]] = {}
    for step in scenario.steps:
        if not isinstance(step, Inject) or step.refused is not None or not step.settle:
            break
        machine = step.to or scenario.machines[0]
        names = tuple(itertools.takewhile(sound.__contains__, step.mes))
        found[machine] = (*found.get(machine, ()), *names)
        if names != step.mes:
            break
    return found
