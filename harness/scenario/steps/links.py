# SPDX-License-Identifier: GPL-2.0-only
"""Expectations about links and their states."""

from __future__ import annotations

from dataclasses import dataclass

from harness.abi.vbus import VbusState
from harness.model.device import Side
from harness.scenario import links
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, within
from harness.yamlnode import Node, nearest

_WITHIN = 10.0
_STATES = {state.name.title().replace("_", ""): state for state in VbusState}
_STATES["InitWait"] = _STATES.pop("Initwait")

LinkName = tuple[str, str]


def _links(node: Node, names: Names) -> tuple[LinkName, ...]:
    return tuple(names.link(item) for item in node.sequence()) if node.is_sequence else (names.link(node),)


def _state(node: Node) -> VbusState:
    text = node.string()
    if text not in _STATES:
        raise node.error(f"unknown state '{text}'", nearest(text, _STATES))
    return _STATES[text]


@dataclass
class ExpectConnected(Step, name="expect.connected"):
    """``- expect.connected: alpha/vdummy`` or a list: both sides are Connected."""

    links: tuple[LinkName, ...]
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectConnected:
        if not node.is_mapping:
            return cls(_links(node, names))
        entries = node.mapping(required=("links",), optional=("within",))
        return cls(_links(entries["links"], names), within(entries, _WITHIN))

    def run(self, ctx: Context) -> None:
        for link in self.links:
            wanted = {Side.BE: VbusState.CONNECTED, Side.FE: VbusState.CONNECTED}
            links.await_states(ctx, link, wanted, self.within)


@dataclass
class ExpectState(Step, name="expect.state"):
    """``- expect.state: {link: alpha/vdummy, be: Closed, fe: Closing, within: 5s}``.

    A side that is not named may be in any state. For an ME that was killed, the last state before its
    entries were removed counts.
    """

    link: LinkName
    be: VbusState | None
    fe: VbusState | None
    within: float = _WITHIN

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectState:
        entries = node.mapping(required=("link",), optional=("be", "fe", "within"))
        if "be" not in entries and "fe" not in entries:
            raise node.error("neither 'be' nor 'fe' is given")
        return cls(
            names.link(entries["link"]),
            _state(entries["be"]) if "be" in entries else None,
            _state(entries["fe"]) if "fe" in entries else None,
            within(entries, _WITHIN),
        )

    def run(self, ctx: Context) -> None:
        asked = ((Side.BE, self.be), (Side.FE, self.fe))
        wanted = {side: state for side, state in asked if state is not None}
        links.await_states(ctx, self.link, wanted, self.within)


@dataclass
class ExpectStates(Step, name="expect.states"):
    """The very order in which both sides changed their states, from the making of the entries on.

    ::

        - expect.states:
            link: alpha/vdummy
            order: [be InitWait, fe Initialised, be Connected, fe Connected]
    """

    link: LinkName
    order: tuple[tuple[Side, VbusState], ...]

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectStates:
        entries = node.mapping(required=("link", "order"))
        return cls(names.link(entries["link"]),
                   tuple(_change(item) for item in entries["order"].sequence()))

    def run(self, ctx: Context) -> None:
        links.expect_order(ctx, self.link, self.order)


def _change(node: Node) -> tuple[Side, VbusState]:
    side, _, state = node.string().partition(" ")
    if side not in ("be", "fe"):
        raise node.expected("a side and a state", "for instance be InitWait")
    if state not in _STATES:
        raise node.error(f"unknown state '{state}'", nearest(state, _STATES))
    return Side[side.upper()], _STATES[state]


@dataclass
class ExpectLinks(Step, name="expect.links"):
    """``- expect.links: [alpha/vdummy, beta/vdummy]``: these links are Connected, and there is no other."""

    links: tuple[LinkName, ...]

    expects = True

    @classmethod
    def parse(cls, node: Node, names: Names) -> ExpectLinks:
        return cls(tuple(names.link(item) for item in node.sequence()))

    def run(self, ctx: Context) -> None:
        links.expect_exactly(ctx, self.links)
