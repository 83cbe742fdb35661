# SPDX-License-Identifier: GPL-2.0-only
"""The command line, inside the virtual environment: `python -m harness.cli COMMAND`.

Imports of this module stay within the standard library: the set-up reads the command line with it
before anything is installed. Each command lives in `harness.commands` and is imported when it is asked
for.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from harness.errors import HarnessError


class Interrupts:
    """Makes SIGTERM and SIGHUP unwind the stack as Ctrl-C does, and remembers which it was."""

    def __init__(self) -> None:
        self.status = 128 + signal.SIGINT
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._terminate)

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self.status = 128 + number
        raise KeyboardInterrupt


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--no-install",
        action="store_true",
        help="if Debian packages are missing, print the line that installs them and fail",
    )
    images = argparse.ArgumentParser(add_help=False)
    images.add_argument(
        "--images", type=Path, action="append", default=[], metavar="DIR", help="folder with more image sets"
    )
    top = argparse.ArgumentParser(
        prog="harness", description="Boots a SOO system under QEMU and checks backends and frontends."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    both = [common, images]
    _add_run(commands.add_parser("run", parents=both, help="run scenarios"))
    _add_test(commands.add_parser("test", parents=[common], help="test the harness itself, as tox does"))
    _add_images(commands.add_parser("images", parents=both, help="build or look at image sets"))
    _add_boot(commands.add_parser("boot", parents=both, help="a machine with this terminal on it"))
    _add_bench(commands.add_parser("bench", parents=both, help="measure against plain QEMU and pexpect"))
    _add_explore(commands.add_parser("explore", parents=both, help="random orders to MEs; shrink what fails"))
    _add_hunt(commands.add_parser("hunt", parents=both, help="one scenario under many interleavings"))
    _add_fuzz(commands.add_parser("fuzz", parents=[common], help="fuzz the guests' C code on this host"))
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
    steps = commands.add_parser("steps", parents=[common], help="what the steps of scenarios are and take")
    steps.add_argument("names", nargs="*", metavar="STEP", help="only these")
    return top


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("paths", nargs="*", help="scenarios or folders of them (default: scenarios/)")
    run.add_argument("-k", metavar="EXPRESSION", help="only scenarios whose name matches")
    run.add_argument("-m", metavar="EXPRESSION", help="only scenarios whose tags match")
    run.add_argument("-j", type=_count, default=1, metavar="N", help="this many at a time")
    run.add_argument("--junitxml", type=Path, metavar="FILE", help="also write a JUnit report")
    run.add_argument("--keep", action="store_true", help="keep a failing machine and attach to it")
    run.add_argument("--seed", type=int, metavar="N", help="repeat the random choices of an earlier run")
    run.add_argument("--deterministic", action="store_true",
                     help="run in lockstep, the same way each time; --seed varies the interleavings")
    run.add_argument("--set", metavar="NAME", help="image set in place of ref-virt64")
    run.add_argument("--cold", action="store_true", help="boot every machine, start none from a template")
    run.add_argument("-x", action="store_true", help="stop at the first failure")
    run.add_argument("--hosts", metavar="HOSTS", help="run on these hosts: name,name or a file of them")
    run.add_argument("--shard", metavar="I/N", help="run the Ith of N parts; 'harness merge' joins them")
    run.add_argument("--durations-from", type=Path, metavar="FILE",
                     help="durations that decide order and shards; see 'durations'")
    run.add_argument("--results", type=Path, metavar="FILE", help="also write the results for 'merge'")


def _add_test(test: argparse.ArgumentParser) -> None:
    test.add_argument("environments", nargs="*", metavar="ENV", help="only these tox environments")
    test.add_argument("-k", metavar="EXPRESSION", help="only tests whose name matches")


def _add_images(images: argparse.ArgumentParser) -> None:
    images.add_argument("action", choices=("build", "list", "verify", "path"))
    images.add_argument("sets", nargs="*", metavar="SET", help="image sets (default: all)")
    images.add_argument("--refresh", action="store_true", help="build: look for newer Debian packages")
    images.add_argument("--artifact", metavar="NAME", help="path: only the file of this artifact")


def _add_boot(boot: argparse.ArgumentParser) -> None:
    boot.add_argument("scenario", nargs="?", type=Path, help="boot what this scenario describes")
    boot.add_argument("--set", metavar="NAME", help="boot an image set as it is (default: ref-virt64)")
    boot.add_argument("--console", metavar="NAME", help="attach to this console first")


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")


def _add_explore(explore: argparse.ArgumentParser) -> None:
    limit = explore.add_mutually_exclusive_group()
    limit.add_argument("--minutes", type=float, metavar="N", help="search so long (default: 2)")
    limit.add_argument("--examples", type=_count, metavar="N", help="try so many examples, 1 to 64")
    explore.add_argument("--seed", type=int, metavar="N", help="repeat an earlier exploration")
    explore.add_argument("--mes", type=int, choices=range(1, 6), default=2, help="MEs at most (default: 2)")
    explore.add_argument("--machines", type=int, choices=(1, 2), default=1, help="2: MEs migrate as well")
    explore.add_argument("--moves", type=_count, default=20, metavar="N", help="moves of an example at most")
    explore.add_argument("--set", metavar="NAME", help="image set (default: ref-virt64)")
    explore.add_argument("--fault", metavar="NAME", help="plant this defect (default set: ref-virt64-faults)")


def _add_hunt(hunt: argparse.ArgumentParser) -> None:
    hunt.add_argument("scenario", type=Path, help="the scenario to run under many interleavings")
    hunt.add_argument("--seeds", type=_many, default=200, metavar="N", help="so many of them (200)")
    hunt.add_argument("--first", type=_many, default=1, metavar="SEED", help="the first one (1)")
    hunt.add_argument("--again", type=_count, default=3, metavar="N",
                      help="run the first seed of each finding so many times more (3)")
    hunt.add_argument("-j", type=_count, default=1, metavar="N", help="this many at a time")
    hunt.add_argument("--set", metavar="NAME", help="image set in place of ref-virt64")
    hunt.add_argument("--cold", action="store_true", help="boot every machine, start none from a template")
    hunt.add_argument("--json", type=Path, metavar="FILE", help="write all runs to this file")


def _add_fuzz(fuzz: argparse.ArgumentParser) -> None:
    fuzz.add_argument("targets", nargs="*", metavar="TARGET", help="only these (default: all, one by one)")
    fuzz.add_argument("--runs", type=int, default=20_000, metavar="N", help="inputs for each (20000)")
    fuzz.add_argument("--seconds", type=int, metavar="N", help="for so long each, instead of --runs")
    fuzz.add_argument("--seed", type=int, default=1, metavar="N", help="of the choice of inputs (1)")
    fuzz.add_argument("--input", type=Path, metavar="FILE", help="run this one input and show all it says")
    fuzz.add_argument("--grow", action="store_true", help="keep inputs that reach something new, minimised")
    fuzz.add_argument("--fault", metavar="NAME", help="with this planted defect switched on")
    fuzz.add_argument("--coverage", action="store_true", help="show which lines corpus and seeded runs reach")
    fuzz.add_argument("--json", type=Path, metavar="FILE", help="write figures or lines to this file")


def _many(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("from 1 on")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 64:
        raise argparse.ArgumentTypeError("from 1 to 64")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    :return: exit status: 0 all well; 1 FAIL or CRASH; 2 the user's mistake; 3 the host lacks
        something; 130 and 143 for SIGINT and SIGTERM.
    """
    interrupts = Interrupts()
    try:
        arguments = parser().parse_args(argv)
        command = importlib.import_module(f"harness.commands.{arguments.command}")
        status: int = command.main(arguments)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return interrupts.status
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        sys.stderr.close()
        return 0
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
