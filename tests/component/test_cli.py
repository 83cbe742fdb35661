# SPDX-License-Identifier: GPL-2.0-only
"""The command line as a process: one line for each mistake, and the right exit status."""

import sys
from pathlib import Path

import pytest

from harness import grammar
from harness.cache.store import Cache
from harness.commands.run import pytest_arguments
from harness.deadline import Deadline
from harness.proc import Completed, run

REPOSITORY = Path(__file__).resolve().parents[2]

SET = """\
about: For a test.
artifacts: {program: {file: program.bin}}
machine: {binary: qemu-system-arm, machine: virt, loads: [{file: program, address: 0}]}
consoles: [{name: uart, prompt: '> '}]
boot: {console: uart}
"""


def harness(*arguments: str | Path) -> Completed:
    argv = [sys.executable, "-m", "harness.cli", *(str(argument) for argument in arguments)]
    return run(argv, deadline=Deadline.after(60, "the harness"), cwd=REPOSITORY, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text(SET)
    (tmp_path / "program.bin").write_bytes(b"\0")
    return tmp_path


def test_listing_shows_sets_of_the_user_too(folder: Path) -> None:
    done = harness("images", "list", "--images", folder)
    assert done.status == 0
    lines = [line.split(maxsplit=1) for line in done.stdout.decode().splitlines()]
    assert lines[0] == ["mine", "For a test."]
    own = sorted(path.stem for path in (REPOSITORY / "images").glob("*.yaml"))
    assert [name for name, _ in lines[1:]] == own


def test_a_set_that_is_not_built_can_be_used_at_once(folder: Path) -> None:
    assert harness("images", "build", "mine", "--images", folder).status == 0
    done = harness("images", "path", "mine", "--artifact", "program", "--images", folder)
    assert done.stdout.decode() == f"{folder}/program.bin\n"
    done = harness("images", "path", "mine", "--images", folder)
    assert done.stdout.decode() == f"program {folder}/program.bin\n"
    assert harness("images", "verify", "mine", "--images", folder).stdout.decode() == "mine: ok\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["images", "path"], 2, "images path needs the name of an image set; see 'images list'"),
        (["images", "path", "ref-virt46"], 2, "unknown image set 'ref-virt46'; looked in"),
        (["images", "build", "--artifact", "x"], 2, "--artifact goes with 'images path' only"),
        (["images", "list", "--images", "/nowhere"], 2, "/nowhere: no such folder of image sets"),
        (["run", "/nowhere/x.yaml"], 2, "/nowhere/x.yaml: no such scenario or folder"),
        (["boot"], 2, "boot: an interactive console needs a terminal as standard input"),
        (["boot", "x.yaml", "--set", "y"], 2, "boot: give either a scenario or --set"),
        (["steps", "expect.conected"], 2,
         "steps: unknown step 'expect.conected'; did you mean 'expect.connected'?"),
        (["hunt", "scenarios/links"], 2, "scenarios/links: this is a folder, and hunt takes one scenario"),
        (["hunt", "scenarios/links/test_neighbours.py"], 2,
         "scenarios/links/test_neighbours.py: hunt takes scenarios in YAML only; run it with seeds"),
        (["run", "--hosts", "/no/hosts"], 2, "/no/hosts: cannot read: No such file"),
        (["run", "--hosts", "dts"], 2, "dts: cannot read: Is a directory"),
        (["run", "--hosts", "local,local"], 2, "local,local: host 'local' is named twice"),
        (["run", "--hosts", "a,-b"], 2, "--hosts: '-b' is no name of a host; as ssh takes it, user@name"),
        (["test", "unti"], 2, "unknown environment 'unti'; did you mean 'unit'?"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], status: int, message: str) -> None:
    done = harness(*arguments)
    assert done.status == status
    assert done.stderr.decode().startswith(f"harness: {message}")
    assert done.stderr.count(b"\n") == 1
    assert done.stdout == b""


def test_a_wrong_manifest_is_told_with_its_line(folder: Path) -> None:
    (folder / "mine.yaml").write_text(SET.replace("machine: virt", "machin: virt"))
    done = harness("images", "list", "--images", folder)
    assert done.status == 2
    expected = f"harness: {folder}/mine.yaml:3: mine.machine: unknown key 'machin'; did you mean 'machine'?\n"
    assert done.stderr.decode() == expected


def test_a_damaged_set_is_the_hosts_affair(folder: Path) -> None:
    (folder / "program.bin").unlink()
    (folder / "mine.yaml").write_text(SET.replace("program.bin", "/no/u-boot.bin, package: u-boot-qemu"))
    done = harness("images", "verify", "mine", "--images", folder)
    assert done.status == 3
    assert "install the Debian package u-boot-qemu" in done.stdout.decode()


def test_verify_reports_a_flipped_byte(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def build(folder: Path) -> None:
        (folder / "vmlinuz").write_bytes(b"kernel")

    entry = cache.get("key", build)
    (entry / "vmlinuz").write_bytes(b"kornel")
    assert cache.verify("key") == ["vmlinuz: content differs"]
    assert cache.verify("other") == ["it was never built"]


def test_options_of_run_become_options_of_pytest() -> None:
    line = "run a.yaml b -k both -m smoke -j 2 --junitxml r.xml --seed 7 --images X --images Y -x"
    arguments = grammar.parser().parse_args(line.split())
    assert pytest_arguments(arguments, arguments.paths) == [
        *("-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
        *("-k", "both", "-m", "smoke"),
        *("-n", "2", "--junitxml", "r.xml", "--seed", "7"),
        *("--images", "X", "--images", "Y", "-x", "a.yaml", "b"),
    ]
    plain = grammar.parser().parse_args(["run"])
    assert pytest_arguments(plain, ["scenarios"]) == [
        *("-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "scenarios")
    ]


def test_the_grammar_needs_little_time_and_no_package() -> None:
    script = "import sys, harness.grammar as it; it.parser(); print({'yaml', 'rich'} & set(sys.modules))"
    argv = [sys.executable, "-c", script]
    assert run(argv, deadline=Deadline.after(10, "python"), cwd=REPOSITORY).stdout == b"set()\n"
