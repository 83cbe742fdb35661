# SPDX-License-Identifier: GPL-2.0-only
"""Findings of other layers as violations: differences of device trees, failure patterns of consoles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from harness.check.rules import RULES
from harness.check.violation import Violation


class DifferenceLike(Protocol):
    """What this module needs of a difference of two device trees."""

    @property
    def path(self) -> str: ...
    @property
    def prop(self) -> str | None: ...
    @property
    def expected(self) -> object: ...
    @property
    def observed(self) -> object: ...


def tree_violations(guest: str, differences: Iterable[DifferenceLike]) -> Iterator[Violation]:
    """One violation per difference.

    :param guest: whose tree it is: `agency`, or the name of an ME
    """
    for found in differences:
        place = f"{guest}:{found.path}" + (f" {found.prop}" if found.prop else "")
        yield Violation("tree.differs", place, _shown(found.expected), _shown(found.observed))


def _shown(value: object) -> str:
    if value is None:
        return "absent"
    return value.hex() if isinstance(value, bytes) else str(value)


def console_violation(kind: str, console: str, line: str) -> Violation:
    """The violation for a failure pattern.

    :param kind: `panic`, `oops` and so on: the rule without `console.`; another name counts as `bug`
    :param line: the line that matched
    """
    rule = f"console.{kind}"
    if rule not in RULES:
        rule = "console.bug"
    return Violation(rule, console, RULES[rule], line.strip())
