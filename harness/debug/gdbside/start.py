# SPDX-License-Identifier: GPL-2.0-only
"""The beginning of a session in gdb, and what is told at each stop."""

from __future__ import annotations

import json

import gdb

from harness.debug.facts import Facts, domains_of
from harness.debug.gdbside import breaks, domains, links, loading, places, printers, reverse, silence
from harness.debug.gdbside.session import Session, connect


def begin(path: str) -> None:
    """Called by the script that the harness has written."""
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    lists = {name: tuple(raw[name]) for name in ("me_extent", "shared_pages", "modules")}
    facts = Facts(**{**raw, **lists, "domains": domains_of(raw["domains"])})
    Session.now = Session(facts)
    connect(facts.gdb)
    Session.now.stop_at_end()
    printers.register()
    for part in (places, domains, breaks, loading, links, reverse):
        part.register()
    gdb.events.stop.connect(_stopped)


def _stopped(event: object) -> None:
    """Tell where a stop is: an address alone says nothing in a machine with guests inside."""
    if silence.quiet():
        return
    facts = Session.now.facts
    if not facts.replayed:
        Session.now.learn()
    if any(one.type == gdb.BP_HARDWARE_WATCHPOINT for one in getattr(event, "breakpoints", ())):
        gdb.write(f"[written by {places.before()}]\n")
    if facts.replayed:
        end = ", the end of the record" if Session.now.at_end() else ""
        gdb.write(f"[{places.here()}, after {Session.now.executed()} instructions{end}]\n")
    else:
        gdb.write(f"[{places.here()}]\n")
