# SPDX-License-Identifier: GPL-2.0-only
"""A look into failed machines before they are stopped: views, ring pages, registers, where all stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.abi import vdummy
from harness.abi.codec import PAGE_SIZE
from harness.abi.devices import SLOT_SIZES
from harness.abi.ring import RingView
from harness.check.monitor import Monitor
from harness.deadline import Deadline
from harness.errors import HarnessError
from harness.guest import dialect
from harness.guest.agency import Agency
from harness.guest.frame import Shell
from harness.scenario.context import Context
from harness.scenario.standing import ask, tell

_VIEWS = ("store", "domains", "gnttab", "evtchn", "vdummy", "vuart")


def examine(ctx: Context) -> tuple[str, ...]:
    """Of a failed run whose machines still exist: views, ring pages, registers, where all stand.

    What a broken guest does not give is left out; nothing here may hide the failure itself.

    :return: where those stand that have something to do, a line each
    """
    found: list[str] = []
    for name in ctx.sites:
        with ctx.on(name):
            lines = _examine(ctx, ctx.site.run_dir)
            found += lines if len(ctx.sites) == 1 else [f"machine {name}, {line}" for line in lines]
    return tuple(found)


def _examine(ctx: Context, folder: Path) -> tuple[str, ...]:
    """One machine, into its own folder."""
    with suppress(HarnessError):
        ctx.machine.forgive()
    agency = _agency(ctx)
    answered = False
    for name, text in _views(ctx, agency):
        (folder / f"{name}.txt").write_text(text)
        answered = True
    told = ask(agency if answered else None, ctx.deadline.clock)
    with suppress(HarnessError):
        ctx.machine.stop_and_capture(folder)
    lines = tell(ctx, told, folder)
    for name, kind, page in _pages(ctx):
        (folder / f"{name}.bin").write_bytes(page)
        (folder / f"{name}.txt").write_text(_decoded(page, kind))
    return lines


def _agency(ctx: Context) -> Agency | None:
    """The agency's shell, if there may be one."""
    if ctx.images.manifest.agency_tree is None or not ctx.site.booted:
        return None
    desc = ctx.describe_console(None)
    spoken = dialect.find(desc.dialect)
    if spoken is None:
        return None
    return Agency(Shell(ctx.machine.console(desc.name), spoken, nonces=ctx.rng))


def _views(ctx: Context, agency: Agency | None) -> Iterator[tuple[str, str]]:
    """The agency's views; the first one that does not come ends it, for its shell may be gone."""
    with suppress(HarnessError):
        for name in _VIEWS if agency is not None else ():
            assert agency is not None
            yield name, agency.view(name, Deadline.after(2.0, f"view {name}", ctx.deadline.clock))


def _pages(ctx: Context) -> Iterator[tuple[str, str, bytes]]:
    """Name, device type and content of each page that the agency has mapped."""
    if ctx.watch is None:
        return
    kinds = ctx.watch.look(_kinds)
    for (domain, ref), address in ctx.watch.ring_pages().items():
        with suppress(HarnessError):
            page = ctx.machine.read_physical(address, PAGE_SIZE)
            yield f"ring-{domain}-{ref}", kinds.get((domain, str(ref)), ""), page


def _kinds(monitor: Monitor) -> dict[tuple[int, str], str]:
    """Device types by domain and published reference."""
    return {(key.dom, monitor.store.read(f"{key.fe_path}/ring-ref") or ""): key.type
            for key in monitor.present()}


def _decoded(page: bytes, kind: str) -> str:
    ring = RingView(page, *SLOT_SIZES.get(kind, SLOT_SIZES[vdummy.NAME]))
    slots = [(ring.request(index), ring.response(index)) for index in range(ring.entries)]
    lines = [str(ring.indices)]
    if ring.req_size == ring.rsp_size == 1:  # characters: as text, in the order of the slots
        lines += [f"requests {b''.join(request for request, _ in slots)!r}",
                  f"responses {b''.join(response for _, response in slots)!r}"]
    else:
        lines += [f"{index:3} request {request.hex()} response {response.hex()}"
                  for index, (request, response) in enumerate(slots)]
    return "\n".join(lines) + "\n"
