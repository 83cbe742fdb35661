# SPDX-License-Identifier: GPL-2.0-only
"""`harness steps`: what a scenario's steps are called, what they take, what they do."""

from __future__ import annotations

import argparse
import inspect

from harness.scenario.step import known_steps


def main(arguments: argparse.Namespace) -> int:
    """Print the description of the steps named, or of all."""
    known = known_steps()
    for name in arguments.names or sorted(known):
        text = inspect.getdoc(known[name]) or ""
        print(f"{name}\n" + "\n".join(f"    {line}".rstrip() for line in text.splitlines()) + "\n")
    return 0
