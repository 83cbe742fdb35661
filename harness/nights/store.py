# SPDX-License-Identifier: GPL-2.0-only
"""The history of nights: one SQLite file that several programs may write to.

A session is recorded in one transaction, so it is there as a whole or not at all. A file that is damaged,
that is not ours, or that a newer harness has written is refused and stays as it is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from harness.errors import HostError, UsageError
from harness.nights.model import LeftOut, Night, Past, Run, Session, with_images
from harness.outcome import Verdict
from harness.report.facts import Facts

DEFAULT = Path("build/history.sqlite3")
VERSION = 1
# "SOOH": tells our files from other programs' databases.
_OURS = 0x534F4F48
_BUSY_S = 60.0
_TABLES = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY, night TEXT NOT NULL, kind TEXT NOT NULL, revision TEXT NOT NULL,
    seconds REAL NOT NULL, budget REAL NOT NULL, fingerprint TEXT NOT NULL);
CREATE UNIQUE INDEX once ON sessions (fingerprint) WHERE fingerprint != '';
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions (id), scenario TEXT NOT NULL,
    verdict TEXT NOT NULL, seconds REAL NOT NULL, title TEXT NOT NULL, reason TEXT NOT NULL,
    exit_status INTEGER NOT NULL, place TEXT NOT NULL, folder TEXT NOT NULL, reproduce TEXT NOT NULL,
    seed INTEGER NOT NULL, mode TEXT NOT NULL, images TEXT NOT NULL, images_key TEXT NOT NULL,
    text_key TEXT NOT NULL, measures TEXT NOT NULL);
CREATE TABLE violations (
    run INTEGER NOT NULL REFERENCES runs (id), rule TEXT NOT NULL, place TEXT NOT NULL,
    expected TEXT NOT NULL, observed TEXT NOT NULL);
CREATE TABLE left_out (
    session INTEGER NOT NULL REFERENCES sessions (id), name TEXT NOT NULL, why TEXT NOT NULL);
"""


class History:
    """The history in one file.

    :param file: made when the first session is recorded.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def check(self) -> None:
        """See before a long night whether it can be recorded.

        :raise HarnessError: as `record` does
        """
        with self._writing():
            pass

    def record(self, session: Session) -> str | None:
        """Add a session, all of it or nothing.

        :return: the night for which the very same was recorded before: it is not recorded again; mostly None
        :raise UsageError: the file is of a newer harness, or no history
        :raise HostError: the file is damaged or cannot be written
        """
        with self._writing() as database:
            if session.fingerprint and (found := database.execute(
                    "SELECT night FROM sessions WHERE fingerprint = ?", (session.fingerprint,)).fetchone()):
                return str(found[0])
            _insert(database, session)
        return None

    def read(self) -> Past:
        """All nights.

        :raise UsageError: there is no history, or it is of a newer harness
        :raise HostError: the file is damaged or cannot be read
        """
        if not self.file.exists():
            raise UsageError("no history", where=str(self.file),
                             hint="'harness nightly' and 'harness history --add' make one")
        with self._connected("ro") as database:
            self._demand_ours(database)
            nights = [str(night) for (night,) in
                      database.execute("SELECT DISTINCT night FROM sessions ORDER BY night")]
            found = (Night(night, tuple(_sessions(database, night))) for night in nights)
            return with_images(Past(tuple(found)))

    @contextmanager
    def _connected(self, mode: str) -> Iterator[sqlite3.Connection]:
        try:
            if mode != "ro":
                self.file.parent.mkdir(parents=True, exist_ok=True)
            uri = f"{self.file.resolve().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)) as database:
                yield database
        except sqlite3.IntegrityError:  # what is to be recorded is wrong, not the file
            raise
        except OSError as error:
            raise HostError(f"cannot write: {error.strerror}", where=str(self.file)) from error
        except sqlite3.OperationalError as error:  # no permission, a full disk, or others write without end
            raise HostError(f"cannot be used: {error}", where=str(self.file)) from error
        except sqlite3.DatabaseError as error:
            raise HostError(f"the history is damaged: {error}", where=str(self.file),
                            hint="move it away or bring back a copy; it is left as it is") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected("rwc") as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    _create(database)
                self._demand_ours(database)
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def _demand_ours(self, database: sqlite3.Connection) -> None:
        (broken,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if broken != "ok":
            raise sqlite3.DatabaseError(" ".join(str(broken).split()))
        (ours,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if ours != _OURS:
            raise UsageError("a database, but no history of nights", where=str(self.file),
                             hint="name another file with --history")
        if version != VERSION:
            raise UsageError(f"made by another harness: schema {version}, this one knows {VERSION}",
                             where=str(self.file), hint="update the harness, or name another file")


def _create(database: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA application_id = {_OURS}")
    database.execute(f"PRAGMA user_version = {VERSION}")


def _insert(database: sqlite3.Connection, session: Session) -> None:
    at = database.execute(
        "INSERT INTO sessions (night, kind, revision, seconds, budget, fingerprint)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (session.night, session.kind, session.revision, session.seconds, session.budget,
         session.fingerprint)).lastrowid
    for run in session.runs:
        facts = run.facts
        row = (at, run.scenario, run.verdict.name, run.seconds, facts.title, run.reason, run.exit_status,
               facts.where, run.folder, facts.reproduce, facts.seed, facts.mode, facts.images,
               facts.images_key, facts.text_key, json.dumps(facts.measures))
        number = database.execute(
            "INSERT INTO runs (session, scenario, verdict, seconds, title, reason, exit_status, place,"
            " folder, reproduce, seed, mode, images, images_key, text_key, measures)"
            f" VALUES ({', '.join('?' * len(row))})", row).lastrowid
        database.executemany("INSERT INTO violations VALUES (?, ?, ?, ?, ?)",
                             [(number, *violation) for violation in facts.violations])
    database.executemany("INSERT INTO left_out VALUES (?, ?, ?)",
                         [(at, left.name, left.why) for left in session.left_out])


def _sessions(database: sqlite3.Connection, night: str) -> Iterator[Session]:
    for at, *found in database.execute(
            "SELECT id, kind, revision, seconds, budget, fingerprint FROM sessions WHERE night = ?"
            " ORDER BY id", (night,)).fetchall():
        kind, revision, seconds, budget, fingerprint = found
        left = database.execute("SELECT name, why FROM left_out WHERE session = ? ORDER BY rowid", (at,))
        yield Session(night, str(kind), tuple(_runs(database, at, night)),
                      tuple(LeftOut(str(name), str(why)) for name, why in left), str(revision),
                      float(seconds), float(budget), str(fingerprint))


def _runs(database: sqlite3.Connection, session: int, night: str) -> Iterator[Run]:
    broken: dict[int, list[tuple[str, str, str, str]]] = {}
    for run, *violation in database.execute(
            "SELECT run, rule, violations.place, expected, observed FROM violations JOIN runs"
            " ON run = runs.id WHERE session = ? ORDER BY violations.rowid", (session,)):
        rule, place, expected, observed = map(str, violation)
        broken.setdefault(run, []).append((rule, place, expected, observed))
    for row in database.execute(
            "SELECT id, scenario, verdict, seconds, title, reason, exit_status, place, folder, reproduce,"
            " seed, mode, images, images_key, text_key, measures FROM runs WHERE session = ? ORDER BY id",
            (session,)):
        number, scenario, verdict, seconds, title, reason, status, place, folder, reproduce = row[:10]
        seed, mode, images, images_key, text_key, measures = row[10:]
        facts = Facts(images, images_key, text_key, mode, title, place, seed, reproduce,
                      tuple(broken.get(number, ())), json.loads(measures))
        yield Run(scenario, Verdict[verdict], seconds, reason, status, folder, facts, night)
