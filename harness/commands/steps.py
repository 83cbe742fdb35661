# SPDX-License-Identifier: GPL-2.0-only
"""`harness steps`: what a scenario's steps are called, what they take, what they do."""

from __future__ import annotations

import argparse
import inspect

from harness.errors import UsageError
from harness.scenario.step import known_steps
from harness.yamlnode import nearest


def main(arguments: argparse.Namespace) -> int:
    """Print the description of the steps named, or of all.

    :raise UsageError: there is no such step
    """
    known = known_steps()
    unknown = next((name for name in arguments.names if name not in known), None)
    if unknown is not None:
        raise UsageError(f"unknown step '{unknown}'", where="steps", hint=nearest(unknown, known))
    for name in arguments.names or sorted(known):
        text = inspect.getdoc(known[name]) or ""
        print(f"{name}\n" + "\n".join(f"    {line}".rstrip() for line in text.splitlines()) + "\n")
    return 0
