# SPDX-License-Identifier: GPL-2.0-only
"""A run whose models are not what the agency has fails at its end, although each event was legal."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.scenario.context import Context
from harness.scenario.result import Options
from harness.scenario.runner import Run, run_steps
from harness.scenario.schema import read

_SCENARIO = """\
about: One ME, and events that are kept from the models.
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - expect.connected: alpha/vdummy
"""


def _store(ctx: Context) -> None:
    ctx.observer.look(lambda m: m.store.write("soo/me/2/name", "beta"))


def _grants(ctx: Context) -> None:
    ctx.observer.look(lambda m: m.grants.revoke(2, 1))


def _channels(ctx: Context) -> None:
    ctx.observer.look(lambda m: m.channels.alloc(2, 90, 0))


@pytest.mark.parametrize(("rob", "told"), [
    (_store, "soo/me/2/name: view.disagrees: expected 'beta' by events, observed 'alpha' by store view"),
    (_grants, "domain 2 ref 1: view.disagrees: expected free by events, observed mapped by gnttab view"),
    (_channels, "domain 2 port 90: view.disagrees: expected unbound by events, observed free by evtchn view"),
])
def test_what_was_never_told(rob: Callable[[Context], None], told: str, tmp_path: Path,
                             images: Callable[[str], ImageSet]) -> None:
    (tmp_path / "scenario.yaml").write_text(_SCENARIO)
    scenario = read(tmp_path / "scenario.yaml")
    run = Run(scenario, images(scenario.images), Options(seed=7, run_root=tmp_path / "runs"))

    def body(ctx: Context) -> None:
        run_steps(ctx)
        rob(ctx)

    result = run.conclude_with(body)
    assert (result.verdict, result.rules) == (Verdict.FAIL, ("view.disagrees",)), result.reason
    assert result.reason == told
