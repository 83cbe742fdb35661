# SPDX-License-Identifier: GPL-2.0-only
"""From a scenario's file to a `Scenario`; everything that is not understood is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from harness.errors import SchemaError
from harness.scenario.faults import AGENCY_FAULTS, KNOBS, ME_FAULTS
from harness.scenario.model import (
    DAMAGES,
    DEFAULT_DEADLINE,
    DEFAULT_IMAGES,
    DEFAULT_MACHINE,
    AgencySpec,
    MeSpec,
    Scenario,
    flatten,
)
from harness.scenario.step import Names, Step, parse_steps
from harness.yamlnode import Node, load, nearest, parse

FOLDER = "scenarios"
REPOSITORY = Path(__file__).resolve().parents[2]
OVERLAYS = REPOSITORY / "dts" / "overlays"
BASES = REPOSITORY / "dts" / "base"

_TOP = ("images", "tags", "requires", "deadline", "boot", "machines", "agency", "mes")
# How machines get to their prompts: by booting, or from a template where that can be.
_BOOTS = ("cold", "clone")
_SOURCES = (".dts", ".dtso")
_ME_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}\Z")
_MOST_MACHINES = 3
_TAG = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")


Features = Callable[[], Collection[str]]


def read(path: Path, *, image_sets: Collection[str] | None = None,
         features: Features | None = None) -> Scenario:
    """Read a scenario.

    :param image_sets: names of the image sets that there are; None leaves the name unchecked.
    :param features: gives all that any image set has; None leaves what the scenario requires unchecked.
    :raise SchemaError: with ``file:line``, what is wrong, and the nearest valid name.
    """
    top = load(path).mapping(required=("about", "steps"), optional=_TOP)
    scenario = _with_steps(_without_steps(top, path, scenario_name(path), image_sets, features),
                           top["steps"])
    _demand_expectation(scenario.steps, top["steps"])
    return scenario


def read_system(path: Path, test: str, values: Mapping[str, object], *,
                image_sets: Collection[str] | None = None, features: Features | None = None) -> Scenario:
    """What a Python scenario begins with: the same keys as in YAML, as keyword arguments of its marker.

    Its steps, if any, come before the body; they need expect nothing.

    :param path: the Python file.
    :param test: name of the test function.
    :raise SchemaError: as `read`; the line is that of the values written as YAML.
    """
    top = parse(yaml.safe_dump(dict(values)), path, name=test).mapping(
        required=("about",), optional=(*_TOP, "steps"))
    name = f"{scenario_name(path)}::{test}"
    scenario = replace(_without_steps(top, path, name, image_sets, features), test=test)
    return _with_steps(scenario, top["steps"]) if "steps" in top else scenario


def _with_steps(scenario: Scenario, node: Node) -> Scenario:
    names = Names(mes=[me.name for me in scenario.mes], machines=scenario.machines)
    return replace(scenario, steps=parse_steps(node, names))


def _without_steps(top: Mapping[str, Node], path: Path, name: str, image_sets: Collection[str] | None,
                   features: Features | None) -> Scenario:
    mes = _mes(top["mes"]) if "mes" in top else ()
    return Scenario(
        name=name,
        path=path,
        about=_about(top["about"]),
        images=_images(top, image_sets),
        tags=_words(top, "tags"),
        requires=_requires(top, features),
        deadline=top["deadline"].duration() if "deadline" in top else DEFAULT_DEADLINE,
        agency=_agency(top["agency"]) if "agency" in top else AgencySpec(),
        mes=mes,
        cold="boot" in top and top["boot"].string(choices=_BOOTS) == "cold",
        machines=_machines(top["machines"], mes) if "machines" in top else (DEFAULT_MACHINE,),
    )


def scenario_name(path: Path) -> str:
    """Path below the innermost folder ``scenarios`` without suffix; the bare stem outside of one."""
    parts = path.resolve().with_suffix("").parts
    if FOLDER in parts[:-1]:
        start = len(parts) - 1 - parts[:-1][::-1].index(FOLDER)
        return "/".join(parts[start:])
    return parts[-1]


def find_tree(node: Node, folder: Path, kind: str) -> Path:
    """The source of an overlay or base tree: a name from `folder` or from beside the scenario, or a path.

    A text with a slash or a suffix is a path relative to the scenario.

    :param kind: ``overlay`` or ``base tree``, for messages.
    :raise SchemaError: it is not there; the folder and the nearest name are told.
    """
    text = node.string()
    if "/" in text or "." in text:
        return node.file()
    known: dict[str, Path] = {}
    for place in (node.path.parent, folder):
        for suffix in _SOURCES:
            known |= {path.stem: path.resolve() for path in place.glob(f"*{suffix}")}
    if text not in known:
        raise node.error(f"no {kind} '{text}' in {_short(folder)} or beside the scenario",
                         nearest(text, known))
    return known[text]


def _short(path: Path) -> str:
    """A path as the user would type it from where he is."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _about(node: Node) -> str:
    text = node.string()
    if "\n" in text.strip():
        raise node.error("expected one line")
    return text.strip()


def _images(top: Mapping[str, Node], known: Collection[str] | None) -> str:
    if "images" not in top:
        return DEFAULT_IMAGES
    name = top["images"].string()
    if known is not None and name not in known:
        raise top["images"].error(f"unknown image set '{name}'", nearest(name, known))
    return name


def _words(top: Mapping[str, Node], key: str) -> tuple[str, ...]:
    if key not in top:
        return ()
    words = []
    for node in top[key].sequence():
        word = node.string()
        if not _TAG.match(word):
            raise node.expected("a word of lower-case letters, digits and _")
        words.append(word)
    return tuple(words)


def _requires(top: Mapping[str, Node], features: Features | None) -> tuple[str, ...]:
    """A word that no image set has would skip the scenario for ever, without anybody noticing."""
    if "requires" not in top:
        return ()
    words = [(node, node.string()) for node in top["requires"].sequence()]
    known = features() if features is not None else {word for _, word in words}
    for node, word in words:
        if word not in known:
            raise node.error(f"no image set has the feature '{word}'", nearest(word, known))
    return tuple(word for _, word in words)


def _overlays(entries: Mapping[str, Node]) -> tuple[Path, ...]:
    if "overlays" not in entries:
        return ()
    return tuple(find_tree(node, OVERLAYS, "overlay") for node in entries["overlays"].sequence())


def _fault(entries: Mapping[str, Node], known: Collection[str]) -> str | None:
    if "fault" not in entries:
        return None
    name = entries["fault"].string()
    if name not in known:
        raise entries["fault"].error(f"unknown fault '{name}'", nearest(name, known))
    return name


def _base(entries: Mapping[str, Node]) -> Path | None:
    return find_tree(entries["base"], BASES, "base tree") if "base" in entries else None


def _agency(node: Node) -> AgencySpec:
    entries = node.mapping(optional=("base", "overlays", "append", "fault"))
    return AgencySpec(
        base=_base(entries),
        overlays=_overlays(entries),
        append=entries["append"].string() if "append" in entries else "",
        fault=_fault(entries, AGENCY_FAULTS | KNOBS),
    )


def _mes(node: Node) -> tuple[MeSpec, ...]:
    found: dict[str, MeSpec] = {}
    for item in node.sequence():
        me = _me(item)
        if me.name in found:
            raise item.error(f"two MEs are called '{me.name}'", "give each a name of its own")
        found[me.name] = me
    return tuple(found.values())


def _me(node: Node) -> MeSpec:
    if not node.is_mapping:
        return MeSpec(name=_me_name(node))
    entries = node.mapping(
        required=("name",), optional=("base", "overlays", "fault", "spid", "slot", "damage", "hostile")
    )
    return MeSpec(
        name=_me_name(entries["name"]),
        base=_base(entries),
        overlays=_overlays(entries),
        fault=_fault(entries, ME_FAULTS | KNOBS),
        spid=entries["spid"].integer(0, 2**64 - 1) if "spid" in entries else None,
        slot=entries["slot"].integer(2, 6) if "slot" in entries else None,
        damage=entries["damage"].string(choices=DAMAGES) if "damage" in entries else None,
        hostile="hostile" in entries and entries["hostile"].boolean(),
    )


def _machines(node: Node, mes: Collection[MeSpec]) -> tuple[str, ...]:
    """Names of machines; they are needed to move MEs, so there are some."""
    names: list[str] = []
    for item in node.sequence():
        name = _me_name(item)
        if name in names or any(me.name == name for me in mes):
            raise item.error(f"'{name}' is the name of another machine or ME", "choose another")
        names.append(name)
    if not 1 <= len(names) <= _MOST_MACHINES:
        raise node.expected(f"1 to {_MOST_MACHINES} names of machines")
    if len(names) > 1 and not mes:
        raise node.error("several machines and no ME that could move", "leave 'machines' out")
    return tuple(names)


def _me_name(node: Node) -> str:
    name = node.string()
    if not _ME_NAME.match(name):
        raise node.expected("a name of lower-case letters, digits and -", "a letter first")
    if name == "agency":
        raise node.error("'agency' is the name of the other side", "choose another")
    return name


def _demand_expectation(steps: tuple[Step, ...], node: Node) -> None:
    if not steps:
        raise node.error("no steps: nothing would run")
    if not any(step.is_expectation for step in flatten(steps)):
        raise SchemaError("missing expectations: no step of this scenario can fail it", where=node.where,
                          hint="add one such as expect.connected, expect.console or send")
