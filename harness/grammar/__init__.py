# SPDX-License-Identifier: GPL-2.0-only
"""What the command line may be; each command is carried out by its module in `harness.commands`.

Imports stay within the standard library: the set-up reads the command line before anything is installed.
"""

from __future__ import annotations

from pathlib import Path

from harness.arguments import Parser
from harness.grammar import failures, project, scenarios, stored


def parser() -> Parser:
    """The grammar of all commands."""
    common = Parser(add_help=False)
    common.add_argument(
        "--no-install",
        action="store_true",
        help="if Debian packages are missing, print the line that installs them and fail",
    )
    images = Parser(add_help=False)
    images.add_argument(
        "--images", type=Path, action="append", default=[], metavar="DIR", help="folder with more image sets"
    )
    top = Parser(
        prog="harness", description="Boots a SOO system under QEMU and checks backends and frontends."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    scenarios.add(commands, common, images)
    stored.add(commands, common)
    failures.add(commands, common, images)
    project.add(commands, common, images)
    return top
