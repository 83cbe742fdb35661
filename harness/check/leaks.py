# SPDX-License-Identifier: GPL-2.0-only
"""What a destroyed domain must not leave: grants and event channels."""

from __future__ import annotations

from collections.abc import Iterator

from harness.check.violation import Violation
from harness.model.events import DomainEvent, DomainOp, Event
from harness.model.world import World


def check_leaks(event: Event, world: World) -> Iterator[Violation]:
    """Judge the end of a domain against the world before it."""
    if not isinstance(event, DomainEvent) or event.op is not DomainOp.DESTROY:
        return
    for grant in world.grants.of(event.dom):
        yield Violation("grant.leaked", f"domain {event.dom} ref {grant.ref}",
                        "revoked before the domain is destroyed", grant.state.name.lower(), event.line)
    for channel in world.channels.touching(event.dom):
        yield Violation("evtchn.leaked", f"domain {channel.dom} port {channel.port}",
                        f"closed before domain {event.dom} is destroyed", channel.state.name.lower(),
                        event.line)
