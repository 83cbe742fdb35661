# SPDX-License-Identifier: GPL-2.0-only
"""Manifests of image sets: what they say, what is refused, and the machine that comes out."""

from pathlib import Path

import pytest

from harness.errors import HarnessError, HostError, ManifestError, SchemaError, ToolMissing, UsageError
from harness.images.machine import console_patterns, machine_spec
from harness.images.manifest import Manifest, available, find
from harness.images.store import ImageSet, ensure, verify
from harness.qemu.spec import Drive

OWN = ("ref-virt64", "ref-virt64-faults", "ref-virt64-mttcg", "uboot-arm", "uboot-arm64")

BARE_METAL = """\
about: A bare-metal program of somebody else.
features: [blinky]
artifacts:
  program: {file: blinky.elf}
  table: {file: table.bin}
  disk: {file: disk.img}
machine:
  binary: qemu-system-arm
  machine: mps2-an385
  cpu: cortex-m3
  smp: 2
  memory: 16M
  loads:
    - {file: program, cpu: 0}
    - {file: table, address: 0x21000000}
  starts: [{cpu: 1, address: 0x8000}]
  drives: [{file: disk, interface: sd, readonly: true}]
  extra: [-semihosting, -icount, 3]
consoles:
  - name: uart0
    prompt: "> "
    wake: "\\r"
    dialect: none
    failures: {assertion: 'ASSERT failed at \\d+'}
    milestones: ['^hello', ready]
boot: {console: uart0, deadline: 5s}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("blinky.elf", "table.bin", "disk.img"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "mine.yaml").write_text(BARE_METAL)
    return tmp_path


def mine(folder: Path, old: str = "", new: str = "") -> Manifest:
    """The bare-metal set, with one place of its manifest changed."""
    assert old in BARE_METAL
    (folder / "mine.yaml").write_text(BARE_METAL.replace(old, new, 1) if old else BARE_METAL)
    return find("mine", [folder])


def refusal(folder: Path, old: str, new: str) -> str:
    with pytest.raises(SchemaError) as caught:
        mine(folder, old, new)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{folder}/mine.yaml:")
    return text.removeprefix(f"{folder}/mine.yaml:")


def test_our_own_sets_are_sound() -> None:
    assert tuple(manifest.name for manifest in available()) == OWN


def test_a_set_outside_of_the_repository_needs_no_python(folder: Path) -> None:
    image_set = ensure(mine(folder))
    spec = machine_spec(image_set)
    assert spec.binary == "qemu-system-arm"
    assert (spec.cpu, spec.smp, spec.memory_mib) == ("cortex-m3", 2, 16)
    assert [(load.file.name, load.address, load.cpu_num) for load in spec.loads] == [
        ("blinky.elf", None, 0),
        ("table.bin", 0x21000000, None),
    ]
    assert spec.extra == ("-device", "loader,addr=0x8000,cpu-num=1", "-semihosting", "-icount", "3")
    assert [(d.file.name, d.interface, d.readonly, d.snapshot) for d in spec.drives] == [
        ("disk.img", "sd", True, True)
    ]


def test_the_console_of_that_set(folder: Path) -> None:
    manifest = mine(folder)
    (console,) = manifest.consoles
    assert console.prompt is not None
    assert console.prompt.pattern == b">\\ "
    assert console.wake == b"\r"
    assert [bool(m.search(b"x\nhello\nready")) for m in console.milestones] == [True, True]
    assert [p.name for p in console_patterns(ensure(manifest))["uart0"]] == ["assertion"]
    assert (manifest.boot.console, manifest.boot.deadline) == ("uart0", 5.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("about:", "abuot:", "1: mine: unknown key 'abuot'; did you mean 'about'?"),
        ("about: A bare-metal program of somebody else.\n", "", "1: mine: key 'about' is missing"),
        ("  smp: 2", "  spm: 2", "11: mine.machine: unknown key 'spm'; did you mean 'smp'?"),
        ("  smp: 2", "  smp: two", "11: mine.machine.smp: expected an integer from 1 to 512"),
        ("  smp: 2", "  smp: 0", "11: mine.machine.smp: expected an integer from 1 to 512"),
        ("memory: 16M", "memory: 16", "12: mine.machine.memory: expected a size with unit"),
        ("  binary: qemu-system-arm\n", "", "8: mine.machine: key 'binary' is missing"),
        ("file: program", "file: progam", "14: mine.machine.loads[0].file: unknown value 'progam'; did"),
        ("address: 0x21000000", "address: high", "15: mine.machine.loads[1].address: expected an integer"),
        ("cpu: cortex-m3", "append: quiet", "10: mine.machine.append: it needs a 'kernel'"),
        ("{file: blinky.elf}", "{file: blinky.bin}", "4: mine.artifacts.program.file: no file 'blinky.bin'"),
        ("{file: blinky.elf}", "{}", "4: mine.artifacts.program: give either 'build'"),
        ("{file: blinky.elf}", "{build: me.bin}", "4: mine.artifacts.program.build: there is no 'recipe'"),
        ("{file: blinky.elf}", "{file: x, package: y}", "4: mine.artifacts.program.file: a file of a"),
        ("features: [blinky]", "features: blinky", "2: mine.features: expected a list, found"),
        ("features: [blinky]", "recipe: referrence", "2: mine.recipe: unknown value 'referrence'"),
        ("features: [blinky]", "options: {faults: true}", "2: mine.options.faults: unknown option"),
        ("features: [blinky]", "extends: mine", "2: mine.extends: 'mine' extends this one in turn"),
        ("dialect: none", "dialect: bash", "23: mine.consoles[0].dialect: unknown value 'bash'"),
        ("dialect: none", "system: freertos", "23: mine.consoles[0].system: unknown value 'freertos'"),
        ("dialect: none", "kind: serail", "23: mine.consoles[0].kind: unknown value 'serail'; did you mean"),
        ("'ASSERT failed at \\d+'", "'(A'", "24: mine.consoles[0].failures.assertion: bad regular"),
        ("'ASSERT failed at \\d+'", "'.*'", "24: mine.consoles[0].failures.assertion: "),
        ("{console: uart0, deadline: 5s}", "{console: uart1}", "26: mine.boot.console: unknown value"),
        ("deadline: 5s", "deadline: 5", "26: mine.boot.deadline: expected a duration with unit"),
        ("consoles:\n", "consoles: []\nignored:\n", "20: mine: unknown key 'ignored'"),
    ],
)
def test_refusals(folder: Path, old: str, new: str, message: str) -> None:
    assert refusal(folder, old, new).startswith(message)


def test_a_boot_needs_something_to_wait_for(folder: Path) -> None:
    text = BARE_METAL.replace('    prompt: "> "\n', "").replace("    milestones: ['^hello', ready]\n", "")
    (folder / "mine.yaml").write_text(text)
    with pytest.raises(SchemaError, match="console 'uart0' has neither prompt nor milestones to boot to"):
        find("mine", [folder])


def test_two_consoles_of_one_name(folder: Path) -> None:
    (folder / "mine.yaml").write_text(BARE_METAL.replace("boot:", "  - {name: uart0}\nboot:"))
    with pytest.raises(SchemaError, match="two consoles are called 'uart0'"):
        find("mine", [folder])


def test_an_unknown_set_names_the_nearest_and_the_folders(folder: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        find("ref-virt46", [folder])
    assert "unknown image set 'ref-virt46'; looked in" in str(caught.value)
    assert str(folder) in str(caught.value)
    assert "did you mean 'ref-virt64'?" in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no such folder of image sets"):
        find("ref-virt64", [tmp_path / "absent"])


def test_extending_replaces_entry_by_entry(folder: Path) -> None:
    (folder / "child.yaml").write_text("extends: mine\nabout: child\nmachine: {memory: 1G}\n")
    child = find("child", [folder])
    assert (child.about, child.machine.memory_mib, child.machine.cpu) == ("child", 1024, "cortex-m3")
    assert [path.name for path in child.sources] == ["child.yaml", "mine.yaml"]


def test_extending_in_a_circle(folder: Path) -> None:
    (folder / "one.yaml").write_text("extends: two\nabout: x\n")
    (folder / "two.yaml").write_text("extends: one\nabout: x\n")
    with pytest.raises(SchemaError, match=r"two.yaml:1: two.extends: 'one' extends this one in turn"):
        find("one", [folder])


def test_extending_what_is_not_there(folder: Path) -> None:
    (folder / "one.yaml").write_text("extends: mien\nabout: x\n")
    with pytest.raises(ManifestError, match=r"one.yaml:1: unknown image set 'mien'.*did you mean 'mine'\?"):
        find("one", [folder])


def test_the_faulty_guests_differ_in_the_switch_only() -> None:
    good, faulty = find("ref-virt64"), find("ref-virt64-faults")
    assert (good.options, faulty.options) == ({}, {"faults": True})
    assert faulty.features - good.features == {"faults"}
    assert faulty.machine == good.machine
    assert faulty.consoles == good.consoles


def test_mobile_entities_of_the_reference_set() -> None:
    me = find("ref-virt64").me
    assert me is not None
    assert [me.console_of(slot) for slot in me.slots] == ["me2", "me3", "me4", "me5", "me6"]
    assert me.load == me.entry == 0x40080000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("console: uart", "expected a name with {slot} in it"),
        ("console: 'uart{'", "not a format"),
        ("console: 'u{slot}'", "there is no console 'u0'|there is no console 'u7'"),
    ],
)
def test_consoles_of_mobile_entities(folder: Path, change: str, message: str) -> None:
    (folder / "me.dts").write_text("/dts-v1/;")
    me = f"me: {{base: me.dts, kernel: program, load: 0x1000, slots: [7], {change}}}\n"
    (folder / "mine.yaml").write_text(BARE_METAL + me)
    with pytest.raises(SchemaError, match=message):
        find("mine", [folder])


def test_additions_of_a_scenario(folder: Path) -> None:
    image_set = ensure(mine(folder))
    disk = Drive(folder / "disk.img")
    assert machine_spec(image_set, drives=[disk]).drives[-1] == disk
    with pytest.raises(UsageError, match="image set 'mine' boots no kernel by itself"):
        machine_spec(image_set, append="quiet")


def test_kernel_command_lines_are_joined(folder: Path) -> None:
    manifest = mine(folder, "  smp: 2", "  kernel: program\n  append: console=x")
    assert machine_spec(ensure(manifest), append="quiet").append == "console=x quiet"
    assert machine_spec(ensure(manifest)).append == "console=x"


def test_an_unknown_artifact(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"image set 'mine' has no artifact 'dsk'; did you mean 'disk'\?"):
        ensure(mine(folder)).path("dsk")


def test_keys_follow_the_content(folder: Path) -> None:
    before = ensure(mine(folder)).key
    assert ensure(mine(folder)).key == before
    (folder / "table.bin").write_bytes(b"other")
    changed = ensure(mine(folder)).key
    assert changed != before
    assert ensure(mine(folder, "smp: 2", "smp: 1")).key != changed


def test_a_file_that_has_gone(folder: Path) -> None:
    manifest = mine(folder)
    (folder / "table.bin").unlink()
    with pytest.raises(HostError, match=r"mine.yaml:5: table: no file .*table.bin"):
        ensure(manifest)
    assert "table: no file" in verify(manifest)[0]


def test_a_package_that_is_not_installed(folder: Path) -> None:
    manifest = mine(folder, "{file: table.bin}", "{file: /no/such/u-boot.bin, package: u-boot-qemu}")
    assert manifest.packages == ("u-boot-qemu",)
    with pytest.raises(ToolMissing, match="table: no file .* install the Debian package u-boot-qemu"):
        ensure(manifest)


def test_a_set_that_is_not_built_has_no_versions(folder: Path) -> None:
    image_set: ImageSet = ensure(mine(folder))
    assert image_set.versions == {}
    assert set(image_set.digests()) == {"program", "table", "disk"}
    assert issubclass(ManifestError, HarnessError)
