# SPDX-License-Identifier: GPL-2.0-only
"""What the folder of a run tells about it, as far as comparing it with other runs needs that."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

# Names of what is measured; the first in seconds, the second in messages of a second of the guest's clock.
BOOT, RATE = "boot", "messages"
# Shorter traffic tells more about the clock than about the ring.
_SHORTEST_MS = 100
_STARTED = re.compile(r"machine (\S+) started, ")
_SENT = re.compile(r"SendResult\(sent=(\d+),.* ms=(\d+)[,)]")
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """One run.

    :ivar images: name of the image set; `images_key` names its content.
    :ivar text_key: names the content of the scenario's file.
    :ivar mode: ``deterministic``, or empty.
    :ivar title: the same for failures that are the same; empty if it passed.
    :ivar violations: rule, place, expected, observed, of each.
    :ivar measures: `BOOT` and `RATE`, as far as the run has them.
    """

    images: str = ""
    images_key: str = ""
    text_key: str = ""
    mode: str = ""
    title: str = ""
    where: str = ""
    seed: int = 0
    reproduce: str = ""
    violations: tuple[tuple[str, str, str, str], ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """For a file; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> Facts:
        """:raise ValueError, TypeError: it is not what `as_json` wrote"""
        violations, measures = values["violations"], values["measures"]
        if not isinstance(violations, list) or not isinstance(measures, Mapping):
            raise TypeError("violations, or measures")
        words = {name: str(values[name]) for name in
                 ("images", "images_key", "text_key", "mode", "title", "where", "reproduce")}
        return cls(**words, seed=int(str(values["seed"])),
                   violations=tuple((str(a), str(b), str(c), str(d)) for a, b, c, d in violations),
                   measures={str(name): float(value) for name, value in measures.items()})


def facts_of(folder: Path) -> Facts | None:
    """What a run folder tells; None if there is no finished run in it."""
    try:
        values = json.loads((folder / "result.json").read_text())
        facts = values["facts"]
        violations = tuple((str(v["rule"]), str(v["place"]), str(v["expected"]), str(v["observed"]))
                           for v in values["violations"])
        return Facts(
            images=str(facts.get("images", "")), images_key=str(facts.get("images key", "")),
            text_key=_text_key(folder), mode="deterministic" if facts.get("logs") else "",
            title=title_of(values), where=str(values["where"]), seed=int(values["seed"]),
            reproduce=str(values["reproduce"]), violations=violations, measures=dict(_measures(folder)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def title_of(result: Mapping[str, object]) -> str:
    """What equal failures have in common: the title that was found, else the rule, else the verdict."""
    if result["verdict"] in ("PASS", "SKIP"):
        return ""
    violations = result.get("violations")
    rule = str(violations[0]["rule"]) if isinstance(violations, list) and violations else ""
    return str(result.get("title") or rule or result["verdict"])


def _text_key(folder: Path) -> str:
    texts = [file.read_bytes() for file in sorted(folder.glob("scenario.*"))]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:_DIGITS] if texts else ""


def _measures(folder: Path) -> Iterator[tuple[str, float]]:
    """Boot of the first machine from the start of QEMU to its prompt, and the rate of all its traffic."""
    began: dict[str, float] = {}
    booted, sent, milliseconds = False, 0, 0
    for at, source, text in _entries(folder / "timeline.jsonl"):
        if source == "runner" and (found := _STARTED.match(text)):
            began.setdefault(found[1], at)
        elif source == "runner" and text.startswith("booted: ") and not booted:
            name = text.removeprefix("booted: ")
            if name in began:
                booted = True
                yield BOOT, round(at - began[name], 4)
        elif source == "traffic" and (found := _SENT.search(text)):
            sent, milliseconds = sent + int(found[1]), milliseconds + int(found[2])
    if milliseconds >= _SHORTEST_MS:
        yield RATE, round(sent * 1000 / milliseconds, 1)


def _entries(file: Path) -> Iterator[tuple[float, str, str]]:
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        if '"runner"' in line or '"traffic"' in line:  # after a failure all consoles are in it too
            entry = json.loads(line)
            yield float(entry["t"]), str(entry["source"]), str(entry["text"])
