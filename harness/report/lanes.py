# SPDX-License-Identifier: GPL-2.0-only
"""The time line as a picture: a lane for each source of lines, and one for each side of each link.

A lane is drawn in milliseconds of its own, so that zooming is no more than another view box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.abi.vbus import state_text
from harness.model.device import Side
from harness.model.events import DomainEvent, DomainOp, StoreEvent, StoreOp
from harness.model.link import LinkKey, parse_entry
from harness.report.observed import Timed, is_stream
from harness.report.stored import Moment

# What the harness notes by itself; all other sources are consoles and monitors.
HOST = ("runner", "step", "verdict", "traffic", "attack", "vuart", "leak")
_HEIGHT = 10
_MOST_MARKS = 1500
_MOST_BANDS = 400


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the picture; `states` are those that it shows, by number, for the legend."""

    name: str
    picture: Markup
    states: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is shown, in whole milliseconds."""

    since: int
    until: int

    @classmethod
    def of(cls, moments: Sequence[Moment]) -> Span:
        """All of them, and a little more at the end."""
        times = [moment.t for moment in moments] or [0.0]
        since, until = int(min(times) * 1000), int(max(times) * 1000) + 1
        return cls(since, until + max(1, (until - since) // 100))


def lanes(moments: Sequence[Moment], events: Sequence[Timed], stream: str, bad: Moment | None) -> list[Lane]:
    """The lanes that have anything in them: the host's, links, the store, QMP, consoles."""
    span = Span.of(moments)
    mark = "" if bad is None else f"M{int(bad.t * 1000)} 0v{_HEIGHT}"
    by_source: dict[str, list[float]] = {}
    for moment in moments:
        if not is_stream(moment, stream):
            name = "host" if moment.source in HOST else moment.source
            by_source.setdefault(name, []).append(moment.t)
    writes = [timed.t for timed in events if isinstance(timed.event, StoreEvent)]
    others = [timed.t for timed in events if not isinstance(timed.event, StoreEvent)]
    marked = {"store": writes, "other events": others}
    order = sorted(by_source, key=lambda name: (name != "host", name.rpartition("/")[2] == "qmp", name))
    found = [_marks(name, by_source[name], span, mark) for name in order if name == "host"]
    found += _links(events, span, mark)
    found += [_marks(name, times, span, mark) for name, times in marked.items() if times]
    return found + [_marks(name, by_source[name], span, mark) for name in order if name != "host"]


def _marks(name: str, times: Sequence[float], span: Span, bad: str) -> Lane:
    at = sorted({int(t * 1000) for t in times})
    step = -(-len(at) // _MOST_MARKS)
    path = "".join(f"M{ms} 1v{_HEIGHT - 2}" for ms in at[::step])
    return Lane(name, _strip(Markup('<path class="marks" d="{}"/>').format(path), span, bad))


def _links(events: Sequence[Timed], span: Span, bad: str) -> list[Lane]:
    changes: dict[tuple[str, LinkKey, Side], list[tuple[int, int | None]]] = {}
    for timed in events:
        event, ms = timed.event, int(timed.t * 1000)
        if isinstance(event, DomainEvent) and event.op is DomainOp.DESTROY:
            for (machine, key, _), made in changes.items():
                if machine == timed.machine and key.dom == event.dom:
                    made.append((ms, None))
        if not isinstance(event, StoreEvent) or event.op is not StoreOp.WRITE:
            continue
        entry = parse_entry(event.path)
        if entry is not None and entry[2] == "state":
            changes.setdefault((timed.machine, *entry[:2]), []).append((ms, _state(event.value or "")))
    return [_bands(f"{f'{machine}/' if machine else ''}{key} {side.value}", changes[machine, key, side],
                   span, bad)
            for machine, key, side in sorted(changes, key=lambda one: (one[0], one[1], one[2].value))]


def _state(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 3 else None


def _bands(name: str, changes: Sequence[tuple[int, int | None]], span: Span, bad: str) -> Lane:
    kept = changes[-_MOST_BANDS:]
    ends = [ms for ms, _ in kept[1:]] + [span.until]
    parts = [Markup('<rect class="s{}" x="{}" y="1" width="{}" height="{}"><title>{}</title></rect>').format(
        state, since, max(1, until - since), _HEIGHT - 2, state_text(state))
        for (since, state), until in zip(kept, ends, strict=True) if state is not None]
    return Lane(name, _strip(Markup().join(parts), span, bad),
                frozenset(state for _, state in kept if state is not None))


def _strip(content: Markup, span: Span, bad: str) -> Markup:
    line = Markup('<path class="bad" d="{}"/>').format(bad) if bad else Markup()
    whole = '<svg viewBox="{} 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}{}</svg>'
    return Markup(whole).format(span.since, span.until - span.since, _HEIGHT, content, line)
