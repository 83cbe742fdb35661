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
from harness.scenario import moves
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


def _go(system: Context, me: Me, way: str) -> list[str]:
    """What the puppet says on its way."""
    deadline = Deadline.after(20, f"puppet {way}")
    *before, last = way.split("|")
    for part in before:
        assert me.run(f"puppet {part}", deadline).status == 0
        # The resume waits for the link, so in the background.
        slot = me.domain - 1
        result = system.agency.run(f"suspendme {slot} && ( resumeme {slot} >/dev/null 2>&1 & )", deadline)
        assert result.status == 0
    return me.run(f"puppet {last}", deadline).output.splitlines()


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
    deadline="120s",
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
