# SPDX-License-Identifier: GPL-2.0-only
"""Every illegal arrow of a frontend is refused by the store and costs it its link, by the model's tables.

The frontend is a puppet in the shell of an ME. The ME has been restored once: it may make its entries as
Suspended then, so that each state can be held for as long as it takes.
"""

from collections.abc import Callable, Mapping

import pytest

from harness.abi.vbus import VbusState as S
from harness.coverage.expected import reached, refused_arrows
from harness.deadline import Deadline
from harness.guest.me import Me
from harness.model.device import Side
from harness.scenario import lifecycle, moves
from harness.scenario.context import Context

_MAKE = "make:1 probe wait:2"
_INITIALISED = f"{_MAKE} ring state:3 wait:4"
_CONNECTED = f"{_INITIALISED} state:4"
_MOVED = "make:10 probe"

# How the puppet comes to each state; a part before a bar is followed by a suspend and a resume, on which
# the agency takes a link up again that it finds Suspended.
_WAYS: Mapping[S, str] = {
    S.INITIALISING: _MAKE,
    S.INITIALISED: _INITIALISED,
    S.CONNECTED: _CONNECTED,
    S.SUSPENDED: _MOVED,
    S.RECONFIGURED: f"{_MOVED}|wait:7 ring state:8 wait:4",
    S.CLOSING: f"{_CONNECTED} state:5 wait:6",
}
_REFUSED = -1  # -EPERM


# What the puppet does before the agency suspends and resumes the ME, and then: its backend is on its way.
_ON_THE_WAY = ((_MOVED, "wait:7"), (_CONNECTED, "wait:9"), (_CONNECTED, "wait:9 state:10 wait:11"))


def _nap(system: Context, me: Me, *, at_once: bool) -> None:
    """Suspend and resume the ME. What waits for the puppet runs in the background.

    :param at_once: the suspend does not: the ME rests at once
    """
    slot = me.domain - 1
    line = f"suspendme {slot} && ( resumeme {slot} >/dev/null 2>&1 & )" if at_once else (
        f"( (suspendme {slot}; resumeme {slot}) >/dev/null 2>&1 & )")
    assert system.agency.run(line, Deadline.after(20, line)).status == 0


def _play(me: Me, acts: str) -> list[str]:
    """What the puppet says meanwhile."""
    return me.run(f"puppet {acts}", Deadline.after(20, f"puppet {acts}")).output.splitlines()


def _go(system: Context, me: Me, way: str) -> list[str]:
    """What the puppet says at the end of its way."""
    before, _, last = way.rpartition("|")
    if before:
        assert _play(me, before) == []
        _nap(system, me, at_once=True)
    return _play(me, last)


def _try(system: Context, me: Me, old: S, new: S) -> None:
    way = f"{_WAYS[old]} state:{new:d}"
    said = [f"puppet: state:{new:d}: error {_REFUSED}", f"state {old:d}"]
    if old is S.CLOSING:  # its backend has left before
        way += " show remove"
    else:
        way += " wait:5 show state:5 wait:6 remove"
        said.append(f"error illegal state of the front: {new:d} after {old:d}")
    assert (old.name, new.name, _go(system, me, way)) == (old.name, new.name, said)


@pytest.mark.system(
    about="A frontend that writes an illegal state is refused, told why, and its backend closes.",
    deadline="240s",
    agency={"overlays": ["vdummy-be-on"]},
    mes=[{"name": "alpha", "hostile": True}],
)
def test_front_arrows(system: Context, me_factory: Callable[[str], Me]) -> None:
    assert set(_WAYS) == set(reached(Side.FE))
    me_factory("alpha")
    # To come to Reconfigured the ME rests with a link that its agency has not taken up yet.
    system.observer.expect(["domain.state_early"])
    moves.save(system, "alpha", "moved", 15.0)
    moves.restore(system, "alpha", "moved", None, 15.0)
    me = system.me("alpha")
    for old, new in refused_arrows(Side.FE):
        _try(system, me, old, new)


def _restored(system: Context) -> Me:
    """The ME as it was saved; what there is of it is killed before."""
    moves.restore(system, "alpha", "moved", None, 15.0)
    return system.me("alpha")


@pytest.mark.system(
    about="A backend ends in order, wherever it was when its front misbehaved, or its ME was killed.",
    deadline="240s",
    agency={"overlays": ["vdummy-be-on"]},
    mes=[{"name": "alpha", "hostile": True}],
)
def test_back_ends(system: Context, me_factory: Callable[[str], Me]) -> None:
    me_factory("alpha")
    system.observer.expect(["domain.state_early"])
    moves.save(system, "alpha", "moved", 15.0)
    me = _restored(system)
    for before, then in _ON_THE_WAY:
        assert _play(me, before) == []
        _nap(system, me, at_once=before == _MOVED)
        # The ME itself also tells that it rests and goes on.
        said = _play(me, f"{then} state:3 wait:5 state:5 wait:6 remove")
        assert [line for line in said if line.startswith("puppet")] == [f"puppet: state:3: error {_REFUSED}"]
    assert _play(_restored(system), _MOVED) == []
    for before, then in _ON_THE_WAY[:2]:
        me = _restored(system)
        assert _play(me, before) == []
        _nap(system, me, at_once=before == _MOVED)
        assert _play(me, then) == []
    lifecycle.kill(system, "alpha", 15.0)
