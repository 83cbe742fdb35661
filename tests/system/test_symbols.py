# SPDX-License-Identifier: GPL-2.0-only
"""The addresses that are worked out from outside are those that the running kernel tells itself."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.guest.whereabouts import parse_sections
from harness.images.store import ImageSet
from harness.outcome import Verdict
from harness.scenario.result import Result
from harness.symbols.system import load

RunText = Callable[[str], Result]

_NAMES = "start_kernel|cpu_do_idle|schedule|soo_event|emit|vdummy_init|virtio_dev_probe"
_SCENARIO = f"""
about: The kernel's own table of symbols.
agency: {{overlays: [vdummy-be-on]}}
steps:
  - run: {{on: agency, command: "grep -E ' [tT] ({_NAMES})([[:space:]]|$)' /proc/kallsyms"}}
  - run: {{on: agency, command: "true", contains: "no such thing"}}
"""
_LINE = re.compile(r"^([0-9a-f]{16}) [tT] (\w+)(?:\s+\[(\w+)\])?\r*$", re.MULTILINE)


@pytest.mark.parametrize("cold", [True, False], ids=["boot", "clone"])
def test_addresses_are_the_kernels(cold: bool, images: Callable[[str], ImageSet],
                                   run_text: Callable[..., Result]) -> None:
    result = run_text(_SCENARIO, cold=cold)
    assert result.verdict is Verdict.FAIL
    assert result.run_dir is not None
    console = Path(result.run_dir / "console-agency.log").read_bytes()
    files = images("ref-virt64").files
    symbols = load(files["vmlinuz"], files["initramfs"], files["me.elf"], parse_sections(console))
    assert symbols.gaps == ()
    told = {(module or "kernel", name): int(address, 16)
            for address, name, module in _LINE.findall(console.decode(errors="replace"))}
    assert {("kernel", "start_kernel"), ("kernel", "schedule"), ("soo", "soo_event"),
            ("virtio", "virtio_dev_probe")} <= set(told)
    found = {key: symbols.in_agency(address + 4) for key, address in told.items()}
    assert {key: (spot.owner, spot.name, spot.offset) for key, spot in found.items() if spot is not None} == {
        (owner, name): (owner, name, 4) for owner, name in told}
