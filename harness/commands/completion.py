# SPDX-License-Identifier: GPL-2.0-only
"""`harness completion`: the script that makes Tab complete our commands in bash and zsh."""

from __future__ import annotations

import argparse
import sys

from harness.completion.script import script
from harness.grammar import parser


def main(arguments: argparse.Namespace) -> int:
    """Print the script; on a terminal also what to do with it."""
    print(script(arguments.shell, parser()))
    if sys.stdout.isatty():
        rc = f"~/.{arguments.shell}rc"
        print(f"harness: to have it in each shell: python3 -m harness completion {arguments.shell} "
              f">~/.soo-harness.{arguments.shell} && echo '. ~/.soo-harness.{arguments.shell}' >>{rc}",
              file=sys.stderr)
    return 0
