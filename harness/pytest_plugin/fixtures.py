# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures for scenarios in Python.

The marker says what is booted, with the keys of a YAML scenario; `steps` come before the body::

    @pytest.mark.system(about="...", agency={"overlays": ["vdummy-be-on"]},
                        mes=[{"name": name, "overlays": ["vdummy-fe-on"]} for name in ("alpha", "beta")],
                        steps=[{"inject": "alpha"}])
    def test_something(system, agency, me_factory):
        alpha, beta = system.me("alpha"), me_factory("beta")

MEs that the first steps inject can be part of the template that the scenario begins with. All
invariants are watched as in any scenario, and a failure leaves the same folder.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from harness.errors import ExpectationFailed, HarnessError, SchemaError, UsageError
from harness.guest.agency import Agency
from harness.guest.me import Me
from harness.pytest_plugin.items import ScenarioFailed, conclude, not_run
from harness.pytest_plugin.session import KEY
from harness.qemu.machine import Machine
from harness.report.block import facts_block
from harness.scenario import lifecycle
from harness.scenario.context import Context
from harness.scenario.model import flatten
from harness.scenario.runner import Run, run_steps
from harness.scenario.schema import read_system

_RUN = pytest.StashKey[Run]()
_INJECTION = 15.0


@pytest.fixture
def system(request: pytest.FixtureRequest) -> Iterator[Context]:
    """The system that the marker `system` describes, booted and with its steps done, as steps see it."""
    marker = request.node.get_closest_marker("system")
    session = request.config.stash[KEY]
    path, line = Path(request.node.path), f"{request.node.path}:{request.node.location[1] + 1}"
    try:
        if marker is None:
            raise UsageError("the test has no marker 'system'", where=line, hint="look at how it is spelt")
        scenario = read_system(path, request.node.name, marker.kwargs, image_sets=session.image_names(),
                               features=session.features)
        images = session.images(scenario.images)
    except HarnessError as error:
        if isinstance(error, SchemaError):  # its line is one of the values written as YAML
            error.where = line
        conclude(request.node, not_run(path, error, session.options, request.node.name))
        raise
    for step in flatten(scenario.steps):  # theirs, too
        step.where = line
    run = Run(scenario, images, session.options, keeper=session.keeper(), opener=session.opener())
    unable = run.unable()
    if unable:
        conclude(request.node, run.skipped(unable))
    try:
        yield _begun(request.node, run)
    finally:
        run.close()


def _begun(item: pytest.Item, run: Run) -> Context:
    """The system before the body. If it does not come so far, that is the scenario's verdict."""
    try:
        ctx = run.start()
        run_steps(ctx)
    except (pytest.exit.Exception, KeyboardInterrupt):
        run.abandon()
        raise
    except Exception as error:
        _conclude(item, run, error)
        raise
    item.stash[_RUN] = run
    return ctx


def _conclude(item: pytest.Item, run: Run, failure: Exception | None) -> None:
    result = run.conclude(failure)
    print(facts_block(result))
    conclude(item, result)


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
    _conclude(pyfuncitem, run, failure)
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
