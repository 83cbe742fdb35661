# SPDX-License-Identifier: GPL-2.0-only
"""`harness new`: a working start for what is to be your own."""

from __future__ import annotations

import argparse

from harness.create.device import write_device
from harness.create.scenario import write_scenario
from harness.scenario.schema import REPOSITORY


def main(arguments: argparse.Namespace) -> int:
    """Write it, and say what comes next.

    :raise UsageError: a name that cannot be, or something is there already
    """
    if arguments.what == "device":
        return _device(arguments.name)
    file = write_scenario(arguments.name, arguments.device, arguments.folder, python=arguments.python)
    print(f"wrote {file}; next: python3 -m harness run {file}")
    return 0


def _device(name: str) -> int:
    device = write_device(name, REPOSITORY)
    for what, files in (("wrote", device.new), ("changed", device.changed)):
        for file in files:
            print(f"{what} {file.relative_to(REPOSITORY)}")
    print(f"next: python3 -m harness run {device.new[-1].relative_to(REPOSITORY)}\n"
          f"then: say in images/include/abi/{name}.h what it is, and do it in {name}_serve() of its backend; "
          "'Add a device' in ARCHITECTURE.md has the rest")
    return 0
