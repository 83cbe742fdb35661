# SPDX-License-Identifier: GPL-2.0-only
"""Commands about the harness itself: its tests, images, figures, and a start with it."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.arguments import Parser
from harness.grammar.values import FROM_1, SEED, Commands


def add(commands: Commands, common: Parser, images: Parser) -> None:
    """Add them."""
    both = [common, images]
    _add_test(commands.add_parser("test", parents=[common], help="test the harness itself, as tox does"))
    _add_images(commands.add_parser("images", parents=both, help="build or look at image sets"))
    _add_bench(commands.add_parser("bench", parents=both, help="measure against plain QEMU and pexpect"))
    _add_fuzz(commands.add_parser("fuzz", parents=[common], help="fuzz the guests' C code on this host"))
    steps = commands.add_parser("steps", parents=[common], help="what the steps of scenarios are and take")
    steps.add_argument("names", nargs="*", metavar="STEP", help="only these")
    commands.add_parser("doctor", parents=[common], help="what is missing on this host, and how to get it")
    _add_new(commands.add_parser("new", parents=[common], help="write a scenario or a device that works"))
    completion = commands.add_parser("completion", parents=[common], help="make Tab complete in your shell")
    completion.add_argument("shell", choices=("bash", "zsh"), help="print the script for this one")


def _add_test(test: argparse.ArgumentParser) -> None:
    test.add_argument("environments", nargs="*", metavar="ENV", help="only these tox environments")
    test.add_argument("-k", metavar="EXPRESSION", help="only tests whose name matches")


def _add_images(images: argparse.ArgumentParser) -> None:
    images.add_argument("action", choices=("build", "list", "verify", "path"))
    images.add_argument("sets", nargs="*", metavar="SET", help="image sets (default: all)")
    images.add_argument("--refresh", action="store_true", help="build: look for newer Debian packages")
    images.add_argument("--artifact", metavar="NAME", help="path: only the file of this artifact")


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")


def _add_fuzz(fuzz: argparse.ArgumentParser) -> None:
    fuzz.add_argument("targets", nargs="*", metavar="TARGET", help="only these (default: all, one by one)")
    fuzz.add_argument("--runs", type=FROM_1, default=20_000, metavar="N", help="inputs for each (20000)")
    fuzz.add_argument("--seconds", type=FROM_1, metavar="N", help="for so long each, instead of --runs")
    fuzz.add_argument("--seed", type=SEED, default=1, metavar="N", help="of the choice of inputs (1)")
    fuzz.add_argument("--input", type=Path, metavar="FILE", help="run this one input and show all it says")
    fuzz.add_argument("--grow", action="store_true", help="keep inputs that reach something new, minimised")
    fuzz.add_argument("--fault", metavar="NAME", help="with this planted defect switched on")
    fuzz.add_argument("--coverage", action="store_true", help="show which lines corpus and seeded runs reach")
    fuzz.add_argument("--json", type=Path, metavar="FILE", help="write figures or lines to this file")


def _add_new(new: argparse.ArgumentParser) -> None:
    new.add_argument("what", choices=("scenario", "device"),
                     help="a scenario that passes; or backend, frontend and all else of a type of device")
    new.add_argument("name", metavar="NAME", help="its name, for instance links/my-first, or vled")
    new.add_argument("--device", default="vdummy", metavar="DEVICE", help="the device it is about (vdummy)")
    new.add_argument("--folder", type=Path, default=Path("scenarios"), metavar="DIR",
                     help="where it goes (default: scenarios)")
    new.add_argument("--python", action="store_true", help="a function of pytest in place of YAML")
