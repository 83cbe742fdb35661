# SPDX-License-Identifier: GPL-2.0-only
"""State machines of backend and frontend: which arrows are legal, and what the peer must be in."""

from __future__ import annotations

from enum import Enum

from harness.abi.soo import DOMID_AGENCY
from harness.abi.vbus import VbusState as S

CREATED = S.INITIALISING
"""What the ME writes for both sides before either driver runs."""


class Side(Enum):
    """The two ends of a link."""

    BE = "BE"
    FE = "FE"

    @property
    def peer(self) -> Side:
        """The other end."""
        return Side.FE if self is Side.BE else Side.BE


_ARROWS: dict[Side, frozenset[tuple[S, S]]] = {
    Side.BE: frozenset({
        (S.INITIALISING, S.INITWAIT), (S.INITWAIT, S.CONNECTED),
        (S.INITIALISING, S.RECONFIGURING), (S.RECONFIGURING, S.CONNECTED),
        (S.CONNECTED, S.SUSPENDING), (S.SUSPENDING, S.SUSPENDED),
        (S.SUSPENDED, S.RESUMING), (S.RESUMING, S.CONNECTED),
        (S.CONNECTED, S.CLOSED),
    }),
    Side.FE: frozenset({
        (S.INITIALISING, S.INITIALISED), (S.INITIALISED, S.CONNECTED),
        (S.CONNECTED, S.SUSPENDED), (S.SUSPENDED, S.CONNECTED),
        (S.SUSPENDED, S.RECONFIGURED), (S.RECONFIGURED, S.CONNECTED),
        (S.CONNECTED, S.CLOSING),
    }),
}

# Each side acts on the state that it saw of its peer, so the peer is in that state when it writes.
_PEER: dict[tuple[Side, S, S], S] = {
    (Side.BE, S.INITWAIT, S.CONNECTED): S.INITIALISED,
    (Side.BE, S.INITIALISING, S.RECONFIGURING): S.SUSPENDED,
    (Side.BE, S.RECONFIGURING, S.CONNECTED): S.RECONFIGURED,
    (Side.BE, S.SUSPENDING, S.SUSPENDED): S.SUSPENDED,
    (Side.BE, S.RESUMING, S.CONNECTED): S.CONNECTED,
    (Side.FE, S.INITIALISING, S.INITIALISED): S.INITWAIT,
    (Side.FE, S.INITIALISED, S.CONNECTED): S.CONNECTED,
    (Side.FE, S.CONNECTED, S.SUSPENDED): S.SUSPENDING,
    (Side.FE, S.SUSPENDED, S.CONNECTED): S.RESUMING,
    (Side.FE, S.SUSPENDED, S.RECONFIGURED): S.RECONFIGURING,
    (Side.FE, S.RECONFIGURED, S.CONNECTED): S.CONNECTED,
    (Side.BE, S.CONNECTED, S.CLOSED): S.CLOSING,
}


def may_begin(side: Side, state: int, *, restored: bool) -> bool:
    """Whether an ME may make the entry of `side` with this state.

    :param restored: the ME comes from a snapshot: a frontend that was Suspended there still is
    """
    return state == CREATED or (restored and side is Side.FE and state == S.SUSPENDED)


def arrow_legal(side: Side, old: int, new: int, *, error: bool = False, killed: bool = False) -> bool:
    """Whether `side` may go from `old` to `new`.

    :param error: an error of this link was reported, by either side: both may go to Closing from
        anywhere, and the BE to Closed
    :param killed: the ME is being killed: the BE may go to Closed from anywhere
    """
    if (old, new) in _ARROWS[side]:
        return True
    if error and new == S.CLOSING:
        return True
    if side is Side.BE and new == S.CLOSED:
        return killed or error
    return False


def next_states(side: Side, old: int) -> tuple[S, ...]:
    """Where `side` may go from `old` in the normal course, sorted; empty for an end or an unknown state."""
    return tuple(sorted(new for start, new in _ARROWS[side] if start == old))


def peer_needed(side: Side, old: int, new: int) -> S | None:
    """The state that the peer has when `side` takes a legal arrow; None if it does not matter."""
    for (who, start, end), peer in _PEER.items():
        if (who, start, end) == (side, old, new):
            return peer
    return None


def may_write(side: Side, owner: int, writer: int, *, creating: bool) -> bool:
    """Whether domain `writer` may write the state of `side` of a link of ME `owner`.

    The ME makes both entries; then the BE's state is the agency's, the FE's state the ME's.
    """
    if creating or side is Side.FE:
        return writer == owner
    return writer == DOMID_AGENCY
