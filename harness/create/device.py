# SPDX-License-Identifier: GPL-2.0-only
"""A new type of device: all that ARCHITECTURE's recipe asks for, as a start that comes to Connected.

Most of it are files of its own, from templates. A few lines go into files that know all types; each of them
is put behind a line that is looked for first, so that either everything is written or nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.create.scenario import devices
from harness.create.write import TEMPLATES, demand_new, filled, write_new
from harness.errors import HostError, UsageError

_NAME = re.compile(r"v[a-z0-9]{1,15}\Z")
_NOT_OURS = frozenset({"void", "volatile", "vbus", "vbstore"})

# Template, and where it goes.
_FILES = {
    "abi.h": "images/include/abi/@name@.h",
    "abi.py": "harness/abi/@name@.py",
    "back.c": "images/agency/modules/@name@back/@name@.c",
    "front.c": "images/me/soo/drivers/@name@front/@name@.c",
    "front.h": "images/me/include/soo/@name@.h",
    "command.c": "images/me/apps/@name@/@name@.c",
    "binding-backend.yaml": "dts/bindings/soo/@name@,backend.yaml",
    "binding-frontend.yaml": "dts/bindings/soo/@name@,frontend.yaml",
    "be-on.dtso": "dts/overlays/@name@-be-on.dtso",
    "fe-on.dtso": "dts/overlays/@name@-fe-on.dtso",
    "scenario.yaml": "scenarios/@name@/both-on.yaml",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """Text that goes behind a line of a file."""

    file: str
    behind: str
    text: str


_NODE = """\
\t\t\t{name}_{side}: {name} {{
\t\t\t\tcompatible = "{name},{driver}";
\t\t\t\tstatus = "disabled";
\t\t\t}};
"""
_JSON = "images/hosttest/abi_json.c"
_OFFSETS = "".join(f"\tOFFSET(@name@_{part}, {field});\n"
                   for part in ("request", "response") for field in ("number", "value"))


def _node(file: str, side: str, driver: str) -> _Line:
    before, new = (_NODE.format(name=name, side=side, driver=driver) for name in ("vuart", "@name@"))
    return _Line(file, before, f"\n{new}")


_LINES = (
    _node("dts/base/agency-virt64.dtso", "be", "backend"),
    _node("dts/base/me-virt64.dts", "fe", "frontend"),
    _Line("images/me/soo/vbstore/vbstore_me.c", '\t{ "vuart", false },\n', '\t{ "@name@", false },\n'),
    _Line("images/ref-virt64.yaml", "  vuart.ko: {build: vuart.ko}\n", "  @name@.ko: {build: @name@.ko}\n"),
    _Line("harness/images/recipes/reference.py", '"vuart.ko", ', '"@name@.ko", '),
    _Line("harness/scenario/examine.py", '"vdummy", "vuart"', ', "@name@"'),
    _Line("harness/abi/devices.py", "    vuart.NAME: (1, 1),\n", "    @name@.NAME: (8, 8),\n"),
    _Line("harness/abi/layout.py", "    where.ME_WHERE,\n",
          "    @name@.@NAME@_REQUEST, @name@.@NAME@_RESPONSE,\n"),
    _Line(_JSON, '#include "vuart.h"\n', '#include "@name@.h"\n'),
    _Line(_JSON, "\tSIZE(vuart_response);\n", "\tSIZE(@name@_request);\n\tSIZE(@name@_response);\n"),
    _Line(_JSON, "\tOFFSET(vuart_response, c);\n", _OFFSETS),
)
_IMPORTING = ("harness/abi/devices.py", "harness/abi/layout.py")
_IMPORT = re.compile(r"^from harness\.abi import (\([^)]*\)|[^\n]*)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that was written.

    :ivar new: its own files, the scenario last.
    :ivar changed: files that know all devices, and now this one too.
    """

    new: tuple[Path, ...]
    changed: tuple[Path, ...]


def write_device(name: str, root: Path) -> Device:
    """Write it into the repository at `root`.

    :param name: its type, as in the store: ``v`` and then letters and digits.
    :raise UsageError: a name that cannot be, a file that is there already, or `root` is no such repository
    :raise HostError: the disk refuses
    """
    if not _NAME.match(name) or name in _NOT_OURS:
        raise UsageError(f"'{name}' is no type of a device", where="new device",
                         hint="v, then lower-case letters and digits, for instance vled")
    if name in devices():
        raise UsageError(f"there is a device '{name}' already", where="new device",
                         hint="choose another name")
    values = {"name": name, "NAME": name.upper()}
    new = {root / _named(place, values): filled(TEMPLATES / "device" / f"{template}.in", values)
           for template, place in _FILES.items()}
    demand_new(new)
    changed = _with_lines(root, values)
    write_new(new)
    for file, text in changed.items():
        _replace(file, text)
    return Device(tuple(new), tuple(changed))


def _with_lines(root: Path, values: Mapping[str, str]) -> dict[Path, str]:
    """The files that know all types, with the new one."""
    texts: dict[Path, str] = {}
    for line in _LINES:
        file = root / line.file
        text = texts.get(file) or _text(file)
        if text.count(line.behind) != 1:
            raise _no_place(file, line.behind)
        texts[file] = text.replace(line.behind, line.behind + _named(line.text, values))
    for place in _IMPORTING:
        texts[root / place] = _importing(root / place, texts[root / place], values["name"])
    return texts


def _text(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


def _importing(file: Path, text: str, name: str) -> str:
    """With one more module imported, in the order of names."""
    found = _IMPORT.search(text)
    if found is None:
        raise _no_place(file, "from harness.abi import")
    names = sorted({*re.findall(r"\w+", found[1]), name})
    listed = ", ".join(names)
    if "(" in found[1]:
        listed = "(\n" + "".join(f"    {each},\n" for each in names) + ")"
    return f"{text[:found.start()]}from harness.abi import {listed}\n{text[found.end():]}"


def _no_place(file: Path, line: str) -> UsageError:
    return UsageError(f"no line {line.strip()!r} that the device could go behind", where=str(file),
                      hint="do it by hand, as the recipe in ARCHITECTURE.md says")


def _named(text: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def _replace(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_text(text)
        unfinished.replace(file)
    except OSError as error:
        raise HostError(f"cannot write it: {error.strerror}", where=str(file)) from error
