# SPDX-License-Identifier: GPL-2.0-only
"""What guests say of where they are, and how it is told."""

from __future__ import annotations

from harness.guest.tasks import Task
from harness.guest.whereabouts import parse_sections, parse_where
from harness.qemu.cpus import Registers
from harness.scenario import places
from harness.symbols.system import Symbols
from harness.symbols.table import Symbol, Table

_NAMES = ("switch_to_next", "thread_wait", "wait_sleep", "vbs_request", "vdummy_probe", "reader_thread",
          "read_line", "shell_run", "shell_line", "thread_start", "thread_idle")
_ME = Table("me", [Symbol(0x40080000 + 0x100 * at, name, 0x100) for at, name in enumerate(_NAMES)])
_KERNEL = Table("kernel", [Symbol(0x9000, "cpu_do_idle", 0x100), Symbol(0x9100, "slowpath", 0x100),
                           Symbol(0x9200, "do_ioctl", 0x100)])
_SOO = Table("soo", [Symbol(0xA000, "emit", 0x100), Symbol(0xA100, "soo_event", 0x100),
                     Symbol(0xA200, "probe", 0x100)])
_SYMBOLS = Symbols((_KERNEL, _SOO), _ME, (0x40080000, 0x40090000))


def _in(*names: str) -> str:
    """Return addresses in functions of the ME."""
    return " ".join(f"{_ME.address(name) or 0:x}"[:-2] + "24" for name in names)


_WAIT = _in("switch_to_next", "thread_wait", "wait_sleep")
_WHERE = f"""\
slot 2: alpha
cpu pc=40080a40 sp=400a7cd0 pstate=600003c5: {_in("thread_idle")}
thread idle running:
thread init waiting: {_WAIT} {_in("read_line", "shell_run", "thread_start")}
thread vbus waiting: {_WAIT} {_in("vbs_request", "vdummy_probe", "thread_start")}
thread vbstore waiting: {_WAIT} {_in("reader_thread", "thread_start")}
slot 3: beta
mewhere: the host of the ME does not listen: Connection refused
"""


def test_threads_that_wait_for_something() -> None:
    found = parse_where(_WHERE)
    assert [(me.slot, me.name, len(me.threads)) for me in found] == [(2, "alpha", 4), (3, "beta", 0)]
    standing = list(places.of_mes(found, _SYMBOLS))
    assert places.brief(standing) == ("ME alpha, thread vbus waits in vbs_request <- vdummy_probe",)
    assert str(standing[-1]) == (
        "ME alpha, thread vbstore, waiting: me:switch_to_next+0x20 <- me:thread_wait+0x20"
        " <- me:wait_sleep+0x20 <- me:reader_thread+0x20 <- me:thread_start+0x20")


def test_an_me_whose_cpu_is_at_work() -> None:
    cpu = _in("vdummy_probe", "shell_run")
    text = f"slot 2: alpha\ncpu pc=1 sp=2 pstate=3: {cpu}\nthread init running:\n"
    assert places.brief(places.of_mes(parse_where(text), _SYMBOLS)) == (
        "ME alpha, cpu in thread init: me:vdummy_probe+0x24 <- me:shell_run+0x20",)


def _nothing(address: int, size: int) -> bytes | None:
    return None


def _frames(address: int, size: int) -> bytes | None:
    """A stack: emit was called by soo_event, that by probe, that by the kernel."""
    chain = {0x1000: (0x1010, 0xA014), 0x1010: (0x1020, 0xA114),
             0x1020: (0x1030, 0xA214), 0x1030: (0, 0x9214)}
    if address not in chain:
        return None
    above, back = chain[address]
    return above.to_bytes(8, "little") + back.to_bytes(8, "little")


def test_cpus() -> None:
    cpus = [(Registers(0, 0x9120, 0x1000, 0x1000, 0xA014, 1), _frames),
            (Registers(1, 0x9004, 0, 0, 0, 1), _nothing),
            (Registers(2, 0x400010, 0, 0, 0, 0), _nothing),
            (Registers(3, 0x40080410, 0, 0, 0, 1), _nothing),
            (Registers(4, 0x77, 0, 0, 0, 1), _nothing),
            (Registers(5, 0x88, 0, 0, 0, 2), _nothing)]
    found = list(places.of_cpus(cpus, _SYMBOLS, (), {}))
    assert found[0].trace == ("kernel:slowpath+0x20 <- soo:emit+0x10 <- soo:soo_event+0x10 <- soo:probe+0x10"
                              " <- kernel:do_ioctl+0x10")
    assert places.brief(found) == (
        "cpu0: kernel:slowpath+0x20 <- soo:emit+0x10 <- soo:soo_event+0x10",
        "cpu1: idle", "cpu2: in a program of the agency", "cpu3, in an ME: me:vdummy_probe+0x10",
        "cpu4: 0x77", "cpu5: in the hypervisor")


def test_tasks_that_wait() -> None:
    kernel = [Symbol(0x100, "__switch_to", 0x100), Symbol(0x200, "schedule", 0x100),
              Symbol(0x300, "vfs_read", 0x100), Symbol(0x400, "mutex_lock", 0x100)]
    soo = [Symbol(0x900, "events_read", 0x100), Symbol(0xA00, "map_ring", 0x100)]
    symbols = Symbols((Table("kernel", kernel), Table("soo", soo)))
    tasks = [Task("cat", 7, False, (0x110, 0x210, 0x910, 0x310)),
             Task("injector", 8, False, (0x110, 0x210, 0x410, 0xA10, 0x310)),
             Task("sh", 9, False, (0x110, 0x210, 0x310)),
             Task("jbd", 10, True, (0x110, 0x210, 0x410)),
             Task("broken", 11, False, (0x7777,))]
    found = list(places.of_tasks(tasks, symbols))
    assert [task.who for task in found] == ["task cat (7)", "task injector (8)", "task jbd (10), stuck"]
    assert found[0].trace == ("kernel:__switch_to+0x10 <- kernel:schedule+0x10 <- soo:events_read+0x10"
                              " <- kernel:vfs_read+0x10")
    assert places.brief(found) == (
        "task injector (8) waits in kernel:mutex_lock+0x10 <- soo:map_ring+0x10 <- kernel:vfs_read+0x10",
        "task jbd (10) waits in kernel:mutex_lock+0x10")


def test_sections_of_modules() -> None:
    boot = (b"[    1.0] soo: loading\r\n/sys/module/soo/sections/.text:0xffff800000c28000\r\n"
            b"/sys/module/soo/sections/.exit.text:0xffff800000c32e10\r\nSOO agency ready\r\n")
    assert parse_sections(boot) == {"soo": {".text": 0xFFFF800000C28000, ".exit.text": 0xFFFF800000C32E10}}
