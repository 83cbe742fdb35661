# SPDX-License-Identifier: GPL-2.0-only
"""The cause of a failure as values, and as `diagnosis.json` in the folder of its run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import UsageError

FILE = "diagnosis.json"


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in code.

    :ivar image: whose code: `kernel`, the name of a module, or `me`; empty if nobody's.
    :ivar function: its name, or the address where no function is known.
    :ivar offset: bytes into the function.
    :ivar file: the source file, from the root of the repository if it is one of ours; may be empty.
    :ivar line: in that file; 0 if not known.
    """

    image: str
    function: str
    offset: int = 0
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.image}:{self.function}" if self.image else self.function


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands.

    :ivar who: for instance ``cpu0``, ``task injector``, ``ME alpha, thread init``.
    :ivar state: ``idle``, ``running``, ``waiting``, or empty if that is not known.
    :ivar waits_for: what it waits for, in words; empty if that is not known.
    :ivar frames: where it is, the innermost function first.
    """

    who: str
    state: str
    waits_for: str = ""
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the time line: seconds since the run began, the console or part it is from, its text."""

    t: float
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class LinkNow:
    """A link between a backend and a frontend when the run ended.

    :ivar me: name of the ME.
    :ivar be: state of the backend by its name; `absent` if it has no entry.
    :ivar waits_for: what the link waits for, in words; empty if for nothing.
    :ivar last: the last events about it, in order.
    """

    link: str
    me: str
    be: str
    fe: str
    waits_for: str = ""
    last: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The cause of a failure, as far as it can be told.

    :ivar title: equal for equal failures: no numbers, no names of MEs or runs.
    :ivar sentence: sums it up: who waits for whom, or who broke what, and where that stands in the code.
    :ivar pattern: key of the known pattern (`harness.diagnose.patterns`), or empty.
    :ivar first_bad: the first event that shows the failure.
    """

    title: str
    sentence: str
    pattern: str = ""
    first_bad: Moment | None = None
    places: tuple[Standing, ...] = ()
    links: tuple[LinkNow, ...] = field(default=())

    def as_json(self) -> str:
        """The text of `diagnosis.json`."""
        return json.dumps(asdict(self), indent=1) + "\n"


def write(diagnosis: Diagnosis, folder: Path) -> None:
    """Write `diagnosis.json`; it is there in full or not at all."""
    part = folder / f".{FILE}.part"
    part.write_text(diagnosis.as_json())
    part.rename(folder / FILE)


def read(folder: Path) -> Diagnosis | None:
    """The diagnosis of a run; None if its folder has none.

    :raise UsageError: the file is none of ours
    """
    file = folder / FILE
    try:
        return _diagnosis(json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("is no diagnosis of a run", where=str(file), hint="remove it") from error


# What json gives: any values, until the constructors below have taken them.
def _diagnosis(values: Mapping[str, Any]) -> Diagnosis:
    first = values["first_bad"]
    return Diagnosis(str(values["title"]), str(values["sentence"]), str(values["pattern"]),
                     _moment(first) if first is not None else None,
                     tuple(_standing(place) for place in values["places"]),
                     tuple(_link(link) for link in values["links"]))


def _moment(values: Mapping[str, Any]) -> Moment:
    return Moment(float(values["t"]), str(values["text"]), str(values.get("source", "")))


def _standing(values: Mapping[str, Any]) -> Standing:
    frames = tuple(Frame(str(frame["image"]), str(frame["function"]), int(frame["offset"]),
                         str(frame["file"]), int(frame["line"])) for frame in values["frames"])
    return Standing(str(values["who"]), str(values["state"]), str(values["waits_for"]), frames)


def _link(values: Mapping[str, Any]) -> LinkNow:
    return LinkNow(str(values["link"]), str(values["me"]), str(values["be"]), str(values["fe"]),
                   str(values["waits_for"]), tuple(_moment(event) for event in values["last"]))
