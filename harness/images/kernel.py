# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernel packages as they lie unpacked below a folder."""

from __future__ import annotations

import re
from pathlib import Path

from harness.errors import HostError


class KernelTree:
    """Image, modules and headers of one kernel below `root`, made fit for building modules there.

    :param root: where the packages were unpacked (`dpkg -x`).
    :ivar release: the kernel's own name of its version, as `uname -r` prints it.
    :raise HostError: there is not exactly one kernel, or a part is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.image = _only(root / "boot", "vmlinuz-*")
        self.release = self.image.name.removeprefix("vmlinuz-")
        self.modules = _only(root, f"lib/modules/{self.release}")
        self.headers = _only(root, f"usr/src/linux-headers-{self.release}")
        self.busybox = _only(root, "bin/busybox")
        self.library_dir = _only(root, "usr/lib/*/libfdt.a").parent
        self.include_dir = _only(root, "usr/include/libfdt.h").parent
        self._relocate()

    def _relocate(self) -> None:
        """The makefile of the headers names another package by its installed place: name this one."""
        makefile = self.headers / "Makefile"
        text = makefile.read_text()
        makefile.write_text(re.sub(r"(?<= )/usr/src/", f"{self.root}/usr/src/", text))
        for name in ("scripts", "tools"):  # links into linux-kbuild
            if not (self.headers / name).is_dir():
                target = _only(self.root, f"usr/lib/linux-kbuild-*/{name}")
                (self.headers / name).unlink(missing_ok=True)
                (self.headers / name).symlink_to(target)


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        what = "no" if not found else f"{len(found)} files"
        raise HostError(f"{what} {pattern} in the unpacked Debian packages", hint="is this a Debian archive?")
    return found[0]
