# SPDX-License-Identifier: GPL-2.0-only
"""Causes of what does not happen: a handshake that stops, an answer that is missing, a boot without end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.diagnose import standing
from harness.diagnose.evidence import Cause, Evidence
from harness.diagnose.links import Handshake
from harness.diagnose.model import Moment, Standing
from harness.diagnose.patterns import grouped
from harness.diagnose.waits import spot
from harness.errors import Expired, QemuExited

_ANSWER = re.compile(r"domain (\d+): (agency|ME of domain \d+) waits for .* to answer (\w+)")
# Of a command only the first word is the same each time.
_ARGUMENTS = re.compile(r"'(\S+) [^']*'")
_MOST = 3


def stalled(given: Evidence) -> Cause | None:
    """A link whose handshake stands still."""
    dom = re.search(r"\w+/(\d+)/\d+: ", given.violations[0].place) if given.violations else None
    waiting = [link for link in given.waiting if dom is None or link.dom == int(dom[1])]
    if not waiting:
        return silent_me(given)
    link = waiting[0]
    if not link.side:
        return Cause(f"link.stalled: BE in {link.stays}, FE in {link.other}",
                     f"BE in {link.stays} and FE of {link.owner} in {link.other} wait for each other")
    if link.side == "BE":
        head = f"FE of {link.owner} waits for BE to leave {link.stays}"
        culprit, why = _behind(given, link, standing.of_agency(given.places))
    else:
        head = f"BE waits for FE of {link.owner} to leave {link.stays}"
        culprit, why = _behind(given, link, standing.answering(given.places, link.me))
    where = spot(culprit.frames) if culprit is not None else None
    title = f"link.stalled: {link.side} stays in {link.stays}" + (f", in {where.function}" if where else "")
    return Cause(title, f"{head}; {why}", first_bad=event(given))


def endless(given: Evidence) -> Cause:
    """An ME that takes an exception again and again: whatever else does not happen follows from that."""
    name, why = next(iter(given.me_faults.items()))
    waits = next((link for link in given.waiting if link.me == name and link.side == "FE"), None)
    head = f"BE waits for FE of {waits.owner} to leave {waits.stays}; " if waits is not None else ""
    return Cause(f"ME in an endless exception: {grouped(why.partition(':')[0])}",
                 f"{head}ME {name} takes the same exception for ever: {why}", "me.exception_loop",
                 event(given))


def silent_me(given: Evidence) -> Cause | None:
    """An ME that was injected and does not come to life."""
    found = given.violations[0]
    dom = re.search(r"/(\d+)/\d+", found.place)
    name = given.names.get(int(dom[1]), "") if dom is not None else found.place
    if name not in given.names.values():
        return None
    said = [moment for moment in given.moments if moment.source == given.me_consoles.get(name)]
    head = f"ME {name} does not come to life"
    if name in given.me_missing:
        missing = given.me_missing[name]
        return Cause(f"missing DT node of the ME: {missing.what}", f"{head}: its device tree has {missing}",
                     "dt.missing", said[-1] if said else None)
    culprit = standing.blocking(standing.of_me(given.places, name))
    where = spot(culprit.frames) if culprit is not None else None
    why = standing.clause(culprit) if culprit is not None else standing.idleness(
        standing.of_me(given.places, name)) or "where it stands is not known"
    last = f"the last it said is '{said[-1].text}'" if said else "it has not said a word"
    return Cause(f"{found.rule}: ME does not come to life" + (f", in {where.function}" if where else ""),
                 f"{head}: {why}; {last}", first_bad=event(given))


def _behind(given: Evidence, link: Handshake, places: Sequence[Standing]) -> tuple[Standing | None, str]:
    """Who holds a link up, and that in words."""
    culprit = standing.blocking(places)
    if culprit is not None:
        return culprit, standing.clause(culprit)
    if link.told is False:
        return None, f"vbstore has not told {link.side} that the other side is in {link.other}"
    idle = standing.idleness(places)
    known = f"{link.side} {'was told of' if link.told else 'has to answer'} {link.other}"
    if link.entry and link.entered:
        what = f", its driver's {link.entry}() has returned, and the state was not written"
    elif link.entry:
        what = f", and its driver's {link.entry}() has not been called since"
    else:
        what = ", and did nothing"
    return None, known + what + (f"; {idle}" if idle else "")


def unanswered(given: Evidence) -> Cause | None:
    """An event between agency and ME that has no answer."""
    found = _ANSWER.match(given.violations[0].place)
    if found is None:
        return None
    name = given.names.get(int(found[1]), "")
    owner = f"ME {found[1]} ({name})" if name else f"ME {found[1]}"
    to_me, asked = found[2] == "agency", found[3]
    waiter, other = ("the agency", owner) if to_me else (owner, "the agency")
    places = standing.answering(given.places, name) if to_me else standing.of_agency(given.places)
    culprit = standing.blocking(places)
    if culprit is not None:
        why = standing.clause(culprit)
    else:
        idle = standing.idleness(places)
        why = idle or "where it stands is not known"
    where = spot(culprit.frames) if culprit is not None else None
    return Cause(f"dc.no_answer: {asked}" + (f", in {where.function}" if where else ""),
                 f"{waiter} waits for {other} to answer {asked}; {why}", first_bad=event(given))


def expired(given: Evidence) -> Cause:
    """A deadline ran out: what was waited for, and who stands in the way."""
    boot = not given.booted
    said = [moment for moment in given.moments if moment.source == given.boot_console]
    missing = next(iter(given.missing), None)
    if boot and missing is not None:
        return _missing_node(given, said)
    if not boot and given.waiting:
        link = stalled(given)
        if link is not None:
            return link
    awaited = _awaited(given.error)
    head = "the agency does not get to its prompt" if boot else f"{awaited} does not come"
    places = list(standing.busy(standing.of_agency(given.places)))
    found = [place for place in places if spot(place.frames)]
    clauses = [standing.clause(place) for place in found[:_MOST]] or _rest(given)
    first = found[0] if found else None
    where = spot(first.frames) if first is not None else None
    if boot and not said:
        return Cause("boot silent", "; ".join(["the agency boots without a word", *clauses]), "boot.silent")
    last = f"the last it said is '{said[-1].text}'" if boot and said else ""
    title = "boot hang" if boot else "hang: " + grouped(_ARGUMENTS.sub(r"'\1'", awaited))
    title += f": {standing.kind(first)} in {where}" if first is not None and where is not None else ""
    return Cause(title, "; ".join(text for text in (head, *clauses, last) if text),
                 "boot.hang" if boot else "")


def _rest(given: Evidence) -> list[str]:
    idle = standing.idleness(given.places)
    return [idle] if idle else []


def _awaited(error: BaseException) -> str:
    return error.waiting_for if isinstance(error, Expired) else str(error)


def _missing_node(given: Evidence, said: Sequence[Moment]) -> Cause:
    missing = next(iter(given.missing))
    ended = "ends" if isinstance(given.error, QemuExited) else "hangs"
    how = f"{ended} after '{said[-1].text}'" if said else f"{ended} before its first word"
    return Cause(f"missing DT node: {missing.what.partition(',')[0]}",
                 f"the agency's boot {how}: its device tree has {missing}", "dt.missing",
                 said[-1] if said else None)


def qemu_died(given: Evidence) -> Cause:
    """QEMU is gone: by the guest's doing, or by its own."""
    said = [moment for moment in given.moments if moment.source == given.boot_console]
    if not given.booted and given.missing:
        return _missing_node(given, said)
    error = given.error
    text = error.what if isinstance(error, QemuExited) else str(error)
    if isinstance(error, QemuExited) and error.status == 0:
        last = f"; the last it said is '{said[-1].text}'" if said else "; it had not said a word"
        return Cause("the machine reset or powered off", f"the guest ended its machine, unasked{last}",
                     "qemu.reset", said[-1] if said else None)
    return Cause(f"QEMU died: {grouped(text)}", f"QEMU is gone, with whatever ran in it: {text}", "qemu.died")


def event(given: Evidence) -> Moment | None:
    """The event of the first violation, where it is in the time line."""
    line = given.violations[0].event if given.violations else None
    return next((moment for moment in given.moments if line is not None and moment.text == line), None)
