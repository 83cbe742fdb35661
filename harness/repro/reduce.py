# SPDX-License-Identifier: GPL-2.0-only
"""Taking away from a scenario, as plain YAML values, as long as a test still holds.

The order is what saves runs: first what follows the failure, then an ME with all that names it, then
steps by delta debugging (halves, quarters, ... one), and at last what stands inside of steps.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

# A scenario, or a part of it, as YAML has it.
Values = Any
Path = tuple[str | int, ...]
# Whether a candidate fails in the same way.
Test = Callable[[Values], bool]

_KEPT = frozenset({"about", "images", "deadline", "steps"})
_REPEAT = "repeat"
# What says how many or how much; other numbers mean something else when they are smaller.
_COUNTS = frozenset({"count", "times", "lines", "width", "operations", "window", "size"})


class Enough(Exception):
    """No more candidates are to be tried."""


@dataclass
class Reducer:
    """Tries candidates, each once.

    :ivar best: the smallest scenario so far for which the test holds.
    :ivar tries: how many were tested.
    """

    best: Values
    test: Test
    tries: int = 0
    _tried: set[str] = field(default_factory=set)

    def run(self, failing_step: int | None = None) -> Values:
        """Reduce until nothing can be left out.

        :param failing_step: number of the step that failed, if known: what follows goes first.
        :raise Enough: the test ends it early; `best` has what was reached
        """
        if failing_step is not None:
            self._better(_with(self.best, ("steps",), self.best["steps"][: failing_step + 1]))
        while True:
            before = _key(self.best)
            self._mes()
            self._steps()
            self._inside()
            if _key(self.best) == before:
                return self.best

    def _better(self, candidate: Values) -> bool:
        key = _key(candidate)
        if key in self._tried or key == _key(self.best):
            return False
        self._tried.add(key)
        self.tries += 1
        if not self.test(candidate):
            return False
        self.best = candidate
        return True

    def _mes(self) -> None:
        for name in [name_of(me) for me in reversed(self.best.get("mes", []))]:
            self._better(without_me(self.best, name))

    def _steps(self) -> None:
        for path in sorted(_step_lists(self.best, ("steps",)), key=len):
            if _there(self.best, path):
                self._fewer(path)
        for path in list(_step_lists(self.best, ("steps",))):
            if len(path) > 1 and _there(self.best, path):
                self._better(_unwrapped(self.best, path))

    def _fewer(self, path: Path) -> None:
        """Delta debugging on one list: without a half, a quarter, ..., one; from its end."""
        size = (len(_at(self.best, path)) + 1) // 2
        while size:
            at = len(_at(self.best, path))
            while at > 0:
                items = _at(self.best, path)
                begin = max(0, at - size)
                self._better(_with(self.best, path, items[:begin] + items[at:]))
                at = begin
            size //= 2

    def _inside(self) -> None:
        """Lists, keys and numbers below the steps, the agency and the MEs."""
        for path in list(_lists(self.best)):
            if _there(self.best, path):
                self._fewer(path)
        for path in list(_keys(self.best)):
            if _there(self.best, path):
                self._better(_without_key(self.best, path))
        for path in list(_numbers(self.best)):
            if _there(self.best, path):
                self._smaller(path)

    def _smaller(self, path: Path) -> None:
        """The least number with which it still fails, as far as halving between finds it."""
        if self._better(_with(self.best, path, 1)):
            return
        low, high = 1, _at(self.best, path)
        while high - low > 1:
            middle = (low + high) // 2
            if self._better(_with(self.best, path, middle)):
                high = middle
            else:
                low = middle


def count_steps(steps: Sequence[Values]) -> int:
    """How many steps there are, those inside `repeat` included and `repeat` itself not."""
    inner = (_inner(step) for step in steps)
    return sum(1 if found is None else count_steps(found) for found in inner)


def name_of(me: Values) -> str:
    """The name of an ME, which may be all that is said of it."""
    return str(me["name"] if isinstance(me, dict) else me)


def without_me(scenario: Values, name: str) -> Values:
    """The same without an ME and without all that names it."""
    mes = [me for me in scenario.get("mes", []) if name_of(me) != name]
    return {**scenario, "mes": mes, "steps": _not_naming(scenario["steps"], name)}


def _not_naming(steps: Sequence[Values], name: str) -> list[Values]:
    found = []
    for step in steps:
        kept = _without(step, name)
        if kept is not None:
            found.append(kept)
    return found


def _without(step: Values, name: str) -> Values | None:
    """A step that does not name an ME; None if nothing of it is left."""
    inner = _inner(step)
    if inner is not None:
        left = _not_naming(inner, name)
        return {_REPEAT: {**step[_REPEAT], "steps": left}} if left else None
    if not isinstance(step, dict) or not _names(step, name):
        return step
    ((word, value),) = step.items()
    if isinstance(value, list):
        left = [item for item in value if not _names(item, name)]
        return {word: left} if left else None
    if isinstance(value, dict) and isinstance(value.get("me"), list):
        left = [item for item in value["me"] if item != name]
        rest = {word: {**value, "me": left}}
        return rest if left and not _names(rest, name) else None
    return None


def _names(value: Values, name: str) -> bool:
    """Whether an ME is named: alone, as that of a link, in braces, or as a key."""
    if isinstance(value, dict):
        return any(_names(part, name) for item in value.items() for part in item)
    if isinstance(value, list):
        return any(_names(part, name) for part in value)
    if not isinstance(value, str):
        return False
    return value == name or value.startswith(f"{name}/") or f"{{{name}}}" in value


def _inner(step: Values) -> list[Values] | None:
    """The steps inside of `repeat`; None for any other step."""
    if isinstance(step, dict) and isinstance(step.get(_REPEAT), dict):
        inner = step[_REPEAT].get("steps")
        return inner if isinstance(inner, list) else None
    return None


def _step_lists(scenario: Values, path: Path) -> Iterator[Path]:
    yield path
    for at, step in enumerate(_at(scenario, path)):
        if _inner(step) is not None:
            yield from _step_lists(scenario, (*path, at, _REPEAT, "steps"))


def _unwrapped(scenario: Values, path: Path) -> Values:
    """With the steps of a `repeat` in its place, once."""
    *outer, at, _, _ = path
    steps = _at(scenario, tuple(outer))
    assert isinstance(at, int)
    return _with(scenario, tuple(outer), [*steps[:at], *_at(scenario, path), *steps[at + 1:]])


def _places(scenario: Values) -> Iterator[tuple[Path, Values]]:
    """All values, from the end of the file: what is later depends on what is earlier."""
    def below(path: Path, value: Values) -> Iterator[tuple[Path, Values]]:
        yield path, value
        if isinstance(value, dict | list):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            for key, part in reversed(list(parts)):
                yield from below((*path, key), part)

    for key in reversed(list(scenario)):
        yield from below((key,), scenario[key])


def _lists(scenario: Values) -> Iterator[Path]:
    """Lists that are no lists of steps or of MEs."""
    for path, value in _places(scenario):
        if isinstance(value, list) and path[-1] not in ("steps", "mes"):
            yield path


def _keys(scenario: Values) -> Iterator[Path]:
    """Keys that may be left out; which must stay, the schema tells."""
    for path, _ in _places(scenario):
        if isinstance(path[-1], str) and not (len(path) == 1 and path[0] in _KEPT):
            yield path


def _numbers(scenario: Values) -> Iterator[Path]:
    for path, value in _places(scenario):
        counts = path[0] == "steps" and not _COUNTS.isdisjoint(path[-2:])
        if counts and isinstance(value, int) and not isinstance(value, bool) and value > 1:
            yield path


def _at(value: Values, path: Path) -> Values:
    for part in path:
        value = value[part]
    return value


def _there(value: Values, path: Path) -> bool:
    try:
        _at(value, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _with(value: Values, path: Path, new: Values) -> Values:
    changed = copy.deepcopy(value)
    *outer, last = path
    _at(changed, tuple(outer))[last] = new
    return changed


def _without_key(value: Values, path: Path) -> Values:
    changed = copy.deepcopy(value)
    *outer, last = path
    del _at(changed, tuple(outer))[last]
    return changed


def _key(value: Values) -> str:
    return json.dumps(value, default=str)
