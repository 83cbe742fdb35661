# SPDX-License-Identifier: GPL-2.0-only
"""Commands that run scenarios."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.arguments import Parser, duration, integer, positive
from harness.grammar.values import COUNT, FROM_1, SEED, Commands


def add(commands: Commands, common: Parser, images: Parser) -> None:
    """Add them."""
    both = [common, images]
    _add_run(commands.add_parser("run", parents=both, help="run scenarios"))
    _add_boot(commands.add_parser("boot", parents=both, help="a machine with this terminal on it"))
    _add_explore(commands.add_parser("explore", parents=both, help="random orders to MEs; shrink what fails"))
    _add_hunt(commands.add_parser("hunt", parents=both, help="one scenario under many interleavings"))
    _add_nightly(commands.add_parser("nightly", parents=both, help="all of it within a budget of time"))


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("paths", nargs="*", help="scenarios or folders of them (default: scenarios/)")
    run.add_argument("-k", metavar="EXPRESSION", help="only scenarios whose name matches")
    run.add_argument("-m", metavar="EXPRESSION", help="only scenarios whose tags match")
    run.add_argument("-j", type=COUNT, default=1, metavar="N", help="this many at a time")
    run.add_argument("--junitxml", type=Path, metavar="FILE", help="also write a JUnit report")
    run.add_argument("--keep", action="store_true", help="keep a failing machine and attach to it")
    run.add_argument("--seed", type=SEED, metavar="N", help="repeat the random choices of an earlier run")
    run.add_argument("--deterministic", action="store_true",
                     help="run in lockstep, the same way each time; --seed varies the interleavings")
    run.add_argument("--record", action="store_true", help="have QEMU record the run, for 'replay'")
    run.add_argument("--gdb", action="store_true", help="hold the machine before its first step, see attach")
    run.add_argument("--pause-on-failure", action="store_true", help="hold a failing machine, see 'attach'")
    run.add_argument("--dump-memory", action="store_true", help="keep a failing machine's memory, see 'drgn'")
    run.add_argument("--set", metavar="NAME", help="image set in place of ref-virt64")
    run.add_argument("--cold", action="store_true", help="boot every machine, start none from a template")
    run.add_argument("-x", action="store_true", help="stop at the first failure")
    run.add_argument("--hosts", metavar="HOSTS", help="run on these hosts: name,name or a file of them")
    run.add_argument("--shard", metavar="I/N", help="run the Ith of N parts; 'harness merge' joins them")
    run.add_argument("--durations-from", type=Path, metavar="FILE",
                     help="durations that decide order and shards; see 'durations'")
    run.add_argument("--results", type=Path, metavar="FILE", help="also write the results for 'merge'")


def _add_boot(boot: argparse.ArgumentParser) -> None:
    boot.add_argument("scenario", nargs="?", type=Path, help="boot what this scenario describes")
    boot.add_argument("--set", metavar="NAME", help="boot an image set as it is (default: ref-virt64)")
    boot.add_argument("--console", metavar="NAME", help="attach to this console first")


def _add_explore(explore: argparse.ArgumentParser) -> None:
    limit = explore.add_mutually_exclusive_group()
    limit.add_argument("--minutes", type=positive, metavar="N", help="search so long (default: 2)")
    limit.add_argument("--examples", type=COUNT, metavar="N", help="try so many examples, 1 to 64")
    explore.add_argument("--seed", type=SEED, metavar="N", help="repeat an earlier exploration")
    explore.add_argument("--mes", type=integer(1, 5), default=2, metavar="N", help="MEs at most (default: 2)")
    explore.add_argument("--machines", type=integer(1, 2), default=1, metavar="N",
                         help="2: MEs migrate as well")
    explore.add_argument("--moves", type=COUNT, default=20, metavar="N", help="moves of an example at most")
    explore.add_argument("--set", metavar="NAME", help="image set (default: ref-virt64)")
    explore.add_argument("--json", type=Path, metavar="FILE", help="write what came of it to this file")
    explore.add_argument("--fault", metavar="NAME", help="plant this defect (default set: ref-virt64-faults)")


def _add_hunt(hunt: argparse.ArgumentParser) -> None:
    hunt.add_argument("scenario", type=Path, help="the scenario to run under many interleavings")
    hunt.add_argument("--seeds", type=FROM_1, default=200, metavar="N", help="so many of them (200)")
    hunt.add_argument("--first", type=FROM_1, default=1, metavar="SEED", help="the first one (1)")
    hunt.add_argument("--again", type=COUNT, default=3, metavar="N",
                      help="run the first seed of each finding so many times more (3)")
    hunt.add_argument("-j", type=COUNT, default=1, metavar="N", help="this many at a time")
    hunt.add_argument("--set", metavar="NAME", help="image set in place of ref-virt64")
    hunt.add_argument("--cold", action="store_true", help="boot every machine, start none from a template")
    hunt.add_argument("--json", type=Path, metavar="FILE", help="write all runs to this file")


def _add_nightly(nightly: argparse.ArgumentParser) -> None:
    nightly.add_argument("paths", nargs="*", help="scenarios or folders of them (default: scenarios/)")
    nightly.add_argument("--budget", type=duration, default=7200.0, metavar="TIME",
                         help="end after so long, for instance 90m (2h)")
    nightly.add_argument("-j", type=COUNT, default=1, metavar="N", help="this many at a time")
    nightly.add_argument("--scenarios-only", action="store_true",
                         help="no long scenarios, no exploration, no hunt")
    nightly.add_argument("--hunt", type=Path, metavar="SCENARIO",
                         help="hunt races in this one (scenarios/links/five-mes.yaml)")
    nightly.add_argument("--quarantine", type=Path, metavar="FILE",
                         help="failures that do not make the night red (ci/quarantine.yaml, if there)")
    nightly.add_argument("--history", type=Path, metavar="FILE", help="default: build/history.sqlite3")
    nightly.add_argument("--night", metavar="DATE", help="record it for this day (today)")
    nightly.add_argument("--seed", type=SEED, metavar="N", help="repeat the random choices of another night")
    nightly.add_argument("--set", metavar="NAME", help="image set in place of ref-virt64")
