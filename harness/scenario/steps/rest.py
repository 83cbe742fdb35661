# SPDX-License-Identifier: GPL-2.0-only
"""Suspend and resume, and the state of an ME."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.abi.soo import MeState
from harness.scenario import lifecycle, rest
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node

_WITHIN = 15.0
_ALL = "all"
_STATES = tuple(state.name.lower() for state in MeState)


def _mes(node: Node, names: Names) -> tuple[str, ...] | None:
    """Names, or None for all MEs of the machine."""
    if node.is_sequence:
        return tuple(names.me(item) for item in node.sequence())
    return None if node.string() == _ALL else (names.me(node),)


@dataclass
class Suspend(Step, name="suspend"):
    """``- suspend: alpha``, ``[alpha, beta]``, ``all``, or ``{me: alpha, refused: REGEX}``.

    Waits until the ME is suspended and both sides of its links are Suspended. With `refused` the ME
    must say no, which the agency tells in one line, and live on as before.
    """

    mes: tuple[str, ...] | None
    refused: re.Pattern[str] | None = None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Suspend:
        if not node.is_mapping:
            return cls(_mes(node, names))
        entries = node.mapping(required=("me",), optional=("refused", "within"))
        refused = entries["refused"].regex() if "refused" in entries else None
        mes = _mes(entries["me"], names)
        if refused is not None and (mes is None or len(mes) != 1):
            raise node.error("name the one ME that refuses")
        return cls(mes, refused, within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        if self.refused is not None and self.mes is not None:
            rest.refuse(ctx, self.mes[0], self.refused, self.within)
        else:
            rest.suspend(ctx, self.mes, self.within)

    def describe(self) -> str:
        return f"suspend {', '.join(self.mes or (_ALL,))}"


@dataclass
class Resume(Step, name="resume"):
    """``- resume: alpha``, ``[alpha, beta]`` or ``all``: it lives, its links Connected."""

    mes: tuple[str, ...] | None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> Resume:
        if not node.is_mapping:
            return cls(_mes(node, names))
        entries = node.mapping(required=("me",), optional=("within",))
        return cls(_mes(entries["me"], names), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        rest.resume(ctx, self.mes, self.within)

    def describe(self) -> str:
        return f"resume {', '.join(self.mes or (_ALL,))}"


@dataclass
class ExpectMe(Step, name="expect.me"):
    """``- expect.me: {me: alpha, state: hibernate, within: 5s}``: the agency says so of this ME."""

    me: str
    state: MeState
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectMe:
        entries = node.mapping(required=("me", "state"), optional=("within",))
        state = entries["state"].string(choices=_STATES)
        return cls(names.me(entries["me"]), MeState[state.upper()], within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        lifecycle.await_state(ctx, ctx.me(self.me).name, self.state,
                              ctx.limit(self.within, f"state of {self.me}"))
