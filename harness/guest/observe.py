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
from urllib.parse import unquote_to_bytes

from harness.abi.codec import U32_MASK
from harness.abi.evtchn import EvtchnState
from harness.abi.gnttab import GnttabState
from harness.abi.ring import RingIndices
from harness.abi.soo import MeState
from harness.errors import HarnessError
from harness.model.events import (
    DomainEvent,
    DomainOp,
    ErrorReport,
    Event,
    EvtchnEvent,
    EvtchnOp,
    GrantEvent,
    GrantOp,
    RingSample,
    StoreEvent,
    StoreOp,
    StreamBegin,
    StreamLost,
    VbusEvent,
    VbusOp,
    WatchEvent,
)
from harness.model.views import DomainRow, EvtchnRow, GnttabRow, MeSlot, SendResult, VdummyRow

Text = bytes | str
_E = TypeVar("_E", bound=Enum)
_NUMBER = re.compile(r"-?[0-9]{1,20}|0x[0-9a-fA-F]{1,16}", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,20}", re.ASCII)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_SLOT = re.compile(r"\s*slot (?P<slot>[0-9]{1,3}) -> (?:(?P<empty>empty)|spid: (?P<spid>[0-9a-fA-F]+)\s+"
                   r"name: (?P<name>.*?)\s+state: ME_state_(?P<state>\w+))\s*", re.ASCII)
_SHORTDESC = re.compile(r"\s*Short description: (?P<text>.*?)\s*")
_SEND = re.compile(r"\s*vdummy: (?P<pairs>\w+=\S+(?: +\w+=\S+)*)\s*", re.ASCII)
_SHOWN = 200


class ObserveError(HarnessError):
    """A guest printed something that does not follow its format."""


class Fields:
    """The key=value part of a line, with typed access. Values are percent-decoded."""

    def __init__(self, words: Iterable[str], line: str) -> None:
        self._line = line
        self._values: dict[str, str] = {}
        for word in words:
            key, equals, value = word.partition("=")
            if not equals or not key or key in self._values:
                raise _bad(line, f"'{word[:40]}' is no new key=value")
            self._values[key] = decode_value(value, line)

    def text(self, key: str) -> str:
        """A value that must be there."""
        if key not in self._values:
            raise _bad(self._line, f"no {key}=")
        return self._values[key]

    def optional_text(self, key: str, default: str = "") -> str:
        """A value, or `default`."""
        return self._values.get(key, default)

    def number(self, key: str) -> int:
        """A decimal number, or a hexadecimal one with 0x."""
        text = self.text(key)
        if _NUMBER.fullmatch(text) is None:
            raise _bad(self._line, f"{key} is no number")
        return int(text, 16) if text.startswith("0x") else int(text)

    def count(self, key: str) -> int:
        """A number that is not negative."""
        number = self.number(key)
        if number < 0:
            raise _bad(self._line, f"{key} is negative")
        return number

    def index(self, key: str) -> int:
        """A number of 32 bits."""
        number = self.count(key)
        if number > U32_MASK:
            raise _bad(self._line, f"{key} has more than 32 bits")
        return number

    def optional_count(self, key: str) -> int | None:
        """A number that is not negative, or None without the key."""
        return self.count(key) if key in self._values else None

    def member(self, kind: type[_E], key: str) -> _E:
        """A member of an enumeration by its name in lower case."""
        name = self.text(key)
        for member in kind:
            if member.name.lower() == name:
                return member
        raise _bad(self._line, f"{key} is '{name[:40]}'")


def decode_value(value: str, line: str = "") -> str:
    """A percent-encoded value; bytes that are no UTF-8 become backslash escapes.

    :raise ObserveError: a percent sign without two hexadecimal digits
    """
    if _BAD_ESCAPE.search(value):
        raise _bad(line or value, "a bad percent escape")
    return unquote_to_bytes(value).decode("utf-8", "backslashreplace")


def _bad(line: str, why: str) -> ObserveError:
    shown = line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
    return ObserveError(f"{why}: {shown!r}", where="guest text")


def _decoded(text: Text) -> str:
    return text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text


def _lines(text: Text) -> list[str]:
    # Not splitlines(): a form feed or a Unicode line separator ends no line of a guest.
    return [line.rstrip("\r") for line in _decoded(text).split("\n")]


def parse_event(line: Text) -> Event:
    """One line of the event stream, with or without its end of line.

    :raise ObserveError: it is none
    """
    text = _decoded(line).rstrip("\r\n")
    words = text.split(" ")
    if len(words) < 4 or not all(_COUNT.fullmatch(word) for word in words[:2]):
        raise _bad(text, "no event line")
    make = _MAKERS.get(words[2])
    if make is None:
        raise _bad(text, f"unknown kind '{words[2][:40]}'")
    head = (int(words[0]), int(words[1]), text)
    return make(head, words[3], Fields(words[4:], text))


Head = tuple[int, int, str]


def _op(kind: type[_E], name: str, line: str) -> _E:
    for member in kind:
        if member.value == name:
            return member
    raise _bad(line, f"unknown operation '{name[:40]}'")


def _only(op: str, name: str, line: str) -> None:
    if op != name:
        raise _bad(line, f"unknown operation '{op[:40]}'")


def _domain(head: Head, op: str, fields: Fields) -> Event:
    kind = _op(DomainOp, op, head[2])
    state = fields.member(MeState, "state") if kind is DomainOp.STATE else None
    return DomainEvent(*head, kind, fields.count("dom"), state, fields.optional_text("reason"))


def _store(head: Head, op: str, fields: Fields) -> Event:
    kind = _op(StoreOp, op, head[2])
    tx = fields.optional_count("tx") or 0
    path = "" if kind is StoreOp.TXEND else fields.text("path")
    value = fields.text("val") if kind is StoreOp.WRITE else None
    return StoreEvent(*head, kind, fields.count("dom"), tx, path, value)


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
    return RingSample(*head, fields.text("dev"), indices)


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
    "vbus": _vbus, "ring": _ring, "error": _error, "stream": _stream,
}


class EventReader:
    """Lines of one stream in, events out; a gap in their numbers becomes a `StreamLost`.

    :param first: number of the first line; None: the stream is joined anywhere, nothing is missing
    """

    def __init__(self, first: int | None = 0) -> None:
        self._next = first

    def feed(self, line: Text) -> list[Event]:
        """The events of one line: itself, after a `StreamLost` if lines are missing before it.

        :raise ObserveError: no event line, or its number was there before; the next line may be fine
        """
        event = parse_event(line)
        expected, found = self._next, [event]
        if expected is not None and event.seq < expected:
            raise _bad(event.line, f"number {event.seq} comes after {expected - 1}")
        gap = event.seq - expected if expected is not None else 0
        if isinstance(event, StreamLost):
            # The lines that the agency says it lost are the ones whose numbers are missing.
            found = [StreamLost(event.seq, event.ns, event.line, max(gap, event.count))]
        elif gap:
            told = f"numbers {expected} to {event.seq - 1} are missing"
            found.insert(0, StreamLost(event.seq, event.ns, told, gap))
        self._next = event.seq + 1
        return found


def parse_store_dump(text: Text) -> dict[str, str | None]:
    """The view `store`: path (without leading slash) to value, None for a directory.

    :raise ObserveError: a line is no node, or a path comes twice
    """
    tree: dict[str, str | None] = {}
    for line in _lines(text):
        if not line.strip():
            continue
        path, equals, value = line.partition(" =")
        if not path.startswith("/") or " " in path or path.strip("/") in tree:
            raise _bad(line, "no new node of the store")
        if path.strip("/"):
            tree[path.strip("/")] = decode_value(value.removeprefix(" "), line) if equals else None
    return tree


def _rows(text: Text) -> Iterable[Fields]:
    for line in _lines(text):
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
                           row.count("vbs_evtchn")) for row in _rows(text))


def parse_vdummy(text: Text) -> tuple[VdummyRow, ...]:
    """The view `vdummy`, one row per link.

    :raise ObserveError: a line is no row
    """
    return tuple(VdummyRow(row.text("dev"), row.count("state"), row.count("requests"), row.count("responses"),
                           row.count("notifications"), row.count("errors"), row.optional_count("start"),
                           row.optional_count("req"), row.optional_count("rsp"),
                           row.optional_count("ring_phys")) for row in _rows(text))


def parse_send_result(text: Text) -> SendResult:
    """The last result line in what `send` printed.

    :raise ObserveError: there is none, or it lacks a figure
    """
    for line in reversed(_lines(text)):
        match = _SEND.fullmatch(line)
        if match is not None:
            row = Fields(match["pairs"].split(), line)
            return SendResult(row.count("sent"), row.count("received"), row.count("lost"),
                              row.count("reordered"), row.count("corrupt"), row.count("early"),
                              row.count("full"), row.count("ms"))
    raise _bad(" ".join(_decoded(text).split()), "no result of send")


def parse_melist(text: Text) -> tuple[MeSlot, ...]:
    """The slots that `melist` printed, in upstream's format; other lines (banner, done) are passed over.

    :raise ObserveError: no slot at all, or a state that there is not
    """
    slots: list[MeSlot] = []
    for line in _lines(text):
        match = _SLOT.fullmatch(line)
        if match is not None:
            slots.append(_slot(match, line))
            continue
        short = _SHORTDESC.fullmatch(line)
        if short is not None and slots:
            last = slots.pop()
            slots.append(MeSlot(last.slot, last.state, last.spid, last.name, short["text"]))
    if not slots:
        raise _bad(" ".join(_decoded(text).split()), "no slot in the list of MEs")
    return tuple(slots)


def _slot(match: re.Match[str], line: str) -> MeSlot:
    if match["empty"]:
        return MeSlot(int(match["slot"]))
    state = Fields([f"state={match['state']}"], line).member(MeState, "state")
    return MeSlot(int(match["slot"]), state, match["spid"], match["name"])
