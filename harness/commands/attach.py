# SPDX-License-Identifier: GPL-2.0-only
"""`harness attach`: consoles, QMP and gdb of a machine that a run holds for a person."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress

from harness.debug import gdb
from harness.debug.attaching import Attached, FarConsole
from harness.debug.door import FILE
from harness.errors import GuestLost, HarnessError, UsageError
from harness.report.gather import last_having
from harness.terminal import attach, demand


def main(arguments: argparse.Namespace) -> int:
    """Do one of these, in this terminal.

    :return: gdb's exit status, or 0
    """
    if arguments.x is not None and not arguments.gdb:
        raise UsageError("-x names a file of commands for --gdb", where="attach", hint="add --gdb")
    if arguments.x is not None and not arguments.x.is_file():
        raise UsageError("no such file of gdb's commands", where=str(arguments.x))
    run_dir = arguments.run or last_having(FILE, "holds a machine")
    with Attached(run_dir) as attached:
        if arguments.gdb:
            status = gdb.run(attached.ask("gdb")["script"], arguments.x)
            _tell_state(attached)
            return status
        if arguments.qmp is not None:
            print(json.dumps(_qmp(attached, arguments.qmp), indent=2))
        elif arguments.go_on:
            with suppress(GuestLost):  # it may go on, and end, before it has answered
                attached.ask("go-on")
        else:
            _consoles(attached, arguments.console)
    return 0


def _tell_state(attached: Attached) -> None:
    """What a person has left behind, which neither gdb nor a console says."""
    with suppress(HarnessError):  # the run may have ended meanwhile
        runs = attached.ask("qmp", command="query-status")["return"]["status"] == "running"
        told = "the machine runs on" if runs else "the machine stands still; --go-on lets it run"
        print(f"harness: {told}", file=sys.stderr)


def _qmp(attached: Attached, text: str) -> object:
    command, _, rest = text.strip().partition(" ")
    try:
        given = json.loads(rest) if rest.strip() else {}
    except ValueError as error:
        raise UsageError(f"no JSON behind the command: {error}", where="--qmp") from error
    return attached.ask("qmp", command=command, arguments=given)["return"]


def _consoles(attached: Attached, first: str | None) -> None:
    if not sys.stdin.isatty():
        raise UsageError("consoles need a terminal as standard input", where="attach",
                         hint="--gdb -x FILE and --qmp COMMAND do without")
    told = attached.ask("machine")
    demand(first, told["consoles"])  # before the machine runs
    attached.ask("run")
    print("harness: the machine runs while you are on its consoles", file=sys.stderr)
    attach([FarConsole(attached, name) for name in told["consoles"]], first=first or told["first"],
           echo=told["echo"])
    _tell_state(attached)
