# SPDX-License-Identifier: GPL-2.0-only
"""How fast a console takes in a print storm with all failure patterns on, against plain pexpect."""

import hashlib
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pexpect import fdpexpect

from harness.bench import flood
from harness.bench.report import Figure
from harness.deadline import Deadline, now
from harness.errors import GuestLost
from harness.proc import Child
from harness.qemu import patterns
from harness.qemu.console import Console
from harness.qemu.pump import Pump

_MIB = 1 << 20
_END = re.compile(re.escape(flood.MARKER) + rb" (\w+)\r?\n")

if TYPE_CHECKING:
    _Plain = fdpexpect.fdspawn[bytes]
else:
    _Plain = fdpexpect.fdspawn

# Returns what it took in and the digest that came at the end.
_Taker = Callable[[socket.socket, Path], tuple[bytes, bytes]]


def figures(workdir: Path, *, size: int = 64 * _MIB, baseline_size: int = 2 * _MIB) -> list[Figure]:
    """Measure both on this host, one after the other.

    `expect` of pexpect searches its whole buffer again on each read, so a long storm would take it
    hours: it gets a shorter one, which is in its favour. `expect_exact` gets the full one.

    :param size: bytes of the storm
    :param baseline_size: bytes of the storm for pexpect's `expect`
    :raise GuestLost: a byte was lost
    """
    ours = _rate(_console, size, workdir)
    plain = _rate(_pexpect, baseline_size, workdir)
    exact = _rate(_pexpect_exact, size, workdir)
    said = f"{size // _MIB} MiB, {len(_all_patterns())} patterns on"
    return [
        Figure("console intake against pexpect expect", ours, "MB/s", plain,
               f"{said}; pexpect: {baseline_size // _MIB} MiB"),
        Figure("console intake against pexpect expect_exact", ours, "MB/s", exact,
               f"{said}; pexpect: the same storm"),
    ]


def _all_patterns() -> tuple[patterns.Pattern, ...]:
    """Those of every system at once, more than any console has."""
    return (*patterns.LINUX, *patterns.SO3, *patterns.UBOOT)


def _rate(taker: _Taker, size: int, workdir: Path) -> float:
    """MB/s from the first byte to the recognised last line."""
    near, far = socket.socketpair()
    argv = [sys.executable, "-I", "-S", flood.__file__, str(far.fileno()), str(size)]
    with near, Child(argv, pass_fds=[far.fileno()]):
        far.close()
        start = now()
        text, told = taker(near, workdir)
        seconds = now() - start
    if hashlib.sha256(text[:size]).hexdigest().encode() != told:
        raise GuestLost(f"{len(text)} bytes taken in are not the {size} sent", where="bench intake")
    return size / seconds / 1e6


def _console(near: socket.socket, workdir: Path) -> tuple[bytes, bytes]:
    pump = Pump()
    console = Console("flood", near, pump, workdir / "flood.log", patterns=_all_patterns())
    with pump:
        console.send(b"!")
        found = console.wait_for(_END, Deadline.after(300, "end of the storm"))
    text = console.log.read_bytes()
    console.close()
    return text, found.groups[0] or b""


def _pexpect(near: socket.socket, workdir: Path) -> tuple[bytes, bytes]:
    plain: _Plain = fdpexpect.fdspawn(near.fileno())
    plain.send(b"!")
    plain.expect(_END, timeout=Deadline.after(300, "end of the storm").remaining())
    assert isinstance(plain.match, re.Match)
    return _before(plain), bytes(plain.match[1])


def _pexpect_exact(near: socket.socket, workdir: Path) -> tuple[bytes, bytes]:
    plain: _Plain = fdpexpect.fdspawn(near.fileno())
    plain.send(b"!")
    limit = Deadline.after(300, "end of the storm")
    plain.expect_exact(flood.MARKER + b" ", timeout=limit.remaining())
    text = _before(plain)
    plain.expect_exact(b"\n", timeout=limit.remaining())
    return text, _before(plain).strip()


def _before(plain: _Plain) -> bytes:
    return plain.before if isinstance(plain.before, bytes) else b""
