# SPDX-License-Identifier: GPL-2.0-only
"""What a hunt has found: failures grouped by what broke, with their rate and seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from harness.hunt.campaign import Shot
from harness.outcome import Verdict, worst
from harness.wording import counted

_SHOWN_SEEDS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Runs that failed in the same way.

    :ivar again: what further runs of the first seed led to.
    """

    failure: str
    shots: tuple[Shot, ...]
    again: tuple[Shot, ...] = ()

    @property
    def first(self) -> Shot:
        """The run with the lowest seed."""
        return self.shots[0]

    @property
    def repeated(self) -> int:
        """How many of the further runs failed in the same way."""
        return sum(shot.failure == self.failure for shot in self.again)

    @property
    def identical(self) -> int:
        """How many of the further runs had the very same logs."""
        return sum(shot.logs == self.first.logs for shot in self.again)


@dataclass(frozen=True, slots=True)
class Bag:
    """All runs of a hunt, and what failed among them."""

    shots: tuple[Shot, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The worst of all runs."""
        return worst([shot.verdict for shot in self.shots])

    def lines(self) -> Iterator[str]:
        """For a person."""
        failed = sum(bool(shot.failure) for shot in self.shots)
        seconds = sum(shot.seconds for shot in self.shots) / max(1, len(self.shots))
        different = len({shot.logs for shot in self.shots})
        yield (f"{counted(len(self.shots), 'seed')}, {counted(different, 'different run')}, "
               f"{seconds:.1f} s each: {failed} failed ({100 * failed / max(1, len(self.shots)):.1f} %)")
        for finding in self.findings:
            yield from _lines(finding, len(self.shots))

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {"seeds": len(self.shots), "verdict": self.verdict.name,
                "findings": [{"failure": found.failure, "rate": len(found.shots) / len(self.shots),
                              "seeds": [shot.seed for shot in found.shots], "again": len(found.again),
                              "repeated": found.repeated, "identical": found.identical,
                              "reproduce": found.first.reproduce} for found in self.findings],
                "shots": [{**asdict(shot), "verdict": shot.verdict.name} for shot in self.shots]}


def group(shots: Sequence[Shot]) -> tuple[Finding, ...]:
    """Failed runs by what broke, the most frequent first."""
    by_failure: dict[str, list[Shot]] = {}
    for shot in sorted(shots, key=lambda shot: shot.seed):
        if shot.failure:
            by_failure.setdefault(shot.failure, []).append(shot)
    found = [Finding(failure, tuple(same)) for failure, same in by_failure.items()]
    return tuple(sorted(found, key=lambda finding: (-len(finding.shots), finding.first.seed)))


def _lines(finding: Finding, total: int) -> Iterator[str]:
    seeds = [str(shot.seed) for shot in finding.shots]
    more = f" and {len(seeds) - _SHOWN_SEEDS} more" if len(seeds) > _SHOWN_SEEDS else ""
    yield f"FOUND {finding.failure}: {len(seeds)} of {total} seeds"
    yield f"  reason     {finding.first.reason}"
    yield f"  seeds      {' '.join(seeds[:_SHOWN_SEEDS])}{more}"
    if finding.again:
        yield (f"  again      seed {finding.first.seed}: failed {finding.repeated} of {len(finding.again)} "
               f"times, {finding.identical} with identical logs")
    yield f"  folder     {finding.first.run_dir}"
    yield f"  reproduce  {finding.first.reproduce}"
