# SPDX-License-Identifier: GPL-2.0-only
"""Reading QEMU's version."""

import pytest

from harness.errors import HostError
from harness.qemu.version import check


@pytest.mark.parametrize(("text", "version"), [
    ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)", (7, 2, 22)),
    ("QEMU emulator version 10.0.2", (10, 0, 2)),
    ("QEMU emulator version 8.1.50 (v8.1.0-1234-gabcdef)", (8, 1, 50)),
    ("qemu-img version 9.2 (x)", (9, 2, 0)),
])
def test_versions_that_will_do(text: str, version: tuple[int, int, int]) -> None:
    assert check(text, where="qemu") == version


@pytest.mark.parametrize("text", ["QEMU emulator version 7.1.0", "QEMU emulator version 2.11.1(Debian)"])
def test_too_old_tells_found_and_needed(text: str) -> None:
    with pytest.raises(HostError, match=r"qemu: version \S+ is too old, needed is 7\.2 or later"):
        check(text, where="qemu")


def test_no_version() -> None:
    with pytest.raises(HostError, match="tells no version but 'hello'"):
        check("hello", where="qemu")
