# SPDX-License-Identifier: GPL-2.0-only
"""A look into failed machines before they are stopped: views, ring pages, registers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.abi.codec import PAGE_SIZE
from harness.abi.vdummy import vdummy_ring
from harness.deadline import Deadline
from harness.errors import HarnessError
from harness.guest import dialect
from harness.guest.agency import Agency
from harness.guest.frame import Shell
from harness.scenario.context import Context

_VIEWS = ("store", "domains", "gnttab", "evtchn", "vdummy", "vuart")


def examine(ctx: Context) -> None:
    """Of a failed run whose machines still exist: views, ring pages, registers.

    What a broken guest does not give is left out; nothing here may hide the failure itself.
    """
    for name in ctx.sites:
        with ctx.on(name):
            _examine(ctx, ctx.site.run_dir)


def _examine(ctx: Context, folder: Path) -> None:
    """One machine, into its own folder."""
    with suppress(HarnessError):
        ctx.machine.forgive()
    for name, text in _views(ctx):
        (folder / f"{name}.txt").write_text(text)
    with suppress(HarnessError):
        ctx.machine.stop_and_capture(folder)
    for name, page in _pages(ctx):
        (folder / f"{name}.bin").write_bytes(page)
        (folder / f"{name}.txt").write_text(_decoded(page))


def _views(ctx: Context) -> Iterator[tuple[str, str]]:
    """The agency's views; the first one that does not come ends it, for its shell may be gone."""
    if ctx.images.manifest.agency_tree is None or not ctx.site.booted:
        return
    desc = ctx.describe_console(None)
    spoken = dialect.find(desc.dialect)
    if spoken is None:
        return
    agency = Agency(Shell(ctx.machine.console(desc.name), spoken, nonces=ctx.rng))
    with suppress(HarnessError):
        for name in _VIEWS:
            yield name, agency.view(name, Deadline.after(2.0, f"view {name}"))


def _pages(ctx: Context) -> Iterator[tuple[str, bytes]]:
    if ctx.watch is None:
        return
    for (domain, ref), address in ctx.watch.ring_pages().items():
        with suppress(HarnessError):
            yield f"ring-{domain}-{ref}", ctx.machine.read_physical(address, PAGE_SIZE)


def _decoded(page: bytes) -> str:
    ring = vdummy_ring(page)
    lines = [str(ring.indices)]
    for index in range(ring.entries):
        lines.append(f"{index:3} request {ring.request(index).hex()} response {ring.response(index).hex()}")
    return "\n".join(lines) + "\n"
