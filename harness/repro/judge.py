# SPDX-License-Identifier: GPL-2.0-only
"""Whether a version is good or bad: what its runs say, as often as it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.errors import HarnessError
from harness.outcome import Verdict
from harness.repro.outcome import Outcome
from harness.repro.search import State

# Runs a version once: how it ended, and where its folder is.
RunOnce = Callable[[str], tuple[Outcome, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What was found out about a version.

    :ivar why: how its last run ended, or why there was none.
    """

    state: State
    why: str
    run_dir: str


@dataclass
class Judge:
    """Judges versions. Bad is what fails as the first one that failed, or breaks `rule`.

    A version whose runs fail otherwise, or cannot be made, is unknown.

    :param times: a version is good if so many runs pass.
    :param tell: is told of each version as it is judged.
    :ivar runs: how many there were.
    """

    run_once: RunOnce
    times: int = 1
    rule: str = ""
    tell: Callable[[str, Said], None] = lambda version, said: None
    runs: int = 0
    said: dict[str, Said] = field(default_factory=dict)

    def look(self, version: str) -> State:
        """The state of a version."""
        self.said[version] = self._judged(version)
        self.tell(version, self.said[version])
        return self.said[version].state

    def _judged(self, version: str) -> Said:
        unknown: Said | None = None
        good = Said(State.UNKNOWN, "", "")
        for _ in range(self.times):
            self.runs += 1
            try:
                outcome, run_dir = self.run_once(version)
            except HarnessError as error:
                return Said(State.UNKNOWN, str(error), "")
            said = Said(self._state(outcome), str(outcome), run_dir)
            if said.state is State.BAD:
                return said
            good, unknown = said, unknown or (said if said.state is State.UNKNOWN else None)
        return unknown or good

    def _state(self, outcome: Outcome) -> State:
        if outcome.verdict is Verdict.PASS:
            return State.GOOD
        if outcome.verdict not in (Verdict.FAIL, Verdict.CRASH):
            return State.UNKNOWN
        self.rule = self.rule or _name(outcome)
        return State.BAD if _name(outcome) == self.rule else State.UNKNOWN


def _name(outcome: Outcome) -> str:
    return outcome.rule or outcome.kind
