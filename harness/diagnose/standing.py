# SPDX-License-Identifier: GPL-2.0-only
"""Where somebody stands, in words, and who of all of them holds the others up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.diagnose.model import Frame, Standing
from harness.diagnose.waits import spot

_NUMBERED = re.compile(r" ?\(\d+\)|[/:]u?\d+\S*|(?<=cpu)\d+")
# Threads of an ME that take the states of backends, events of the agency, and answers of vbstore.
_ANSWERING = ("vbus_watch", "dc", "vbstore")
_MACHINE = re.compile(r"^machine [^,]+, ")
# Who waits for data all its life, and no defect is: the reader of the event stream, an ME's threads at rest.
_AT_REST = ("events to report", "characters from the ME", "a message of vbstore", "a watch event of vbstore",
            "a DC event of the agency", "a key", "an interrupt", "characters to send")
# Who waits for the link itself holds nobody up.
_PATIENT = ("a response in the ring, or room for a request", "the device's sections to open",
            "the device to be Connected again")


def at(frame: Frame) -> str:
    """A function with file and line, if these are known."""
    return f"{frame} ({frame.file}:{frame.line})" if frame.file else str(frame)


def clause(place: Standing) -> str:
    """For instance `task injector waits in soo:lock_twice (core/fault.c:48) for a mutex`."""
    where = spot(place.frames)
    if where is None:
        return f"{place.who} is {place.state or 'where no code is known'}"
    verb = "waits" if place.waits_for or place.state == "waiting" else "is"
    what = f" for {place.waits_for}" if place.waits_for else ""
    return f"{place.who} {verb} in {at(where)}{what}"


def busy(places: Iterable[Standing]) -> Iterator[Standing]:
    """Those that are neither idle nor wait as they always do."""
    for place in places:
        patient = place.state == "idle" or place.waits_for in (*_AT_REST, *_PATIENT)
        if not patient and spot(place.frames) is not None:
            yield place


def of_me(places: Iterable[Standing], name: str) -> list[Standing]:
    """Those inside an ME: its threads, and CPUs that run it."""
    return [place for place in places if re.search(rf"\bME {re.escape(name)}\b", place.who)]


def answering(places: Iterable[Standing], name: str) -> list[Standing]:
    """Those inside an ME that answer the agency: traffic may go on beside an answer that is missing.

    What a CPU was seen to run says less than what its own host says of its threads.
    """
    inside = of_me(places, name)
    told = any(", thread " in place.who for place in inside)
    return [place for place in inside
            if any(place.who.endswith(f"thread {thread}") for thread in _ANSWERING) or not told]


def of_agency(places: Iterable[Standing]) -> list[Standing]:
    """Those in the agency, in modules first."""
    inside = [place for place in places if "ME " not in place.who]
    return sorted(inside, key=_rank)


def _bare(place: Standing) -> str:
    """Who it is, without the machine's name that stands before it where there are several."""
    return _MACHINE.sub("", place.who)


def _rank(place: Standing) -> tuple[bool, bool, bool, bool]:
    """Who runs in a module for ever is more suspicious than who waits for it, a helper less than its user."""
    return (not _modular(place), bool(place.waits_for), not _bare(place).startswith("task"),
            "kworker" in place.who)


def _modular(place: Standing) -> bool:
    where = spot(place.frames)
    return where is not None and where.image not in ("kernel", "")


def blocking(places: Sequence[Standing]) -> Standing | None:
    """The first of `places` that holds others up, if any does: it waits, or runs where it should not.

    A CPU that is in the kernel alone is about anything: an interrupt, what its shell was asked to look at.
    """
    found = list(busy(places))
    own = [place for place in found if _modular(place)]
    waiting = [place for place in found if not _bare(place).startswith("cpu")]
    return next(iter(own or waiting), None)


def kind(place: Standing) -> str:
    """Who it is, the same for equal failures: `task injector`, `cpu`, `ME thread vbus_watch`."""
    who = re.sub(r"^ME [^,]*, ", "ME, ", _bare(place).partition(", in ME")[0])
    return _NUMBERED.sub("", who).strip()


def idleness(places: Sequence[Standing]) -> str:
    """What there is to say where nobody stands in anybody's way."""
    if any(_bare(place).startswith("cpu") for place in places):
        return "no CPU and no task is at work in a module"
    threads = [place for place in places if ", thread " in place.who]
    return "none of its threads is at work on it" if threads else ""
