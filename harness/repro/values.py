# SPDX-License-Identifier: GPL-2.0-only
"""A YAML file as plain values, and a scenario as a file again: an entry and a step a line.

Keys are text, whatever YAML 1.1 takes `on` for, and a number that is written in another way than
decimal stays as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from harness.yamlnode import parse

_REPEAT = "repeat"
_PREFIX = "tag:yaml.org,2002:"


class Written(str):
    """A scalar that is neither text nor a decimal number nor true or false, as it is written."""

    tag: str


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(Written, lambda dumper, value: dumper.represent_scalar(value.tag, str(value)))


def values_of(text: str, path: Path) -> dict[str, Any]:
    """The values of a YAML file whose top is a mapping.

    :raise SchemaError: it is none
    """
    top = parse(text, path)
    top.entries()
    found: dict[str, Any] = _plain(top.raw)
    return found


def _plain(raw: yaml.Node) -> Any:
    if isinstance(raw, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in raw.value}
    if isinstance(raw, yaml.SequenceNode):
        return [_plain(item) for item in raw.value]
    text = str(raw.value)
    if raw.tag == f"{_PREFIX}str":
        return text
    if raw.tag == f"{_PREFIX}null":
        return None
    if raw.tag == f"{_PREFIX}int" and text.isdecimal() and str(int(text)) == text:
        return int(text)
    if raw.tag == f"{_PREFIX}bool" and text in ("true", "false"):
        return text == "true"
    written = Written(text)
    written.tag = raw.tag
    return written


def dumped(values: object) -> str:
    """Values as a YAML document."""
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False)
    return text


def scenario_text(values: dict[str, Any], notes: Sequence[str] = ()) -> str:
    """The text of a scenario.

    :param notes: lines of comment at its head.
    """
    lines = ["# SPDX-License-Identifier: GPL-2.0-only", *(f"# {note}" for note in notes)]
    for key, value in values.items():
        if key == "steps":
            lines += [f"{key}:", *_steps(value, "  ")]
        elif key == "mes":
            lines += [f"{key}:", *(f"  - {_flow(me)}" for me in value)] if value else []
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _steps(steps: Sequence[Any], margin: str) -> Iterator[str]:
    for step in steps:
        inner = step.get(_REPEAT) if isinstance(step, dict) else None
        if isinstance(inner, dict) and "steps" in inner:
            yield f"{margin}- {_REPEAT}:"
            yield from (f"{margin}    {key}: {_flow(inner[key])}" for key in inner if key != "steps")
            yield f"{margin}    steps:"
            yield from _steps(inner["steps"], f"{margin}      ")
        elif isinstance(step, dict) and len(step) == 1:
            ((name, value),) = step.items()
            yield f"{margin}- {name}: {_flow(value)}" if value is not None else f"{margin}- {name}"
        else:
            yield f"{margin}- {_flow(step)}"


def _flow(value: object) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()
