# SPDX-License-Identifier: GPL-2.0-only
"""A look into failed machines before they are stopped: views, ring pages, registers, where all stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
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
from harness.scenario import dumped
from harness.scenario.context import Context
from harness.scenario.standing import Looked, ask, tell

_VIEWS = ("store", "domains", "gnttab", "evtchn", "vdummy", "vuart")


def examine(ctx: Context, *, dump: bool = False) -> Looked:
    """Of a failed run whose machines still exist: views, ring pages, registers, where all stand.

    What a broken guest does not give is left out; nothing here may hide the failure itself.

    :param dump: write the memory as well
    :return: where all stand, on all machines
    """
    found = []
    for name in ctx.sites:
        with ctx.on(name):
            looked = _examine(ctx, ctx.site.run_dir)
            if dump:
                _dump(ctx, looked)
            found.append(looked if len(ctx.sites) == 1 else _named(name, looked))
    faults = {name: text for looked in found for name, text in looked.faults.items()}
    return Looked(tuple(line for looked in found for line in looked.lines),
                  tuple(place for looked in found for place in looked.places),
                  found[0].sources if found else None, faults)


def _named(machine: str, looked: Looked) -> Looked:
    """With the machine's name where there are several."""
    return replace(looked, lines=tuple(f"machine {machine}, {line}" for line in looked.lines),
                   places=tuple(replace(place, who=f"machine {machine}, {place.who}")
                                for place in looked.places))


def _examine(ctx: Context, folder: Path) -> Looked:
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
    looked = tell(ctx, told, folder)
    for name, kind, page in _pages(ctx):
        (folder / f"{name}.bin").write_bytes(page)
        (folder / f"{name}.txt").write_text(_decoded(page, kind))
    return looked


def _dump(ctx: Context, looked: Looked) -> None:
    try:
        dumped.write(ctx, looked.sources)
    except HarnessError as error:
        ctx.timeline.add("harness", f"no dump of memory: {error}")


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
