# SPDX-License-Identifier: GPL-2.0-only
"""The measurements themselves, made short."""

import json
import re
from pathlib import Path

import pytest

from harness.bench import boot, flood, intake, report
from harness.bench.report import Figure
from harness.errors import HostError
from harness.qemu.spec import ConsoleSpec, MachineSpec

# mov x1, #0x09000000; mov w0, #'G'; strb w0, [x1]; then wait for ever
_PROGRAM = (0xD2A12001, 0x528008E0, 0x39000020, 0xD503207F, 0x17FFFFFF)


def test_intake_beats_pexpect_and_loses_nothing(tmp_path: Path) -> None:
    against_expect, against_exact = intake.figures(tmp_path, size=8 << 20, baseline_size=1 << 20)
    assert against_expect.ratio is not None
    assert against_expect.ratio > 3
    assert against_exact.ratio is not None
    assert against_exact.ratio > 1


def test_flood_has_no_failure_and_many_lines() -> None:
    lines = flood.lines()
    assert lines.count(b"\n") == 12_000
    for pattern in intake._all_patterns():
        assert not re.search(pattern.regex, lines)


def test_boot_both_ways(tmp_path: Path) -> None:
    code = tmp_path / "code.bin"
    code.write_bytes(b"".join(word.to_bytes(4, "little") for word in _PROGRAM))
    spec = MachineSpec(cpu="cortex-a72", memory_mib=64, kernel=code, consoles=(ConsoleSpec("agency"),))
    (figure,) = boot.figures(spec, "agency", re.compile(b"G"), tmp_path / "run", rounds=2)
    assert 0 < figure.value < 20
    assert figure.baseline is not None
    assert 0 < figure.baseline < 20


FIGURES = [Figure("intake", 120.0, "MB/s", 10.0, "64 MiB"), Figure("echo", 71000.4, "messages/s")]


def test_table() -> None:
    assert report.table(FIGURES) == (
        "figure  value     unit        baseline  ratio  measured\n"
        "intake  120.00    MB/s        10.00     12.00  64 MiB\n"
        "echo    71000.40  messages/s  -         -")


def test_json(tmp_path: Path) -> None:
    report.write_json(FIGURES, tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text()) == [
        {"name": "intake", "value": 120.0, "unit": "MB/s", "baseline": 10.0, "ratio": 12.0, "note": "64 MiB"},
        {"name": "echo", "value": 71000.4, "unit": "messages/s", "baseline": None, "ratio": None, "note": ""}]
    with pytest.raises(HostError, match="cannot write the figures"):
        report.write_json(FIGURES, tmp_path / "missing" / "figures.json")
