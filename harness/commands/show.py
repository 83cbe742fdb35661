# SPDX-License-Identifier: GPL-2.0-only
"""`harness show`: a stored run in the terminal, the cause first."""

from __future__ import annotations

import argparse
import shutil

from harness.errors import UsageError
from harness.report.gather import last_bad
from harness.report.stored import RESULT, broken_off, read_run
from harness.report.terminal import show


def main(arguments: argparse.Namespace) -> int:
    """Print it.

    :return: 0, whatever its verdict is
    :raise UsageError: the folder is not that of a run, or none has failed here
    """
    folder = arguments.run
    if folder is None:
        run = last_bad()
    elif (folder / RESULT).is_file():
        run = read_run(folder)
    elif (folder / "manifest.json").is_file() or list(folder.glob("console-*.log")):
        run = broken_off(folder)
    else:
        what = "is not the folder of a run" if folder.exists() else "no such folder"
        raise UsageError(what, where=str(folder),
                         hint="runs are below build/runs; without a name it is the last that failed")
    for line in show(run, max(60, shutil.get_terminal_size().columns)):
        print(line)
    return 0
