# SPDX-License-Identifier: GPL-2.0-only
"""What a machine holds, read from outside: physical memory and registers."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from harness.deadline import Deadline
from harness.errors import HostError
from harness.qemu.qmp import Qmp


def read_physical(qmp: Qmp, address: int, size: int, workdir: Path, *,
                  deadline: Deadline | None = None) -> bytes:
    """Guest-physical memory as QEMU sees it; the guest may change it meanwhile unless it is stopped.

    :param workdir: folder for a file that exists during the call only
    :raise QmpRefused: nothing is mapped there
    :raise HostError: the file cannot be made, or has another size than asked for
    """
    return _save(qmp, "pmemsave", {"val": address, "size": size}, workdir, deadline)


def read_virtual(qmp: Qmp, cpu: int, address: int, size: int, workdir: Path, *,
                 deadline: Deadline | None = None) -> bytes:
    """Memory as a CPU sees it: in a guest of a hypervisor, through both stages of translation.

    :param workdir: folder for a file that exists during the call only
    :raise QmpRefused: nothing is mapped there, or the CPU may not read it at its exception level
    :raise HostError: as for `read_physical`
    """
    signed = address - (1 << 64) if address >> 63 else address  # QMP's integers have a sign
    return _save(qmp, "memsave", {"val": signed, "size": size, "cpu-index": cpu}, workdir, deadline)


def _save(qmp: Qmp, command: str, what: Mapping[str, int], workdir: Path, deadline: Deadline | None) -> bytes:
    address, size = what["val"], what["size"]
    try:
        with NamedTemporaryFile(dir=workdir.resolve(), prefix="memory-") as file:
            qmp.execute(command, {**what, "filename": file.name}, deadline=deadline)
            data = Path(file.name).read_bytes()  # QEMU may have made the file anew
    except OSError as error:
        raise HostError(f"cannot read {size} bytes at {address:#x}: {error}", where="guest memory") from error
    if len(data) != size:
        raise HostError(f"got {len(data)} of {size} bytes at {address:#x}", where="guest memory")
    return data


def registers(qmp: Qmp, *, deadline: Deadline | None = None) -> str:
    """The registers of all CPUs as QEMU's monitor prints them; about 2 ms."""
    return qmp.human("info registers -a", deadline=deadline).replace("\r\n", "\n")
