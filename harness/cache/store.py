# SPDX-License-Identifier: GPL-2.0-only
"""A folder of finished results, each under the key of what it was made from.

    ROOT/entries/KEY/      complete results; the list `.complete` in each has the digest of every file
    ROOT/tmp/KEY-NONCE/    under construction; renamed into entries/ when complete
    ROOT/broken/KEY-NONCE/ entries that no longer matched their list, for a look at the cause
    ROOT/locks/KEY.lock    held by the process that builds
    ROOT/locks/KEY.use     held by those that use the entry, see `harness.cache.use`
    ROOT/stamps/KEY.json   what a verified entry looked like, see `harness.cache.stamp`

A reader needs no lock: an entry appears by one rename and is never changed. A builder that is killed
leaves only a folder in tmp/, which the next one removes.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import filelock

from harness.cache import bounds, elsewhere, stamp, use
from harness.cache.digest import LIST_NAME, problems_of, write_list
from harness.deadline import wall_clock
from harness.errors import CacheError, CommandFailed

ROOT_VARIABLE = "SOO_HARNESS_CACHE"
# A damaged entry stays so long for a look at it.
_BROKEN_S = 86400.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)

Progress = Callable[[str], None]
Build = Callable[[Path], None]


def default_root() -> Path:
    """$SOO_HARNESS_CACHE if set, else ~/.cache/soo-harness. It need not exist."""
    chosen = os.environ.get(ROOT_VARIABLE)
    return Path(chosen).absolute() if chosen else Path.home() / ".cache" / "soo-harness"


class Cache:
    """The store below one root.

    :param root: the folder; made on first need.
    :param progress: is told about waiting, damage and repair, one line each.
    """

    def __init__(self, root: Path | None = None, progress: Progress = lambda text: None) -> None:
        self.root = default_root() if root is None else root
        self._progress = progress

    def path(self, key: str) -> Path:
        """Where the entry is or would be."""
        return self.root / "entries" / key

    def lookup(self, key: str) -> Path | None:
        """The entry, every byte verified, or None if it is absent or damaged.

        What was verified since the host was booted, and not touched since, is not read again.
        """
        entry = self.path(key)
        if not entry.is_dir() or not self._sound(key, entry):
            return None
        with suppress(OSError):  # a read-only cache serves as well
            os.utime(entry / LIST_NAME)  # when it was used last
        return entry

    def _sound(self, key: str, entry: Path) -> bool:
        now = stamp.stamp_of(entry)
        file = self._stamp(key)
        if stamp.holds(file, now):
            return True
        if problems_of(entry):
            return False
        if now is not None and now == stamp.stamp_of(entry):
            stamp.write(file, now)
        return True

    def _stamp(self, key: str) -> Path:
        return self.root / stamp.FOLDER / f"{key}.json"

    def get(self, key: str, build: Build) -> Path:
        """The entry `key`; built by `build(folder)` if it is absent or damaged.

        Any number of processes may ask at once: one builds, the others wait for it. What `build`
        raises is passed on, and nothing of the attempt stays. Whenever something was built, the cache
        is brought back within its bounds, see `harness.cache.bounds`.

        :raise CacheError: the disk is full, or the cache can neither be read nor written.
        """
        found = self.lookup(key)
        if found:
            return found
        with self.locked(key):
            found = self.lookup(key)
            if found:
                return found
            self._set_aside(key)
            entry = self._build(key, build)
        with self.using(key):
            bounds.enforce(self)
        return entry

    def verify(self, key: str) -> list[str]:
        """What is wrong with an entry, one line each; empty if nothing."""
        entry = self.path(key)
        return problems_of(entry) if entry.is_dir() else ["it was never built"]

    def keys(self) -> list[str]:
        """Keys of all complete entries, sorted."""
        return sorted(path.parent.name for path in (self.root / "entries").glob(f"*/{LIST_NAME}"))

    def using(self, key: str) -> AbstractContextManager[None]:
        """Within the context, the entry is not removed. Enter it before `get`."""
        return use.using(self.root, key)

    def hold(self, key: str) -> use.Hold:
        """As long as the result lives, the entry is not removed. Call it before `get`."""
        return use.Hold(self.root, key)

    def prune(self, prefix: str, keep: int) -> list[str]:
        """Remove the entries with this prefix that were not used for longest; gives their keys.

        An entry that a process uses stays.

        :param keep: how many stay.
        """
        lists = (self.root / "entries").glob(f"{prefix}*/{LIST_NAME}")
        by_use = sorted(lists, key=lambda path: path.stat().st_mtime, reverse=True)
        return [path.parent.name for path in by_use[keep:] if self.remove(path.parent.name)]

    def remove(self, key: str) -> bool:
        """Remove an entry; False if a process uses it, or it cannot be removed."""
        with use.alone(self.root, key) as free:
            if not free:
                return False
            gone = self._folder("tmp") / f"{key}-{secrets.token_hex(4)}"
            try:
                self.path(key).rename(gone)  # all at once: a reader finds the whole entry or none
            except OSError:
                return False
        shutil.rmtree(gone, ignore_errors=True)
        self._stamp(key).unlink(missing_ok=True)
        return True

    def sweep(self) -> None:
        """Remove what killed processes have left under construction, and what was set aside a day ago."""
        for left in (self.root / "tmp").glob("*-*"):
            lock = filelock.FileLock(self._folder("locks") / f"{left.name.rpartition('-')[0]}.lock")
            try:
                with lock.acquire(timeout=0):
                    shutil.rmtree(left, ignore_errors=True)
            except filelock.Timeout:
                continue
        yesterday = wall_clock().timestamp() - _BROKEN_S
        for broken in (self.root / "broken").glob("*"):
            if broken.stat().st_ctime < yesterday:
                shutil.rmtree(broken, ignore_errors=True)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the lock `name` among all processes that use this cache; ends with the process."""
        with self._told():
            path = self._folder("locks") / f"{name}.lock"
            lock = filelock.FileLock(path)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                self._progress(f"waiting for another process that builds {name}")
                lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """An empty folder inside the cache, removed afterwards; locked, so that no `sweep` takes it."""
        with self.locked(name), self._scratch(name) as folder:
            yield folder

    @contextmanager
    def _scratch(self, name: str) -> Iterator[Path]:
        """The same for who holds the lock already."""
        with self._told():
            tmp = self._folder("tmp")
            for stale in tmp.glob(f"{name}-*"):  # we hold the lock: its owner is dead
                shutil.rmtree(stale, ignore_errors=True)
            folder = tmp / f"{name}-{secrets.token_hex(4)}"
            folder.mkdir()
        try:
            with self._told():
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _build(self, key: str, build: Build) -> Path:
        with self._scratch(key) as folder:
            content = folder / "content"
            content.mkdir()
            if not elsewhere.fetched(key, content):
                build(content)
            rested = stamp.rest()
            write_list(content)  # reads every byte: that is as good as verified
            self._folder("entries")
            content.rename(self.path(key))
        now = stamp.stamp_of(self.path(key), rested)
        if now is not None:
            stamp.write(self._stamp(key), now)
        return self.path(key)

    def _set_aside(self, key: str) -> None:
        entry = self.path(key)
        if not entry.exists():
            return
        first = problems_of(entry)[:1]
        self._progress(f"cache entry {key} is damaged ({'; '.join(first)}): set aside and built again")
        with self._told():
            broken = self._folder("broken")
            for older in broken.glob(f"{key}-*"):
                shutil.rmtree(older, ignore_errors=True)
            entry.rename(broken / f"{key}-{secrets.token_hex(4)}")

    def _folder(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn a refusal of the disk into one line that says what to do."""
        try:
            yield
        except OSError as error:
            elsewhere = error.filename is not None and not str(error.filename).startswith(str(self.root))
            if elsewhere and error.errno not in _FULL:
                raise  # not the cache's affair: an input of the build, say
            raise cache_error(self.root, error) from error
        except CommandFailed as error:
            if b"No space left on device" in error.output:
                raise _full(self.root) from error
            raise


def cache_error(root: Path, error: OSError) -> CacheError:
    """The `CacheError` for a refusal of the operating system."""
    if error.errno in _FULL:
        return _full(root)
    place = str(error.filename or root)
    hint = f"set {ROOT_VARIABLE} to a folder that can be written" if error.errno in _LOCKED else None
    return CacheError(f"cannot write the cache: {error.strerror or error}", where=place, hint=hint)


def _full(root: Path) -> CacheError:
    free = "unknown"
    with suppress(OSError):
        free = f"{shutil.disk_usage(root).free >> 20} MiB"
    hint = f"free some space (now {free}) or set {ROOT_VARIABLE} to another disk"
    return CacheError("the disk is full", where=str(root), hint=hint)
