# SPDX-License-Identifier: GPL-2.0-only
"""The cache on a real disk, among real processes."""

import os
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from harness.cache.store import Cache
from harness.deadline import Deadline
from harness.errors import CacheError, CommandFailed, HostError
from harness.proc import run

REPOSITORY = Path(__file__).resolve().parents[2]


def write_one(folder: Path) -> None:
    (folder / "file").write_bytes(b"content")


def never(folder: Path) -> None:
    raise AssertionError("it is there already")


def leftovers(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "tmp").glob("*"))


def user(root: Path, behaviour: str = "plain", key: str = "key") -> "pexpect.spawn[str]":
    """A process that has started and waits for a line before it asks the cache."""
    argv = ["-m", "tests.component.cache_user", str(root), key, behaviour]
    place = str(REPOSITORY)
    process = pexpect.spawn(sys.executable, argv, cwd=place, timeout=30, echo=False, encoding="utf-8")
    process.expect_exact("ready")
    return process


def end_of(process: "pexpect.spawn[str]") -> int:
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus is not None
    return process.exitstatus


def test_what_was_built_is_not_built_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    entry = cache.get("key", write_one)
    assert (entry / "file").read_bytes() == b"content"
    assert cache.get("key", never) == entry
    assert cache.keys() == ["key"]
    assert cache.verify("key") == []
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "list"])
def test_a_damaged_entry_is_set_aside_and_built_again(tmp_path: Path, damage: str) -> None:
    told: list[str] = []
    cache = Cache(tmp_path, told.append)
    file = cache.get("key", write_one) / "file"
    before = file.stat()
    if damage == "flip":
        file.write_bytes(b"cOntent")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a failing disk leaves it
    elif damage == "truncate":
        file.write_bytes(b"")
    elif damage == "remove":
        file.unlink()
    else:
        (file.parent / ".complete").write_text("{")
    assert cache.lookup("key") is None
    assert (cache.get("key", write_one) / "file").read_bytes() == b"content"
    assert len(told) == 1
    assert told[0].startswith("cache entry key is damaged (")
    assert len(list((tmp_path / "broken").iterdir())) == 1


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        write_one(folder)
        raise HostError("no compiler")

    cache = Cache(tmp_path)
    with pytest.raises(HostError, match="no compiler"):
        cache.get("key", fail)
    assert cache.keys() == []
    assert leftovers(tmp_path) == []
    cache.get("key", write_one)


def test_a_program_that_finds_the_disk_full_is_told_as_such(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        output = b"x.c: fatal error: No space left on device"
        raise CommandFailed("make ended with status 2", argv=["make"], status=2, output=output)

    with pytest.raises(CacheError, match="the disk is full; free some space"):
        Cache(tmp_path).get("key", fail)


def test_a_missing_input_is_not_blamed_on_the_cache(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (tmp_path / "input").read_bytes()

    with pytest.raises(FileNotFoundError):
        Cache(tmp_path / "cache").get("key", fail)


def test_many_at_once_build_once(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    users = [user(root) for _ in range(4)]
    for process in users:
        process.sendline("")
    assert [end_of(process) for process in users] == [0, 0, 0, 0]
    assert Path(f"{root}.builds").read_text() == "key\n"


def test_a_builder_that_is_killed_blocks_nobody(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    victim = user(root, "stuck")
    victim.sendline("")
    victim.expect_exact("stuck")
    waiting = user(root)
    waiting.sendline("")
    waiting.expect_exact("waiting for another process that builds key")
    assert Cache(root).keys() == []
    victim.kill(signal.SIGKILL)
    assert end_of(waiting) == 0
    assert leftovers(root) == []
    assert Cache(root).verify("key") == []
    victim.close(force=True)


def in_small_world(root: Path, mount: str, behaviour: str) -> tuple[int, str]:
    """Use the cache in a mount namespace of its own, after the shell line `mount`; status and output."""
    root.mkdir(exist_ok=True)
    line = f'{mount}; exec "$0" -m tests.component.cache_user "$1" key {behaviour}'
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    if run([*own, "true"], deadline=Deadline.after(10, "unshare"), check=False).status:
        pytest.skip("this host allows no mount namespaces")
    done = run(
        [*own, "sh", "-ec", line, sys.executable, str(root)],
        deadline=Deadline.after(30, "the cache's user"),
        input=b"\n",
        cwd=REPOSITORY,
        check=False,
    )
    return done.status, done.stdout.decode().removeprefix("ready\n")


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    status, output = in_small_world(root, 'mount -t tmpfs -o size=8m none "$1"', "large")
    assert status == CacheError.exit_status
    assert output.startswith(f"{root}: the disk is full; free some space (now ")
    assert output.count("\n") == 1


READ_ONLY = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"'


def test_a_read_only_cache_is_one_line(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    status, output = in_small_world(root, READ_ONLY, "plain")
    assert status == CacheError.exit_status
    assert "cannot write the cache: Read-only file system; set SOO_HARNESS_CACHE to" in output
    assert output.count("\n") == 1


def test_a_read_only_cache_serves_what_it_has(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    Cache(root).get("key", write_one)
    assert in_small_world(root, READ_ONLY, "plain") == (0, "got 2 files\n")


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="cannot write the cache"):
        Cache(tmp_path / "file").get("key", write_one)


def test_pruning_keeps_what_was_used_last(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number, key in enumerate(("set-a", "set-b", "set-c", "other")):
        used = cache.get(key, write_one) / ".complete"
        os.utime(used, (used.stat().st_mtime - 100 + number,) * 2)
    cache.get("set-a", never)
    assert cache.prune("set-", keep=2) == ["set-b"]
    assert cache.keys() == ["other", "set-a", "set-c"]


def test_a_sweep_leaves_what_is_being_worked_in(tmp_path: Path) -> None:
    """Also below a key: `KEY-make` has a lock of its own."""
    cache = Cache(tmp_path / "cache")
    with cache.scratch("key-2a915b8a-make") as folder:
        (folder / "file").write_text("")
        Cache(tmp_path / "cache").sweep()
        assert (folder / "file").exists()
    assert list((tmp_path / "cache/tmp").iterdir()) == []
