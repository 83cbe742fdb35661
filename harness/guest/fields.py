# SPDX-License-Identifier: GPL-2.0-only
"""What all guest text is made of: lines, `key=value` words, percent-encoded values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from harness.abi.codec import U32_MASK
from harness.errors import HarnessError

Text = bytes | str
_E = TypeVar("_E", bound=Enum)
_NUMBER = re.compile(r"-?[0-9]{1,20}|0x[0-9a-fA-F]{1,16}", re.ASCII)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_SHOWN = 200


class ObserveError(HarnessError):
    """A guest printed something that does not follow its format."""


class Fields:
    """The key=value part of a line, with typed access. Values are percent-decoded."""

    def __init__(self, words: Iterable[str], line: str) -> None:
        self._line = line
        self._values: dict[str, str] = {}
        for word in words:
            key, equals, value = word.partition("=")
            if not equals or not key or key in self._values:
                raise bad_line(line, f"'{word[:40]}' is no new key=value")
            self._values[key] = decode_value(value, line)

    def text(self, key: str) -> str:
        """A value that must be there."""
        if key not in self._values:
            raise bad_line(self._line, f"no {key}=")
        return self._values[key]

    def optional_text(self, key: str, default: str = "") -> str:
        """A value, or `default`."""
        return self._values.get(key, default)

    def number(self, key: str) -> int:
        """A decimal number, or a hexadecimal one with 0x."""
        text = self.text(key)
        if _NUMBER.fullmatch(text) is None:
            raise bad_line(self._line, f"{key} is no number")
        return int(text, 16) if text.startswith("0x") else int(text)

    def count(self, key: str) -> int:
        """A number that is not negative."""
        number = self.number(key)
        if number < 0:
            raise bad_line(self._line, f"{key} is negative")
        return number

    def index(self, key: str) -> int:
        """A number of 32 bits."""
        number = self.count(key)
        if number > U32_MASK:
            raise bad_line(self._line, f"{key} has more than 32 bits")
        return number

    def optional_count(self, key: str) -> int | None:
        """A number that is not negative, or None without the key."""
        return self.count(key) if key in self._values else None

    def optional_number(self, key: str, default: int = 0) -> int:
        """A number, or `default`."""
        return self.number(key) if key in self._values else default

    def member(self, kind: type[_E], key: str) -> _E:
        """A member of an enumeration by its name in lower case."""
        name = self.text(key)
        for member in kind:
            if member.name.lower() == name:
                return member
        raise bad_line(self._line, f"{key} is '{name[:40]}'")


def decode_value(value: str, line: str = "") -> str:
    """A percent-encoded value; bytes that are no UTF-8 become backslash escapes.

    :raise ObserveError: a percent sign without two hexadecimal digits
    """
    if _BAD_ESCAPE.search(value):
        raise bad_line(line or value, "a bad percent escape")
    return unquote_to_bytes(value).decode("utf-8", "backslashreplace")


def bad_line(line: str, why: str) -> ObserveError:
    """The error for a line that does not follow its format."""
    shown = line if len(line) <= _SHOWN else line[:_SHOWN] + "..."
    return ObserveError(f"{why}: {shown!r}", where="guest text")


def decoded(text: Text) -> str:
    """Guest text; bytes that are no UTF-8 become backslash escapes."""
    return text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text


def lines_of(text: Text) -> list[str]:
    """The lines, without their ends."""
    # Not splitlines(): a form feed or a Unicode line separator ends no line of a guest.
    return [line.rstrip("\r") for line in decoded(text).split("\n")]
