# SPDX-License-Identifier: GPL-2.0-only
"""Folders of runs as runs leave them, made without a machine."""

from dataclasses import replace
from pathlib import Path

from harness.check.violation import Violation
from harness.images.manifest import find
from harness.images.store import ImageSet, ensure
from harness.outcome import Verdict
from harness.scenario import folder, origin
from harness.scenario.result import Options, Result
from harness.scenario.schema import read
from harness.scenario.timeline import Timeline

SET = """\
# SPDX-License-Identifier: GPL-2.0-only
about: For a test.
artifacts: {program: {file: program.bin}, me: {file: me.bin}}
machine: {binary: qemu-system-arm, machine: virt, loads: [{file: program, address: 0x40}]}
me: {base: base.dts, kernel: me, load: 0, entry: 0, slots: [2], console: "uart{slot}"}
consoles: [{name: uart2, prompt: '> '}]
boot: {console: uart2, deadline: 30s}
"""
SCENARIO = """\
# SPDX-License-Identifier: GPL-2.0-only
about: For a test.
images: mine
mes:
  - {name: alpha, overlays: [own, vdummy-fe-on]}
  - name: beta
    base: sub/other.dts
steps:
  - boot
  - inject: alpha
"""
OVERLAY = '/dts-v1/;\n/plugin/;\n&{/ME} { own; };\n'
BASE = '/dts-v1/;\n/ { ME { }; };\n'
INCLUDING = '/include/ "../base.dts"\n/ { more; };\n'
BROKEN = Violation("link.stalled", "vdummy/2/0", "a handshake", "BE InitWait(2) for 4.2 s")


def image_set(place: Path) -> ImageSet:
    """A set of files that are there."""
    (place / "mine.yaml").write_text(SET)
    (place / "base.dts").write_text(BASE)
    (place / "program.bin").write_bytes(b"program")
    (place / "me.bin").write_bytes(b"kernel of an ME")
    return ensure(find("mine", [place]))


def stored_run(place: Path, **changes: object) -> Path:
    """The folder of a failed run of a scenario in `place/scenarios/links`."""
    images = image_set(place)
    scenarios = place / "scenarios" / "links"
    (scenarios / "sub").mkdir(parents=True)
    (scenarios / "one.yaml").write_text(SCENARIO)
    (scenarios / "own.dtso").write_text(OVERLAY)
    (scenarios / "sub" / "other.dts").write_text(INCLUDING)
    (scenarios / "base.dts").write_text(BASE)
    scenario = read(scenarios / "one.yaml")
    options = Options(7, place / "runs")
    run_dir = folder.create(options.run_root, scenario.name)
    origin.keep(scenario, images, options, run_dir)
    result = Result(scenario.name, Verdict.FAIL, "vdummy/2/0: it stalls", f"{scenario.path}:9", seed=7,
                    run_dir=run_dir, violations=(BROKEN,), facts=folder.facts(images, None, {}))
    (run_dir / "me.tar").write_bytes(b"made again")
    folder.complete(run_dir, replace(result, **changes), images, None, Timeline())  # type: ignore[arg-type]
    return run_dir
