# SPDX-License-Identifier: GPL-2.0-only
"""The command line, inside the virtual environment: `python -m harness.cli COMMAND`.

Imports of this module stay within the standard library: the set-up reads the command line with it
before anything is installed. Each command lives in `harness.commands` and is imported when it is asked
for.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from harness.errors import HarnessError
from harness.grammar import parser
from harness.output import lost, tell

# What these end with is no verdict on anything.
_TELLING = ("cache", "completion", "coverage", "doctor", "durations", "history", "images", "show", "steps")


class Interrupts:
    """Makes SIGTERM and SIGHUP unwind the stack as Ctrl-C does, and remembers which it was."""

    def __init__(self) -> None:
        self.status = 128 + signal.SIGINT
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._terminate)

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self.status = 128 + number
        raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    :return: exit status: 0 all well; 1 FAIL or CRASH; 2 the user's mistake; 3 the host lacks
        something; 130 and 143 for SIGINT and SIGTERM, 141 if who reads the output of a verdict has gone.
    """
    interrupts = Interrupts()
    judges = False
    try:
        arguments = parser().read(argv)
        judges = arguments.command not in _TELLING
        command = importlib.import_module(f"harness.commands.{arguments.command}")
        status: int = command.main(arguments)
        sys.stdout.flush()
    except HarnessError as error:
        tell(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        tell("interrupted")
        return interrupts.status
    except OSError as error:
        return lost(error, judges=judges)
    return status


def program() -> NoReturn:
    """Run one command as a process."""
    status = main()
    if status > 128:
        # CPython reports SIGINT for any interrupt that went through an import, whatever it was.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    program()
