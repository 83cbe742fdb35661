# SPDX-License-Identifier: GPL-2.0-only
"""`harness durations`: how long scenarios took on this host, the longest first."""

from __future__ import annotations

import argparse
import sys

from harness.errors import UsageError
from harness.schedule.durations import Durations, write_file


def main(arguments: argparse.Namespace) -> int:
    """Print the recorded durations; with --json write them for other hosts.

    :raise UsageError: none are recorded
    """
    durations = Durations(tell=lambda line: print(f"harness: {line}", file=sys.stderr))
    known = durations.known()
    if not known:
        raise UsageError("no duration is recorded here yet", where=str(durations.file),
                         hint="'harness run' records them")
    if arguments.json is not None:
        write_file(arguments.json, known)
    for key, seconds in sorted(known.items(), key=lambda item: (-item[1], item[0])):
        print(f"{seconds:8.2f} s  {key}")
    return 0
