# SPDX-License-Identifier: GPL-2.0-only
"""MEs that end on the way: before they live, at rest, and on their way back from it."""

import pytest

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState as S
from harness.deadline import Deadline
from harness.model.device import Side
from harness.scenario import lifecycle, links, rest
from harness.scenario.context import Context

_MES = [{"name": name, "overlays": ["vdummy-fe-on"]} for name in ("alpha", "beta")]
_SECONDS = 15.0


@pytest.mark.system(
    about="An ME whose backend never connects is killed, and one leaves, before they live.",
    images="ref-virt64-faults",
    agency={"overlays": ["vdummy-be-on"], "fault": "be-stuck"},
    mes=_MES,
)
def test_end_while_booting(system: Context) -> None:
    system.observer.expect(["link.stalled"])
    for name, end in (("alpha", lifecycle.kill), ("beta", lifecycle.leave)):
        lifecycle.inject(system, name, _SECONDS, settle=False)
        links.await_states(system, (name, "vdummy"), {Side.BE: S.INITWAIT, Side.FE: S.INITIALISED}, _SECONDS)
        end(system, name, _SECONDS)


@pytest.mark.system(
    about="An ME is killed at rest, another one while its backend keeps it from coming back.",
    images="ref-virt64-faults",
    agency={"overlays": ["vdummy-be-on"], "fault": "be-resume-no-connect"},
    mes=_MES,
)
def test_end_at_rest(system: Context) -> None:
    system.observer.expect(["link.stalled"])
    for name in ("alpha", "beta"):
        lifecycle.inject(system, name, _SECONDS)
    rest.suspend(system, ["alpha", "beta"], _SECONDS)
    lifecycle.kill(system, "alpha", _SECONDS)
    # The resume waits for the backend, so in the background.
    resume = f"( resumeme {system.me('beta').domain - 1} >/dev/null 2>&1 & )"
    assert system.agency.run(resume, Deadline.after(_SECONDS, resume)).status == 0
    lifecycle.await_state(system, "beta", MeState.RESUMING, Deadline.after(_SECONDS, "beta resuming"))
    lifecycle.kill(system, "beta", _SECONDS)
