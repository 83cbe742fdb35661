# SPDX-License-Identifier: GPL-2.0-only
"""The first moments of a clone: it gets the template's state, proves where it comes from, and differs."""

from __future__ import annotations

from collections.abc import Mapping

from harness.abi.soo import MeState
from harness.deadline import Deadline, wall_clock
from harness.errors import HostError
from harness.qemu import template as qemu_template
from harness.qemu.machine import Machine
from harness.scenario import lifecycle
from harness.scenario.clones.template import NONCE_FILE, Template
from harness.scenario.context import Context
from harness.scenario.deterministic import EPOCH_S
from harness.scenario.site import Place

_WITHIN = 10.0
_SEED_BYTES = 32


def go_on(machine: Machine, template: Template, deadline: Deadline) -> None:
    """Give a machine the template's state and let it run."""
    qemu_template.load(machine, template.state, deadline)
    machine.qmp.cont()


def refresh(ctx: Context, templates: Mapping[str, Template]) -> None:
    """Prove that each machine goes on from its template; give it a time and a random state of its own.

    :raise HostError: it does not come from there
    """
    deadline = ctx.limit(_WITHIN, "first answer of a clone")
    answers = {}
    for name, template in templates.items():
        with ctx.on(name):
            answers[name] = ctx.agency.shell.begin(_wishes(ctx, template))
    for name, template in templates.items():
        result = answers[name].wait(deadline)
        if result.status != 0 or result.output.strip() != template.record.nonce:
            raise HostError(f"a clone is not what its template was: {lifecycle.said(result)}",
                            where=str(template.folder))


def _wishes(ctx: Context, template: Template) -> str:
    seed = ctx.rng.randbytes(_SEED_BYTES).hex()
    now = EPOCH_S if ctx.machine.spec.pace is not None else wall_clock().timestamp()
    words = [f"ask look {NONCE_FILE}", f"ask refresh {now:.6f} {seed}"]
    if ctx.prepared.spec.drives and ctx.prepared.mes and not template.record.mes:
        words.append("tar -x -f /dev/vda -C /mnt/ME")
    return " && ".join(words)


def settle(ctx: Context, template: Template) -> None:
    """The MEs of the template live here."""
    for name, inside in template.record.mes.items():
        lifecycle.settle_at(ctx, name, Place(ctx.site, inside.domain, inside.console, inside.start))
        ctx.proved.add(name)
        ctx.inherited.add(name)
        lifecycle.await_state(ctx, name, MeState.LIVING, ctx.limit(_WITHIN, f"{name} in a clone"))
