# SPDX-License-Identifier: GPL-2.0-only
"""How long each scenario took the last few times, in one file beside the cache's entries.

What cannot be read is unknown and what cannot be written is not remembered: no run fails for it.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from statistics import median
from typing import TypeVar

from harness.cache.store import default_root
from harness.errors import HostError, UsageError

_FILE = "durations.sqlite3"
_KEPT = 5
_BUSY_S = 10.0
_TABLE = "CREATE TABLE IF NOT EXISTS runs (at INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, seconds REAL)"
_FORGET = """DELETE FROM runs WHERE key = ?1 AND at NOT IN
             (SELECT at FROM runs WHERE key = ?1 ORDER BY at DESC LIMIT ?2)"""

Tell = Callable[[str], None]
Done = TypeVar("Done")


def key_of(name: str, images: str, *, cold: bool = False, deterministic: bool = False) -> str:
    """What a duration is kept under: it differs between image sets, with a boot in it, and in lockstep."""
    way = ("cold" if cold else "clone") + (" deterministic" if deterministic else "")
    return f"{images} {way} {name}"


class Durations:
    """The durations of one file.

    :param file: made on first need; that of the cache if None.
    :param tell: is told in one line if a damaged file was put aside.
    """

    def __init__(self, file: Path | None = None, tell: Tell = lambda text: None) -> None:
        self.file = default_root() / _FILE if file is None else file
        self._tell = tell

    def record(self, taken: Iterable[tuple[str, float]]) -> None:
        """Add how long it took, by key. Of each key the last five are kept."""
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
        rows = list(taken)

        def add(database: sqlite3.Connection) -> bool:
            database.executemany("INSERT INTO runs (key, seconds) VALUES (?, ?)", rows)
            database.executemany(_FORGET, [(key, _KEPT) for key, _ in rows])
            database.commit()
            return True

        if not self._with(add):
            self._with(add)  # a damaged file has been put aside

    def known(self) -> dict[str, float]:
        """The median of the last few, in seconds, by key."""

        def read(database: sqlite3.Connection) -> dict[str, list[float]]:
            found: dict[str, list[float]] = {}
            for key, seconds in database.execute("SELECT key, seconds FROM runs"):
                found.setdefault(str(key), []).append(float(seconds))
            return found

        found = self._with(read) if self.file.exists() else None
        return {key: round(median(values), 2) for key, values in sorted((found or {}).items())}

    def _with(self, work: Callable[[sqlite3.Connection], Done]) -> Done | None:
        """What `work` gives for the database; None if that cannot be used."""
        try:
            with closing(sqlite3.connect(self.file, timeout=_BUSY_S)) as database:
                database.execute("PRAGMA synchronous = OFF")  # after a power cut it may be put aside
                database.execute(_TABLE)
                return work(database)
        except sqlite3.OperationalError:  # a read-only or full disk, or others write without end
            return None
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            self._put_aside(error)
            return None

    def _put_aside(self, error: Exception) -> None:
        aside = self.file.with_name(f"{_FILE}.broken-{secrets.token_hex(4)}")
        with suppress(OSError):
            self.file.rename(aside)
            self._tell(f"recorded durations cannot be read ({error}): {self.file.name} is now {aside.name}")


def read_file(file: Path) -> dict[str, float]:
    """Durations as `write_file` wrote them.

    :raise UsageError: it is no such file
    """
    try:
        text = json.loads(file.read_text())
        return {str(key): float(seconds) for key, seconds in text["durations"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"no file of durations: {error}", where=str(file),
                         hint="'harness durations --json FILE' writes one") from error


def write_file(file: Path, durations: Mapping[str, float]) -> None:
    """Durations for other machines.

    :raise HostError: it cannot be written
    """
    try:
        file.write_text(json.dumps({"durations": dict(sorted(durations.items()))}, indent=1) + "\n")
    except OSError as error:
        raise HostError(f"cannot write durations: {error.strerror}", where=str(file)) from error
