# SPDX-License-Identifier: GPL-2.0-only
"""`python3 -m harness` on hosts that lack something; dpkg, apt and sudo are small executables here."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

from harness.bootstrap import debian
from harness.bootstrap.environment import Environment
from harness.deadline import Deadline
from harness.errors import ToolMissing
from harness.proc import Completed, run

REPOSITORY = Path(__file__).resolve().parents[2]
BASE_PYTHON: str = getattr(sys, "_base_executable", sys.executable)

# State is one file with the names of the installed packages, one to a line.
_DPKG_QUERY = """\
while [ "${1#--}" != "$1" ]; do shift; done
for name; do grep -qx "$name" "$STATE" && echo "installed $name"; done
exit 1
"""
_APT_GET = """\
echo "$@" >>"$STATE.apt"
[ "$1" = update ] && exit 0
[ -e "$STATE.refuse" ] && { echo "E: Unable to correct problems" >&2; exit 100; }
shift; while [ "${1#--}" != "$1" ]; do shift; done
for name; do echo "$name" >>"$STATE"; done
"""


@dataclass
class Host:
    """A host with the programs that we give it, and a cache of its own."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def program(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)

    def install(self, *names: str) -> None:
        (self.folder / "state").write_text("".join(f"{name}\n" for name in names))

    def harness(self, *arguments: str) -> Completed:
        argv = [BASE_PYTHON, "-m", "harness", *arguments]
        deadline = Deadline.after(60, "the harness")
        return run(argv, deadline=deadline, cwd=REPOSITORY, env=self.env, check=False)

    def apt_calls(self) -> list[str]:
        log = self.folder / "state.apt"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Debian, nothing of ours installed, but the virtual environment complete."""
    (tmp_path / "bin").mkdir()
    cache = tmp_path / "cache"
    ours = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "STATE": f"{tmp_path}/state"}
    host = Host(tmp_path, {**os.environ, **ours, "SOO_HARNESS_CACHE": str(cache)})
    host.program("dpkg-query", _DPKG_QUERY)
    host.program("apt-get", _APT_GET)
    host.program("sudo", 'echo "sudo $*" >>"$STATE.sudo"\n[ "$1" = -v ] || exec "$@"\n')
    host.install()
    environment = Environment(cache).path
    (environment / "bin").mkdir(parents=True)
    (environment / ".complete").write_text("")
    (environment / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (environment / "bin" / "python").chmod(0o755)
    return host


def sudo() -> str:
    return "" if os.geteuid() == 0 else "sudo "


IMAGES = "gcc-aarch64-linux-gnu libc6-dev-arm64-cross make"


def test_without_leave_the_exact_line_is_printed(host: Host) -> None:
    done = host.harness("images", "list", "--no-install")
    assert done.status == ToolMissing.exit_status
    assert done.stdout.decode() == f"{sudo()}apt-get install --yes --no-install-recommends {IMAGES}\n"
    first, second = done.stderr.decode().splitlines()
    assert first == f"harness: missing Debian packages: {IMAGES}"
    assert second.startswith("harness: not installing anything, as --no-install asks")
    assert host.apt_calls() == []


def test_only_what_is_missing_is_named(host: Host) -> None:
    host.install("make", "libc6-dev-arm64-cross")
    done = host.harness("images", "list", "--no-install")
    assert done.stdout.decode().endswith("--no-install-recommends gcc-aarch64-linux-gnu\n")


def test_a_run_needs_the_machine_too(host: Host) -> None:
    done = host.harness("run", "--no-install")
    named = done.stderr.decode().splitlines()[0]
    assert "qemu-system-arm" in named
    assert "u-boot-qemu" in named
    assert "gcc-aarch64-linux-gnu" in named


def test_packages_are_named_then_installed_then_the_job_is_done(host: Host) -> None:
    done = host.harness("images", "list")
    assert done.status == 0
    assert done.stderr.decode().splitlines()[0] == f"harness: missing Debian packages: {IMAGES}"
    assert host.apt_calls() == ["update", f"install --yes --no-install-recommends {IMAGES}"]
    assert "ref-virt64" in done.stdout.decode()


def test_the_second_time_nothing_is_said(host: Host) -> None:
    host.install(*IMAGES.split())
    done = host.harness("images", "list")
    assert (done.status, done.stderr) == (0, b"")
    assert host.apt_calls() == []


def test_apt_that_refuses_is_one_line(host: Host) -> None:
    (host.folder / "state.refuse").write_text("")
    done = host.harness("images", "list")
    assert done.status == 3
    last = done.stderr.decode().splitlines()[-1]
    assert last == "harness: installing Debian packages failed: E: Unable to correct problems"


def test_apt_that_lies_is_noticed(host: Host) -> None:
    host.program("apt-get", "exit 0\n")
    done = host.harness("images", "list")
    assert done.status == 3
    assert f"still missing after the installation: {IMAGES}" in done.stderr.decode()


BAD_LINES = {
    "": ": the following arguments are required: COMMAND; see 'harness --help'",
    "rnu": ": unknown command 'rnu'; did you mean 'run'?",
    "xyz": ": unknown command 'xyz'; valid: run, boot",
    "run -j 0": " run: argument -j: '0' is not a whole number from 1 to 64",
    "run -j x": " run: argument -j: 'x' is not a whole number from 1 to 64",
    "run --seed x": " run: argument --seed: 'x' is not a whole number from 0 on",
    "hunt --seeds 0 x.yaml": " hunt: argument --seeds: '0' is not a whole number from 1 on",
    "explore --minutes x": " explore: argument --minutes: 'x' is not a number above zero",
    "explore --minutes nan": " explore: argument --minutes: 'nan' is not a number above zero",
    "fuzz --runs -3": " fuzz: argument --runs: '-3' is not a whole number from 1 on",
    "images burn": " images: unknown action 'burn'; valid: build, list, verify, path",
    "run --juntxml x": " run: unknown option '--juntxml'; did you mean '--junitxml'?",
    "cache 7": " cache: '7' is one word too many",
}


def test_a_bad_command_line_sets_nothing_up(host: Host) -> None:
    for arguments, told in BAD_LINES.items():
        done = host.harness(*arguments.split())
        assert done.status == 2
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith(f"harness{told}"), line
        assert line.endswith("--help'")
    assert host.apt_calls() == []


def test_help_needs_nothing(host: Host) -> None:
    done = host.harness("--help")
    assert done.status == 0
    assert "images" in done.stdout.decode()


def test_a_cache_that_cannot_be_made(host: Host) -> None:
    host.install(*IMAGES.split(), "gcc", "libc6-dev", "python3-dev", "python3-venv")
    host.env["SOO_HARNESS_CACHE"] = "/dev/null/cache"
    done = host.harness("images", "list")
    assert done.status == 3
    assert done.stderr.decode().splitlines() == [
        "harness: /dev/null/cache/locks: cannot write the cache: Not a directory; "
        "set SOO_HARNESS_CACHE to a folder that can be written"
    ]


@pytest.fixture
def bare_host(host: Host) -> Host:
    """As `host`, without a virtual environment and without any index of Python packages."""
    host.install(*IMAGES.split(), "gcc", "libc6-dev", "python3-dev", "python3-venv")
    host.env |= {"SOO_HARNESS_CACHE": str(host.folder / "empty"), "PIP_NO_INDEX": "1"}
    host.env |= {"PIP_FIND_LINKS": str(host.folder), "PIP_CONFIG_FILE": "/dev/null"}
    return host


def test_python_packages_that_cannot_be_had(bare_host: Host) -> None:
    done = bare_host.harness("images", "list")
    lines = done.stderr.decode().splitlines()
    assert done.status == 3
    assert lines[:2] == ["harness: making a virtual environment", "harness: installing build tools"]
    assert lines[2].startswith("harness: installing build tools failed: ERROR: ")
    assert len(lines) == 3
    assert not list(bare_host.folder.glob("empty/venv/*/.complete"))


@pytest.mark.parametrize(("end", "status"), [("intr", 130), ("term", 143)])
def test_an_interrupted_set_up(bare_host: Host, end: str, status: int) -> None:
    started = bare_host.folder / "started"
    os.mkfifo(started)
    stuck = bare_host.folder / "stuck"
    stuck.write_text(f"#!/bin/sh\necho $$ >{started}\nexec cat {started}.never\n")
    stuck.chmod(0o755)
    os.mkfifo(f"{started}.never")
    line = f"import sys; sys._base_executable = {str(stuck)!r}; from harness.bootstrap.start import main; "
    argv = ["-c", line + "sys.exit(main(['images', 'list']))"]
    env = {**bare_host.env, "PYTHONPATH": str(REPOSITORY)}
    process = pexpect.spawn(BASE_PYTHON, argv, env=env, timeout=30, encoding="utf-8")
    pid = int(started.read_text())
    ending: dict[str, Callable[[], object]] = {"intr": process.sendintr, "term": lambda: process.kill(15)}
    ending[end]()
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == status
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_root_and_sudo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="neither root nor sudo is at hand; as root, run: apt-get install"):
        debian.provide(["make"], allowed=True)


def test_without_root_sudo_is_asked(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in ("PATH", "STATE"):
        monkeypatch.setenv(name, host.env[name])
    debian.provide(["make"], allowed=True)
    asked = (host.folder / "state.sudo").read_text().splitlines()
    assert asked[0] == "sudo -v"
    assert asked[-1] == "sudo apt-get install --yes --no-install-recommends make"


def test_a_host_that_is_no_debian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert debian.missing(["make", "gcc", "libc6-dev"]) == ["make", "gcc"]
    with pytest.raises(ToolMissing, match="no apt-get: this is no Debian host; install these"):
        debian.provide(["make"], allowed=True)
    (tmp_path / "make").write_text("#!/bin/sh\n")
    (tmp_path / "make").chmod(0o755)
    assert debian.missing(["make", "gcc"]) == ["gcc"]


def test_compiling_pylibfdt_is_needed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "gcc" in debian.needed("images", environment_complete=False)
    assert "gcc" not in debian.needed("images", environment_complete=True)
    monkeypatch.setattr("sysconfig.get_paths", lambda: {"include": "/nowhere"})
    assert "python3-dev" in debian.needed("images", environment_complete=False)
