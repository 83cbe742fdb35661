# SPDX-License-Identifier: GPL-2.0-only
"""What the models have, as rows: the whole table, in its order."""

from __future__ import annotations

from collections.abc import Iterator

from harness.abi.devices import SLOT_SIZES
from harness.abi.soo import MeState
from harness.abi.vbstore import VbsType
from harness.abi.vbus import VbusState
from harness.coverage import rows
from harness.coverage.rows import DcStep, Row
from harness.model.dc import MAY_REFUSE, RECEIVERS
from harness.model.device import Side, arrow_legal, may_begin, next_states
from harness.model.domains import life_legal
from harness.model.events import MessageOp, VbusOp

FE_ENTRIES = ("probe", "reconfiguring", "shutdown", "closed", "suspend", "resume", "connected")
"""Entry points of a frontend driver."""

NOT_HERE = (MeState.AWAKENED, MeState.DEAD)
"""States of other generations: our agency puts no ME there, so that no run of it can reach them."""

_REQUESTS = tuple(kind for kind in VbsType if kind not in (VbsType.WATCH_EVENT, VbsType.ERROR))
# Nobody acts on a link whose both ends rest, so that none can report an error of it.
_AT_REST = (Side.BE, VbusState.SUSPENDED, VbusState.CLOSING)
_ENDS = (MeState.KILLED, MeState.TERMINATED)
_CANNOT_LEAVE = (MeState.SUSPENDED, MeState.HIBERNATE, MeState.RESUMING)


def expected() -> tuple[Row, ...]:
    """Every row that the default scenarios are to reach."""
    return (*_states(), *_arrows(), *_ends(), *_refusals(), *_lives(), *_messages(), *_events(), *_entries())


def reached(side: Side) -> tuple[VbusState, ...]:
    """States that a side comes to by its arrows, Closing after an error included, sorted."""
    found = {state for state in VbusState if may_begin(side, state, restored=True)}
    found.add(VbusState.CLOSING)
    while more := {new for old in found for new in next_states(side, old)} - found:
        found |= more
    return tuple(sorted(found))


def refused_arrows(side: Side) -> tuple[tuple[VbusState, VbusState], ...]:
    """Every arrow that a side must not take from a state that it can be in, without an error before."""
    # A backend is in Closing after an error only.
    return tuple((old, new) for old in reached(side) for new in VbusState
                 if old is not new and not arrow_legal(side, old, new, error=_failed(side, old)))


def _failed(side: Side, state: VbusState) -> bool:
    return side is Side.BE and state is VbusState.CLOSING


def _states() -> Iterator[Row]:
    for side in Side:
        yield from (rows.state(side, state) for state in reached(side))


def _arrows() -> Iterator[Row]:
    for side in Side:
        for old in reached(side):
            yield from (rows.arrow(side, old, new) for new in next_states(side, old))


def ends(side: Side) -> tuple[tuple[VbusState, VbusState], ...]:
    """Every arrow that a side takes only when its link has failed, or its ME is killed."""
    return tuple((old, new) for old in reached(side) for new in (VbusState.CLOSING, VbusState.CLOSED)
                 if old not in (new, VbusState.CLOSED) and not arrow_legal(side, old, new)
                 and arrow_legal(side, old, new, error=True, killed=True) and (side, old, new) != _AT_REST)


def _ends() -> Iterator[Row]:
    for side in Side:
        yield from (rows.end(side, old, new) for old, new in ends(side))


def _refusals() -> Iterator[Row]:
    for side in Side:
        yield from (rows.refused(side, old, new) for old, new in refused_arrows(side))


def _lives() -> Iterator[Row]:
    here = [state for state in MeState if state not in NOT_HERE]
    yield from (rows.life(state) for state in here)
    for old in here:
        for new in here:
            # Who rests runs no instruction that could end it, and its frontends have no arrow to Closing.
            possible = new is not MeState.TERMINATED or old not in _CANNOT_LEAVE
            if old not in _ENDS and old is not new and possible and life_legal(old, new, restored=True):
                yield rows.life_arrow(old, new)


def _messages() -> Iterator[Row]:
    for kind in _REQUESTS:
        yield rows.message(kind, MessageOp.SERVED)
        # The end of a transaction that there is not is the end of an empty one.
        if kind is not VbsType.TRANSACTION_END:
            yield rows.message(kind, MessageOp.REFUSED)
    yield rows.watch_event()
    for odd in (VbsType.WATCH_EVENT, VbsType.ERROR, None):
        yield rows.message(odd, MessageOp.REFUSED)


def _events() -> Iterator[Row]:
    for event, to in RECEIVERS.items():
        yield rows.dc(event, to, DcStep.SENT)
        yield rows.dc(event, to, DcStep.ACKNOWLEDGED)
        if event in MAY_REFUSE:
            yield rows.dc(event, to, DcStep.REFUSED)


def _entries() -> Iterator[Row]:
    for device in SLOT_SIZES:
        yield from (rows.entry(Side.BE, device, op.value) for op in VbusOp)
        yield from (rows.entry(Side.FE, device, op) for op in FE_ENTRIES)


