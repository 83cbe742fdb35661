# SPDX-License-Identifier: GPL-2.0-only
"""Commands that make a run again, look into its machine, or make it smaller."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.arguments import Parser
from harness.grammar.values import COUNT, FROM_1, SEED, Commands


def add(commands: Commands, common: Parser, images: Parser) -> None:
    """Add them."""
    both = [common, images]
    _add_repro(commands, common)
    _add_minimize(commands.add_parser("minimize", parents=both, help="the least that fails the same way"))
    _add_bisect(commands.add_parser("bisect", parents=both, help="the first version in which it fails"))
    _add_replay(commands.add_parser("replay", parents=[common], help="run a recorded run again, to the byte"))
    _add_attach(commands.add_parser("attach", parents=[common], help="into the machine that a run holds"))
    _add_drgn(commands.add_parser("drgn", parents=[common], help="into the memory that a run has left"))


def _add_repro(commands: Commands, common: Parser) -> None:
    bundle = commands.add_parser("bundle", parents=[common], help="a run with its images as one file")
    bundle.add_argument("run", nargs="?", type=Path, metavar="RUN",
                        help="folder of a run (default: the last one that failed)")
    bundle.add_argument("-o", "--output", type=Path, metavar="FILE", help="the file (RUN.tar.xz here)")
    repro = commands.add_parser("repro", parents=[common], help="run the same again, and compare")
    repro.add_argument("run", nargs="?", type=Path, metavar="RUN|BUNDLE",
                       help="folder of a run, or a bundle of one (default: the last run that failed)")
    repro.add_argument("--times", type=COUNT, default=1, metavar="N", help="so often (1)")


def _add_minimize(minimize: argparse.ArgumentParser) -> None:
    minimize.add_argument("run", nargs="?", type=Path, metavar="RUN|BUNDLE|SCENARIO",
                          help="what has failed, or fails (default: the last run that failed)")
    minimize.add_argument("-o", "--output", type=Path, metavar="FILE",
                          help="the scenario to write (build/minimize/NAME.yaml)")
    minimize.add_argument("--times", type=COUNT, default=1, metavar="N",
                          help="for a failure that comes now and then: run a candidate so often (1)")
    minimize.add_argument("--runs", type=FROM_1, default=300, metavar="N", help="runs at most (300)")
    _add_mode(minimize)


def _add_bisect(bisect: argparse.ArgumentParser) -> None:
    bisect.add_argument("scenario", type=Path, metavar="SCENARIO", help="what passes in A and fails in B")
    bisect.add_argument("--good", metavar="A", help="a version in which it passes")
    bisect.add_argument("--bad", metavar="B", help="a later one in which it fails")
    bisect.add_argument("--tree", type=Path, metavar="DIR",
                        help="versions are commits of this git repository (that of the scenario)")
    bisect.add_argument("--versions", nargs="+", metavar="V",
                        help="versions are these, the oldest first: folders of image sets, or names of sets")
    bisect.add_argument("--run", action="store_true",
                        help="judge what is here, for 'git bisect run': exit 0 good, 1 bad, 125 cannot tell")
    bisect.add_argument("--rule", metavar="NAME", help="bad is only what breaks this rule")
    bisect.add_argument("--times", type=COUNT, default=1, metavar="N",
                        help="for a failure that comes now and then: good is what passes so often (1)")
    _add_mode(bisect)


def _add_mode(parser: argparse.ArgumentParser) -> None:
    """How a scenario is run; a stored run is run as it was."""
    parser.add_argument("--seed", type=SEED, default=0, metavar="N", help="of a scenario (0)")
    parser.add_argument("--deterministic", action="store_true", help="of a scenario: run it in lockstep")
    parser.add_argument("--set", metavar="NAME", help="of a scenario: image set in place of ref-virt64")
    parser.add_argument("--cold", action="store_true", help="of a scenario: boot, start from no template")


def _add_replay(replay: argparse.ArgumentParser) -> None:
    replay.add_argument("run", nargs="?", type=Path, metavar="RUN",
                        help="folder of a run with --record (default: the last one)")
    replay.add_argument("--times", type=FROM_1, default=1, metavar="N", help="so many times (1)")
    replay.add_argument("--gdb", action="store_true", help="under gdb, from the first instruction")
    replay.add_argument("-x", type=Path, metavar="FILE", help="with --gdb: commands to run, then leave")


def _add_attach(attach: argparse.ArgumentParser) -> None:
    attach.add_argument("run", nargs="?", type=Path, metavar="RUN",
                        help="folder of a run that waits (default: the last one)")
    what = attach.add_mutually_exclusive_group()
    what.add_argument("--console", metavar="NAME", help="begin with this console")
    what.add_argument("--gdb", action="store_true", help="gdb with the symbols of all that runs inside")
    what.add_argument("--qmp", metavar="COMMAND", help="one QMP command, its arguments as JSON behind it")
    what.add_argument("--go-on", action="store_true", help="the run goes on, and the machine is let go")
    attach.add_argument("-x", type=Path, metavar="FILE", help="with --gdb: commands to run, then leave")


def _add_drgn(drgn: argparse.ArgumentParser) -> None:
    drgn.add_argument("run", nargs="?", type=Path, metavar="RUN",
                      help="folder of a run with --dump-memory (default: the last one)")
    drgn.add_argument("--vmlinux", type=Path, metavar="FILE", help="debug information of the agency's kernel")
    drgn.add_argument("-x", type=Path, metavar="FILE", help="a Python file to run, in place of a prompt")
