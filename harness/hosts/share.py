# SPDX-License-Identifier: GPL-2.0-only
"""Entries of the cache go to another host, each at most once: its own cache has it afterwards.

The worker that misses an entry asks for its key before it builds it. What comes are files in pieces,
holes left out, then the sender's list with the digest of each file, against which all is verified.

    worker -> ("want", KEY)
    worker <- ("file", NAME, SIZE, MODE), ("data", OFFSET, BYTES) ..., ("end", LIST) or ("none",)
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from harness.cache import sparse
from harness.cache.digest import LIST_NAME, problems_of
from harness.cache.store import Cache
from harness.errors import CacheError
from harness.hosts.parcel import begin


class Wire(Protocol):
    """What is used of an execnet channel."""

    def send(self, item: Any) -> None:  # Any: what execnet can carry
        """Hand a message over."""

    def receive(self) -> Any:
        """The next message."""


def serve(cache: Cache, wire: Wire, tell: Callable[[str], None]) -> Callable[[tuple[str, str]], None]:
    """What answers the requests of one worker; called with each of them.

    :param tell: is told which entry goes out.
    """

    def answer(request: tuple[str, str]) -> None:
        _, key = request
        if "/" in key or cache.lookup(key) is None:
            wire.send(("none",))
            return
        entry = cache.path(key)
        tell(key)
        for path in sorted(entry.rglob("*")):
            if path.is_file() and path.name != LIST_NAME:
                stat = path.stat()
                wire.send(("file", path.relative_to(entry).as_posix(), stat.st_size, stat.st_mode & 0o777))
                for at, block in sparse.blocks(path):
                    wire.send(("data", at, block))
        wire.send(("end", (entry / LIST_NAME).read_bytes()))

    return answer


def fetch(wire: Wire, key: str, folder: Path) -> bool:
    """Ask for an entry; False if it is not there either.

    :param folder: an empty folder for its files.
    :raise CacheError: what came is not what was sent
    """
    wire.send(("want", key))
    file = -1
    try:
        while True:
            kind, *rest = wire.receive()
            if kind == "none":
                return False
            if kind == "data":
                os.pwrite(file, rest[1], rest[0])
                continue
            if file >= 0:
                os.close(file)
                file = -1
            if kind == "end":
                break
            file = begin(folder, *rest)
    finally:
        if file >= 0:
            os.close(file)
    (folder / LIST_NAME).write_bytes(rest[0])
    problems = problems_of(folder)
    if problems:
        raise CacheError(f"entry {key} did not arrive as it was sent: {problems[0]}", where=str(folder))
    return True
