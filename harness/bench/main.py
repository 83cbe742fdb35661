# SPDX-License-Identifier: GPL-2.0-only
"""Measures everything and shows it."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.bench import boot, clone, echo, intake, opening, queue, report, trivial
from harness.bench.report import Figure
from harness.dt.build import agency_tree
from harness.errors import ManifestError
from harness.images.machine import console_patterns, machine_spec
from harness.images.store import ImageSet
from harness.images.types import ConsoleDesc
from harness.qemu.dumpdtb import dump_tree
from harness.schedule.admission import admitted


def run_all(images: ImageSet, *, json_file: Path | None = None) -> int:
    """Measure, print a table, write JSON if asked to.

    :return: exit status, 0
    """
    with TemporaryDirectory(prefix="soo-bench-") as name:
        workdir = Path(name)
        figures = [*intake.figures(workdir), *_machines(images, workdir), *echo.figures(images, workdir),
                   *queue.figures(workdir), *trivial.figures(workdir), *opening.figures(workdir)]
    sys.stdout.write(report.table(figures) + "\n")
    if json_file is not None:
        report.write_json(figures, json_file)
    return 0


def _machines(images: ImageSet, workdir: Path) -> list[Figure]:
    """Boot and clone the agency of `images` without MEs."""
    console = _console(images)
    assert console.prompt is not None
    dtb: Path | None = None
    desc = images.manifest.agency_tree
    if desc is not None:
        base = dump_tree(machine_spec(images)) if desc.base == "qemu" else Path(desc.base).read_bytes()
        dtb = workdir / "agency.dtb"
        dtb.write_bytes(agency_tree(base, desc.overlays).dtb)
    spec = machine_spec(images, dtb=dtb)
    with admitted(spec, "harness bench"):
        booted = boot.figures(spec, console.name, console.prompt, workdir, failures=console_patterns(images))
        return [*booted, *clone.figures(clone.Subject(spec, console, workdir))]


def _console(images: ImageSet) -> ConsoleDesc:
    for console in images.manifest.consoles:
        if console.prompt is not None:
            return console
    raise ManifestError("no console has a prompt to boot to", where=f"image set {images.manifest.name}")
