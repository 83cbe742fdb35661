# SPDX-License-Identifier: GPL-2.0-only
"""Two views of one thing must agree: memory, guest reports, the models behind the event stream.

Compare only what stands still: a store nobody writes to, a ring at rest, or a stopped machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.abi.codec import AbiError
from harness.abi.evtchn import EvtchnState
from harness.abi.gnttab import GnttabState
from harness.abi.ring import RingIndices
from harness.abi.soo import ABI_REVISION, AvzShared
from harness.abi.vbstore import VbsMessage, VbsPage, VbsType
from harness.check.violation import Violation
from harness.model.channels import ChannelTable
from harness.model.events import StoreEvent, StoreOp
from harness.model.grants import GrantTable
from harness.model.ring import sub32
from harness.model.store import split_path
from harness.model.views import DomainRow, EvtchnRow, GnttabRow, LinkRow

_RULE = "view.disagrees"
_REQUESTS = {VbsType.WRITE: StoreOp.WRITE, VbsType.MKDIR: StoreOp.MKDIR, VbsType.RM: StoreOp.RM}


def compare_store(expected: Mapping[str, str | None], observed: Mapping[str, str | None], *,
                  names: tuple[str, str] = ("events", "store view")) -> Iterator[Violation]:
    """One violation per path that only one view has, or that has two values."""
    for path in sorted(expected.keys() | observed.keys()):
        left, right = _node(expected, path), _node(observed, path)
        if left != right:
            yield Violation(_RULE, path, f"{left} by {names[0]}", f"{right} by {names[1]}")


def _node(tree: Mapping[str, str | None], path: str) -> str:
    if path not in tree:
        return "absent"
    value = tree[path]
    return "a directory" if value is None else repr(value)


def compare_ring(memory: RingIndices, row: LinkRow) -> Iterator[Violation]:
    """The page's indices that the backend writes, against its private ones; none while none is mapped."""
    pairs = (("req_cons", memory.req_cons, row.req), ("rsp_prod", memory.rsp_prod, row.rsp))
    for name, shared, private in pairs:
        if private is not None and shared != private:
            yield Violation(_RULE, row.dev, f"{name}={private} by the backend", f"{name}={shared} in memory")


def compare_front(row: LinkRow, report: Mapping[str, str], before: RingIndices,
                  after: RingIndices) -> Iterator[Violation]:
    """What the frontend prints of its ring against the page, read before and after that.

    Its own words may move the ring of its console: each index is from where it was to where it got.
    """
    own = {"req": "req_prod", "rsp": "rsp_cons"}
    for name in ("req_prod", "req_cons", "rsp_prod", "rsp_cons", *own):
        first, last = getattr(before, own.get(name, name)), getattr(after, own.get(name, name))
        text = report.get(name, "nothing")
        if text.isdecimal() and sub32(int(text), first) <= sub32(last, first):
            continue
        told = str(first) if first == last else f"{first} to {last}"
        yield Violation(_RULE, f"{row.dev} {name}", f"{told} in memory", f"{text} by the frontend")
    if report.get("start") != str(row.start):
        yield Violation(_RULE, f"{row.dev} start", f"{row.start} by the backend",
                        f"{report.get('start')} by the frontend")


def compare_domain(shared: AvzShared, page: VbsPage, row: DomainRow) -> Iterator[Violation]:
    """The ME's two shared pages in memory against the agency's list of domains."""
    pairs = (("domain number of the shared page", row.dom, shared.domid),
             ("domain number of the vbstore page", row.dom, page.domid),
             ("vbstore channel", row.vbs_evtchn, shared.vbstore_evtchn),
             ("incarnation", row.incarnation, shared.incarnation),
             ("ABI revision", ABI_REVISION, shared.revision))
    for what, expected, observed in pairs:
        if expected != observed:
            yield Violation(_RULE, f"domain {row.dom}", f"{what} {expected} by the agency",
                            f"{what} {observed} in memory")


def compare_page(page: VbsPage, dom: int, changes: Sequence[StoreEvent]) -> Iterator[Violation]:
    """The requests that are still to be read in the vbstore page, against the events of that ME.

    :param changes: the last changes of that domain, oldest first, at least as many as the page holds
    """
    try:
        messages = page.req.lap()
        pending = page.req.pending()
    except AbiError as error:
        yield Violation(_RULE, f"domain {dom} vbstore page", "messages", str(error))
        return
    unread = {message.index for message in pending}
    done = [message for message in messages if message.kind in _REQUESTS and message.index not in unread]
    events = list(changes)
    for message in reversed(done):
        while events and not _same(message, events[-1]):
            events.pop()
        if not events:
            yield Violation(_RULE, f"domain {dom} vbstore page", "an event for each request in the page",
                            f"none for {_told(message)}")
            return
        events.pop()


def _same(message: VbsMessage, event: StoreEvent) -> bool:
    kind = message.kind
    parts = [part.decode("utf-8", "backslashreplace") for part in message.parts]
    if kind is None or _REQUESTS.get(kind) is not event.op or not parts:
        return False
    value = (parts[1] if len(parts) > 1 else "") if event.op is StoreOp.WRITE else None
    return split_path(parts[0]) == split_path(event.path) and value == event.value


def _told(message: VbsMessage) -> str:
    kind = message.kind
    name = kind.name.lower() if kind is not None else str(message.type)
    return " ".join([name, *(part.decode("utf-8", "backslashreplace") for part in message.parts)])


def compare_grants(table: GrantTable, rows: Sequence[GnttabRow], dom: int) -> Iterator[Violation]:
    """Grants of one domain by events against the table's view."""
    expected = {grant.ref: grant.state for grant in table.of(dom)}
    observed = {row.ref: row.state for row in rows if row.dom == dom}
    for ref in sorted(expected.keys() | observed.keys()):
        left, right = expected.get(ref, GnttabState.FREE), observed.get(ref, GnttabState.FREE)
        if left is not right:
            yield Violation(_RULE, f"domain {dom} ref {ref}", f"{left.name.lower()} by events",
                            f"{right.name.lower()} by gnttab view")


def compare_channels(table: ChannelTable, rows: Sequence[EvtchnRow], dom: int) -> Iterator[Violation]:
    """Channels of one domain by events against the table's view."""
    expected = {channel.port: channel.state for channel in table.touching(dom) if channel.dom == dom}
    observed = {row.port: row.state for row in rows if row.dom == dom}
    for port in sorted(expected.keys() | observed.keys()):
        left, right = expected.get(port, EvtchnState.FREE), observed.get(port, EvtchnState.FREE)
        if left is not right:
            yield Violation(_RULE, f"domain {dom} port {port}", f"{left.name.lower()} by events",
                            f"{right.name.lower()} by evtchn view")
