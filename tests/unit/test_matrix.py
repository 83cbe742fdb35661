# SPDX-License-Identifier: GPL-2.0-only
"""The overlay matrix covers what it says, and the model tells what follows from the trees."""

from itertools import product
from pathlib import Path

import pytest

from harness.model.presence import Node, presence
from harness.scenario.matrix import KINDS, Case, covering, sample
from harness.scenario.schema import read_system

CASES = [*covering(), *sample(30, 1)]


def test_each_pair_of_conditions_of_each_type_is_covered() -> None:
    seen = {(kind, case.agency[kind], me[kind]) for case in covering() for me in case.mes for kind in KINDS}
    assert seen == set(product(KINDS, Node, Node))
    assert {len(case.mes) for case in covering()} == {1, 2, 3}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_is_a_scenario(case: Case) -> None:
    found = read_system(Path("matrix.py"), "test", case.system())
    assert [me.name for me in found.mes] == list(case.names)


def test_a_sample_follows_from_its_seed() -> None:
    assert list(sample(5, 3)) == list(sample(5, 3))
    assert list(sample(5, 3)) != list(sample(5, 4))


def test_what_the_model_says() -> None:
    agency = {"vdummy": Node.ON, "vuart": Node.OFF}
    found = presence(agency, [{"vdummy": Node.NO_STATUS, "vuart": Node.ON},
                              {"vdummy": Node.ABSENT, "vuart": Node.OFF}])
    assert found.backends == ("vdummy",)
    assert (found.links, found.missed) == ((("vdummy",), ()), (("vuart",), ()))


@pytest.mark.parametrize("be", Node)
@pytest.mark.parametrize("fe", Node)
def test_a_link_needs_both_sides(be: Node, fe: Node) -> None:
    found = presence({"vdummy": be}, [{"vdummy": fe}])
    assert bool(found.links[0]) == (be.enabled and fe.enabled)
