# SPDX-License-Identifier: GPL-2.0-only
"""Guest memory, read by QMP, against what the guests report."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.codec import PAGE_SIZE
from harness.abi.ring import RingView
from harness.abi.soo import decode_avz_shared
from harness.abi.vbstore import decode_page
from harness.abi.vdummy import vdummy_ring
from harness.check.ring import check_indices
from harness.check.views import compare_channels, compare_domain, compare_grants, compare_page, compare_ring
from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.guest.observe import parse_domains, parse_evtchn, parse_gnttab, parse_vdummy
from harness.model.link import LinkKey
from harness.model.ring import sub32
from harness.model.views import LinkRow
from harness.scenario import links
from harness.scenario.context import Context
from harness.scenario.watch import failure

_RULE = "view.disagrees"
_INDICES = ("req_prod", "req_cons", "rsp_prod", "rsp_cons")


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
    rows = [row for row in parse_vdummy(ctx.agency.view("vdummy", deadline)) if row.dev == key.be_path]
    if len(rows) != 1 or rows[0].ring_phys is None:
        yield Violation(_RULE, key.be_path, "one row with a mapped ring in the view vdummy", f"{rows}")
        return
    row, address = rows[0], rows[0].ring_phys
    assert address is not None
    ring = vdummy_ring(ctx.machine.read_physical(address, PAGE_SIZE, deadline=deadline))
    yield from check_indices(key.be_path, key.type, ring.indices)
    yield from compare_ring(ring.indices, row)
    yield from _front(ctx, name, ring, row, deadline)
    yield from _echoes(ring, row)
    grants = parse_gnttab(ctx.agency.view("gnttab", deadline))
    mapped = [grant.phys for grant in grants if grant.dom == key.dom]
    if address not in mapped:
        yield Violation(_RULE, key.be_path, f"a grant of the page {address:#x}", f"pages {mapped}")


def _front(ctx: Context, name: str, ring: RingView, row: LinkRow,
           deadline: Deadline) -> Iterator[Violation]:
    """The page as the ME sees it, and its private indices."""
    report = ctx.me(name).ring(deadline)
    expected = {index: getattr(ring.indices, index) for index in _INDICES}
    expected |= {"req": ring.indices.req_prod, "rsp": ring.indices.rsp_cons, "start": row.start}
    for index, value in expected.items():
        if report.get(index) != str(value):
            yield Violation(_RULE, f"{row.dev} {index}", f"{value} in memory",
                            f"{report.get(index)} by {name}")


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
