# SPDX-License-Identifier: GPL-2.0-only
"""Ring fill and rates over time, out of the samples that backends take, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from harness.abi.devices import SLOT_SIZES, UNSOLICITED
from harness.abi.ring import RingIndices, entry_count
from harness.model.events import RingSample
from harness.model.link import LinkKey
from harness.model.ring import outstanding, sub32, went_back
from harness.report.observed import Timed, link_of
from harness.report.svg import line, number, picture, text

_WIDTH, _LEFT, _RIGHT = 360, 46, 350
_PANEL = 70
_MOST_POINTS = 300
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """Time in seconds, requests under way, and requests a second since the sample before (None: unknown)."""

    t: float
    fill: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Plot:
    """A ring's samples; `entries` is 0 if the device type is not known."""

    machine: str
    key: LinkKey
    entries: int
    samples: tuple[Sample, ...]

    @property
    def beyond(self) -> bool:
        """There was more under way than the ring has room for."""
        return any(0 < self.entries < sample.fill for sample in self.samples)


def plots(events: Sequence[Timed]) -> list[Plot]:
    """The rings of a run with at least two samples, by link."""
    found: dict[tuple[str, LinkKey], list[tuple[float, RingSample]]] = {}
    for timed in events:
        key = link_of(timed.event)
        if isinstance(timed.event, RingSample) and key is not None:
            found.setdefault((timed.machine, key), []).append((timed.t, timed.event))
    return [Plot(machine, key, _entries(key), _samples(key, found[machine, key]))
            for machine, key in sorted(found) if len(found[machine, key]) >= _FEWEST]


def _entries(key: LinkKey) -> int:
    return entry_count(*SLOT_SIZES[key.type]) if key.type in SLOT_SIZES else 0


def _samples(key: LinkKey, taken: Sequence[tuple[float, RingSample]]) -> tuple[Sample, ...]:
    made: list[Sample] = []
    before: tuple[int, RingIndices] | None = None
    for t, sample in taken:
        rate = None
        if before is not None and sample.ns > before[0] and \
                not went_back(sample.indices.req_prod, before[1].req_prod):
            moved = sub32(sample.indices.req_prod, before[1].req_prod)
            rate = moved * 1e9 / (sample.ns - before[0])  # the agency's clock: lines may arrive together
        made.append(Sample(t, _fill(key, sample.indices), rate))
        before = sample.ns, sample.indices
    step = -(-len(made) // _MOST_POINTS)
    # Of many the fullest of each few: a plot may leave out quiet moments, never a crowded one.
    return tuple(max(made[at:at + step], key=lambda one: one.fill) for at in range(0, len(made), step))


def _fill(key: LinkKey, indices: RingIndices) -> int:
    if key.type in UNSOLICITED:
        return sub32(indices.req_prod, indices.req_cons)
    return outstanding(indices)


def draw(plot: Plot) -> Markup:
    """Two panels over one axis of time: what is under way, and how many a second."""
    first, last = plot.samples[0].t, plot.samples[-1].t
    span = max(last - first, 1e-6)

    def x_of(t: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (t - first) / span

    top = float(max([plot.entries, *(sample.fill for sample in plot.samples), 1]))
    fill = [(x_of(sample.t), sample.fill / top) for sample in plot.samples]
    # Between two samples there is one rate, that of the later.
    rates = [(x_of(t), sample.rate) for before, sample in pairwise(plot.samples) if sample.rate is not None
             for t in (before.t, sample.t)]
    fastest = max((rate for _, rate in rates), default=0.0) or 1.0
    parts = [*_panel(16, "under way", number(top), fill, "fill")]
    if plot.beyond:
        parts.append(line(_LEFT, 16 + _PANEL * (1 - plot.entries / top), _RIGHT,
                          16 + _PANEL * (1 - plot.entries / top), "limit"))
    below = 16 + _PANEL + 26
    parts += _panel(below, "a second", _short(fastest), [(x, rate / fastest) for x, rate in rates], "rate")
    end = below + _PANEL + 13
    parts += [text(_LEFT, end, f"{first:.3f} s", "time"), text(_RIGHT, end, f"{last:.3f} s", "time", "end")]
    about = (f"Ring of {plot.key}: at most {max(sample.fill for sample in plot.samples)} under way "
             f"of {plot.entries or '?'}, at most {_short(fastest)} requests a second")
    return picture(_WIDTH, end + 6, about, Markup().join(parts), "ring")


def _panel(top: float, name: str, most: str, points: Sequence[tuple[float, float]], css: str) -> list[Markup]:
    floor = top + _PANEL
    path = "".join(f"{'L' if at else 'M'}{number(x)} {number(floor - _PANEL * part)}"
                   for at, (x, part) in enumerate(points))
    return [line(_LEFT, floor, _RIGHT, floor, "axis"), line(_LEFT, top, _LEFT, floor, "axis"),
            text(_LEFT - 4, top + 8, most, "time", "end"), text(_LEFT - 4, floor, "0", "time", "end"),
            text(_LEFT + 4, top - 4, name, "quiet"),
            Markup('<path class="{}" d="{}"/>').format(css, path) if path else Markup()]


def _short(value: float) -> str:
    return f"{value / 1000:.0f}k" if value >= 10_000 else f"{value:.0f}"
