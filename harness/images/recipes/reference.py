# SPDX-License-Identifier: GPL-2.0-only
"""The reference guests: Debian's arm64 kernel with our modules as agency, our own OS as ME."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from harness.cache.digest import sources_of
from harness.cache.store import Cache, Progress
from harness.deadline import Deadline
from harness.images.cpio import Archive as Initramfs
from harness.images.kernel import KernelTree
from harness.images.kmodules import load_order, module_name, modules_below
from harness.images.packages import Archive, Package, Record, dependency, unpack
from harness.proc import find_tool, run

_ROOT = Path(__file__).resolve().parents[3]
_SOURCES = ("images/include", "images/agency", "images/me")
_CODE = (
    *("harness/images/recipes/reference.py", "harness/images/cpio.py", "harness/images/kernel.py"),
    *("harness/images/kmodules.py", "harness/images/packages.py"),
)
_ARCH = "arm64"
_CROSS = "aarch64-linux-gnu-"
_COMPILER = (f"{_CROSS}gcc", "gcc-aarch64-linux-gnu")
_MAKE_S = 600.0

# What the agency loads before our own modules; what these need in turn is found in the modules.
_DRIVERS = ("virtio_pci", "virtio_console", "virtio_blk")
_TOOLS = (
    *("injector", "melist", "shutdownme", "mekill", "dtdump"),
    *("suspendme", "resumeme", "saveme", "restoreme", "mewhere", "vuartd", "refresh", "answerd"),
)


class Reference:
    """The recipe `reference`; its option `faults` compiles the planted defects in."""

    outputs: tuple[str, ...] = (
        *("vmlinuz", "initramfs.cpio", "me.bin", "me.elf"),
        *("soo.ko", "vdummy.ko", "vuart.ko", "pace.ko", "soo", "versions.json"),
    )
    options: tuple[str, ...] = ("faults",)

    def inputs(self, options: Mapping[str, bool], cache: Cache, progress: Progress) -> dict[str, str]:
        """Digests of sources and code, exact packages and the compiler's version."""
        found = {f"package {p.name}": p.exact + " " + p.sha256 for p in _selected(cache, progress)}
        files = sources_of((_ROOT / name for name in (*_SOURCES, *_CODE)), _ROOT)
        found |= {f"source {name}": digest for name, digest in files}
        found |= {f"option {name}": str(value) for name, value in options.items()}
        found["compiler"] = _compiler_version()
        return found

    def build(self, out: Path, options: Mapping[str, bool], cache: Cache, progress: Progress) -> None:
        """Unpack the packages, compile modules, VMM and ME, and pack the initramfs.

        :raise CommandFailed: a compiler or another tool failed; the tail of its output is in the text.
        """
        packages = _selected(cache, progress)
        with cache.scratch("reference-build") as work:
            archive = Archive(cache, _ARCH, progress)
            progress("unpacking kernel, headers and tools")
            unpack([archive.fetch(package) for package in packages], work / "root")
            tree = KernelTree(work / "root")
            made = _compile(tree, work, faults=options.get("faults", False), progress=progress)
            progress("packing the initramfs")
            _collect(out, tree, made, packages)

    def forget(self, cache: Cache) -> None:
        """Drop the record of packages."""
        Record(cache, "reference").forget()


def _selected(cache: Cache, progress: Progress) -> tuple[Package, ...]:
    """The packages as recorded, or as the archive offers them now."""
    record = Record(cache, "reference")
    archive = Archive(cache, _ARCH, progress)
    found = record.read()
    if found is not None and archive.has(found):
        return found
    with cache.locked("reference-packages"):
        found = record.read()
        if found is None or not archive.has(found):
            archive.refresh()
            found = _select(archive)
            for package in found:
                archive.fetch(package)
            record.write(found)
    return found


def _select(archive: Archive) -> tuple[Package, ...]:
    """Kernel and headers of the version that the metapackages name today, and what goes with them."""
    image = archive.find(f"linux-image-cloud-{_ARCH}")
    headers_name = archive.find(f"linux-headers-cloud-{_ARCH}")
    headers = archive.find(dependency(headers_name, rf"linux-headers-.*-cloud-{_ARCH}"))
    return (
        archive.find(dependency(image, rf"linux-image-.*-cloud-{_ARCH}")),
        headers,
        archive.find(dependency(headers, r"linux-headers-.*-common")),
        archive.find(dependency(headers, r"linux-kbuild-.*"), archive.host_arch()),
        archive.find("busybox-static"),
        archive.find("libfdt-dev"),
    )


def _compiler_version() -> str:
    compiler = find_tool(*_COMPILER)
    done = run([compiler, "-dumpfullversion", "-dumpmachine"], deadline=Deadline.after(30, "the compiler"))
    return " ".join(done.stdout.decode().split())


def _compile(tree: KernelTree, work: Path, *, faults: bool, progress: Progress) -> Path:
    """Compile all of our own sources; gives the folder with the results."""
    out = work / "out"
    find_tool(*_COMPILER)
    libfdt = [f"LIBFDT_DIR={tree.library_dir}", f"LIBFDT_INC={tree.include_dir}"]
    switch = ["FAULTS=1"] if faults else []
    here = f"WORK={work}"
    jobs = (
        ("kernel modules", "images/agency/modules", [f"KDIR={tree.headers}", here, *switch]),
        ("host of MEs", "images/agency/vmm", [*libfdt, here, *switch]),
        ("mobile entity", "images/me", [*libfdt, *switch]),
    )
    for title, folder, arguments in jobs:
        progress(f"compiling the {title}")
        target = out / Path(folder).name
        target.mkdir(parents=True)
        argv = ["make", "-C", str(_ROOT / folder), f"OUT={target}", f"CROSS={_CROSS}", *arguments]
        environment = {**os.environ, "LC_ALL": "C", "MAKEFLAGS": f"-j{os.cpu_count() or 1}"}
        run(argv, deadline=Deadline.after(_MAKE_S, f"make {folder}"), env=environment)
    return out


def _collect(out: Path, tree: KernelTree, made: Path, packages: tuple[Package, ...]) -> None:
    shutil.copyfile(tree.image, out / "vmlinuz")
    for module in sorted((made / "modules").glob("*.ko")):
        shutil.copyfile(module, out / module.name)
    for name in ("me/me.bin", "me/me.elf", "vmm/soo"):
        shutil.copyfile(made / name, out / Path(name).name)
    (out / "initramfs.cpio").write_bytes(_initramfs(tree, made).tobytes())
    versions = {package.name: package.version for package in packages}
    versions |= {"kernel": tree.release, "compiler": _compiler_version()}
    (out / "versions.json").write_text(json.dumps(versions, indent=1, sort_keys=True) + "\n")


def _initramfs(tree: KernelTree, made: Path) -> Initramfs:
    root = Initramfs()
    for folder in ("dev", "proc", "sys", "tmp", "mnt/ME", "sbin", "usr/sbin", "etc"):
        root.folder(folder)
    root.character_device("dev/console", 5, 1)
    root.character_device("dev/null", 1, 3)
    root.file("init", _ROOT / "images/agency/init/init", executable=True)
    root.file("etc/shell", _ROOT / "images/agency/init/shell")
    root.file("bin/busybox", tree.busybox, executable=True)
    root.link("bin/sh", "busybox")
    root.file("usr/bin/soo", made / "vmm/soo", executable=True)
    for tool in _TOOLS:
        root.link(f"usr/bin/{tool}", "soo")
    order = _add_modules(root, tree, made)
    root.file("lib/soo/modules", "".join(f"/{name}\n" for name in order).encode())
    return root


def _add_modules(root: Initramfs, tree: KernelTree, made: Path) -> list[str]:
    """Add all modules; gives their names in load order."""
    ours = _flat(made / "modules")
    known = {**modules_below(tree.modules), **ours}
    order = []
    for path in load_order((*_DRIVERS, *ours), known):
        own = module_name(path) in ours
        name = f"lib/soo/{path.name}" if own else str(path.relative_to(tree.root))
        root.file(name, _stripped(path) if own else path)
        order.append(name)
    return order


def _flat(folder: Path) -> dict[str, Path]:
    """Modules directly in a folder: the sources' copy below it has the same ones again."""
    return {module_name(path): path for path in sorted(folder.glob("*.ko"))}


def _stripped(module: Path) -> Path:
    """A copy of a module without debug information: it has no use inside the guest."""
    stripped = module.with_suffix(".stripped")
    argv = [f"{_CROSS}strip", "--strip-debug", "-o", str(stripped), str(module)]
    run(argv, deadline=Deadline.after(60, "strip"))
    return stripped
