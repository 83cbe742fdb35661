# SPDX-License-Identifier: GPL-2.0-only
"""Packages of another architecture, by the real apt-get, from a small archive on this disk."""

import hashlib
from pathlib import Path

import pytest

from harness.cache.store import Cache
from harness.deadline import Deadline
from harness.errors import HostError
from harness.images.packages import Archive, Package, Record, dependency, unpack
from harness.proc import run

ARCH = "arm64"


def add_package(pool: Path, name: str, arch: str, version: str, depends: str = "") -> None:
    """Build a package with one file and add it to the archive's list."""
    tree = pool / "tree" / f"{name}-{version}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "opt").mkdir()
    (tree / "opt" / name).write_text(version)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: nobody\n"
    control += f"Depends: {depends}\n" if depends else ""
    control += "Description: for a test\n"
    (tree / "DEBIAN" / "control").write_text(control)
    deb = pool / f"{name}_{version}_{arch}.deb"
    argv = ["dpkg-deb", "--build", "--root-owner-group", str(tree), str(deb)]
    run(argv, deadline=Deadline.after(30, "dpkg-deb"))
    digest = hashlib.sha256(deb.read_bytes()).hexdigest()
    with (pool / "Packages").open("a") as index:
        size = deb.stat().st_size
        index.write(f"{control}Filename: ./{deb.name}\nSize: {size}\nSHA256: {digest}\n\n")


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive that is the only source of apt in this test."""
    folder = tmp_path / "pool"
    folder.mkdir()
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] file:{folder} ./\n")
    (tmp_path / "apt.conf").write_text(
        f'Dir::Etc::SourceList "{tmp_path}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    real = "linux-image-6.1.0-56-cloud-arm64"
    add_package(folder, "linux-image-cloud-arm64", ARCH, "6.1-2", f"{real} (= 6.1-2)")
    add_package(folder, real, ARCH, "6.1-2", "kmod, initramfs-tools | dracut")
    add_package(folder, "linux-headers-common", "all", "6.1-2")
    return folder


@pytest.fixture
def archive(pool: Path, tmp_path: Path) -> Archive:
    fresh = Archive(Cache(tmp_path / "cache"), ARCH, lambda text: None)
    fresh.refresh()
    return fresh


def test_the_real_package_behind_a_metapackage(archive: Archive) -> None:
    meta = archive.find("linux-image-cloud-arm64")
    real = archive.find(dependency(meta, r"linux-image-.*-cloud-arm64"))
    assert real.exact == "linux-image-6.1.0-56-cloud-arm64:arm64=6.1-2"
    with pytest.raises(HostError, match="depends on nothing like 'linux-kbuild"):
        dependency(real, r"linux-kbuild-.*")


def test_fetched_unpacked_and_not_installed(archive: Archive, tmp_path: Path) -> None:
    packages = [archive.find("linux-image-6.1.0-56-cloud-arm64"), archive.find("linux-headers-common")]
    assert packages[1].arch == "all"
    unpack([archive.fetch(package) for package in packages], tmp_path / "root")
    names = sorted(path.name for path in (tmp_path / "root" / "opt").iterdir())
    assert names == ["linux-headers-common", "linux-image-6.1.0-56-cloud-arm64"]
    assert archive.has(packages)


def test_the_second_time_needs_no_archive(archive: Archive, pool: Path) -> None:
    package = archive.find("linux-headers-common")
    first = archive.fetch(package)
    for deb in pool.glob("*.deb"):
        deb.unlink()
    assert archive.fetch(package) == first


def test_a_damaged_file_is_fetched_again(archive: Archive) -> None:
    package = archive.find("linux-headers-common")
    kept = archive.fetch(package)
    good = kept.read_bytes()
    kept.write_bytes(good[:-1] + b"?")
    assert archive.fetch(package).read_bytes() == good


def test_a_newer_version_is_seen_after_a_refresh_only(archive: Archive, pool: Path) -> None:
    add_package(pool, "linux-headers-common", "all", "6.1-3")
    assert archive.find("linux-headers-common").version == "6.1-2"
    archive.refresh()
    assert archive.find("linux-headers-common").version == "6.1-3"


def test_a_package_that_the_archive_lacks(archive: Archive) -> None:
    with pytest.raises(HostError, match="the Debian archive has no package busybox:arm64; check the network"):
        archive.find("busybox")


def test_a_file_that_is_not_what_was_announced(archive: Archive, pool: Path) -> None:
    package = archive.find("linux-headers-common")
    next(pool.glob("linux-headers-common*.deb")).write_bytes(b"!<arch>\nsomething else")
    with pytest.raises(HostError) as caught:
        archive.fetch(package)
    assert "\n" not in str(caught.value)
    assert "check the network and the sources of apt" in str(caught.value)


def test_sources_that_cannot_be_reached(pool: Path, tmp_path: Path) -> None:
    (pool / "Packages").unlink()
    with pytest.raises(HostError, match="apt-get update: .*; check the network and the sources of apt"):
        Archive(Cache(tmp_path / "cache"), ARCH, lambda text: None).refresh()


def test_a_bad_source_is_a_warning_while_others_serve(archive: Archive, pool: Path, tmp_path: Path) -> None:
    told: list[str] = []
    sources = tmp_path / "sources.list"
    sources.write_text(sources.read_text() + f"deb [trusted=yes] file:{tmp_path}/absent ./\n")
    again = Archive(Cache(tmp_path / "cache"), ARCH, told.append)
    again.refresh()
    assert again.find("linux-headers-common").version == "6.1-2"
    assert told[-1].startswith("warning: apt-get update: ")


def test_the_record_of_a_selection(tmp_path: Path) -> None:
    record = Record(Cache(tmp_path), "reference")
    assert record.read() is None
    packages = (Package("a", "arm64", "1", "00", "b"), Package("c", "all", "2", "11", ""))
    record.write(packages)
    assert record.read() == packages
    (tmp_path / "packages" / "reference.json").write_text('[{"name": 1}]')
    assert record.read() is None
    record.forget()
    assert record.read() is None
