# SPDX-License-Identifier: GPL-2.0-only
"""The overlay matrix: what there is on a system follows from its trees, and the model says how."""

import pytest

from harness.deadline import Deadline
from harness.scenario import links, store, vuart
from harness.scenario.context import Context
from harness.scenario.matrix import Case, covering, sample

_FURTHER = 40
_SEED = 1


def _cases() -> list[object]:
    """Each pair of conditions by default; further systems with -m long."""
    few = [pytest.param(case, id=case.name, marks=pytest.mark.system(**case.system())) for case in covering()]
    more = [pytest.param(case, id=f"{number}-{case.name}",
                         marks=[pytest.mark.system(**case.system()), pytest.mark.long])
            for number, case in enumerate(sample(_FURTHER, _SEED))]
    return [*few, *more]


@pytest.mark.parametrize("case", _cases())
def test_overlay_matrix(case: Case, system: Context) -> None:
    expected = case.expected
    made = dict(zip(case.names, expected.links, strict=True))
    links.expect_exactly(system, [(name, kind) for name, kinds in made.items() for kind in kinds])
    tree = store.dump(system, Deadline.after(10, "the store's view"))
    assert sorted(store.children(tree, "backend")) == list(expected.backends)
    for kind in expected.backends:
        domains = [str(system.places[name].domain) for name, kinds in made.items() if kind in kinds]
        assert sorted(store.children(tree, f"backend/{kind}")) == sorted(domains)
    for name, missed in zip(case.names, expected.missed, strict=True):
        said = system.console(name).text(system.places[name].start)
        found = [kind for kind in missed if f"Cannot find backend node: backend/{kind}".encode() in said]
        assert found == list(missed)
    talking = [name for name, kinds in made.items() if "vuart" in kinds]
    vuart.begin(system, talking, lines=3, width=20)
    vuart.finish(system, talking, 10.0)
