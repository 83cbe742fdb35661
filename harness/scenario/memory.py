# SPDX-License-Identifier: GPL-2.0-only
"""Guest memory, read by QMP, against what the guests report."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.codec import PAGE_SIZE
from harness.abi.devices import SLOT_SIZES, UNSOLICITED
from harness.abi.ring import RingView
from harness.abi.soo import decode_avz_shared
from harness.abi.vbstore import decode_page
from harness.check.ring import check_indices
from harness.check.views import (
    compare_channels,
    compare_domain,
    compare_front,
    compare_grants,
    compare_page,
    compare_ring,
)
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.guest.observe import parse_domains, parse_evtchn, parse_gnttab, parse_links
from harness.model.link import LinkKey
from harness.model.ring import sub32
from harness.model.views import LinkRow
from harness.scenario import links
from harness.scenario.context import Context
from harness.scenario.watch import failure

_RULE = "view.disagrees"


def prove(ctx: Context, link: tuple[str, str]) -> None:
    """Ring page, shared page and store page of a link at rest are as agency and ME report them.

    :raise ExpectationFailed: two views differ
    """
    key = links.key_of(ctx, link)
    deadline = ctx.limit(10.0, f"memory of {link[0]}/{link[1]}")
    with ctx.on(link[0]):
        found = [*_ring(ctx, link[0], key, deadline), *_pages(ctx, key, deadline),
                 *_tables(ctx, key, deadline)]
    if found:
        raise failure(found)


def _ring(ctx: Context, name: str, key: LinkKey, deadline: Deadline) -> Iterator[Violation]:
    row, before = _at_rest(ctx, key, deadline)
    report = ctx.me(name).ring(key.type, deadline)
    # What the ME has just printed goes through the ring of its vuart.
    row, ring = _at_rest(ctx, key, deadline)
    if row is None or ring is None or before is None:
        yield Violation(_RULE, key.be_path, f"one row with a mapped ring in the view {key.type}", f"{row}")
        return
    yield from check_indices(key.be_path, key.type, ring.indices)
    yield from compare_ring(ring.indices, row)
    yield from compare_front(row, report, before.indices, ring.indices)
    if key.type not in UNSOLICITED:
        yield from _echoes(ring, row)
    grants = parse_gnttab(ctx.agency.view("gnttab", deadline))
    mapped = [grant.phys for grant in grants if grant.dom == key.dom]
    if row.ring_phys not in mapped:
        yield Violation(_RULE, key.be_path, f"a grant of the page {row.ring_phys:#x}", f"pages {mapped}")


def _at_rest(ctx: Context, key: LinkKey, deadline: Deadline) -> tuple[LinkRow | None, RingView | None]:
    """The backend's row and the page of a ring that did not move while these were read.

    The page is None if the row is missing, or has none.
    """
    before: RingView | None = None
    while True:
        rows = parse_links(ctx.agency.view(key.type, deadline))
        row = next((row for row in rows if row.dev == key.be_path), None)
        if row is None or row.ring_phys is None:
            return row, None
        page = ctx.machine.read_physical(row.ring_phys, PAGE_SIZE, deadline=deadline)
        ring = RingView(page, *SLOT_SIZES[key.type])
        if before is not None and before.indices == ring.indices:
            return row, ring
        before = ring


def _echoes(ring: RingView, row: LinkRow) -> Iterator[Violation]:
    """The last entries of a ring at rest hold requests and the same bytes as responses."""
    if row.start is None:
        return
    done = min(ring.entries, sub32(ring.indices.rsp_prod, row.start))
    for back in range(1, done + 1):
        index = ring.indices.rsp_prod - back
        if ring.request(index) != ring.response(index):
            yield Violation("ring.payload", f"{row.dev} entry {index % ring.entries} in memory",
                            ring.request(index).hex(), ring.response(index).hex())


def _pages(ctx: Context, key: LinkKey, deadline: Deadline) -> Iterator[Violation]:
    rows = [row for row in parse_domains(ctx.agency.view("domains", deadline)) if row.dom == key.dom]
    if len(rows) != 1:
        yield Violation(_RULE, f"domain {key.dom}", "one row in the view domains", f"{len(rows)} rows")
        return
    shared = decode_avz_shared(ctx.machine.read_physical(rows[0].shared_phys, PAGE_SIZE, deadline=deadline))
    page = decode_page(ctx.machine.read_physical(rows[0].vbs_phys, PAGE_SIZE, deadline=deadline))
    yield from compare_domain(shared, page, rows[0])
    changes = ctx.observer.look(lambda m: m.recent_changes(key.dom))
    yield from compare_page(page, key.dom, changes)


def _tables(ctx: Context, key: LinkKey, deadline: Deadline) -> Iterator[Violation]:
    grants = parse_gnttab(ctx.agency.view("gnttab", deadline))
    channels = parse_evtchn(ctx.agency.view("evtchn", deadline))
    yield from ctx.observer.look(lambda m: [*compare_grants(m.grants, grants, key.dom),
                                              *compare_channels(m.channels, channels, key.dom)])
