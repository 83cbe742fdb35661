# SPDX-License-Identifier: GPL-2.0-only
"""`harness bench`: figures of the harness against plain QEMU and plain pexpect."""

from __future__ import annotations

import argparse

from harness.bench.main import run_all
from harness.commands.images import ensure_all
from harness.images.manifest import find


def main(arguments: argparse.Namespace) -> int:
    """Measure everything and print one line per figure."""
    (images,) = ensure_all([find("ref-virt64", arguments.images)])
    return run_all(images, json_file=arguments.json)
