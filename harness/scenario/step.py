# SPDX-License-Identifier: GPL-2.0-only
"""What a step is, and the register that steps enter by being defined.

A file in `harness/scenario/steps` defines one or a few subclasses of `Step`; nothing else has to be
touched to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from harness.errors import SchemaError
from harness.yamlnode import Node, nearest

if TYPE_CHECKING:
    from harness.scenario.context import Context

_REGISTER: dict[str, type[Step]] = {}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a scenario has given, for steps to check against."""

    mes: Collection[str] = ()
    machines: Collection[str] = ()

    def machine(self, node: Node) -> str:
        """The name of a machine of this scenario.

        :raise SchemaError: no machine has that name.
        """
        name = node.string()
        if name not in self.machines:
            raise node.error(f"no machine '{name}' in this scenario", nearest(name, self.machines))
        return name

    def me(self, node: Node) -> str:
        """The name of an ME of this scenario.

        :raise SchemaError: no ME has that name.
        """
        name = node.string()
        self.check(name, node)
        return name

    def link(self, node: Node) -> tuple[str, str]:
        """``ME/TYPE`` as two names."""
        text = node.string()
        me, slash, kind = text.partition("/")
        if not slash or not kind or "/" in kind:
            raise node.expected("a link as ME/TYPE", "for instance alpha/vdummy")
        if me not in self.mes and kind in self.mes:
            raise node.expected("a link as ME/TYPE", f"did you mean {kind}/{me}?")
        self.check(me, node)
        return me, kind

    def check(self, name: str, node: Node) -> None:
        """:raise SchemaError: no ME has that name"""
        if name not in self.mes:
            raise node.error(f"no ME '{name}' in this scenario", nearest(name, self.mes))


class Step(ABC):
    """One thing to do or to expect.

    A subclass gives its name as a class argument: ``class Send(Step, name="send")``.

    :cvar expects: whether the step alone can make a scenario fail, so that it counts as expectation.
    :ivar where: ``file:line`` of the step.
    """

    name: ClassVar[str]
    expects: ClassVar[bool] = False
    where: str

    def __init_subclass__(cls, *, name: str = "", **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if name:
            cls.name = name
            _REGISTER[name] = cls

    @classmethod
    @abstractmethod
    def parse(cls, node: Node, names: Names) -> Step:
        """Make the step from its value in the scenario.

        :raise SchemaError: what is written there makes no sense.
        """

    @abstractmethod
    def run(self, ctx: Context) -> None:
        """Do it.

        :raise ExpectationFailed: what it expects did not come true.
        :raise GuestLost: a guest did not answer.
        """

    @property
    def is_expectation(self) -> bool:
        """Whether this very step states an expectation."""
        return self.expects

    def children(self) -> tuple[Step, ...]:
        """Steps inside this one."""
        return ()

    def describe(self) -> str:
        """A few words for the time line."""
        return self.name


def known_steps() -> dict[str, type[Step]]:
    """All steps by name; imports their modules the first time."""
    from harness.scenario import steps

    for module in pkgutil.iter_modules(steps.__path__):
        importlib.import_module(f"{steps.__name__}.{module.name}")
    return _REGISTER


def parse_steps(node: Node, names: Names) -> tuple[Step, ...]:
    """A list of steps: each item is a name alone or a mapping with one key.

    :raise SchemaError: an unknown step (the nearest name is told), or one that makes no sense.
    """
    return tuple(_parse_step(item, names) for item in node.sequence())


def _parse_step(item: Node, names: Names) -> Step:
    known = known_steps()
    if item.is_null:
        raise SchemaError("a '-' without a step", where=item.where, hint="write one behind it, or remove it")
    if item.is_mapping:
        name, value = item.single()
    else:
        name, value = item.string(), item
    if name not in known:
        raise SchemaError(f"unknown step '{name}'", where=item.where, hint=nearest(name, known))
    try:
        step = known[name].parse(value, names)
    except SchemaError as error:
        error.hint = error.hint or f"'python3 -m harness steps {name}' tells what it takes"
        raise
    object.__setattr__(step, "where", item.where)
    return step


def is_bare(node: Node, name: str) -> bool:
    """Whether the step was written as its name alone (``- boot``), or with nothing after the colon."""
    return node.is_null or (not node.is_mapping and not node.is_sequence and node.scalar() == name)


def within(entries: Mapping[str, Node], default: float) -> float:
    """The duration under the key ``within``, in seconds."""
    return entries["within"].duration() if "within" in entries else default
