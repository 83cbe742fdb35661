# SPDX-License-Identifier: GPL-2.0-only
"""Causes that are a broken rule: who broke it, on which link, and how that showed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.check.rules import RULES
from harness.diagnose.evidence import Cause, Evidence
from harness.diagnose.hang import event
from harness.diagnose.patterns import grouped
from harness.diagnose.trees import Missing
from harness.errors import ViolationLike

# Who breaks a rule, where the rule itself tells. `writer` is whoever asked for the event that broke it.
_BY: Mapping[str, str] = {
    "state.be_initwait_skipped": "BE",
    "state.fe_connected_before_be": "FE",
    "state.illegal_transition": "writer",
    "state.rewritten": "writer",
    "state.suspended_wakes": "BE",
    "state.wrong_writer": "writer",
    "store.be_entry_disabled": "the agency",
    "store.ring_ref_late": "FE",
    "store.foreign_write": "vbstore, which let an ME write",
    "store.bad_path": "vbstore, which took a path",
    "store.bad_value": "vbstore, which took a value",
    "store.entries_left": "the agency",
    "ring.response_lost": "BE",
    "ring.response_doubled": "BE",
    "ring.response_order": "BE",
    "ring.payload": "BE",
    "ring.index_before_data": "BE",
    "ring.moved_while_suspended": "FE",
    "vbus.entry_order": "the agency's vbus",
    "grant.wrong_ref": "BE",
    "grant.leaked": "the agency",
    "evtchn.leaked": "the agency",
    "domain.incarnation": "the agency",
    "tree.differs": "the guest",
}
_GROUPS: Mapping[str, str] = {
    "watch": "vbstore", "hostile": "the agency, which accepted an attack",
    "grant": "the agency's grant table", "evtchn": "the agency's event channels",
    "dc": "the ME, or the agency's direct communication",
    "domain": "the ME, or the agency's book of domains",
}
_LINK = re.compile(r"\b(?:backend/)?([a-z]\w*)/(\d+)/\d+\b")
_FE_PATH = re.compile(r"\bdevice/(\d+)/([a-z]\w*)/")
_ASKED = re.compile(r" (?:store|watch|message|grant|evtchn) \w+ dom=(\d+)")
_DOMAIN = re.compile(r"\bdomain (\d+)\b|\bdom=(\d+)|\b(?:backend/\w+|device|soo/me)/(\d+)")


def broken(given: Evidence) -> Cause:
    """What the first violation means."""
    found = given.violations[0]
    link = _link_of(found)
    device, dom = link if link is not None else ("", _domain_of(found))
    absent = given.no_backend.get(device) or _sole(given.no_backend)
    if absent is not None and found.rule.partition(".")[0] in ("expect", "link", "send"):
        return _no_backend(given, *absent)
    if found.rule == "boot.events" and given.no_ports is not None:
        return Cause(f"missing DT node: {given.no_ports.what.partition(',')[0]}",
                     f"the agency's event stream does not come: its device tree has {given.no_ports}",
                     "dt.missing")
    by = _culprit(found)
    whose = f"{by} of {device}" if device and by in ("BE", "FE") else by
    place = _place(given, device, dom)
    seen = f"expected {found.expected}, observed {found.observed}"
    title = f"{found.rule}: {whose}" if whose else f"{found.rule}: {_unnamed(given, found.place)}"
    if found.rule in RULES:
        head = f"{by or 'the system'} broke {found.rule} ({RULES[found.rule]})"
    else:
        head = f"{found.rule} of {found.place} is not met"
    return Cause(title, f"{head}{place}: {seen}", first_bad=event(given))


def _no_backend(given: Evidence, absent: Missing, names: Sequence[str]) -> Cause:
    """A frontend whose backend the agency's tree does not have."""
    owners = " and ".join(f"ME {name}" for name in names)
    return Cause(f"no BE: {absent.compatible.partition(',')[0]}",
                 f"FE of {owners} waits for a BE that is not there: the agency's device tree has {absent}",
                 "link.no_be", event(given))


_Absent = tuple[Missing, tuple[str, ...]]


def _sole(absent: Mapping[str, _Absent]) -> _Absent | None:
    return next(iter(absent.values())) if len(absent) == 1 else None


def _culprit(found: ViolationLike) -> str:
    by = _BY.get(found.rule, "")
    if found.rule == "ring.no_overrun":
        # A refusal of a response's index is told by the FE, which did not write it.
        by = "BE" if re.search("rsp|response", f"{found.observed} {found.expected}") else "FE"
    if by == "writer":
        asked = _ASKED.search(f" {found.event}") if found.event else None
        return "" if asked is None else "BE" if asked[1] == "0" else "FE"
    return by or _GROUPS.get(found.rule.partition(".")[0], "")


def _link_of(found: ViolationLike) -> tuple[str, str] | None:
    for text in (found.place, found.event or ""):
        link, path = _LINK.search(text), _FE_PATH.search(text)
        if path is not None:
            return path[2], path[1]
        if link is not None:
            return link[1], link[2]
    return None


def _domain_of(found: ViolationLike) -> str:
    match = _DOMAIN.search(f"{found.place} {found.event or ''}")
    return next((part for part in match.groups() if part), "") if match is not None else ""


def _place(given: Evidence, device: str, dom: str) -> str:
    """On which link, of which ME."""
    name = given.names.get(int(dom), "") if dom and dom != "0" else ""
    owner = f"ME {dom} ({name})" if name else f"ME {dom}" if dom and dom != "0" else ""
    if device:
        return f" on {device} of {owner}" if owner else f" on {device}"
    return f" about {owner}" if owner else ""


def _unnamed(given: Evidence, place: str) -> str:
    """A place that is the same for equal failures."""
    for name in given.names.values():
        place = re.sub(rf"\b{re.escape(name)}\b", "ME", place)
    return grouped(place)
