# SPDX-License-Identifier: GPL-2.0-only
"""`harness drgn`: the memory that a failed run has left, at drgn's prompt or under a script."""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.report.gather import last_having
from harness.scenario.dumped import FACTS

_BANNER = """links(): the agency's links   tasks(): its processes   prog.stack_trace(task): where one waits"""


def main(arguments: argparse.Namespace) -> int:
    """Open it.

    :return: 0; a script that ends otherwise does so by itself
    """
    if arguments.x is not None and not arguments.x.is_file():
        raise UsageError("no such file of Python", where=str(arguments.x))
    if arguments.vmlinux is not None and not arguments.vmlinux.is_file():
        raise UsageError("no such file", where=str(arguments.vmlinux))
    run_dir = arguments.run or last_having(FACTS, "has left its memory")

    from harness.debug import postmortem

    prog = postmortem.program(run_dir, arguments.vmlinux)
    if arguments.x is not None:
        return _script(arguments.x, postmortem.names(prog))
    if not sys.stdin.isatty():
        raise UsageError("the prompt needs a terminal as standard input", where="drgn",
                         hint="-x FILE does without")

    from drgn.cli import run_interactive

    run_interactive(prog, lambda banner: f"{banner}\n{_BANNER}",
                    lambda given: {**given, **postmortem.names(prog)})
    return 0


def _script(file: Path, names: dict[str, Any]) -> int:  # Any: what a Python program has as its globals
    """Run it; its own mistakes are told as Python tells them, from its own lines on.

    :return: 0, or 1 after a mistake
    """
    try:
        runpy.run_path(str(file), names, "__main__")
    except Exception:  # noqa: BLE001 - whatever a script of the user's throws
        kind, error, at = sys.exc_info()
        while at is not None and at.tb_frame.f_code.co_filename != str(file):
            at = at.tb_next
        traceback.print_exception(kind, error, at)
        return 1
    return 0
