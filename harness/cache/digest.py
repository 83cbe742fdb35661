# SPDX-License-Identifier: GPL-2.0-only
"""Digests: of a file, of a folder of sources, and the list that a finished cache entry carries."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from harness.cache import sparse

LIST_NAME = ".complete"
_LISTED = dict[str, dict[str, object]]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal text.

    :raise OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def known_digest(path: Path) -> str:
    """As `file_digest`, but a file that was not touched since this process read it is not read again.

    :raise OSError: the file cannot be read.
    """
    stat = path.stat()
    return _digest_at(path, (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))


@functools.lru_cache(maxsize=256)
def _digest_at(path: Path, state: tuple[int, ...]) -> str:
    return file_digest(path)


def key_of(parts: Iterable[tuple[str, str]]) -> str:
    """A key of 32 hexadecimal digits for named parts; their order does not matter."""
    total = hashlib.sha256()
    for name, value in sorted(parts):
        # Lengths first: no two different lists of parts can give the same stream.
        total.update(f"{len(name)} {len(value)} {name}{value}\n".encode())
    return total.hexdigest()[:32]


def sources_of(folders: Iterable[Path], base: Path) -> list[tuple[str, str]]:
    """Name below `base` and digest of every file in the folders (or of single files), for `key_of`.

    Generated and hidden files are left out: a compiler's by-product is no source.
    """
    parts = []
    for folder in folders:
        files = folder.rglob("*") if folder.is_dir() else iter([folder])
        for path in files:
            relative = path.relative_to(base)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
            if path.is_file() and not hidden and path.suffix not in _GENERATED:
                parts.append((str(relative), file_digest(path)))
    return parts


_GENERATED = frozenset({".o", ".ko", ".mod", ".a", ".pyc", ".symvers", ".order"})


def write_list(entry: Path) -> None:
    """Write the list of all files of an entry: the mark that it is complete.

    :raise OSError: the disk is full or the folder is read-only.
    """
    listed = {
        str(path.relative_to(entry)): _described(path)
        for path in sorted(entry.rglob("*"))
        if path.is_file() and path.name != LIST_NAME
    }
    partial = entry / (LIST_NAME + ".partial")
    partial.write_text(json.dumps(listed, indent=1, sort_keys=True) + "\n")
    partial.rename(entry / LIST_NAME)


def _described(path: Path) -> dict[str, object]:
    stat = path.stat()
    holes = stat.st_blocks * 512 < stat.st_size
    return {
        "sha256": sparse.digest(path) if holes else file_digest(path),
        "size": stat.st_size,
        "sparse": holes,
    }


def problems_of(entry: Path) -> list[str]:
    """What differs between an entry and its list; empty if each byte is as it was when built."""
    try:
        listed: _LISTED = json.loads((entry / LIST_NAME).read_text())
        items = [(name, str(what["sha256"]), what["size"], what.get("sparse", False))
                 for name, what in listed.items()]
    except FileNotFoundError:
        return ["the list of its files is missing"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return [f"the list of its files is unreadable: {error}"]
    found = []
    for name, digest, size, holes in items:
        path = entry / name
        try:
            if path.stat().st_size != size:
                found.append(f"{name}: size differs")
            elif (sparse.digest if holes else file_digest)(path) != digest:
                found.append(f"{name}: content differs")
        except OSError as error:
            found.append(f"{name}: {error.strerror}")
    return found
