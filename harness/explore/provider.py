# SPDX-License-Identifier: GPL-2.0-only
"""Where Hypothesis takes its choices from, so that a seed means the same plans in every program."""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

BACKEND = "soo-plain"


class PlainProvider(HypothesisProvider):
    """Hypothesis' own, without the constants that it finds in the modules that happen to be loaded.

    Those differ between the command and the tests, and say nothing about the life of an ME.
    """

    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.0) -> None:
        return None


AVAILABLE_PROVIDERS[BACKEND] = f"{__name__}.{PlainProvider.__qualname__}"
