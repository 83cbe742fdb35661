# SPDX-License-Identifier: GPL-2.0-only
"""The first step of every command: refuse bad command lines, provide what is missing, change over."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from harness.bootstrap import debian, doctor
from harness.bootstrap.environment import Environment, cache_root
from harness.errors import HarnessError
from harness.output import lost, open_closed, tell


def main(argv: Sequence[str]) -> int:
    """Set up and run `harness.cli` with the same arguments; returns only if that did not happen.

    :return: exit status: 2 bad command line, 3 the host lacks something, 130 or 143 interrupted.
    """
    from harness.grammar import parser  # after the check of Python's version in `harness.__main__`

    open_closed()
    arguments = parser().read(argv)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        environment = Environment(cache_root())
        if arguments.command == "doctor":
            status = doctor.main(environment)
            sys.stdout.flush()
            return status
        _provide(arguments.command, environment, install=not arguments.no_install)
    except HarnessError as error:
        tell(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        tell("interrupted")
        return 130
    except OSError as error:
        return lost(error)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return _change_over(environment, argv)


def _provide(command: str, environment: Environment, *, install: bool) -> None:
    lacking = debian.missing(debian.needed(command, environment_complete=environment.complete))
    if lacking:
        debian.provide(lacking, allowed=install)
    environment.provide()


def _change_over(environment: Environment, argv: Sequence[str]) -> int:
    if environment.active:
        from harness.cli import main as cli_main

        return cli_main(argv)
    python = str(environment.python)
    try:
        os.execv(python, [python, "-m", "harness.cli", *argv])
    except OSError as error:
        tell(f"{python}: {error.strerror}; remove {environment.path} to have it made again")
    return 3


def _terminated(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
