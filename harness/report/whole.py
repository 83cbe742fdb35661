# SPDX-License-Identifier: GPL-2.0-only
"""Files that are there as a whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from harness.errors import HostError
from harness.output import beside, deliver


def write_whole(file: Path, text: str, what: str) -> int:
    """Write a file, with the folders above it; who reads it meanwhile sees the old one or the new one.

    :param what: the content, for the error text
    :return: bytes written
    :raise HostError: it cannot be written
    """
    data = text.encode("utf-8", "replace")
    partial = beside(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        deliver(partial, file)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise HostError(f"cannot write {what}: {error.strerror}", where=str(file)) from error
    return len(data)
