# SPDX-License-Identifier: GPL-2.0-only
"""The only parser of guest text: event lines, debugfs views, `send`'s result, `melist`.

A guest may print anything: what does not follow its format raises `ObserveError` with the line.
Keys that are not known here are let through, so that a guest may tell more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import TypeVar

from harness.abi.evtchn import EvtchnState
from harness.abi.gnttab import GnttabState
from harness.abi.ring import RingIndices
from harness.abi.soo import DcEvent, MeState
from harness.abi.vbstore import VbsType
from harness.guest.fields import Fields, Text, bad_line, decode_value, decoded, lines_of
from harness.model.events import (
    DcEnd,
    DcOp,
    DcReport,
    DomainEvent,
    DomainOp,
    ErrorReport,
    Event,
    EvtchnEvent,
    EvtchnOp,
    GrantEvent,
    GrantOp,
    MessageEvent,
    MessageOp,
    RingSample,
    StateRefused,
    StoreEvent,
    StoreOp,
    StreamBegin,
    StreamLost,
    VbusEvent,
    VbusOp,
    WatchEvent,
)
from harness.model.views import (
    AttackResult,
    AttackTally,
    DomainRow,
    EvtchnRow,
    GnttabRow,
    LinkRow,
    MeSlot,
    SendResult,
)

_E = TypeVar("_E", bound=Enum)
_ATTACK = re.compile(r"\s*attack: (?P<pairs>\w+=\S+(?: +\w+=\S+)*)\s*", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,20}", re.ASCII)
_SLOT = re.compile(r"\s*slot (?P<slot>[0-9]{1,3}) -> (?:(?P<empty>empty)|spid: (?P<spid>[0-9a-fA-F]+)\s+"
                   r"name: (?P<name>.*?)\s+state: ME_state_(?P<state>\w+))\s*", re.ASCII)
_SHORTDESC = re.compile(r"\s*Short description: (?P<text>.*?)\s*")
_SEND = re.compile(r"\s*vdummy: (?P<pairs>\w+=\S+(?: +\w+=\S+)*)\s*", re.ASCII)


def parse_event(line: Text) -> Event:
    """One line of the event stream, with or without its end of line.

    :raise ObserveError: it is none
    """
    text = decoded(line).rstrip("\r\n")
    words = text.split(" ")
    if len(words) < 4 or not all(_COUNT.fullmatch(word) for word in words[:2]):
        raise bad_line(text, "no event line")
    make = _MAKERS.get(words[2])
    if make is None:
        raise bad_line(text, f"unknown kind '{words[2][:40]}'")
    head = (int(words[0]), int(words[1]), text)
    return make(head, words[3], Fields(words[4:], text))


Head = tuple[int, int, str]


def _op(kind: type[_E], name: str, line: str) -> _E:
    for member in kind:
        if member.value == name:
            return member
    raise bad_line(line, f"unknown operation '{name[:40]}'")


def _only(op: str, name: str, line: str) -> None:
    if op != name:
        raise bad_line(line, f"unknown operation '{op[:40]}'")


def _domain(head: Head, op: str, fields: Fields) -> Event:
    kind = _op(DomainOp, op, head[2])
    state = fields.member(MeState, "state") if kind is DomainOp.STATE else None
    return DomainEvent(*head, kind, fields.count("dom"), state, fields.optional_text("reason"),
                       fields.optional_count("incarnation") or 0, fields.optional_text("name"))


def _dc(head: Head, op: str, fields: Fields) -> Event:
    return DcReport(*head, _op(DcOp, op, head[2]), fields.count("dom"), fields.member(DcEvent, "event"),
                    fields.member(DcEnd, "to"), fields.optional_number("err"))


def _store(head: Head, op: str, fields: Fields) -> Event:
    tx = fields.optional_count("tx") or 0
    if op == "refuse":
        return StateRefused(*head, fields.count("dom"), tx, fields.text("path"), fields.text("val"))
    kind = _op(StoreOp, op, head[2])
    path = "" if kind is StoreOp.TXEND else fields.text("path")
    value = fields.text("val") if kind is StoreOp.WRITE else None
    return StoreEvent(*head, kind, fields.count("dom"), tx, path, value)


def _message(head: Head, op: str, fields: Fields) -> Event:
    known = fields.text("type") != "unknown"
    return MessageEvent(*head, _op(MessageOp, op, head[2]), fields.count("dom"),
                        fields.member(VbsType, "type") if known else None, fields.optional_number("err"))


def _watch(head: Head, op: str, fields: Fields) -> Event:
    _only(op, "event", head[2])
    return WatchEvent(*head, fields.count("dom"), fields.text("path"))


def _evtchn(head: Head, op: str, fields: Fields) -> Event:
    return EvtchnEvent(*head, _op(EvtchnOp, op, head[2]), fields.count("dom"), fields.count("port"),
                       fields.optional_count("rdom"), fields.optional_count("rport"))


def _grant(head: Head, op: str, fields: Fields) -> Event:
    return GrantEvent(*head, _op(GrantOp, op, head[2]), fields.count("dom"), fields.count("ref"),
                      fields.optional_count("frame"), fields.optional_count("phys"))


def _vbus(head: Head, op: str, fields: Fields) -> Event:
    return VbusEvent(*head, _op(VbusOp, op, head[2]), fields.text("dev"))


def _ring(head: Head, op: str, fields: Fields) -> Event:
    _only(op, "sample", head[2])
    indices = RingIndices(fields.index("req_prod"), fields.index("req_cons"),
                          fields.index("rsp_prod"), fields.index("rsp_cons"))
    return RingSample(*head, fields.text("dev"), indices, fields.optional_count("phys"))


def _error(head: Head, op: str, fields: Fields) -> Event:
    _only(op, "report", head[2])
    return ErrorReport(*head, fields.text("dev"), fields.number("code"), fields.optional_text("text"))


def _stream(head: Head, op: str, fields: Fields) -> Event:
    if op == "begin":
        return StreamBegin(*head, fields.count("revision"))
    _only(op, "lost", head[2])
    return StreamLost(*head, fields.count("n"))


_MAKERS: dict[str, Callable[[Head, str, Fields], Event]] = {
    "domain": _domain, "store": _store, "watch": _watch, "evtchn": _evtchn, "grant": _grant,
    "vbus": _vbus, "ring": _ring, "error": _error, "stream": _stream, "dc": _dc, "message": _message,
}


class EventReader:
    """Lines of one stream in, events out; a gap in their numbers becomes a `StreamLost`.

    :param first: number of the first line; None: the stream is joined anywhere, nothing is missing
    :ivar last: number of the last event; -1: there was none
    """

    def __init__(self, first: int | None = 0) -> None:
        self._next = first
        self.last = -1

    def feed(self, line: Text) -> list[Event]:
        """The events of one line: itself, after a `StreamLost` if lines are missing before it.

        :raise ObserveError: no event line, or its number was there before; the next line may be fine
        """
        event = parse_event(line)
        expected, found = self._next, [event]
        if expected is not None and event.seq < expected:
            raise bad_line(event.line, f"number {event.seq} comes after {expected - 1}")
        gap = event.seq - expected if expected is not None else 0
        if isinstance(event, StreamLost):
            # The lines that the agency says it lost are the ones whose numbers are missing.
            found = [StreamLost(event.seq, event.ns, event.line, max(gap, event.count))]
        elif gap:
            told = f"numbers {expected} to {event.seq - 1} are missing"
            found.insert(0, StreamLost(event.seq, event.ns, told, gap))
        self._next = event.seq + 1
        self.last = event.seq
        return found


def parse_store_dump(text: Text) -> dict[str, str | None]:
    """The view `store`: path (without leading slash) to value, None for a directory.

    :raise ObserveError: a line is no node, or a path comes twice
    """
    tree: dict[str, str | None] = {}
    for line in lines_of(text):
        if not line.strip():
            continue
        path, equals, value = line.partition(" =")
        if not path.startswith("/") or " " in path or path.strip("/") in tree:
            raise bad_line(line, "no new node of the store")
        if path.strip("/"):
            tree[path.strip("/")] = decode_value(value.removeprefix(" "), line) if equals else None
    return tree


def _rows(text: Text) -> Iterable[Fields]:
    for line in lines_of(text):
        if line.strip():
            yield Fields(line.split(), line)


def parse_evtchn(text: Text) -> tuple[EvtchnRow, ...]:
    """The view `evtchn`.

    :raise ObserveError: a line is no row
    """
    return tuple(EvtchnRow(row.count("dom"), row.count("port"), row.member(EvtchnState, "state"),
                           row.optional_count("rdom"), row.optional_count("rport")) for row in _rows(text))


def parse_gnttab(text: Text) -> tuple[GnttabRow, ...]:
    """The view `gnttab`.

    :raise ObserveError: a line is no row
    """
    return tuple(GnttabRow(row.count("dom"), row.count("ref"), row.member(GnttabState, "state"),
                           row.count("frame"), row.optional_count("phys")) for row in _rows(text))


def parse_domains(text: Text) -> tuple[DomainRow, ...]:
    """The view `domains`.

    :raise ObserveError: a line is no row
    """
    return tuple(DomainRow(row.count("dom"), row.member(MeState, "state"), row.count("pid"), row.text("spid"),
                           row.text("name"), row.count("vbs_phys"), row.count("shared_phys"),
                           row.count("vbs_evtchn"), row.optional_count("incarnation") or 0)
                 for row in _rows(text))


def parse_links(text: Text) -> tuple[LinkRow, ...]:
    """The view of a device type, `vdummy` or `vuart`: one row per link.

    :raise ObserveError: a line is no row
    """
    return tuple(LinkRow(row.text("dev"), row.count("state"), row.count("requests"), row.count("responses"),
                         row.count("notifications"), row.count("errors"), row.optional_count("start"),
                         row.optional_count("req"), row.optional_count("rsp"),
                         row.optional_count("ring_phys")) for row in _rows(text))


parse_vdummy = parse_links
parse_vuart = parse_links


def parse_send_result(text: Text) -> SendResult:
    """The last result line in what `send` printed.

    :raise ObserveError: there is none, or it lacks a figure
    """
    for line in reversed(lines_of(text)):
        match = _SEND.fullmatch(line)
        if match is not None:
            row = Fields(match["pairs"].split(), line)
            return SendResult(row.count("sent"), row.count("received"), row.count("lost"),
                              row.count("reordered"), row.count("corrupt"), row.count("early"),
                              row.count("full"), row.count("ms"), row.optional_count("doubled") or 0)
    raise bad_line(" ".join(decoded(text).split()), "no result of send")


def parse_attack(text: Text) -> AttackResult:
    """What `attack` printed: a line for each kind, then the sum.

    :raise ObserveError: there is no sum, or a line lacks a figure
    """
    kinds: dict[str, AttackTally] = {}
    for line in lines_of(text):
        match = _ATTACK.fullmatch(line)
        if match is None:
            continue
        row = Fields(match["pairs"].split(), line)
        tally = AttackTally(row.count("done"), row.count("allowed"), row.count("refused"),
                            row.count("accepted"), row.count("unanswered"))
        name = row.optional_text("name")
        if not name:
            return AttackResult(kinds, bool(row.count("cut")), row.count("seed"), row.count("ms"))
        kinds[name] = tally
    raise bad_line(" ".join(decoded(text).split()), "no result of attack")


def parse_melist(text: Text) -> tuple[MeSlot, ...]:
    """The slots that `melist` printed, in upstream's format; other lines (banner, done) are passed over.

    :raise ObserveError: no slot at all, or a state that there is not
    """
    slots: list[MeSlot] = []
    for line in lines_of(text):
        match = _SLOT.fullmatch(line)
        if match is not None:
            slots.append(_slot(match, line))
            continue
        short = _SHORTDESC.fullmatch(line)
        if short is not None and slots:
            last = slots.pop()
            slots.append(MeSlot(last.slot, last.state, last.spid, last.name, short["text"]))
    if not slots:
        raise bad_line(" ".join(decoded(text).split()), "no slot in the list of MEs")
    return tuple(slots)


def _slot(match: re.Match[str], line: str) -> MeSlot:
    if match["empty"]:
        return MeSlot(int(match["slot"]))
    state = Fields([f"state={match['state']}"], line).member(MeState, "state")
    return MeSlot(int(match["slot"]), state, match["spid"], match["name"])
