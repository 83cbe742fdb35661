# SPDX-License-Identifier: GPL-2.0-only
"""The machines of a run, and where an ME is found among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.qemu.machine import Machine
from harness.scenario.watch import Watch


@dataclass
class Site:
    """One machine of a run with its observer.

    :ivar name: what the scenario calls it.
    :ivar watch: the observer, or None for an image set without event stream.
    :ivar run_dir: folder of its logs.
    :ivar booted: whether its prompt has come.
    """

    name: str
    machine: Machine
    watch: Watch | None
    run_dir: Path
    booted: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an ME is or was: its machine, domain and console, and where on that console it begins."""

    site: Site
    domain: int
    console: str
    start: int
