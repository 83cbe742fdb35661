# SPDX-License-Identifier: GPL-2.0-only
"""Proof that the guests run with the device trees that were built for them."""

from __future__ import annotations

from pathlib import Path

from harness.check.wrap import tree_violations
from harness.deadline import Deadline
from harness.dt import diff, effective
from harness.dt.linux import as_linux_shows
from harness.dt.view import Tree
from harness.errors import DtError
from harness.scenario import nodes
from harness.scenario.context import Context
from harness.scenario.watch import failure

_WITHIN = 20.0
# An ME has little to say of itself: a listing that cannot be read so often is not one.
_READINGS = 3


def prove_agency(ctx: Context) -> None:
    """:raise ExpectationFailed: the agency's effective tree is not the expected one"""
    merged = ctx.prepared.agency
    if merged is None:
        raise ctx.lacks("no agency tree")
    expected = as_linux_shows(merged.tree, bootargs=ctx.prepared.spec.append)
    text = ctx.agency.tree(_deadline(ctx, "agency"))
    _compare(ctx.site.run_dir, "agency", expected, _parse(text, "agency"), ignored=True)


def prove_me(ctx: Context, name: str) -> None:
    """:raise ExpectationFailed: the effective tree of an ME is not the expected one"""
    deadline = _deadline(ctx, name)
    for _ in range(_READINGS - 1):
        try:
            observed = effective.parse(ctx.me(name).tree(deadline), name)
        except DtError:  # what the ME said of itself meanwhile stands in it, and it has no checksum
            continue
        break
    else:
        observed = _parse(ctx.me(name).tree(deadline), name)
    _compare(ctx.site_of(name).run_dir, name, ctx.prepared.mes[name].tree.tree, observed, ignored=False)
    ctx.proved.add(name)


def common_types(ctx: Context, name: str) -> list[str]:
    """Device types for which the ME has a frontend and the agency a backend."""
    backends = nodes.backend_types(ctx.prepared.agency.tree) if ctx.prepared.agency is not None else []
    tree = ctx.prepared.mes[name].tree.tree
    return [kind for kind in nodes.enabled(tree, nodes.FRONTENDS) if kind in backends]


def _deadline(ctx: Context, who: str) -> Deadline:
    return ctx.limit(_WITHIN, f"device tree of {who}")


def _parse(text: str, who: str) -> Tree:
    try:
        return effective.parse(text, who)
    except DtError as error:
        raise failure(list(tree_violations(who, [diff.Difference(who, None, "a readable listing",
                                                                 error.what)]))) from error


def _compare(run_dir: Path, who: str, expected: Tree, observed: Tree, *, ignored: bool) -> None:
    for name, tree in (("expected", expected), ("observed", observed)):
        (run_dir / f"{who}.{name}.tree").write_text(effective.listing(tree))
    found = diff.diff(expected, observed, diff.LINUX_IGNORED if ignored else ())
    if found:
        raise failure(list(tree_violations(who, found)))
