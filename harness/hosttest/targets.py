# SPDX-License-Identifier: GPL-2.0-only
"""The fuzz targets: one program each, images/hosttest/targets/NAME.c."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import UsageError
from harness.yamlnode import nearest


@dataclass(frozen=True, slots=True)
class Target:
    """One fuzz target.

    :ivar about: what it does, in a line.
    :ivar longest: bytes of an input at most.
    """

    name: str
    about: str
    longest: int


TARGETS = (
    Target("store_page", "an ME writes what it likes into its store page, another one behaves", 600),
    Target("store_model", "the agency and two MEs use the store, against a model of it", 400),
    Target("backend", "the links of an ME that keeps to the book or does not, another one behaves", 400),
    Target("frontend", "an ME whose agency keeps to the book or does not", 400),
    Target("snapshot", "damaged snapshots, ME images and device trees", 400),
)


def chosen(names: Sequence[str]) -> list[Target]:
    """The targets of these names, or all if there are none.

    :raise UsageError: there is no target of that name.
    """
    known = {target.name: target for target in TARGETS}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no fuzz target '{name}'", hint=nearest(name, known))
    return [known[name] for name in names] if names else list(TARGETS)
