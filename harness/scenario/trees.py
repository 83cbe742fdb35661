# SPDX-License-Identifier: GPL-2.0-only
"""Proof that the guests run with the device trees that were built for them."""

from __future__ import annotations

from harness.check.wrap import tree_violations
from harness.deadline import Deadline
from harness.dt import diff, effective
from harness.dt.linux import as_linux_shows
from harness.dt.view import Tree
from harness.errors import DtError
from harness.scenario.context import Context
from harness.scenario.prepare import Prepared
from harness.scenario.watch import failure

_WITHIN = 20.0
_BACKENDS = "/agency/backends"
_FRONTENDS = "/ME/frontends"


def prove_agency(ctx: Context) -> None:
    """:raise ExpectationFailed: the agency's effective tree is not the expected one"""
    merged = ctx.prepared.agency
    if merged is None:
        raise ctx.lacks("no agency tree")
    expected = as_linux_shows(merged.tree, bootargs=ctx.machine.spec.append)
    text = ctx.agency.tree(_deadline(ctx, "agency"))
    _compare("agency", expected, _parse(text, "agency"), ignored=True)


def prove_me(ctx: Context, name: str) -> None:
    """:raise ExpectationFailed: the effective tree of an ME is not the expected one"""
    text = ctx.me(name).tree(_deadline(ctx, name))
    _compare(name, ctx.prepared.mes[name].tree.tree, _parse(text, name), ignored=False)
    ctx.proved.add(name)


def backend_types(tree: Tree) -> list[str]:
    """Device types whose backend the agency's tree enables."""
    return _enabled(tree, _BACKENDS)


def common_types(ctx: Context, name: str) -> list[str]:
    """Device types for which the ME has a frontend and the agency a backend."""
    backends = backend_types(ctx.prepared.agency.tree) if ctx.prepared.agency is not None else []
    return [kind for kind in _enabled(ctx.prepared.mes[name].tree.tree, _FRONTENDS) if kind in backends]


def known_types(prepared: Prepared) -> set[str]:
    """Device types that some tree of the run has a node for, enabled or not."""
    found = set(_types(prepared.agency.tree, _BACKENDS)) if prepared.agency is not None else set()
    for me in prepared.mes.values():
        found |= set(_types(me.tree.tree, _FRONTENDS))
    return found


def _types(tree: Tree, folder: str) -> list[str]:
    prefix = folder + "/"
    return [path[len(prefix):] for path in tree.nodes
            if path.startswith(prefix) and "/" not in path[len(prefix):]]


def _enabled(tree: Tree, folder: str) -> list[str]:
    return [kind for kind in _types(tree, folder) if tree.enabled(f"{folder}/{kind}")]


def _deadline(ctx: Context, who: str) -> Deadline:
    return ctx.limit(_WITHIN, f"device tree of {who}")


def _parse(text: str, who: str) -> Tree:
    try:
        return effective.parse(text, who)
    except DtError as error:
        raise failure(list(tree_violations(who, [diff.Difference(who, None, "a readable listing",
                                                                 error.what)]))) from error


def _compare(who: str, expected: Tree, observed: Tree, *, ignored: bool) -> None:
    found = diff.diff(expected, observed, diff.LINUX_IGNORED if ignored else ())
    if found:
        raise failure(list(tree_violations(who, found)))
