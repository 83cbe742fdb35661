# SPDX-License-Identifier: GPL-2.0-only
"""The links of a failed run: in which states they are, who waits for whom, and what came last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.abi.vbus import VbusState, state_text
from harness.check.monitor import Monitor
from harness.check.stall import next_writer, waiting
from harness.diagnose.model import LinkNow, Moment
from harness.model.device import Side
from harness.model.link import Link

_LAST = 8
_NUMBERED = re.compile(r"^(\d+) \d+ (.*)$")
# What the agency's half calls next, by the states of BE and FE.
_ENTRY: Mapping[tuple[int, int], str] = {
    (VbusState.INITIALISING, VbusState.INITIALISING): "probe",
    (VbusState.INITWAIT, VbusState.INITIALISED): "reconfigured",
    (VbusState.RECONFIGURING, VbusState.RECONFIGURED): "reconfigured",
    (VbusState.RESUMING, VbusState.CONNECTED): "connected",
}

Names = Mapping[int, str]
"""Names of MEs by domain."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """A link that waits.

    :ivar side: who has to write next: `BE` or `FE`; empty if nobody's turn it is.
    :ivar stays: the state that this side stays in.
    :ivar other: the state of the other side, which it has to answer.
    :ivar told: whether vbstore has told it of that state; None if that is not known.
    :ivar entry: the entry point of the BE's driver that is due; empty for another side or state.
    :ivar entered: the driver has been in it since.
    """

    dom: int
    me: str
    device: str
    side: str
    stays: str
    other: str
    told: bool | None = None
    entry: str = ""
    entered: bool = False

    @property
    def owner(self) -> str:
        """The ME, by number and name."""
        return f"ME {self.dom} ({self.me})" if self.me else f"ME {self.dom}"


def label(state: int | None) -> str:
    """A state by its name alone."""
    return state_text(state).partition("(")[0]


def all_links(monitor: Monitor, *, names: Names, moments: Sequence[Moment]) -> list[LinkNow]:
    """The links that exist, with their last events.

    :param names: of the MEs, by domain
    :param moments: the event stream on the time line of the run
    """
    found = []
    for key in monitor.present():
        link = monitor.links[key]
        about = [m for m in moments if link.key.be_path in m.text or link.key.fe_path in m.text]
        last = tuple(Moment(m.t, _text(m.text)) for m in about[-_LAST:])
        words = waiting(link, resting=False) or ""
        found.append(LinkNow(str(key), names.get(key.dom, ""), label(link.state.get(Side.BE)),
                             label(link.state.get(Side.FE)), words.partition("waits for ")[2], last))
    return found


def handshakes(monitor: Monitor, *, names: Names, moments: Sequence[Moment]) -> list[Handshake]:
    """The links that are in a handshake, the one that has waited longest first."""
    links = [link for link in monitor.links.values() if link.state and waiting(link, resting=False)]
    return [_handshake(link, names, moments) for link in sorted(links, key=lambda link: link.last_ns)]


def _handshake(link: Link, names: Names, moments: Sequence[Moment]) -> Handshake:
    turn = next_writer(link)
    name = names.get(link.key.dom, "")
    if turn is None:
        return Handshake(link.key.dom, name, link.key.type, "", label(link.state.get(Side.BE)),
                         label(link.state.get(Side.FE)))
    peer = turn.peer
    entry = _ENTRY.get((link.state[Side.BE], link.state[Side.FE]), "") if turn is Side.BE else ""
    since = list(_since(moments, link.since.get(peer, 0)))
    told = any(f"watch event dom={0 if turn is Side.BE else link.key.dom} " in text
               and f"{link.key.path(peer)}/state" in text for text in since)
    entered = any(text.startswith(f"vbus {entry} ") and link.key.be_path in text for text in since)
    return Handshake(link.key.dom, name, link.key.type, turn.value, label(link.state[turn]),
                     label(link.state[peer]), told if moments else None, entry, entered)


def _since(moments: Iterable[Moment], seq: int) -> Iterator[str]:
    """The events after the one of that number, without number and time."""
    for moment in moments:
        found = _NUMBERED.match(moment.text)
        if found is not None and int(found[1]) > seq:
            yield found[2]


def _text(line: str) -> str:
    found = _NUMBERED.match(line)
    return found[2] if found is not None else line
