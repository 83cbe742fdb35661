# SPDX-License-Identifier: GPL-2.0-only
"""Strict reading of YAML: each value knows its line, and whatever is not asked for is refused.

`load` gives the top node of a file. A reader takes a node apart with one typed call per value; each
call either returns a plain Python value or raises `SchemaError` that begins with ``file:line``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.errors import SchemaError

_STRING = "tag:yaml.org,2002:str"
_INTEGER = "tag:yaml.org,2002:int"
_NULL = "tag:yaml.org,2002:null"
_KINDS = {
    _INTEGER: "an integer",
    _NULL: "nothing",
    "tag:yaml.org,2002:bool": "a boolean",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:timestamp": "a date",
}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h)\Z")
_DURATIONS = "for instance 500ms, 10s, 2m or 1h"
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBER = re.compile(r"[-+]?(0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)\Z")


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which of the `known` names was probably meant, or list them all if none is close."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"valid: {', '.join(names)}" if names else "none is valid here"


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a YAML file together with its place.

    :ivar name: how messages call it, for instance ``steps[2].inject``.
    :ivar path: the file it comes from.
    """

    name: str
    path: Path
    raw: yaml.Node

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return int(self.raw.start_mark.line) + 1

    @property
    def where(self) -> str:
        """``file:line``, as all messages begin."""
        return f"{self.path}:{self.line}"

    @property
    def kind(self) -> str:
        """What is there, in words: ``a mapping``, ``the text 'x'`` and so on."""
        if isinstance(self.raw, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.raw, yaml.SequenceNode):
            return "a list"
        text = str(self.raw.value)
        if self.raw.tag == _NULL:
            return "nothing"
        shown = text if len(text) <= 40 else text[:37] + "..."
        return f"{_KINDS.get(self.raw.tag, 'the text')} {shown!r}"

    @property
    def is_mapping(self) -> bool:
        """Whether `mapping`, `entries` or `single` can succeed."""
        return isinstance(self.raw, yaml.MappingNode)

    @property
    def is_sequence(self) -> bool:
        """Whether `sequence` can succeed."""
        return isinstance(self.raw, yaml.SequenceNode)

    @property
    def is_null(self) -> bool:
        """Whether there is nothing: an empty value, ``~`` or ``null``."""
        return isinstance(self.raw, yaml.ScalarNode) and self.raw.tag == _NULL

    def error(self, what: str, hint: str | None = None) -> SchemaError:
        """A `SchemaError` at this place, for the caller to raise."""
        return SchemaError(f"{self.name}: {what}", where=self.where, hint=hint)

    def expected(self, wanted: str, hint: str | None = None) -> SchemaError:
        """The error for a value of a wrong type or range, for the caller to raise."""
        return self.error(f"expected {wanted}, found {self.kind}", hint)

    def entries(self) -> dict[str, Node]:
        """All entries of a mapping whose keys are free names, in file order.

        :raise SchemaError: this is no mapping, or a key is no plain text or a repeated one.
        """
        if not isinstance(self.raw, yaml.MappingNode):
            raise self.expected("a mapping")
        found: dict[str, Node] = {}
        for raw_key, raw_value in self.raw.value:
            key = Node(self.name, self.path, raw_key)
            if not isinstance(raw_key, yaml.ScalarNode) or raw_key.tag == _NULL:
                raise key.error(f"expected text as key, found {key.kind}")
            name = str(raw_key.value)
            if name in found:
                raise key.error(f"key '{name}' occurs twice", "first at line " + str(found[name].line))
            found[name] = Node(self._child(name), self.path, raw_value)
        return found

    def mapping(
        self, required: Collection[str] = frozenset(), optional: Collection[str] = frozenset()
    ) -> dict[str, Node]:
        """The entries of a mapping with known keys; optional ones that are absent are left out.

        :raise SchemaError: an unknown key (the nearest valid one is named) or a missing one.
        """
        found = self.entries()
        valid = {*required, *optional}
        assert isinstance(self.raw, yaml.MappingNode)
        for raw_key, _ in self.raw.value:
            if raw_key.value not in valid:
                key = Node(self.name, self.path, raw_key)
                raise key.error(f"unknown key '{raw_key.value}'", nearest(str(raw_key.value), valid))
        for name in required:
            if name not in found:
                raise self.error(f"key '{name}' is missing")
        return found

    def single(self, choices: Collection[str] | None = None) -> tuple[str, Node]:
        """The key and value of a mapping that has exactly one key, as a step of a scenario has.

        :raise SchemaError: no mapping, not exactly one key, or a key outside `choices`.
        """
        found = self.entries()
        if len(found) != 1:
            raise self.error(f"expected exactly one key, found {len(found)}: {', '.join(found) or 'none'}",
                             "each of them begins with '- ' of its own" if self.name.endswith("]") else None)
        ((name, value),) = found.items()
        if choices is not None and name not in choices:
            raise self.error(f"unknown key '{name}'", nearest(name, choices))
        return name, value

    def sequence(self) -> list[Node]:
        """The items of a list.

        :raise SchemaError: this is no list.
        """
        if not isinstance(self.raw, yaml.SequenceNode):
            plain = isinstance(self.raw, yaml.ScalarNode) and not self.is_null
            raise self.expected("a list", f"write [{self.raw.value}]" if plain else None)
        return [Node(f"{self.name}[{i}]", self.path, item) for i, item in enumerate(self.raw.value)]

    def string(self, choices: Collection[str] | None = None, *, empty: bool = False) -> str:
        """Text. A bare number or date is refused: quote it if text is meant.

        :param choices: the only values allowed, if given.
        :param empty: whether the empty text is allowed.
        """
        if not isinstance(self.raw, yaml.ScalarNode) or self.raw.tag != _STRING:
            raise self.expected("text")
        text = str(self.raw.value)
        if choices is not None and text not in choices:
            raise self.error(f"unknown value '{text}'", nearest(text, choices))
        if not text and not empty:
            raise self.expected("text that is not empty")
        return text

    def scalar(self) -> str:
        """The text of any scalar as it is written: a property value, a command argument.

        :raise SchemaError: a mapping, a list, or nothing.
        """
        if not isinstance(self.raw, yaml.ScalarNode) or self.raw.tag == _NULL:
            raise self.expected("a value")
        return str(self.raw.value)

    def integer(self, minimum: int | None = None, maximum: int | None = None) -> int:
        """An integer, decimal or ``0x`` hexadecimal, within the bounds given (both included)."""
        wanted = "an integer" + _bounds(minimum, maximum)
        if not isinstance(self.raw, yaml.ScalarNode) or self.raw.tag != _INTEGER:
            raise self.expected(wanted)
        text = str(self.raw.value)
        if not _NUMBER.match(text):
            raise self.expected(wanted, "write it decimal or with 0x")
        digits = text.replace("_", "")
        value = int(digits, 16) if "x" in digits.lower() else int(digits, 10)
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise self.expected(wanted)
        return value

    def boolean(self) -> bool:
        """``true`` or ``false``; the other spellings of YAML 1.1 are refused."""
        plain = isinstance(self.raw, yaml.ScalarNode) and self.raw.tag != _STRING
        if plain and self.raw.value in ("true", "false"):
            return bool(self.raw.value == "true")
        raise self.expected("true or false")

    def duration(self, *, zero: bool = False) -> float:
        """Seconds, from text with a unit: ``500ms``, ``10s``, ``2m``, ``1h``.

        :param zero: a plain ``0`` goes as well
        :raise SchemaError: no unit, an unknown one, or not above zero.
        """
        if zero and re.fullmatch(r"0(ms|s|m|h)?", str(self.raw.value)):
            return 0.0
        match = _DURATION.match(str(self.raw.value)) if isinstance(self.raw, yaml.ScalarNode) else None
        if match is None:
            hint = f"did you mean {self.raw.value}s?" if self.raw.tag == _INTEGER else _DURATIONS
            raise self.expected("a duration with unit", hint)
        seconds = float(match[1]) * _SECONDS[match[2]]
        if seconds <= 0:
            raise self.expected("a duration above zero")
        return seconds

    def regex(self) -> re.Pattern[str]:
        """A regular expression over text."""
        try:
            return re.compile(self.string())
        except re.error as error:
            raise self.error(f"bad regular expression: {error}") from error

    def bytes_regex(self) -> re.Pattern[bytes]:
        """A regular expression over the bytes of a console (UTF-8); `^` and `$` match at each line."""
        return re.compile(self.regex().pattern.encode(), re.MULTILINE)

    def file(self) -> Path:
        """An existing file, named relative to the folder of the YAML file.

        :raise SchemaError: there is no such file; the nearest name in that folder is shown.
        """
        text = self.string()
        found = (self.path.parent / text).resolve()
        if not found.is_file():
            siblings = [p.name for p in found.parent.glob("*")]
            hint = nearest(found.name, siblings) if siblings else f"there is nothing in {found.parent}"
            raise self.error(f"no file '{text}' (looked for {found})", hint)
        return found

    def _child(self, name: str) -> str:
        return f"{self.name}.{name}"


def _bounds(minimum: int | None, maximum: int | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    if minimum is not None:
        return f" of {minimum} or more"
    return f" of {maximum} or less" if maximum is not None else ""


def load(path: Path, *, name: str = "") -> Node:
    """Read a file with exactly one YAML document.

    :param name: what messages call the top node; the default is the file's stem.
    :raise SchemaError: unreadable, empty or malformed, with the line of the first mistake.
    """
    return parse(text_of(path), path, name=name)


def text_of(path: Path) -> str:
    """The text of a file that somebody wrote by hand.

    :raise SchemaError: unreadable, or not UTF-8
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SchemaError(f"cannot read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise SchemaError(f"not UTF-8 at byte {error.start}", where=str(path)) from error


def parse(text: str, path: Path, *, name: str = "") -> Node:
    """As `load`, from text; `path` is used in messages and for relative file names."""
    try:
        raw = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        hint = next((hint for part, hint in _MALFORMED.items() if part in str(error.problem)), None)
        raise SchemaError(f"malformed YAML: {_sentence(error)}", where=where, hint=hint) from error
    except yaml.YAMLError as error:
        raise SchemaError(f"malformed YAML: {' '.join(str(error).split())}", where=str(path)) from error
    if raw is None:
        raise SchemaError("empty file", where=f"{path}:1")
    return Node(name or path.stem, path, raw)


# What people mostly did where YAML says this.
_MALFORMED = {
    "'\\t'": "indent with spaces, not with a tab",
    "mapping values are not allowed": "text with a colon and a space in it needs quotes",
    "expected <block end>": "look at the indentation of this line and of those before it",
}


def _sentence(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return ", ".join(parts)
