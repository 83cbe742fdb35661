# SPDX-License-Identifier: GPL-2.0-only
"""A broken rule, as every validator reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One observation that breaks one named rule.

    :ivar rule: name of the rule, ``group.what``, for instance ``ring.no_overrun``.
    :ivar place: where it was seen: a store path, a link, a console, a tree node.
    :ivar expected: what the rule demands, in words.
    :ivar observed: what was there, in words.
    :ivar event: the event line before it, or None if the check was not driven by events.
    """

    rule: str
    place: str
    expected: str
    observed: str
    event: str | None = None

    def __str__(self) -> str:
        tail = f" (after: {self.event})" if self.event else ""
        return f"{self.rule} at {self.place}: expected {self.expected}, observed {self.observed}{tail}"

    def as_dict(self) -> Mapping[str, str | None]:
        """The same as plain values, for JSON."""
        return {
            "rule": self.rule,
            "place": self.place,
            "expected": self.expected,
            "observed": self.observed,
            "event": self.event,
        }
