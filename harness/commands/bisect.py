# SPDX-License-Identifier: GPL-2.0-only
"""`harness bisect`: the first version in which a scenario fails."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.commands.progress import progress
from harness.errors import UsageError
from harness.repro.judge import Judge, Said
from harness.repro.search import Found, History, Line, Search, State
from harness.repro.tree import Repository
from harness.repro.versions import Here, Tree
from harness.scenario.result import Options
from harness.wording import counted

_RUNS = Path("build/runs")


def main(arguments: argparse.Namespace) -> int:
    """Bisect, or judge what is here for `git bisect run`.

    :return: 0 if one version was found, 1 if some could not be judged; with `--run` 0 good, 1 bad, 125
        cannot tell.
    :raise HarnessError: the ends are not what they were said to be, or nothing can be run
    """
    if arguments.run:
        return _judge_here(arguments)
    if not arguments.scenario.is_file():
        raise UsageError("no such scenario", where=str(arguments.scenario))
    if arguments.scenario.suffix != ".yaml":
        raise UsageError("only scenarios in YAML are bisected", where=str(arguments.scenario))
    options = _options(arguments)
    if arguments.good is None or arguments.bad is None:
        raise UsageError("needs a good version and a bad one", where="bisect",
                         hint="--good A --bad B -- SCENARIO, or --run for 'git bisect run'")
    if arguments.versions:
        return _among_versions(arguments, options)
    return _among_commits(arguments, options)


def _options(arguments: argparse.Namespace) -> Options:
    return Options(arguments.seed, _RUNS, images_dirs=tuple(arguments.images), image_set=arguments.set,
                   cold=arguments.cold, deterministic=arguments.deterministic)


def _judge_here(arguments: argparse.Namespace) -> int:
    """git takes any other status than 125 for bad: whatever is in the way of a run is 125."""
    with progress("bisect") as tell:
        judge = Judge(Here(arguments.scenario, _options(arguments), tell), arguments.times,
                      arguments.rule or "")
        state = judge.look("")
    said = judge.said[""]
    print(f"bisect: {_WORDS[state]}: {said.why}")
    return state.value


def _among_versions(arguments: argparse.Namespace, options: Options) -> int:
    versions = arguments.versions
    for name in (arguments.good, arguments.bad):
        if name not in versions:
            raise UsageError(f"'{name}' is none of the versions", where="bisect", hint=", ".join(versions))
    if versions.index(arguments.good) >= versions.index(arguments.bad):
        raise UsageError("the good version comes after the bad one", where="bisect", hint="the oldest first")
    with progress("bisect") as tell:
        run_once = Here(arguments.scenario, options, tell)
        judge = Judge(run_once, arguments.times, arguments.rule or "", _teller(str))
        found = _searched(Line(versions), judge, arguments.good, arguments.bad)
    return _tell(found, judge, str)


def _among_commits(arguments: argparse.Namespace, options: Options) -> int:
    repository = Repository(arguments.tree or arguments.scenario.resolve().parent)
    good, bad = repository.commit(arguments.good), repository.commit(arguments.bad)
    with tempfile.TemporaryDirectory(prefix="soo-bisect-") as folder, progress("bisect") as tell, \
            repository.checkout(Path(folder).resolve() / "tree") as checkout:
        run_once = Tree(repository.root, checkout, arguments.scenario, options, tell)
        judge = Judge(run_once, arguments.times, arguments.rule or "", _teller(repository.title))
        found = _searched(repository, judge, good, bad)
    return _tell(found, judge, repository.title)


def _searched(history: History, judge: Judge, good: str, bad: str) -> Found:
    suspects = history.suspects([good], bad)
    if not suspects:
        raise UsageError("the bad version does not come after the good one", where="bisect")
    most = 2 + (len(suspects) - 1).bit_length()
    print(f"bisect: {counted(len(suspects), 'version')}, about {counted(most, 'look')}", flush=True)
    return Search(history, judge.look).run(good, bad)


def _teller(title: Callable[[str], str]) -> Callable[[str, Said], None]:
    def tell(version: str, said: Said) -> None:
        print(f"bisect: {_WORDS[said.state]:<11} {title(version)}: {said.why}", flush=True)

    return tell


def _tell(found: Found, judge: Judge, title: Callable[[str], str]) -> int:
    runs = f"{counted(found.looks, 'version')} looked at in {counted(judge.runs, 'run')}"
    if len(found.suspects) > 1:
        print(f"bisect: one of these is the first bad one; {runs}")
        _list(found.suspects, title)
        return 1
    (first,) = found.suspects
    print(f"bisect: first bad: {title(first)}; {runs}")
    print(f"  version    {first}")
    print(f"  fails      {judge.said[first].why}")
    print(f"  folder     {judge.said[first].run_dir}")
    return 0


def _list(suspects: Sequence[str], title: Callable[[str], str]) -> None:
    for version in suspects:
        print(f"  {title(version)}")


_WORDS = {State.GOOD: "good", State.BAD: "bad", State.UNKNOWN: "cannot tell"}
