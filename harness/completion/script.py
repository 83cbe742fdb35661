# SPDX-License-Identifier: GPL-2.0-only
"""The script that teaches a shell our command line: shtab writes the grammar down, once.

Pressing Tab then starts no Python and needs no environment. What changes from day to day (scenarios, image
sets, steps, runs) the shell reads itself, by the functions in `words.bash` and `words.zsh`.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from pathlib import Path

import shtab

from harness.arguments import Parser
from harness.hosttest.targets import TARGETS
from harness.scenario.faults import AGENCY_FAULTS, KNOBS, ME_FAULTS

SHELLS = ("bash", "zsh")
_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]

# What a word is, by how the help calls it or by its place; a function of the shell, or words that are known.
_BY_METAVAR = {"SET": "_harness_sets", "STEP": "_harness_steps", "RUN": "_harness_run_folders_and_files",
               "SCENARIO": "_harness_scenario_files", "DEVICE": "_harness_devices"}
_BY_DEST = {"set": "_harness_sets", "paths": "_harness_scenario_files", "scenario": "_harness_scenario_files",
            "k": "_harness_scenario_names"}
_FILES = {"FILE": shtab.FILE, "PART": shtab.FILE, "DIR": shtab.DIRECTORY}


def script(shell: str, grammar: Parser) -> str:
    """The text for a shell to read at its start.

    :param grammar: a command line of one's own, which is changed here.
    """
    for command, parser in grammar.commands().items():
        for action in parser._actions:
            _tell(action, command)
    begin = f"_harness_root={shlex.quote(str(_ROOT))}\n"
    words = (_HERE / f"words.{shell}").read_text()
    own = shtab.complete(grammar, shell, root_prefix="harness", preamble=begin + words)
    if shell == "zsh":  # its last lines are for a file that zsh loads by itself, not for one that is read
        own = own.partition("\ntypeset -A opt_args")[0] + "\ncompdef _shtab_harness harness\n"
    return own + "\n" + (_HERE / f"python.{shell}").read_text()


def _tell(action: argparse.Action, command: str) -> None:
    """What may stand for an option or a word of the command line."""
    known = sorted(_words(action, command))
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    by_metavar = (_BY_METAVAR[part] for part in metavar.split("|") if part in _BY_METAVAR)
    function = next(by_metavar, None) or _BY_DEST.get(action.dest)
    if known:
        action.choices = known
    elif metavar in _FILES:
        vars(action)["complete"] = _FILES[metavar]
    elif function is not None and action.nargs != 0:
        vars(action)["complete"] = dict.fromkeys(SHELLS, function)


def _words(action: argparse.Action, command: str) -> Iterator[str]:
    if action.dest == "fault":
        yield from AGENCY_FAULTS | ME_FAULTS | KNOBS
    elif command == "fuzz" and action.dest == "targets":
        yield from (target.name for target in TARGETS)
