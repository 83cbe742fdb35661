# SPDX-License-Identifier: GPL-2.0-only
"""New files from templates: all of them or none, and never in place of one that is there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from harness.errors import HostError, UsageError

TEMPLATES = Path(__file__).parent / "templates"
_MARK = re.compile(r"@(\w+)@")


def filled(template: Path, values: Mapping[str, str]) -> str:
    """A template's text with a value for each ``@name@``."""
    return _MARK.sub(lambda match: values[match[1]], template.read_text())


def demand_new(files: Iterable[Path]) -> None:
    """:raise UsageError: one of them is there already"""
    for file in files:
        if file.exists():
            raise UsageError("it is there already, and is not overwritten", where=str(file),
                             hint="choose another name, or remove it first")


def write_new(files: Mapping[Path, str]) -> None:
    """Write new files; each appears complete.

    :raise UsageError: one of them is there already; nothing is written then
    :raise HostError: the disk or the folder refuses
    """
    demand_new(files)
    for file, text in files.items():
        unfinished = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(text)
            os.link(unfinished, file)  # unlike a renaming it never replaces what somebody has put there
        except OSError as error:
            raise HostError(f"cannot write it: {error.strerror}", where=str(file)) from error
        finally:
            with suppress(OSError):  # it was not made
                unfinished.unlink()
