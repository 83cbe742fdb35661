# SPDX-License-Identifier: GPL-2.0-only
"""The reference images as they are really built."""

import shutil
from pathlib import Path

import pytest

from harness.cache.store import Cache
from harness.deadline import Deadline
from harness.images import store
from harness.images.manifest import find
from harness.proc import run


@pytest.fixture(scope="module")
def built() -> store.ImageSet:
    return store.ensure(find("ref-virt64"))


@pytest.fixture
def copied(built: store.ImageSet, tmp_path: Path) -> Cache:
    """A cache that has the same packages and the same entry, to be damaged."""
    cache, own = Cache(), Cache(tmp_path / "cache")
    for name in ("apt", "debs", "packages"):
        (own.root / name).parent.mkdir(parents=True, exist_ok=True)
        (own.root / name).symlink_to(cache.root / name)
    assert built.built is not None
    shutil.copytree(built.built, own.path(built.built.name))
    return own


def listing(archive: Path) -> list[str]:
    argv = ["cpio", "--list", "--quiet"]
    done = run(argv, deadline=Deadline.after(30, "cpio"), input=archive.read_bytes())
    return done.stdout.decode().splitlines()


def test_what_is_in_the_initramfs(built: store.ImageSet) -> None:
    names = listing(built.path("initramfs"))
    assert {"init", "bin/busybox", "usr/bin/soo", "usr/bin/injector", "lib/soo/soo.ko"} <= set(names)
    assert "dev/console" in names
    content = built.path("initramfs").read_bytes()
    places = [content.index(name) for name in (b"/virtio_ring.ko\n", b"/virtio.ko\n", b"/soo/soo.ko\n")]
    assert places == sorted(places)


def test_what_it_was_made_from_is_recorded(built: store.ImageSet) -> None:
    assert built.versions["kernel"].endswith("-cloud-arm64")
    assert {"compiler", "busybox-static", "libfdt-dev"} <= set(built.versions)


def test_the_planted_defects_are_in_the_test_build_only(built: store.ImageSet) -> None:
    faulty = store.ensure(find("ref-virt64-faults"))
    for artifact, word in (("vdummy.ko", b"be-drop-17th"), ("me.bin", b"fe-connected-first")):
        assert word not in built.path(artifact).read_bytes()
        assert word in faulty.path(artifact).read_bytes() or word in faulty.path("soo.ko").read_bytes()


def test_nothing_tells_where_it_was_built(built: store.ImageSet) -> None:
    """So the same sources give the same bytes, wherever and whenever they are built."""
    assert built.built is not None
    for file in built.built.iterdir():
        assert b"reference-build-" not in file.read_bytes(), file.name


def test_a_damaged_image_is_noticed_and_made_again(built: store.ImageSet, copied: Cache) -> None:
    manifest = find("ref-virt64")
    assert built.built is not None
    kernel = copied.path(built.built.name) / "vmlinuz"
    data = bytearray(kernel.read_bytes())
    data[len(data) // 2] ^= 1
    kernel.write_bytes(data)
    assert store.verify(manifest, copied) == [f"{kernel.parent}: vmlinuz: content differs"]
    told: list[str] = []
    again = store.ensure(manifest, Cache(copied.root, told.append), told.append)
    assert "set aside and built again" in told[0]
    assert again.digests()["vmlinuz"] == built.digests()["vmlinuz"]
    assert again.digests()["me.bin"] == built.digests()["me.bin"]


def test_nothing_is_built_twice(built: store.ImageSet) -> None:
    told: list[str] = []
    assert store.ensure(find("ref-virt64"), Cache(progress=told.append), told.append).key == built.key
    assert told == []
