# SPDX-License-Identifier: GPL-2.0-only
"""Sparse files: the digest does not see holes, copies have them, any change of content shows."""

from __future__ import annotations

import os
from pathlib import Path

from harness.cache import sparse
from harness.cache.digest import problems_of, write_list

SIZE = 8 << 20


def _file(path: Path, parts: dict[int, bytes]) -> Path:
    with path.open("wb") as out:
        out.truncate(SIZE)
        for at, data in parts.items():
            os.pwrite(out.fileno(), data, at)
    return path


def test_zeros_and_holes_are_the_same(tmp_path: Path) -> None:
    holes = _file(tmp_path / "holes", {5_000_000: b"text"})
    zeros = _file(tmp_path / "zeros", {0: bytes(SIZE), 5_000_000: b"text"})
    assert holes.stat().st_blocks < zeros.stat().st_blocks
    assert sparse.digest(holes) == sparse.digest(zeros)


def test_place_and_content_matter(tmp_path: Path) -> None:
    seen = {sparse.digest(_file(tmp_path / f"{at}-{data!r}", {at: data}))
            for at in (0, 1, 65535, 65536, SIZE - 1) for data in (b"a", b"b")}
    assert len(seen) == 10
    assert sparse.digest(_file(tmp_path / "nothing", {})) not in seen


def test_a_copy_is_equal_and_has_holes(tmp_path: Path) -> None:
    source = _file(tmp_path / "source", {0: bytes(4 << 20), 4_500_000: b"x" * 100_000, SIZE - 1: b"e"})
    sparse.copy(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    assert (tmp_path / "copy").stat().st_blocks * 512 < 1 << 20


def test_a_sparse_file_in_a_list(tmp_path: Path) -> None:
    file = _file(tmp_path / "ram", {3_000_000: b"text"})
    write_list(tmp_path)
    assert problems_of(tmp_path) == []
    _file(file, {3_000_000: b"test"})
    assert problems_of(tmp_path) == ["ram: content differs"]
    os.truncate(file, SIZE - 1)
    assert problems_of(tmp_path) == ["ram: size differs"]
