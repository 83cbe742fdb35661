# SPDX-License-Identifier: GPL-2.0-only
"""Hosts as they are written, what differs between two of them, and entries on their way."""

import os
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from harness.cache.store import Cache
from harness.errors import CacheError, HostError, UsageError
from harness.hosts.checkout import digests, first_difference
from harness.hosts.parcel import pack, unpack
from harness.hosts.share import fetch, serve
from harness.hosts.spec import Host, parse_hosts


def test_a_list() -> None:
    assert parse_hosts("local, me@build7.example") == (Host("local"), Host("me@build7.example"))


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    line = "build7 workers=3 folder=/srv/soo python=/srv/v/bin/python cache=/c # big"
    file.write_text(f"# ours\n\nlocal\n{line}\n")
    assert parse_hosts(str(file)) == (Host("local"), Host("build7", 3, "/srv/soo", "/srv/v/bin/python", "/c"))
    spec = parse_hosts(str(file))[1].gateway(2)
    assert spec.startswith("ssh=-o BatchMode=yes ")
    assert spec.endswith(" build7//id=build7:2//python=/srv/v/bin/python//chdir=/srv/soo//"
                         "execmodel=main_thread_only//env:SOO_HARNESS_CACHE=/c")


@pytest.mark.parametrize(("line", "message"), [
    ("a wokers=2", "hosts:1: unknown setting 'wokers'; did you mean 'workers'?"),
    ("a workers=0", "hosts:1: '0' is no number of workers; from 1 to 256"),
    ("a workers=2 workers=3", "hosts:1: 'workers=3' is no setting, or there twice"),
    ("a folder=", "hosts:1: 'folder=' is no setting, or there twice"),
    ("a cache=/x//y", "hosts:1: 'cache=/x//y' is no setting"),
    ("-oProxyCommand=x", "hosts:1: '-oProxyCommand=x' is no name of a host"),
    ("a\na", "host 'a' is named twice"),
    ("", "no host is named; write one a line: name workers=N"),
])
def test_mistakes(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "hosts").write_text(line)
    with pytest.raises(UsageError) as told:
        parse_hosts(str(tmp_path / "hosts"))
    assert message in str(told.value)


def test_a_difference_is_named(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "harness").mkdir(parents=True)
        (tmp_path / name / "harness" / "a.py").write_text("a")
    here, there = (digests(tmp_path / name) for name in ("here", "there"))
    assert first_difference(here, there) is None
    (tmp_path / "there" / "harness" / "b.py").write_text("b")
    assert first_difference(here, digests(tmp_path / "there")) == "harness/b.py"


class Pair:
    """Two ends of a channel."""

    def __init__(self) -> None:
        self.far: SimpleQueue[Any] = SimpleQueue()
        self.near: SimpleQueue[Any] = SimpleQueue()

    def send(self, item: Any) -> None:
        self.far.put(item)

    def receive(self) -> Any:
        return self.near.get(timeout=20)


class Far:
    def __init__(self, pair: Pair) -> None:
        self._pair = pair

    def send(self, item: Any) -> None:
        self._pair.near.put(item)

    def receive(self) -> Any:
        return self._pair.far.get(timeout=20)


def asked(cache: Cache, key: str, folder: Path, spoil: bytes = b"") -> bool:
    """Fetch an entry of `cache` into `folder`."""
    pair, told = Pair(), list[str]()
    far = Far(pair)

    class Spoiling(Far):
        def send(self, item: Any) -> None:
            super().send(("data", item[1], spoil) if spoil and item[0] == "data" else item)

    answer = serve(cache, Spoiling(pair), told.append)
    server = threading.Thread(target=lambda: answer(far.receive()))
    server.start()
    folder.mkdir()
    try:
        return fetch(pair, key, folder)
    finally:
        server.join()
        assert told == ([key] if cache.lookup(key) else [])


def fill(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "program").write_bytes(os.urandom(200_000))
    (folder / "sub" / "program").chmod(0o755)
    (folder / "empty").write_bytes(b"")
    with (folder / "ram").open("wb") as ram:
        ram.truncate(64 << 20)
        ram.seek(10 << 20)
        ram.write(b"x" * 5000)


def test_an_entry_arrives_with_its_holes(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    entry = cache.get("key", fill)
    assert asked(cache, "key", tmp_path / "got")
    for name in ("sub/program", "empty", "ram"):
        assert (tmp_path / "got" / name).read_bytes() == (entry / name).read_bytes()
    assert (tmp_path / "got" / "sub" / "program").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "got" / "ram").stat().st_blocks * 512 < 1 << 20


def test_what_is_not_there_either(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert not asked(cache, "key", tmp_path / "got")
    assert not asked(cache, "../key", tmp_path / "got2")


def test_what_is_spoilt_on_its_way_is_refused(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.get("key", fill)
    with pytest.raises(CacheError, match="entry key did not arrive as it was sent: ram: content differs"):
        asked(cache, "key", tmp_path / "got", spoil=b"other bytes")


def test_a_file_outside_of_its_folder_is_refused(tmp_path: Path) -> None:
    pair = Pair()
    pair.near.put(("file", "../outside", 1, 0o644))
    with pytest.raises(HostError, match="a file called '../outside' is refused"):
        fetch(pair, "key", tmp_path)


def test_a_parcel(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    fill(tmp_path / "run")
    (tmp_path / "run" / "huge").write_bytes(b"x" * 5000)
    unpack(pack(tmp_path / "run", largest=1 << 20), tmp_path / "new" / "got")
    for name in ("sub/program", "empty", "ram", "huge"):
        assert (tmp_path / "new" / "got" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
    unpack(pack(tmp_path / "run", largest=4999), tmp_path / "small")
    assert not (tmp_path / "small" / "huge").exists()
