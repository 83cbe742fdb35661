# SPDX-License-Identifier: GPL-2.0-only
"""Commits of a git repository, one at a time in a working tree of our own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import CommandFailed, HarnessError, UsageError
from harness.proc import run

_GIT_S = 120.0


class Repository:
    """A git repository; nothing of its own working tree is touched.

    :param place: a folder in it.
    :raise UsageError: it is in none
    """

    def __init__(self, place: Path) -> None:
        self.root = place
        try:
            self.root = Path(self._git("rev-parse", "--show-toplevel").strip()).resolve()
        except CommandFailed as error:
            raise UsageError("is in no git repository", where=str(place),
                             hint="name one by --tree, or versions by --versions") from error

    def commit(self, name: str) -> str:
        """The full name of a commit.

        :raise UsageError: there is none of that name
        """
        try:
            return self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
        except CommandFailed as error:
            raise UsageError(f"no commit '{name}'", where=str(self.root)) from error

    def suspects(self, good: Sequence[str], bad: str) -> list[str]:
        """See `harness.repro.search.History`: git knows which commits tell most, branches included."""
        listed = self._git("rev-list", "--bisect-all", bad, "--not", *good, "--").splitlines()
        return [line.split()[0] for line in listed]

    def title(self, commit: str) -> str:
        """Its short name, date and subject, in a line."""
        return self._git("show", "--no-patch", "--format=%h %as %s", commit).strip()

    @contextmanager
    def checkout(self, folder: Path) -> Iterator[Checkout]:
        """A working tree in a new folder, at no commit in particular; removed afterwards."""
        self._git("worktree", "add", "--detach", "--no-checkout", str(folder))
        try:
            yield Checkout(folder)
        finally:
            with suppress(HarnessError):  # what is left of it, git forgets by itself
                self._git("worktree", "remove", "--force", str(folder))

    def _git(self, *arguments: str) -> str:
        return _git(self.root, *arguments)


class Checkout:
    """A working tree that goes from commit to commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def go_to(self, commit: str) -> None:
        """Have the files of a commit and no others, but for what is ignored.

        :raise CommandFailed: git does not do it
        """
        _git(self.folder, "reset", "--quiet", "--hard", commit)
        _git(self.folder, "clean", "--quiet", "-d", "--force")


def _git(folder: Path, *arguments: str) -> str:
    done = run(["git", "-C", str(folder), *arguments], deadline=Deadline.after(_GIT_S, f"git {arguments[0]}"))
    return done.stdout.decode(errors="replace")
