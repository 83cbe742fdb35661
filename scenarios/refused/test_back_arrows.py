# SPDX-License-Identifier: GPL-2.0-only
"""A frontend refuses every illegal arrow of its backend, and stays as it is: expectations from the model.

The test build leaves the backend to a file of the agency: what is written there stands in the store as
the agency's word. The frontend is the ME's own.
"""

import re
from collections.abc import Mapping

import pytest

from harness.abi.vbus import VbusState as S
from harness.coverage.expected import reached, refused_arrows
from harness.deadline import Deadline
from harness.guest.agency import VIEWS
from harness.guest.me import Me
from harness.model.device import Side
from harness.model.link import LinkKey
from harness.scenario import lifecycle, moves
from harness.scenario.context import Context

# What the frontend is in once it has seen its backend's state.
_ANSWERS: Mapping[S, S] = {
    S.INITIALISING: S.INITIALISING, S.INITWAIT: S.INITIALISED, S.CONNECTED: S.CONNECTED,
    S.SUSPENDING: S.SUSPENDED, S.SUSPENDED: S.SUSPENDED, S.RESUMING: S.CONNECTED,
    S.RECONFIGURING: S.RECONFIGURED, S.CLOSING: S.CLOSING, S.CLOSED: S.CLOSING,
}
# Suspended is written with nobody told: a frontend that has gone to rest cannot know that it was left out.
_SEEN_ALIKE = (S.SUSPENDING, S.RESUMING)
_RULES = ["state.illegal_transition", "state.be_initwait_skipped", "state.suspended_wakes", "link.stalled",
          "domain.state_early"]


class Link:
    """The link of one ME, its backend led by hand. `tried` holds the illegal arrows that were refused."""

    def __init__(self, system: Context, me: Me) -> None:
        self._system = system
        self._me = me
        self._key = LinkKey("vdummy", me.domain)
        self.tried: set[tuple[S, S]] = set()

    def write(self, key: str, value: str) -> None:
        """The agency's word for an entry of the backend."""
        command = f"echo {self._key.be_path}/{key} {value} >{VIEWS}/force"
        assert self._system.agency.run(command, Deadline.after(10, command)).status == 0

    def lead(self, *states: S) -> None:
        """Take the backend along, the frontend following."""
        for state in states:
            self.write("state", f"{state:d}")
            self.await_seen(state, _ANSWERS[state])

    def await_seen(self, state: S, answer: S) -> None:
        """Wait until the frontend has seen its backend in `state`, and is in `answer` for all to see."""
        deadline = Deadline.after(10, f"frontend {answer.label} and its backend {state.label}")
        wanted = f"vdummy: state={answer:d} backend={state:d} "
        while wanted not in self._me.run("stats", deadline).output:
            deadline.check()
        # Events come by a way of their own: they may be behind what the frontend says.
        assert self._system.until(lambda m: m.state(self._key, Side.FE) in (answer, None), deadline)

    def refuse_all(self, old: S) -> None:
        """Try every illegal arrow from the state that the frontend has seen last."""
        for start, new in refused_arrows(Side.BE):
            if start is old and (old, new) != _SEEN_ALIKE:
                self.refuse(old, new)

    def refuse(self, old: S, new: S) -> None:
        """Try one illegal arrow: the frontend says so, and its state stays."""
        console = self._system.console(self._me.name)
        mark, before = console.mark(), self._front()
        self.write("state", f"{new:d}")
        said = rb"\[vdummy\] backend state %d after %d in own state %d: refused" % (new, old, before or 0)
        console.wait_for(re.compile(said), Deadline.after(10, f"refusal of {new.label}"), start=mark)
        assert (old, new, self._front()) == (old, new, before)
        self.tried.add((old, new))

    def _front(self) -> int | None:
        return self._system.observer.look(lambda m: m.state(self._key, Side.FE))


def _start(system: Context, name: str) -> Link:
    me = lifecycle.inject(system, name, 15.0, settle=False)
    link = Link(system, me)
    link.await_seen(S.INITIALISING, S.INITIALISING)
    return link


def _move(system: Context, name: str) -> Link:
    """Save the ME and restore it: its link begins anew, with the frontend Suspended."""
    me, deadline, path = system.me(name), Deadline.after(20, f"{name} restored"), moves.path_of("moved")
    for result in (system.agency.save(path, me.domain, deadline), system.agency.kill(me.domain, deadline),
                   system.agency.restore(path, me.domain, deadline)):
        assert result.status == 0
    link = Link(system, me)
    link.await_seen(S.INITIALISING, S.SUSPENDED)
    return link


@pytest.mark.system(
    about="Whatever state its backend is said to be in, a frontend takes legal arrows only.",
    images="ref-virt64-faults",
    deadline="240s",
    agency={"overlays": ["vdummy-be-on"], "fault": "be-hold"},
    mes=[{"name": "alpha", "overlays": ["vdummy-fe-on"]},
         {"name": "beta", "overlays": ["vdummy-fe-on"], "fault": "fe-stuck-suspend"}],
)
def test_back_arrows(system: Context) -> None:
    system.observer.expect(_RULES)
    assert set(_ANSWERS) == set(reached(Side.BE))
    link = _start(system, "alpha")
    link.refuse_all(S.INITIALISING)
    for state in (S.INITWAIT, S.CONNECTED, S.SUSPENDING, S.SUSPENDED):
        link.lead(state)
        link.refuse_all(state)
    link.write("state", f"{S.SUSPENDED:d}")
    moved = _move(system, "alpha")
    for state in (S.RECONFIGURING, S.CONNECTED, S.SUSPENDING, S.SUSPENDED, S.RESUMING):
        moved.lead(state)
        if state in (S.RECONFIGURING, S.RESUMING):
            moved.refuse_all(state)
    moved.lead(S.CONNECTED)
    moved.write("error", "planted")
    for state in (S.CLOSING, S.CLOSED):
        moved.lead(state)
        moved.refuse_all(state)
    slow = _start(system, "beta")
    slow.lead(S.INITWAIT, S.CONNECTED)
    slow.write("state", f"{S.SUSPENDING:d}")
    slow.await_seen(S.SUSPENDING, S.CONNECTED)
    slow.refuse(*_SEEN_ALIKE)
    assert link.tried | moved.tried | slow.tried == set(refused_arrows(Side.BE))
