# SPDX-License-Identifier: GPL-2.0-only
"""Words of lines that people read."""

import json


def counted(number: int, noun: str) -> str:
    """A number with its noun, whose plural ends with an s: "1 run", "2 runs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def fault_of(error: Exception) -> str:
    """Why a file that a program has written cannot be taken, by what reading it has raised."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON at line {error.lineno}: {error.msg}"
    if isinstance(error, KeyError):
        return f"it lacks {error}"
    if isinstance(error, ValueError):
        return str(error)
    return f"a value of another kind than it must be ({error})"
