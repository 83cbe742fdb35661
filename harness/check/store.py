# SPDX-License-Identifier: GPL-2.0-only
"""Changes of the store: parents, owners, backends that should not be, ring entries, leftovers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from harness.abi.soo import DOMID_AGENCY
from harness.abi.vbstore import VALUE_SIZE
from harness.abi.vbus import PATH_SIZE, VbusState, state_text
from harness.check.violation import Violation
from harness.model.device import Side
from harness.model.events import DomainEvent, DomainOp, Event, StoreEvent, StoreOp
from harness.model.link import RING_ENTRIES, Link, parse_entry
from harness.model.store import split_path
from harness.model.world import World, state_value

_ALLOWED = re.compile(r"[A-Za-z0-9_.,-]+(?:/[A-Za-z0-9_.,-]+)*", re.ASCII)
_ESCAPE = re.compile(r"\\x[0-9a-f]{2}")
_CHANGES = (StoreOp.MKDIR, StoreOp.WRITE, StoreOp.RM)


def check_store(event: Event, world: World, enabled: Collection[str] | None) -> Iterator[Violation]:
    """Judge a change of the store, or the end of a domain, against the world before it.

    :param enabled: backend types that the agency's tree enables; None if that is not known
    """
    if isinstance(event, DomainEvent) and event.op is DomainOp.DESTROY:
        yield from _check_leftovers(event, world)
    if isinstance(event, StoreEvent) and world.whole:
        yield from _check_step(event, world)
    if not isinstance(event, StoreEvent) or event.op not in _CHANGES:
        return
    yield from _check_path(event)
    yield from _check_owner(event)
    if event.op is StoreOp.RM:
        return
    if world.complete:
        yield from _check_parent(event, world)
    if enabled is not None:
        yield from _check_backend(event, world, enabled)
    yield from _check_ring_entries(event, world)


def may_change(dom: int, path: str) -> bool:
    """Whether domain `dom` may make, write or remove `path`. The agency may do all."""
    names = split_path(path)
    own = str(dom)
    return dom == DOMID_AGENCY or any((
        len(names) >= 2 and names[0] == "device" and names[1] == own,
        len(names) >= 3 and names[0] == "backend" and names[2] == own,
        len(names) >= 3 and names[:2] == ("soo", "me") and names[2] == own))


def entries_of(dom: int, paths: Collection[str]) -> tuple[str, ...]:
    """Paths that must be gone with domain `dom`: all of its own but the directory device/<d>."""
    if dom == DOMID_AGENCY:
        return ()
    return tuple(path for path in paths if may_change(dom, path) and split_path(path) != ("device", str(dom)))


def _check_path(event: StoreEvent) -> Iterator[Violation]:
    path = event.path
    if len(path) >= PATH_SIZE or ".." in path or _ALLOWED.fullmatch(path) is None:
        yield Violation("store.bad_path", path[:PATH_SIZE * 2],
                        f"at most {PATH_SIZE - 1} characters, letters, digits, -_., and single slashes",
                        f"{len(path)} characters", event.line)
    # What was no UTF-8 stands there as an escape of four characters.
    size = len(_ESCAPE.sub(".", event.value or "").encode())
    if size >= VALUE_SIZE:
        yield Violation("store.bad_value", path, f"at most {VALUE_SIZE - 1} bytes", f"{size} bytes",
                        event.line)


def _check_step(event: StoreEvent, world: World) -> Iterator[Violation]:
    store, reason = world.store, None
    if event.op in (StoreOp.RM, StoreOp.WATCH) and not store.exists(event.path):
        reason = f"{event.op.value} of what exists", "nothing there"
    elif event.op is StoreOp.UNWATCH and event.dom not in store.watchers(event.path):
        reason = f"end of a watch of domain {event.dom}", "it watches something else"
    elif event.op is StoreOp.WRITE and store.exists(event.path) and store.read(event.path) is None:
        reason = "a value where no directory is", "a directory"
    if reason is not None:
        yield Violation("store.illegal_step", event.path, reason[0], reason[1], event.line)


def _check_owner(event: StoreEvent) -> Iterator[Violation]:
    if not may_change(event.dom, event.path):
        own = event.dom
        yield Violation("store.foreign_write", event.path,
                        f"domain {own} changes only device/{own}, backend/*/{own}, soo/me/{own}",
                        f"{event.op.value} by domain {own}", event.line)


def _check_parent(event: StoreEvent, world: World) -> Iterator[Violation]:
    missing = world.store.missing_parent(event.path)
    if missing is not None:
        yield Violation("store.no_parent", event.path, f"{missing} exists before", f"{missing} is missing",
                        event.line)


def _check_backend(event: StoreEvent, world: World, enabled: Collection[str]) -> Iterator[Violation]:
    names = split_path(event.path)
    if len(names) != 2 or names[0] != "backend" or names[1] in enabled or world.store.exists(event.path):
        return
    yield Violation("store.be_entry_disabled", event.path,
                    f"no entry: the agency's tree does not enable {names[1]}", "made", event.line)


def _check_ring_entries(event: StoreEvent, world: World) -> Iterator[Violation]:
    entry = parse_entry(event.path)
    if entry is None or entry[1] is not Side.FE or event.op is not StoreOp.WRITE or not world.complete:
        return
    key, _, name = entry
    link = world.links.get(key)
    if link is None or link.unknown:
        return
    if name == "state":
        yield from _check_ring_present(event, link)
    elif name in RING_ENTRIES and link.state.get(Side.FE) in (VbusState.INITIALISED, VbusState.CONNECTED):
        yield Violation("store.ring_ref_late", event.path, "written before the state of its frontend",
                        f"written in {state_text(link.state[Side.FE])}", event.line)


def _check_ring_present(event: StoreEvent, link: Link) -> Iterator[Violation]:
    new = state_value(event.value)
    if new not in (VbusState.INITIALISED, VbusState.RECONFIGURED) or link.state.get(Side.FE) == new:
        return
    since = -1
    if new == VbusState.RECONFIGURED:
        # The entries of the old ring are still there: only what came after BE Reconfiguring counts.
        starts = [change.seq for change in link.changes if change.state == VbusState.RECONFIGURING]
        since = starts[-1] if starts else since
    for name in RING_ENTRIES:
        if link.published.get(name, -2) < since:
            yield Violation("store.ring_ref_late", f"{link.key.fe_path}/{name}",
                            f"written before {state_text(new)}", "not written", event.line)


def _check_leftovers(event: DomainEvent, world: World) -> Iterator[Violation]:
    left = entries_of(event.dom, world.store.tree())
    roots = [path for path in left if not any(path.startswith(other + "/") for other in left)]
    for path in roots:
        below = sum(1 for other in left if other.startswith(path + "/"))
        yield Violation("store.entries_left", path, f"nothing of domain {event.dom} when it is destroyed",
                        f"still there, with {below} entries below", event.line)
