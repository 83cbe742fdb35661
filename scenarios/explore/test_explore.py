# SPDX-License-Identifier: GPL-2.0-only
"""A bounded exploration of the life cycle in every run; `harness explore --minutes N` goes on with it."""

from pathlib import Path

import pytest

from harness.explore.search import Plan, explore
from harness.explore.system import NAMES
from harness.explore.text import Setup
from harness.pytest_plugin.items import conclude
from harness.pytest_plugin.session import KEY
from harness.scenario.model import DEFAULT_IMAGES
from harness.scenario.result import Result

_SECONDS = 25.0
_EXAMPLES = 8
_SEED = 1


@pytest.mark.explored
def test_explore(request: pytest.FixtureRequest) -> None:
    session = request.config.stash[KEY]
    asked = request.config.getoption("--seed")
    seed = int(asked) if asked is not None else _SEED
    plan = Plan(Setup(DEFAULT_IMAGES, NAMES[:3], ("here",)), seed, _EXAMPLES, moves=14, seconds=_SECONDS,
                shrink_seconds=120.0)
    report = explore(plan, session.images(DEFAULT_IMAGES), session.options, print)
    found = report.found
    failure = found.first.failure if found is not None else None
    conclude(request.node, Result(
        name="explore/test_explore", verdict=report.verdict, duration=report.seconds, seed=seed,
        reason=f"{failure}; scenario {found.file}" if found is not None else "",
        run_dir=failure.run_dir if failure is not None else Path(),
        reproduce=found.command if found is not None else f"python3 -m harness explore --seed {seed} --mes 3",
        exit_status=0 if found is None else 1,
    ))
