# SPDX-License-Identifier: GPL-2.0-only
"""The observer of one machine, on its event stream."""

from __future__ import annotations

from collections.abc import Collection

from harness.deadline import REAL, Clock
from harness.images.store import ImageSet
from harness.qemu.machine import Machine
from harness.scenario.nodes import backend_types
from harness.scenario.prepare import Prepared
from harness.scenario.watch import Watch


def observe(machine: Machine, images: ImageSet, prepared: Prepared, *,
            expected: Collection[str] = (), hostile: Collection[str] = (),
            clock: Clock = REAL) -> Watch | None:
    """Watch the event stream of a machine from its first line on; None if the image set has none.

    :param expected: rules whose violation the scenario asks for.
    :param hostile: names of MEs that are meant to do harm.
    :param clock: what the deadlines of the run count.
    """
    events = images.manifest.events
    if events is None:
        return None
    backends = backend_types(prepared.agency.tree) if prepared.agency is not None else []
    watch = Watch(backends, expected=expected, hostile=hostile, fail=machine.fail,
                  clock=clock, advance=machine.advance)
    machine.console(events).on_line(watch.line)
    return watch
