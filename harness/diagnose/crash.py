# SPDX-License-Identifier: GPL-2.0-only
"""Causes that a guest has printed: an oops, a BUG, a panic, a lockup, an exception of an ME."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.diagnose import report, standing
from harness.diagnose.evidence import Cause, Evidence
from harness.diagnose.model import Frame
from harness.diagnose.patterns import Hit, plain
from harness.diagnose.report import Report
from harness.diagnose.waits import spot

# The reporter is another one than the culprit: where CPUs and tasks stand tells more than its back trace.
_BYSTANDER = ("kernel.rcu_stall", "kernel.soft_lockup", "kernel.hard_lockup", "kernel.workqueue_lockup",
              "kernel.hung_task")
_MOST = 2


def crashed(given: Evidence, hit: Hit) -> Cause:
    """What a known line of a console means."""
    said = report.read(given.moments, hit.index)
    if hit.known.key.startswith("me."):
        return _of_me(given, hit, said)
    if hit.known.key in _BYSTANDER:
        return _stuck(given, hit, said)
    frames = given.located(said.frames)
    where = _own(frames)
    who = f" (task {said.task}, cpu{said.cpu})" if said.task else ""
    if where is None:
        return Cause(hit.title, f"{_line(hit)}{who}", hit.known.key, hit.at)
    caller = _caller(frames, where)
    path = f", called from {caller}" if caller is not None else ""
    return Cause(f"{hit.title} in {where}",
                 f"{hit.title.partition(': ')[0]} in {standing.at(where)}{path}{who}: {_line(hit)}",
                 hit.known.key, hit.at)


def _stuck(given: Evidence, hit: Hit, said: Report) -> Cause:
    """A watchdog barked: those that stand in a module first, then those that run at all."""
    found = list(standing.busy(standing.of_agency(given.places)))
    if not found:
        frames = given.located(said.frames)
        where = spot(frames)
        place = f" in {standing.at(where)}" if where is not None else ""
        return Cause(hit.title, f"{hit.title}{place}: {_line(hit)}", hit.known.key, hit.at)
    where = spot(found[0].frames)
    clauses = "; ".join(standing.clause(place) for place in found[:_MOST])
    return Cause(f"{hit.title}: {standing.kind(found[0])} in {where}", f"{hit.title}: {clauses}",
                 hit.known.key, hit.at)


def _of_me(given: Evidence, hit: Hit, said: Report) -> Cause:
    name = hit.at.source
    slot = re.fullmatch(r"(?:.*/)?me(\d+)", name)
    owner = f"ME {slot[1]}" if slot is not None else name
    if slot is not None and int(slot[1]) in given.names:
        owner += f" ({given.names[int(slot[1])]})"
    frame = given.me_frame(said.elr) if said.elr else None
    if frame is None:
        return Cause(hit.title, f"{owner} has stopped: {_line(hit)}", hit.known.key, hit.at)
    frame = given.located((frame,))[0]
    return Cause(f"{hit.title} in {frame}",
                 f"{owner} has stopped: exception in {standing.at(frame)}, thread {said.task or '?'}, "
                 f"about address {said.far:#x}", hit.known.key, hit.at)


def _own(frames: Sequence[Frame]) -> Frame | None:
    """The innermost function of a module; without one the innermost at all."""
    return next((frame for frame in frames if frame.image != "kernel"), frames[0] if frames else None)


def _caller(frames: Sequence[Frame], where: Frame) -> Frame | None:
    outer = frames[frames.index(where) + 1:]
    return next((frame for frame in outer if frame.image == where.image), None)


def _line(hit: Hit) -> str:
    """What was printed, without what differs from boot to boot."""
    return plain(hit.at.text)
