# SPDX-License-Identifier: GPL-2.0-only
"""A scenario as typed values: everything that was written in its file, checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.scenario.step import Step

DEFAULT_IMAGES = "ref-virt64"
DEFAULT_DEADLINE = 60.0
DEFAULT_MACHINE = "here"

# What can be wrong with an ME image: cut off in the middle, one bit of the kernel turned, a device
# tree that is no FIT, a FIT whose kernel is no ME, nothing at all.
DAMAGES = ("truncated", "flipped", "no-fit", "no-me", "empty")


@dataclass(frozen=True, slots=True)
class AgencySpec:
    """How the agency's side differs from its image set.

    :ivar base: in place of the image set's: an overlay with our nodes, or a whole tree; or None.
    :ivar overlays: overlays in the order in which they are applied.
    :ivar append: words added to the kernel's command line.
    :ivar fault: planted defect that the agency is started with (test builds), or None.
    """

    base: Path | None = None
    overlays: tuple[Path, ...] = ()
    append: str = ""
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class MeSpec:
    """One ME image of a scenario.

    :ivar name: its name in the scenario, which is also the name that the ME reports.
    :ivar spid: species identifier instead of the base tree's, or None.
    :ivar slot: the slot that it is expected to get, or None for any.
    :ivar hostile: it attacks: rules of its own links are not held against the run.
    :ivar damage: how its finished image is spoilt, one of `DAMAGES`, or None.
    """

    name: str
    base: Path | None = None
    overlays: tuple[Path, ...] = ()
    fault: str | None = None
    spid: int | None = None
    slot: int | None = None
    damage: str | None = None
    hostile: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is booted, what is done with it, and what is expected.

    :ivar name: path below the scenarios folder without suffix, for instance ``links/both-on``.
    :ivar requires: features that the image set must have, else the scenario is skipped.
    :ivar deadline: seconds for the whole scenario, image building not included.
    :ivar cold: it boots, and never goes on from a template.
    :ivar machines: names of the machines, which are all alike; MEs can move between them.
    :ivar test: name of its function, if it is one in Python.
    """

    name: str
    path: Path
    about: str
    images: str = DEFAULT_IMAGES
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    deadline: float = DEFAULT_DEADLINE
    agency: AgencySpec = field(default_factory=AgencySpec)
    mes: tuple[MeSpec, ...] = ()
    machines: tuple[str, ...] = (DEFAULT_MACHINE,)
    steps: tuple[Step, ...] = ()
    cold: bool = False
    test: str = ""


def flatten(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps, those inside `repeat` and the like included."""
    for step in steps:
        yield step
        yield from flatten(step.children())
