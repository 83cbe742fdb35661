# SPDX-License-Identifier: GPL-2.0-only
"""`harness report`: stored runs as one HTML file, and as a summary in Markdown."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.report.gather import gather
from harness.report.markdown import summary
from harness.report.page import write
from harness.report.whole import write_whole
from harness.wording import counted

OUTPUT = Path("build") / "report.html"


def main(arguments: argparse.Namespace) -> int:
    """Write the report, and tell where it is.

    :return: 0, whatever the runs' verdicts are: those are the exit status of `harness run`.
    :raise UsageError: there is no run, or one is damaged
    :raise HostError: a file cannot be written
    """
    runs = gather(arguments.runs)
    out = arguments.output or OUTPUT
    size = write(runs, out)
    bad = sum(run.bad for run in runs)
    print(f"{out}: {counted(len(runs), 'run')}, {bad} failed, {size / 1e6:.2f} MB")
    if arguments.markdown is not None:
        write_whole(arguments.markdown, summary(runs), "the summary")
        print(f"{arguments.markdown}: the same as a summary")
    return 0
