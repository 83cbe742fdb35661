# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures for scenarios in Python.

The marker says what is booted, with the keys of a YAML scenario::

    @pytest.mark.system(about="...", agency={"overlays": ["vdummy-be-on"]},
                        mes=[{"name": "alpha", "overlays": ["vdummy-fe-on"]}])
    def test_something(agency, me_factory):
        alpha = me_factory("alpha")

All invariants are watched as in any scenario, and a failure leaves the same folder.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from harness.errors import ExpectationFailed, UsageError
from harness.guest.agency import Agency
from harness.guest.me import Me
from harness.pytest_plugin.items import ScenarioFailed, conclude
from harness.pytest_plugin.session import KEY
from harness.qemu.machine import Machine
from harness.report.block import facts_block
from harness.scenario import lifecycle
from harness.scenario.context import Context
from harness.scenario.runner import Run
from harness.scenario.schema import read_system

_RUN = pytest.StashKey[Run]()
_INJECTION = 15.0


@pytest.fixture
def system(request: pytest.FixtureRequest) -> Iterator[Context]:
    """The booted system that the marker `system` describes, as steps see it."""
    marker = request.node.get_closest_marker("system")
    if marker is None:
        raise UsageError("the test has no marker 'system'", where=request.node.nodeid)
    session = request.config.stash[KEY]
    scenario = read_system(Path(request.node.path), request.node.name, marker.kwargs,
                           image_sets=session.image_names())
    run = Run(scenario, session.images(scenario.images), session.options, keeper=session.keeper())
    request.node.stash[_RUN] = run
    try:
        yield run.start()
    finally:
        run.close()


@pytest.fixture
def machine(system: Context) -> Machine:
    """The machine of `system`."""
    return system.machine


@pytest.fixture
def agency(system: Context) -> Agency:
    """The agency of `system`."""
    return system.agency


@pytest.fixture
def me_factory(system: Context) -> Callable[[str], Me]:
    """Injects an ME of `system` by its name and waits until it has settled."""
    return lambda name: lifecycle.inject(system, name, _INJECTION)


def _expectation(error: AssertionError) -> ExpectationFailed:
    """A plain assertion is what a scenario expects; it stands where it was written."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error).partition("\n")[0] or frame.line or "an assertion"
    return ExpectationFailed(f"assertion failed: {text}", where=f"{frame.filename}:{frame.lineno}")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A test with a system ends with the verdict of its run, whatever the body raised."""
    run = pyfuncitem.stash.get(_RUN, None)
    if run is None:
        return (yield)
    failure: Exception | None = None
    try:
        yield
    except AssertionError as error:
        failure = _expectation(error)
    except pytest.exit.Exception:
        run.abandon()
        raise
    except Exception as error:  # noqa: BLE001 - the run turns it into a verdict
        failure = error
    run.ran()
    result = run.conclude(failure)
    print(facts_block(result))
    conclude(pyfuncitem, result)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The block of a scenario stands for itself: no traceback before it."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, ScenarioFailed):
        report.longrepr = str(call.excinfo.value)
    return report
