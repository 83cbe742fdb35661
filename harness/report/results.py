# SPDX-License-Identifier: GPL-2.0-only
"""The results of a session as a file, and several of them joined."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HostError, UsageError
from harness.outcome import Verdict
from harness.report.table import Row
from harness.schedule.order import Shard

_KIND = "soo-results"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Results:
    """What one session has to tell.

    :ivar shard: which part of how many, as ``1/3``.
    :ivar split: fingerprint of what the scenarios were split by.
    :ivar selected: names of all scenarios that were selected, those of other shards included.
    :ivar rows: the scenarios of this session.
    """

    shard: str
    split: str
    selected: tuple[str, ...]
    rows: tuple[Row, ...]


def write(results: Results, file: Path) -> None:
    """:raise HostError: the file cannot be written"""
    rows = [{"name": row.name, "verdict": row.verdict.name, "duration_s": round(row.duration, 3),
             "reason": row.reason, "exit_status": row.exit_status} for row in results.rows]
    text = {"kind": _KIND, "shard": results.shard, "split": results.split,
            "selected": list(results.selected), "rows": rows}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(text, indent=1) + "\n")
    except OSError as error:
        raise HostError(f"cannot write the results: {error.strerror}", where=str(file)) from error


def is_results(file: Path) -> bool:
    """Whether a JSON file is one of ours."""
    try:
        text = json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    return isinstance(text, Mapping) and text.get("kind") == _KIND


def read(file: Path) -> Results:
    """:raise UsageError: it is no file of results"""
    try:
        text = json.loads(file.read_text())
        if text["kind"] != _KIND:
            raise ValueError("another kind of file")
        rows = tuple(Row(row["name"], Verdict[row["verdict"]], float(row["duration_s"]), row["reason"],
                         int(row["exit_status"])) for row in text["rows"])
        return Results(str(Shard.parse(text["shard"])), text["split"], tuple(text["selected"]), rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"no file of results: {error!r}", where=str(file),
                         hint="'harness run --results FILE' writes one") from error


def join(parts: Sequence[tuple[str, Results]]) -> tuple[Row, ...]:
    """The rows of all shards of one set of scenarios, each scenario once.

    :param parts: the shards, each with the name of its file.
    :raise UsageError: a shard or a scenario is missing or there twice, or they do not belong together
    """
    (first, example), *others = parts
    count = Shard.parse(example.shard).count
    for file, part in others:
        if Shard.parse(part.shard).count != count:
            raise UsageError(f"shard {part.shard} and shard {example.shard} of {first} are not of one split",
                             where=file)
        if part.selected != example.selected:
            raise UsageError(f"other scenarios were selected than in {first}: "
                             f"{_few(set(part.selected) ^ set(example.selected))}", where=file)
        if part.split != example.split:
            raise UsageError(f"split by other durations than {first}", where=file,
                             hint="give all shards the same file with --durations-from")
    _demand_each_once("shard", [f"{index}/{count}" for index in range(1, count + 1)],
                      [part.shard for _, part in parts])
    rows = [row for _, part in parts for row in part.rows]
    _demand_each_once("scenario", example.selected, [row.name for row in rows])
    return tuple(sorted(rows, key=lambda row: row.name))


def _demand_each_once(what: str, expected: Sequence[str], found: Sequence[str]) -> None:
    wrong = {"missing": set(expected) - set(found), "not selected": set(found) - set(expected),
             "there more than once": {name for name, times in Counter(found).items() if times > 1}}
    for how, names in wrong.items():
        if names:
            raise UsageError(f"{what} {_few(names)} is {how}", where="merge")


def _few(names: set[str]) -> str:
    shown = sorted(names)[:_SHOWN]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
