# SPDX-License-Identifier: GPL-2.0-only
"""The same machine as one that runs the same way each time: what it is made of, and what its logs hash to.

The emulated CPUs count instructions (`-icount`), all clocks follow from them, and the machine is held at
its beats (`harness.qemu.lockstep`). A disk would answer at the host's moments: there is none, and the MEs
are in the initramfs.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from harness.cache.store import Cache
from harness.guest.agency import ME_FOLDER
from harness.images.cpio import Archive
from harness.images.store import ImageSet
from harness.qemu.lockstep import BEAT_NS
from harness.qemu.plugin import pace_plugin
from harness.scenario.model import Scenario
from harness.scenario.prepare import Prepared

FEATURE = "pace"
# The time of day in the guest, always.
EPOCH = "2026-01-01T00:00:00"
EPOCH_S = 1767225600
# 16 ns an instruction: about as fast as the emulation runs.
_ICOUNT = "shift=4,sleep=off"
QEMU_SEED = 1
_SEED_FILE = "/sys/module/pace/parameters/seed"


def obstacle(scenario: Scenario, images: ImageSet) -> str:
    """Why a scenario cannot run the same way each time; empty if it can."""
    if FEATURE not in images.manifest.features:
        return f"image set '{images.manifest.name}' has no pacemaker for --deterministic"
    if len(scenario.machines) > 1:
        return "two machines share no clock: --deterministic is for one"
    return ""


def in_lockstep(prepared: Prepared, folder: Path, cache: Cache) -> Prepared:
    """The same machine, to be run in lockstep.

    :param folder: gets an initramfs with the MEs.
    :raise HostError: the plugin cannot be made.
    """
    spec = prepared.spec
    return replace(prepared, spec=replace(
        spec, drives=(), initrd=with_mes(prepared, folder / "initramfs.cpio"), accel=None, icount=_ICOUNT,
        seed=QEMU_SEED, rtc=f"base={EPOCH},clock=vm", pace=pace_plugin(cache),
        append=f"{spec.append} soo_beat={BEAT_NS}",
    ))


def with_mes(prepared: Prepared, initrd: Path) -> Path:
    """Write the machine's initramfs, and behind it the MEs: the kernel unpacks both."""
    assert prepared.spec.initrd is not None
    more = Archive()
    for name, me in prepared.mes.items():
        more.file(f"{ME_FOLDER}/{name}.itb", me.file)
    initrd.write_bytes(prepared.spec.initrd.read_bytes() + more.tobytes())
    return initrd


def disturbance(seed: int) -> str:
    """The agency's command after which interleavings follow from `seed`; 0 disturbs nothing."""
    return f"echo {seed} >{_SEED_FILE}"


def logs_hash(run_dir: Path) -> str:
    """SHA-256 over all consoles and the event stream, with their names and the times in the guest."""
    digest = hashlib.sha256()
    for log in sorted(run_dir.glob("console-*.log*")):
        digest.update(f"{log.name} {log.stat().st_size}\n".encode())
        digest.update(log.read_bytes())
    return digest.hexdigest()
