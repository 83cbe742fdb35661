# SPDX-License-Identifier: GPL-2.0-only
"""The part `consoles` of an image set's manifest: a list, in the order of the machine's ports."""

from __future__ import annotations

import re
from typing import cast

from harness.errors import UsageError
from harness.images.types import CONSOLE_KINDS, DIALECTS, ConsoleDesc, ConsoleKind, Dialect
from harness.qemu import patterns
from harness.yamlnode import Node

_KEYS = ("kind", "dialect", "system", "prompt", "wake", "failures", "milestones")
SYSTEMS = ("linux", "so3", "uboot")


def read_consoles(node: Node) -> tuple[ConsoleDesc, ...]:
    """All consoles.

    :raise SchemaError: two have one name, or a part of one is wrong.
    """
    found: dict[str, ConsoleDesc] = {}
    for item in node.sequence():
        console = _console(item)
        if console.name in found:
            raise item.error(f"two consoles are called '{console.name}'")
        found[console.name] = console
    if not found:
        raise node.error("a machine without a console cannot be watched")
    return tuple(found.values())


def _console(node: Node) -> ConsoleDesc:
    entries = node.mapping(required=("name",), optional=_KEYS)
    name = entries["name"].string()
    kind = entries["kind"].string(CONSOLE_KINDS) if "kind" in entries else "serial"
    dialect = entries["dialect"].string(DIALECTS) if "dialect" in entries else "none"
    milestones = entries["milestones"].sequence() if "milestones" in entries else []
    return ConsoleDesc(
        name=name,
        kind=cast(ConsoleKind, kind),  # string() has checked it against CONSOLE_KINDS
        dialect=cast(Dialect, dialect),
        system=entries["system"].string(SYSTEMS) if "system" in entries else None,
        prompt=_prompt(entries["prompt"]) if "prompt" in entries else None,
        wake=_unescaped(entries["wake"]) if "wake" in entries else b"",
        failures=_failures(entries["failures"]) if "failures" in entries else (),
        milestones=tuple(item.bytes_regex() for item in milestones),
    )


def _prompt(node: Node) -> re.Pattern[bytes]:
    """The prompt as it is written, not as a regular expression: prompts are full of `$` and `#`."""
    return re.compile(re.escape(node.string().encode()))


def _unescaped(node: Node) -> bytes:
    """Bytes to send; YAML's double quotes give control characters: "\\r", "\\x03"."""
    return node.string().encode()


def _failures(node: Node) -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    found = []
    for name, value in node.entries().items():
        pattern = value.bytes_regex()
        try:
            patterns.custom(name, pattern.pattern)
        except UsageError as error:
            raise value.error(error.what, error.hint) from error
        found.append((name, pattern))
    return tuple(found)
