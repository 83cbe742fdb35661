# SPDX-License-Identifier: GPL-2.0-only
"""How fast a vdummy link echoes: many messages on their way at once, and one after the other."""

from pathlib import Path
from statistics import median

from harness.bench.report import Figure
from harness.deadline import Deadline
from harness.errors import HarnessError
from harness.guest.me import Me, SendOrder
from harness.images.store import ImageSet
from harness.scenario import lifecycle
from harness.scenario.context import Context
from harness.scenario.result import Options
from harness.scenario.runner import Run
from harness.scenario.schema import read_system

_ROUNDS = 5
_PIPELINED = SendOrder(count=50_000, window=32)
_LOCK_STEP = SendOrder(count=2_000, window=1)
_SYSTEM = {
    "about": "One link, to be measured.",
    "agency": {"overlays": ["vdummy-be-on"]},
    "mes": [{"name": "alpha", "overlays": ["vdummy-fe-on"]}],
}


def figures(images: ImageSet, workdir: Path) -> list[Figure]:
    """Boot `images` with one ME and let it send, both ways in turn.

    :raise HarnessError: the run failed, or a message was not echoed well
    """
    scenario = read_system(Path(__file__), "echo", _SYSTEM)
    rates: list[tuple[float, float]] = []

    def measure(ctx: Context) -> None:
        me = lifecycle.inject(ctx, "alpha", 30.0)
        for _ in range(_ROUNDS):
            rates.append((_rate(me, _PIPELINED), _rate(me, _LOCK_STEP)))
        run.ran()

    run = Run(scenario, images, Options(seed=1, run_root=workdir))
    result = run.conclude_with(measure)
    if result.verdict:
        raise HarnessError(f"the echo run ended with {result.verdict.name}: {result.reason}", where="bench")
    pipelined, lock_step = (median(column) for column in zip(*rates, strict=True))
    note = f"medians of {_ROUNDS} in turn"
    return [
        Figure("echo messages, window 32", pipelined, "1/s", lock_step, f"{note}; baseline: window 1"),
        Figure("echo round trips, window 1", lock_step, "1/s", None, note),
    ]


def _rate(me: Me, order: SendOrder) -> float:
    """Messages a second, by the ME's own clock."""
    done = me.send(order, Deadline.after(60.0, f"{order.count} messages"))
    if done.received != order.count or done.lost or done.corrupt or done.reordered or done.early:
        raise HarnessError(f"the echo is not right: {done}", where="bench")
    return order.count / max(done.ms, 1) * 1000
