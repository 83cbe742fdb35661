# SPDX-License-Identifier: GPL-2.0-only
"""Event streams and consoles that reach given rows, each row by lines of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.abi.soo import MeState
from harness.coverage.expected import FE_ENTRIES
from harness.coverage.rows import DcStep, Kind, Row
from harness.model.dc import RECEIVERS
from harness.model.device import Side

_DONE = {DcStep.SENT: "send", DcStep.ACKNOWLEDGED: "ack", DcStep.REFUSED: "ack"}


def _number(label: str) -> int:
    return int(label.rpartition("(")[2].rstrip(")"))


def _path(side: Side, dom: int) -> str:
    return f"backend/vdummy/{dom}/0/state" if side is Side.BE else f"device/{dom}/vdummy/0/state"


def _write(side: Side, dom: int, state: int, op: str = "write") -> str:
    return f"store {op} dom={dom} tx=0 path={_path(side, dom)} val={state}"


def _of_states(row: Row, dom: int) -> list[str]:
    side = Side(row.name[:2])
    probe = [f"vbus probe dev=backend/vdummy/{dom}/0"] if side is Side.BE else []
    old, arrow, new = row.name[3:].partition(" -> ")
    if not arrow:
        return [_write(side, dom, _number(old))]
    if row.kind is Kind.END:
        dev = _path(side, dom).removesuffix("/state")
        return [_write(side, dom, _number(old)), *probe, f"error report dev={dev} code=-5 text=x",
                _write(side, dom, _number(new))]
    if row.kind is Kind.ARROW:
        return [_write(side, dom, _number(old)), *probe, _write(side, dom, _number(new))]
    if side is Side.BE:
        return []  # what a frontend refuses of its backend stands on its console
    return [_write(side, dom, _number(old)), _write(side, dom, _number(new), "refuse")]


def _of_life(row: Row, dom: int) -> list[str]:
    states = [MeState[word.upper()] for word in row.name.split(" -> ")]
    lines = [f"domain create dom={dom} pid=1 spid=1 incarnation=0 name=x"]
    lines += [f"domain state dom={dom} state={state.name.lower()}" for state in states
              if state is not MeState.BOOTING]
    return lines


def _of_message(row: Row) -> list[str]:
    if row.name.endswith("to an ME"):
        return ["watch event dom=2 path=device/2"]
    name, _, answer = row.name.rpartition(" answered")
    op = "served" if name else "refused"
    name = (name or answer.removesuffix(" refused with ERROR")).lower()
    return [f"message {op} dom=2 type={'unknown' if name == 'no type' else name} err=0"]


def _of_dc(row: Row) -> list[str]:
    event = next(event for event in RECEIVERS if row.name.startswith(f"{event.name} "))
    step = DcStep(row.name.rpartition(": ")[2])
    err = " err=-111" if step is DcStep.REFUSED else ""
    return [f"dc {_DONE[step]} dom=2 event={event.name.lower()} to={RECEIVERS[event].value}{err}"]


def lines_for(row: Row, dom: int) -> list[str]:
    """The event lines by which `row` is reached in domain `dom`; none if its place is a console."""
    if row.kind in (Kind.STATE, Kind.ARROW, Kind.END, Kind.REFUSED):
        return _of_states(row, dom)
    if row.kind in (Kind.LIFE, Kind.LIFE_ARROW):
        return _of_life(row, dom)
    if row.kind is Kind.MESSAGE:
        return _of_message(row)
    if row.kind is Kind.DC:
        return _of_dc(row)
    side, device, op = row.name.split(" ")
    return [f"vbus {op.removesuffix('()')} dev=backend/{device}/2/0"] if side == "BE" else []


def console_for(row: Row) -> str:
    """What an ME prints when it reaches `row`; empty if its place is the event stream."""
    side, *words = row.name.split(" ", 2)
    if row.kind is Kind.ENTRY and side == "FE":
        name = words[1].removesuffix("()")
        assert name in FE_ENTRIES
        return f"[{words[0]}] Frontend {'close' if name == 'closed' else name}\r\n"
    if row.kind is Kind.REFUSED and side == "BE":
        old, _, new = row.name[3:].partition(" -> ")
        return f"[vdummy] backend state {_number(new)} after {_number(old)} in own state 1: refused\r\n"
    return ""


def store_run(root: Path, number: int, name: str, rows: Iterable[Row], *, verdict: str = "PASS",
              lines: Sequence[str] = (), build: str = "1") -> Path:
    """The folder of a finished run that reached `rows`."""
    folder = root / f"20260101-{number:06}-x"
    folder.mkdir(parents=True)
    wanted = list(rows)
    events = ["stream begin revision=1", *lines]
    events += [line for dom, row in enumerate(wanted, 10) for line in lines_for(row, dom)]
    log = "".join(f"{at} {at} {line}\n" for at, line in enumerate(events))
    (folder / "console-soo.events.log").write_text(log)
    (folder / "console-me2.log").write_text("".join(console_for(row) for row in wanted))
    (folder / "result.json").write_text(json.dumps({
        "name": name, "verdict": verdict, "facts": {"images": "ref", "images key": build}}))
    return folder


