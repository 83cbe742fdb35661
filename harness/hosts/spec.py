# SPDX-License-Identifier: GPL-2.0-only
"""The hosts of a run, as the user names them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.yamlnode import nearest, text_of

LOCAL = "local"
_WORD = re.compile(r"[A-Za-z0-9][\w.@:-]*\Z")
_KEYS = ("workers", "folder", "python", "cache")
_MOST_WORKERS = 256
# A host that is switched off is noticed within 15 s. Nobody is there to type a password.
_SSH = "-o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"


@dataclass(frozen=True, slots=True)
class Host:
    """One host, reached by ssh; `local` is this one, `local-2` and so on too.

    :ivar workers: scenarios at a time; None: as many as it has cores.
    :ivar folder: the repository there, with the same files as here.
    :ivar python: an interpreter there that has what requirements.lock says.
    :ivar cache: its cache; None leaves what is set there.
    """

    name: str
    workers: int | None = None
    folder: str = ""
    python: str = ""
    cache: str | None = None

    def gateway(self, number: int) -> str:
        """What execnet calls the specification of its worker `number`."""
        local = self.name == LOCAL or self.name.startswith(f"{LOCAL}-")
        reach = "popen" if local else f"ssh={_SSH} {self.name}"
        parts = [reach, f"id={self.name}:{number}", f"python={self.python or sys.executable}",
                 f"chdir={self.folder or Path.cwd()}", "execmodel=main_thread_only"]
        if self.cache is not None:
            parts.append(f"env:SOO_HARNESS_CACHE={self.cache}")
        return "//".join(parts)


def parse_hosts(text: str) -> tuple[Host, ...]:
    """Hosts from ``name,name`` or from a file with one host a line: ``name key=value ...``.

    :raise UsageError: with ``file:line``, what is wrong
    """
    hosts = tuple(_from_file(Path(text)) if "/" in text or Path(text).exists() else _from_list(text))
    if not hosts:
        raise UsageError("no host is named", where=text or "--hosts",
                         hint="write one a line: name workers=N folder=DIR python=FILE cache=DIR")
    names = [host.name for host in hosts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"host '{twice}' is named twice", where=text)
    return hosts


def _from_list(text: str) -> Iterator[Host]:
    for name in text.split(","):
        yield _host(name.strip(), [], "--hosts")


def _from_file(file: Path) -> Iterator[Host]:
    for number, line in enumerate(text_of(file).splitlines(), start=1):
        words = line.partition("#")[0].split()
        if words:
            yield _host(words[0], words[1:], f"{file}:{number}")


def _host(name: str, settings: list[str], where: str) -> Host:
    if not _WORD.match(name):
        raise UsageError(f"'{name}' is no name of a host", where=where,
                         hint="as ssh takes it, user@name or name; 'local' is this one")
    given: dict[str, str] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key not in _KEYS:
            raise UsageError(f"unknown setting '{key}'", where=where, hint=nearest(key, _KEYS))
        if key in given or not value or "//" in value:
            raise UsageError(f"'{setting}' is no setting, or there twice", where=where,
                             hint="write key=value, without a double slash")
        given[key] = value
    return Host(name, _workers(given.get("workers"), where), given.get("folder", ""),
                given.get("python", ""), given.get("cache"))


def _workers(text: str | None, where: str) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or not 1 <= int(text) <= _MOST_WORKERS:
        raise UsageError(f"'{text}' is no number of workers", where=where, hint=f"from 1 to {_MOST_WORKERS}")
    return int(text)
