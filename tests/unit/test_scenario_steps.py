# SPDX-License-Identifier: GPL-2.0-only
"""Steps register themselves, and their short and long spellings mean what they say."""

import re
from pathlib import Path

import pytest

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState
from harness.model.device import Side
from harness.scenario.context import Context
from harness.scenario.step import Names, Step, known_steps, parse_steps
from harness.scenario.steps.boot import Boot
from harness.scenario.steps.command import Run
from harness.scenario.steps.console import ExpectConsole, Type
from harness.scenario.steps.life import Inject, Kill, Shutdown
from harness.scenario.steps.links import ExpectConnected, ExpectState, ExpectStates
from harness.scenario.steps.moves import Migrate, Restore, Save, Spoil
from harness.scenario.steps.proof import ExpectNoLeak, ExpectViolation
from harness.scenario.steps.repeat import Repeat
from harness.scenario.steps.rest import ExpectMe, Resume, Suspend
from harness.scenario.steps.store import ExpectStore
from harness.scenario.steps.traffic import Send, Sent
from harness.scenario.steps.vuart import Chat, Chatted
from harness.yamlnode import Node, parse

NAMES = Names(mes=("alpha", "beta"), machines=("here", "there"))


def step(text: str) -> Step:
    (found,) = parse_steps(parse(f"- {text}", Path("s.yaml")), NAMES)
    return found


def test_every_documented_step_is_known() -> None:
    assert set(known_steps()) >= {
        "boot",
        "inject",
        "kill",
        "shutdown",
        "suspend",
        "resume",
        "save",
        "restore",
        "spoil",
        "migrate",
        "chat",
        "chatted",
        "expect.me",
        "send",
        "sent",
        "run",
        "type",
        "repeat",
        "baseline",
        "expect.connected",
        "expect.state",
        "expect.states",
        "expect.links",
        "expect.store",
        "expect.entries",
        "expect.no_entries",
        "expect.tree",
        "expect.console",
        "expect.no_leak",
        "expect.violation",
        "expect.traffic",
        "memory.agrees",
    }


def test_a_step_says_what_it_is() -> None:
    for name, kind in known_steps().items():
        assert kind.name == name
        assert kind.__doc__, name


def test_defining_a_class_is_enough_to_add_a_step() -> None:
    class Nothing(Step, name="test.nothing"):
        @classmethod
        def parse(cls, node: Node, names: Names) -> Step:
            return cls()

        def run(self, ctx: Context) -> None:
            raise NotImplementedError

    try:
        assert isinstance(step("test.nothing"), Nothing)
    finally:
        del known_steps()["test.nothing"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boot", Boot()),
        ("boot: {milestones: true}", Boot(milestones=True)),
        ("inject: alpha", Inject(("alpha",))),
        ("inject: [alpha, beta]", Inject(("alpha", "beta"))),
        ("inject: {me: alpha, settle: false, within: 3s}", Inject(("alpha",), settle=False, within=3.0)),
        ("kill: alpha", Kill("alpha")),
        ("kill: {me: alpha, within: 2s}", Kill("alpha", within=2.0)),
        ("inject: {me: alpha, to: there}", Inject(("alpha",), to="there")),
        ("shutdown: {me: alpha, by: me}", Shutdown("alpha", by_me=True)),
        ("suspend: alpha", Suspend(("alpha",))),
        ("suspend: [alpha, beta]", Suspend(("alpha", "beta"))),
        ("suspend: all", Suspend(None)),
        ("suspend: {me: alpha, refused: says}", Suspend(("alpha",), re.compile("says"))),
        ("resume: all", Resume(None)),
        ("resume: {me: beta, within: 3s}", Resume(("beta",), 3.0)),
        ("expect.me: {me: alpha, state: hibernate}", ExpectMe("alpha", MeState.HIBERNATE)),
        ("save: {me: alpha, file: one}", Save("alpha", "one")),
        ("restore: {me: alpha, file: one}", Restore("alpha", "one")),
        ("restore: {me: alpha, file: one, slot: 6}", Restore("alpha", "one", 6)),
        ("restore: {file: one, refused: cut}", Restore(None, "one", refused=re.compile("cut"))),
        ("spoil: {file: one, how: cut, into: two}", Spoil("one", "cut", "two")),
        ("migrate: {me: alpha, to: there}", Migrate("alpha", "there")),
        ("chat: alpha", Chat(("alpha",))),
        (
            "chat: {me: [alpha, beta], lines: 3, background: true}",
            Chat(("alpha", "beta"), 3, background=True),
        ),
        ("chatted: [alpha, beta]", Chatted(("alpha", "beta"))),
        ("expect.connected: alpha/vdummy", ExpectConnected((("alpha", "vdummy"),))),
        (
            "expect.connected: [alpha/vdummy, beta/vuart]",
            ExpectConnected((("alpha", "vdummy"), ("beta", "vuart"))),
        ),
        (
            "expect.state: {link: alpha/vdummy, be: Closed}",
            ExpectState(("alpha", "vdummy"), VbusState.CLOSED, None),
        ),
        (
            "expect.states: {link: alpha/vdummy, order: [be InitWait, fe Initialised]}",
            ExpectStates(
                ("alpha", "vdummy"), ((Side.BE, VbusState.INITWAIT), (Side.FE, VbusState.INITIALISED))
            ),
        ),
        ("send: {me: alpha, count: 10}", Send(("alpha",), (1,), 10)),
        ("send: {me: alpha, background: true}", Send(("alpha",), (1,), None, background=True, every_ms=5)),
        (
            "send: {me: alpha, background: true, every: 0}",
            Send(("alpha",), (1,), None, background=True, every_ms=0),
        ),
        ("send: {me: alpha, count: 10, every: 20ms}", Send(("alpha",), (1,), 10, within=30.2, every_ms=20)),
        (
            "send: {me: [alpha, beta], count: 10, window: [1, 32], full: false}",
            Send(("alpha", "beta"), (1, 32), 10, full=False),
        ),
        ("sent: alpha", Sent(("alpha",))),
        ("run: version", Run((), "version")),
        ("run: {on: alpha, command: help, status: any}", Run(("alpha",), "help", status=None)),
        ("run: {on: [alpha, beta], command: help}", Run(("alpha", "beta"), "help")),
        (r'type: "a\n"', Type(None, "a\n")),
        ("expect.no_leak", ExpectNoLeak()),
        ("expect.violation: ring.payload", ExpectViolation("ring.payload")),
    ],
)
def test_spellings(text: str, expected: Step) -> None:
    assert step(text) == expected


def test_literal_text_is_no_expression() -> None:
    found = step('expect.console: {contains: "[vdummy] (a+b)"}')
    assert isinstance(found, ExpectConsole)
    assert found.pattern.search(b"x [vdummy] (a+b) y")


def test_a_list_of_store_entries_has_one_limit() -> None:
    found = step("expect.store: [{path: a, equals: 1}, {path: b, absent: true, within: 9s}]")
    assert isinstance(found, ExpectStore)
    assert ([w.path for w in found.wanted], found.within) == (["a", "b"], 9.0)


def test_what_counts_as_expectation() -> None:
    assert not step("inject: alpha").is_expectation
    assert step("inject: {me: alpha, refused: full}").is_expectation
    assert not step("send: {me: alpha, count: 1, background: true}").is_expectation
    assert step("send: {me: alpha, count: 1}").is_expectation


def test_repeat_has_children() -> None:
    found = step("repeat: {times: 3, steps: [inject: alpha, kill: alpha]}")
    assert isinstance(found, Repeat)
    assert ([child.name for child in found.children()], found.times) == (["inject", "kill"], 3)
