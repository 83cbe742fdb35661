# SPDX-License-Identifier: GPL-2.0-only
"""How a run ended, in so far as another one can end the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.outcome import Verdict
from harness.scenario.result import Result

_PATH = re.compile(r"(?<![\w.])(?:[\w.@+-]*/)+(?=[\w.@+-])")
_HEX = re.compile(r"\b0x[0-9a-fA-F]+\b|\b[0-9a-f]{8,}\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# Rules of steps: the same step can fail for another reason, which only what it saw can tell.
_OF_STEPS = "expect."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, the first broken rule and its place.

    :ivar rule: empty if no rule was broken; then `kind` tells what ended the run, without its numbers.
    :ivar reason: the same in full, for a person.
    :ivar line: line of the scenario whose step failed; empty if none did.
    """

    verdict: Verdict
    rule: str = ""
    place: str = ""
    expected: str = ""
    observed: str = ""
    kind: str = ""
    line: str = ""
    reason: str = field(default="", compare=False)

    @classmethod
    def of(cls, result: Result) -> Outcome:
        """Of a run that has just ended."""
        first = result.violations[0] if result.violations else None
        kind, line = _kind(result.reason), _line(result.where)
        if first is None:
            return cls(result.verdict, kind=kind, line=line, reason=result.reason)
        return cls(result.verdict, first.rule, first.place, first.expected, first.observed, kind, line,
                   result.reason)

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Outcome:
        """Of a stored `result.json`.

        :raise KeyError, TypeError: it is none
        """
        violations = values["violations"]
        found = [str(violations[0][name]) if violations else "" for name in _FIELDS]
        rule, place, expected, observed = found
        return cls(Verdict[values["verdict"]], rule, place, expected, observed,
                   _kind(values["reason"]), _line(values["where"]), values["reason"])

    @property
    def failed(self) -> bool:
        """Whether it is no PASS and no SKIP."""
        return self.verdict > Verdict.SKIP

    def __str__(self) -> str:
        if self.rule:
            return f"{self.verdict.name}: {self.rule} at {self.place}"
        told = self.reason.split("; ")[0] or self.kind
        return f"{self.verdict.name}: {told}" if told else self.verdict.name

    def differences(self, other: Outcome) -> Iterator[str]:
        """What of `other` is not the same failure in the same place; nothing if it is."""
        names = ("verdict", "rule", "place") if self.rule and other.rule else ("verdict", "rule", "kind")
        for name in names:
            was, now = (_shown(getattr(outcome, name)) for outcome in (self, other))
            if was != now:
                yield f"{name} was {was}, now {now}"

    def alike(self, other: Outcome) -> bool:
        """The same failure, wherever it is: domains have other numbers in a smaller scenario."""
        if (self.verdict, self.rule) != (other.verdict, other.rule):
            return False
        if not self.rule:
            return self.kind == other.kind
        return not self.rule.startswith(_OF_STEPS) or self._seen() == other._seen()

    def _seen(self) -> tuple[str, ...]:
        return tuple(plain(text) for text in (self.place, self.expected, self.observed))


_FIELDS = ("rule", "place", "expected", "observed")


def _kind(reason: str) -> str:
    """What ended a run, without where each CPU stood and without what differs from run to run."""
    where, colon, what = reason.split("; ")[0].partition(": ")
    return plain(where.rpartition("/")[2] + colon + what)  # a folder's name may have blanks


def plain(text: str) -> str:
    """A text without numbers, addresses and the folders of files."""
    return _NUMBER.sub("#", _HEX.sub("#", _PATH.sub("", text)))


def _line(where: str) -> str:
    return where.rpartition(":")[2] if ":" in where else ""


def _shown(value: object) -> str:
    if isinstance(value, Verdict):
        return value.name
    return f"'{value}'" if value else "none"
