# SPDX-License-Identifier: GPL-2.0-only
"""The initramfs writer: the same bytes for the same content, and each field where the kernel reads it."""

from collections.abc import Callable
from pathlib import Path

from harness.images.cpio import Archive


def records(data: bytes) -> list[tuple[str, int, bytes, tuple[int, int]]]:
    """Name, mode, content and device numbers of each entry, read as the kernel's init/initramfs.c does."""
    found: list[tuple[str, int, bytes, tuple[int, int]]] = []
    at = 0
    while True:
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        name_size, size = fields[11], fields[6]
        name = data[at + 110 : at + 110 + name_size - 1].decode()
        at = -(-(at + 110 + name_size) // 4) * 4
        content, at = data[at : at + size], -(-(at + size) // 4) * 4
        if name == "TRAILER!!!":
            assert at == len(data)
            return found
        found.append((name, fields[1], content, (fields[9], fields[10])))


def sample(order: int = 1) -> Archive:
    root = Archive()
    steps: list[Callable[[], None]] = [
        lambda: root.file("usr/bin/tool", b"#!", executable=True),
        lambda: root.file("/etc/plain", b"12345"),
        lambda: root.link("bin/sh", "busybox"),
        lambda: root.character_device("dev/console", 5, 1),
        lambda: root.folder("mnt/ME"),
    ]
    for step in steps[::order]:
        step()
    return root


def test_content_comes_back() -> None:
    found = {name: (mode, content, device) for name, mode, content, device in records(sample().tobytes())}
    assert found["usr/bin/tool"] == (0o100755, b"#!", (0, 0))
    assert found["etc/plain"] == (0o100644, b"12345", (0, 0))
    assert found["bin/sh"] == (0o120777, b"busybox", (0, 0))
    assert found["dev/console"] == (0o020600, b"", (5, 1))
    assert found["mnt/ME"] == (0o040755, b"", (0, 0))


def test_folders_come_before_what_is_in_them() -> None:
    names = [name for name, *_ in records(sample().tobytes())]
    assert {"usr", "usr/bin", "mnt", "etc", "dev", "bin"} <= set(names)
    for name in names:
        parent = name.rpartition("/")[0]
        assert not parent or names.index(parent) < names.index(name)


def test_order_of_adding_does_not_matter() -> None:
    assert sample(1).tobytes() == sample(-1).tobytes()


def test_a_folder_added_twice_is_there_once() -> None:
    root = Archive()
    root.file("a/b", b"")
    root.folder("a")
    assert [name for name, *_ in records(root.tobytes())] == ["a", "a/b"]


def test_content_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"from a file")
    root = Archive()
    root.file("copy", tmp_path / "source")
    assert records(root.tobytes())[0][2] == b"from a file"
