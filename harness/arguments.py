# SPDX-License-Identifier: GPL-2.0-only
"""A command line's mistakes in one line: what is wrong, what was probably meant.

Standard library only: the command line is read before anything is installed.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """As argparse's, but a mistake is one line, and the nearest valid word is named."""

    def read(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """As `parse_args`; an unknown option is told with the nearest one of its command."""
        found, left = self.parse_known_args(arguments)
        if left:
            self._refuse(left[0], str(getattr(found, "command", "")))
        return found

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        self.exit(2, f"{self.prog}: {message}; see '{self.prog} --help'\n")

    def _refuse(self, word: str, command: str) -> NoReturn:
        owner = self.commands().get(command, self)
        if word.startswith("-"):
            options = [option for action in owner._actions for option in action.option_strings]
            owner.error(f"unknown option '{word}'{_meant(word.partition('=')[0], options)}")
        owner.error(f"'{word}' is one word too many")

    def commands(self) -> dict[str, argparse.ArgumentParser]:
        """The parsers of the commands, by name."""
        return {name: parser for action in self._actions if isinstance(action, argparse._SubParsersAction)
                for name, parser in action.choices.items()}

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # whatever the action's type gives
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            what = str(action.metavar or action.dest).lower()
            hint = _meant(str(value), known) or f"; valid: {', '.join(known)}"
            raise argparse.ArgumentError(None, f"unknown {what} '{value}'{hint}")


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def integer(least: int, most: int | None = None) -> Callable[[str], int]:
    """A type for options: a whole number within bounds, both included."""
    wanted = f"a whole number from {least} {f'to {most}' if most is not None else 'on'}"

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"'{text}' is not {wanted}")
        return value

    return convert


def positive(text: str) -> float:
    """A type for options: a number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above zero")
    return value


def duration(text: str) -> float:
    """A type for options: a time with its unit, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h)", text)
    if found is None or not float(found[1]):
        raise argparse.ArgumentTypeError(f"'{text}' is no time: give one with its unit, such as 90m or 2h")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
