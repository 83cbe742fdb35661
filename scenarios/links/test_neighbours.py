# SPDX-License-Identifier: GPL-2.0-only
"""A scenario in Python: an example for what YAML does not say, here a loop over slots."""

import pytest

from harness.deadline import Deadline
from harness.guest.agency import Agency
from harness.guest.me import SendOrder
from harness.scenario.context import Context


@pytest.mark.system(
    about="Two MEs with links; each slot shows who lives there, and traffic is counted per ME.",
    agency={"overlays": ["vdummy-be-on"]},
    mes=[{"name": "alpha", "overlays": ["vdummy-fe-on"]}, {"name": "beta", "overlays": ["vdummy-fe-on"]}],
    steps=[{"inject": ["alpha", "beta"]}],
)
def test_neighbours(agency: Agency, system: Context) -> None:
    deadline = Deadline.after(30, "two neighbours")
    mes = [system.me("alpha"), system.me("beta")]
    living = {slot.slot: slot.name for slot in agency.slots(deadline) if slot.state is not None}
    assert living == {me.domain: me.name for me in mes}
    for count, me in enumerate(mes, start=1):
        figures = me.send(SendOrder(count=100 * count, window=8), deadline)
        assert (figures.received, figures.corrupt) == (100 * count, 0)
