# SPDX-License-Identifier: GPL-2.0-only
"""Records and what gdb is told: symbol files, scripts, what is refused and how."""

import hashlib
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from harness.cli import main
from harness.debug import recording, session
from harness.debug.attaching import Attached
from harness.debug.replay import _differences, digest
from harness.debug.symbolfile import symbol_file
from harness.errors import UsageError
from harness.images.manifest import find
from harness.images.store import ImageSet
from harness.qemu import version
from harness.qemu.cmdline import Endpoints, build
from harness.qemu.spec import ConsoleSpec, MachineSpec, Tape
from harness.scenario import recorded
from harness.scenario.model import Scenario
from harness.scenario.modules import keep, of_run
from harness.scenario.steps.boot import Boot
from harness.symbols.table import Symbol

EVENTS = b"""\
1 100 stream begin revision=1
2 200 domain create dom=2 pid=0 spid=1 name=alpha incarnation=0
3 300 domain destroy dom=2
4 400 domain create dom=2 pid=0 spid=1 name=beta incarnation=0
5 500 domain cre
"""


def _images(name: str = "ref-virt64") -> ImageSet:
    return ImageSet(find(name), "key", {}, None)


def test_a_file_of_names_alone() -> None:
    functions = [Symbol(0xFFFF800008010040, "second", 0), Symbol(0xFFFF800008010000, "first", 16),
                 Symbol(0xFFFF800008010080, "last", 0)]
    file = ELFFile(BytesIO(symbol_file(functions)))
    table = file.get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)
    found = [(one.name, one["st_value"], one["st_size"], one["st_info"]["type"])
             for one in table.iter_symbols()]
    assert found[1:] == [("first", 0xFFFF800008010000, 16, "STT_FUNC"),
                         ("second", 0xFFFF800008010040, 0x40, "STT_FUNC"),
                         ("last", 0xFFFF800008010080, 4, "STT_FUNC")]
    text = file.get_section_by_name(".text")
    assert text is not None
    assert (text["sh_addr"], text["sh_size"], text["sh_type"]) == (0xFFFF800008010000, 0x84, "SHT_NOBITS")
    assert file["e_machine"] == "EM_AARCH64"


def test_a_recorded_machine_has_one_cpu_and_a_shell_that_takes_whole_lines() -> None:
    changed = recorded.variant(_images()).manifest
    assert changed.machine.smp == 1
    assert (changed.boot_log, _images().manifest.boot_log) == ("kernel", "agency")
    assert (changed.machine.append or "").endswith("soo_shell=hvc0")
    assert [(console.name, console.kind) for console in changed.consoles[:3]] == [
        ("kernel", "serial"), ("agency", "virtconsole"), ("me2", "virtserialport")]
    assert changed.console("kernel").system == "linux"


def test_images_that_cannot_be_recorded_stay_as_they_are() -> None:
    images = _images("uboot-arm64")
    assert recorded.variant(images) is images
    plain = Scenario(name="s", path=Path("s.yaml"), about="")
    assert "no shell that --record can type to" in recorded.obstacle(plain, images)
    assert recorded.obstacle(plain, _images()) == ""
    assert "one machine" in recorded.obstacle(replace(plain, machines=("a", "b")), _images())
    assert "milestones" in recorded.obstacle(replace(plain, steps=(Boot(milestones=True),)), _images())


def test_the_command_line_of_a_record() -> None:
    consoles = (ConsoleSpec("kernel"), ConsoleSpec("agency", "virtconsole"))
    spec = MachineSpec(icount="shift=4", consoles=consoles, tape=Tape("record", Path("/r/a,b")))
    assert " ".join(build(spec, Endpoints(3, {"kernel": 4, "agency": 5}))) == (
        "qemu-system-aarch64 -nodefaults -no-user-config -display none -no-reboot -M virt -smp 1 -m 128"
        " -icount shift=4,rr=record,rrfile=/r/a,,b"
        " -chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control -S"
        " -device virtio-serial-pci,id=ports,max_ports=16,ioeventfd=off"
        " -serial unix:fd=4 -serial unix:fd=5"
        " -device virtconsole,bus=ports.0,nr=1,chardev=serial1,name=agency")


@pytest.mark.parametrize("broken", [{"icount": None}, {"smp": 2}])
def test_a_machine_that_cannot_be_recorded(broken: dict[str, object]) -> None:
    spec = MachineSpec(icount="shift=4", tape=Tape("record", Path("log")))
    with pytest.raises(UsageError, match="counts instructions, and has one CPU"):
        replace(spec, **broken)  # type: ignore[arg-type]


def _record(run: Path, **changed: object) -> Path:
    folder = run / recorded.FOLDER
    folder.mkdir(parents=True)
    for name in ("vmlinuz", "agency.cpio", recorded.LOG):
        (folder / name).write_bytes(b"")
    facts = {"revision": 1, "qemu": version.find().text, "instructions": 7, "kernel": "vmlinuz",
             "machine": {"binary": "qemu-system-aarch64", "machine": "virt", "cpu": None, "memory_mib": 64,
                         "append": "", "icount": "shift=4", "seed": 1, "rtc": None},
             "initrd": "agency.cpio", "dtb": None, "me": None, "mes": {"alpha": 4096}, "events": "soo.events",
             "consoles": [{"name": "kernel", "kind": "serial"}, {"name": "agency", "kind": "virtconsole"}]}
    (run / recorded.MACHINE).write_text(json.dumps({**facts, **changed}))
    return run


def test_a_record_is_read_back(tmp_path: Path) -> None:
    found = recording.read(_record(tmp_path / "run"))
    assert found.spec.tape == Tape("replay", tmp_path / "run" / "record" / recorded.LOG)
    assert (found.instructions, found.mes, found.events) == (7, {"alpha": 4096}, "soo.events")
    assert found.log_of("kernel") == tmp_path / "run" / "console-kernel.log"


@pytest.mark.parametrize(("changed", "told"), [
    ({"qemu": "QEMU emulator version 1.0"}, "made by another QEMU: QEMU emulator version 1.0"),
    ({"kernel": "gone"}, "the record lacks its file gone"),
    ({"consoles": 3}, "is no machine of a record"),
    ({"machine": {"binary": "x", "colour": 3}}, "is no machine of a record"),
])
def test_a_record_that_cannot_be_replayed(tmp_path: Path, changed: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        recording.read(_record(tmp_path / "run", **changed))


def test_a_run_without_record_or_no_run_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="was not recorded to its end; run its scenario with --record"):
        recording.read(tmp_path)
    with pytest.raises(UsageError, match="no such run"):
        recording.read(tmp_path / "nothing")
    with pytest.raises(UsageError, match="the run holds no machine"):
        Attached(tmp_path)


def test_a_replay_that_printed_something_else_is_told_with_the_place(tmp_path: Path) -> None:
    found = recording.read(_record(tmp_path / "run"))
    again = tmp_path / "again"
    again.mkdir()
    for folder, agency in ((found.run_dir, b"one two"), (again, b"one too")):
        (folder / "console-kernel.log").write_bytes(b"booted")
        (folder / "console-agency.log").write_bytes(agency)
    assert list(_differences(found, again)) == [
        "console agency: differs from byte 5 on: recorded b'wo', replayed b'oo'"]
    assert digest(found, again) != digest(found, found.run_dir)
    (again / "console-agency.log").write_bytes(b"one two, and more")
    assert list(_differences(found, again)) == [
        "console agency: differs from byte 7 on: recorded b'', replayed b', and more'"]
    (again / "console-agency.log").write_bytes(b"one two")
    assert list(_differences(found, again)) == []
    assert digest(found, again) == hashlib.sha256(b"kernel 6\nbootedagency 7\none two").hexdigest()


def test_names_of_mes_come_from_the_event_log(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(EVENTS)
    assert session.domains_of(tmp_path / "events") == {2: "beta"}
    assert session.domains_of(None) == {}


def test_modules_are_where_the_boot_said(tmp_path: Path) -> None:
    boot = tmp_path / "boot"
    (tmp_path / "in").mkdir()
    module = tmp_path / "in" / "soo.ko"
    module.write_bytes(symbol_file([Symbol(0, "soo_init", 16)]))
    boot.write_bytes(b"/sys/module/soo/sections/.text:0xffff800001200000\r\n"
                     b"/sys/module/soo/sections/.symtab:0xffff800001210000\r\n")
    modules = {"soo": module, "vuart": Path("/i/vuart.ko")}
    debuggee = session.Debuggee(None, of_run(tmp_path, boot), modules, None, None, {})
    script = session.write(debuggee, tmp_path, gdb=tmp_path / "g", control=tmp_path / "c").read_text()
    assert f"add-symbol-file {tmp_path}/soo.ko\n" in script
    file = ELFFile(BytesIO((tmp_path / "soo.ko").read_bytes()))
    assert [(section.name, section["sh_addr"]) for section in file.iter_sections()][1:3] == [
        (".text", 0xFFFF800001200000), (".symtab", 0xFFFF800001210000)]
    assert "vuart.ko" not in script  # it is not loaded yet


def test_modules_of_a_boot_that_never_came_to_tell_are_those_found_in_memory(tmp_path: Path) -> None:
    boot = tmp_path / "boot"
    boot.write_bytes(b"soo: setting up\n")
    assert of_run(tmp_path, boot) == {}
    keep(tmp_path, {"soo": {".text": 0xFFFF800001200000}})
    assert of_run(tmp_path, boot) == {"soo": {".text": 0xFFFF800001200000}}
    boot.write_bytes(b"/sys/module/soo/sections/.text:0x1000\n")
    assert of_run(tmp_path, boot) == {"soo": {".text": 0x1000}}
    boot.write_bytes(b"")
    for damaged in ("", "[", "[]", '{"soo": 3}', '{"soo": {".text": "x"}}'):
        (tmp_path / "modules.json").write_text(damaged)
        with pytest.raises(UsageError, match="modules.json: is damaged; remove it"):
            of_run(tmp_path, boot)


@pytest.mark.parametrize(("words", "told"), [
    ("run scenarios --gdb --record", "--gdb goes with neither --record nor --deterministic"),
    ("run scenarios --gdb --deterministic", "--gdb goes with neither --record nor --deterministic"),
    ("run scenarios --record --deterministic", "--record goes without --deterministic"),
    ("run scenarios --pause-on-failure -j 2", "hold one machine for a person"),
    ("run scenarios --gdb --hosts local", "hold one machine for a person"),
    ("replay build -x nothing", "-x names a file of commands for --gdb; add --gdb"),
    ("attach build --gdb -x nothing", "nothing: no such file of gdb's commands"),
])
def test_options_that_do_not_go_together(words: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    assert told in capsys.readouterr().err
