# SPDX-License-Identifier: GPL-2.0-only
"""Commands about what runs have left."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.arguments import Parser, positive
from harness.grammar.values import COUNT, FROM_1, Commands


def add(commands: Commands, common: Parser) -> None:
    """Add them."""
    _add_history(commands.add_parser("history", parents=[common], help="what many nights tell"))
    _add_stored(commands, common)


def _add_stored(commands: Commands, common: Parser) -> None:
    """What looks at what runs have left."""
    check = commands.add_parser("check", parents=[common], help="judge the event logs of finished runs")
    check.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a run, or an event log")
    coverage = commands.add_parser("coverage", parents=[common], help="what stored runs have reached")
    coverage.add_argument("runs", nargs="*", type=Path, metavar="RUN",
                          help="folder of a run, or of runs (default: build/runs)")
    coverage.add_argument("--json", type=Path, metavar="FILE", help="also write the table to this file")
    coverage.add_argument("--lines", action="store_true",
                          help="also lines of the guests' sources that the host build reaches")
    cache = commands.add_parser("cache", parents=[common], help="what the cache has, how large and how old")
    cache.add_argument("--prune", action="store_true", help="remove what is too old or too much")
    durations = commands.add_parser("durations", parents=[common], help="how long scenarios took here")
    durations.add_argument("--json", type=Path, metavar="FILE", help="write them for --durations-from")
    merge = commands.add_parser("merge", parents=[common], help="join the results of shards")
    merge.add_argument("parts", nargs="+", type=Path, metavar="PART",
                       help="file of --results or --junitxml, or a folder with such files")
    merge.add_argument("--junitxml", type=Path, metavar="FILE", help="write one JUnit report")
    report = commands.add_parser("report", parents=[common], help="stored runs as one HTML page")
    report.add_argument("runs", nargs="*", type=Path, metavar="RUN",
                        help="folder of a run, or of runs, or file of --results (default: the last session)")
    report.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: build/report.html")
    report.add_argument("--markdown", type=Path, metavar="FILE", help="also a summary for pages of CI")
    show = commands.add_parser("show", parents=[common], help="a stored run in the terminal, the cause first")
    show.add_argument("run", nargs="?", type=Path, metavar="RUN",
                      help="folder of a run (default: the last one that failed)")


def _add_history(history: argparse.ArgumentParser) -> None:
    history.add_argument("--history", type=Path, metavar="FILE", help="default: build/history.sqlite3")
    history.add_argument("--add", nargs="+", type=Path, metavar="PATH",
                         help="record files of 'run --results', or run folders, or folders of either")
    history.add_argument("--night", metavar="DATE", help="--add: the night that they belong to (today)")
    history.add_argument("--html", type=Path, metavar="FILE", help="write one page about all of it")
    history.add_argument("--nights", type=FROM_1, default=60, metavar="N",
                         help="flake rates, drift and drawings are of the last N nights (60)")
    history.add_argument("--last", type=COUNT, default=3, metavar="K",
                         help="drift: this many nights are the present (3)")
    history.add_argument("--threshold", type=positive, default=20.0, metavar="PERCENT",
                         help="drift: by which medians must differ (20)")
