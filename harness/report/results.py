# SPDX-License-Identifier: GPL-2.0-only
"""The results of a session as a file, and several of them joined."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import UsageError
from harness.outcome import Verdict
from harness.report.facts import Facts, facts_of
from harness.report.table import Row
from harness.report.whole import write_whole
from harness.schedule.order import Shard
from harness.wording import fault_of

_KIND = "soo-results"
_SHOWN = 5
_BEGINNING = re.compile(rf'\s*{{\s*"kind": "{_KIND}"')


@dataclass(frozen=True, slots=True)
class Results:
    """What one session has to tell.

    :ivar shard: which part of how many, as ``1/3``.
    :ivar split: fingerprint of what the scenarios were split by.
    :ivar selected: names of all scenarios that were selected, those of other shards included.
    :ivar rows: the scenarios of this session.
    :ivar facts: what their run folders tell, by name of the scenario.
    """

    shard: str
    split: str
    selected: tuple[str, ...]
    rows: tuple[Row, ...]
    facts: Mapping[str, Facts] = field(default_factory=dict)


def found_below(rows: Sequence[Row]) -> dict[str, Facts]:
    """What the folders of these runs tell."""
    found = {row.name: facts_of(Path(row.folder)) for row in rows if row.folder}
    return {name: facts for name, facts in found.items() if facts is not None}


def write(results: Results, file: Path) -> None:
    """Write the file, as a whole or not at all.

    :raise HostError: it cannot be written
    """
    rows = [{"name": row.name, "verdict": row.verdict.name, "duration_s": round(row.duration, 3),
             "reason": row.reason, "exit_status": row.exit_status, "folder": row.folder,
             "reproduce": row.reproduce,
             "facts": results.facts[row.name].as_json() if row.name in results.facts else None}
            for row in results.rows]
    text = {"kind": _KIND, "shard": results.shard, "split": results.split,
            "selected": list(results.selected), "rows": rows}
    write_whole(file, json.dumps(text, indent=1) + "\n", "the results")


def is_results(file: Path) -> bool:
    """Whether a JSON file is one of ours, or what is left of one."""
    try:
        text = file.read_text(errors="replace")
    except OSError:
        return False
    try:
        found = json.loads(text)
    except ValueError:
        return _BEGINNING.match(text) is not None
    return isinstance(found, Mapping) and found.get("kind") == _KIND


def read(file: Path) -> Results:
    """:raise UsageError: it is no file of results"""
    try:
        text = json.loads(file.read_text())
        if text["kind"] != _KIND:
            raise ValueError("another kind of file")
        rows = tuple(Row(row["name"], Verdict[row["verdict"]], float(row["duration_s"]), row["reason"],
                         int(row["exit_status"]), str(row.get("folder", "")), str(row.get("reproduce", "")))
                     for row in text["rows"])
        facts = {row["name"]: Facts.from_json(row["facts"]) for row in text["rows"] if row.get("facts")}
        return Results(str(Shard.parse(text["shard"])), text["split"], tuple(text["selected"]), rows, facts)
    except json.JSONDecodeError as error:
        raise UsageError(f"no file of results: {fault_of(error)}", where=str(file),
                         hint="run that shard again: 'harness run --results FILE' writes the file") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"no file of results: {fault_of(error)}", where=str(file),
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
                      [(part.shard, file) for file, part in parts])
    rows = [row for _, part in parts for row in part.rows]
    _demand_each_once("scenario", example.selected,
                      [(row.name, file) for file, part in parts for row in part.rows])
    return tuple(sorted(rows, key=lambda row: row.name))


def _demand_each_once(what: str, expected: Sequence[str], found: Sequence[tuple[str, str]]) -> None:
    """:param found: names, each with the file that has it"""
    times = Counter(name for name, _ in found)
    wrong = {"missing": set(expected) - set(times), "not selected": set(times) - set(expected),
             "there more than once": {name for name in times if times[name] > 1}}
    for how, names in wrong.items():
        if names:
            files = _few({file for name, file in found if name in names} or {file for _, file in found})
            raise UsageError(f"{what} {_few(names)} is {how}", where="merge", hint=f"looked at {files}")


def _few(names: set[str]) -> str:
    shown = sorted(names)[:_SHOWN]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
