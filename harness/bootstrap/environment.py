# SPDX-License-Identifier: GPL-2.0-only
"""The virtual environment: one per content of the lock files and interpreter, in the cache.

It cannot be built elsewhere and renamed, since its scripts contain its path; a mark written last says
that it is complete. A lock makes concurrent starts wait for the one that builds.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bootstrap.console import run_stage
from harness.errors import CacheError
from harness.output import tell

_ROOT = Path(__file__).resolve().parents[2]
_BUILD_LOCK = _ROOT / "requirements-build.lock"
_LOCK = _ROOT / "requirements.lock"
_MARK = ".complete"
_VARIABLE = "SOO_HARNESS_CACHE"


class Environment:
    """The environment of this tree and this interpreter.

    :param cache: root of the cache.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self.path = cache / "venv" / _key()

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.path / "bin" / "python"

    @property
    def complete(self) -> bool:
        """Whether everything is installed."""
        return (self.path / _MARK).is_file()

    @property
    def active(self) -> bool:
        """Whether this very process runs in it."""
        return Path(sys.prefix).resolve() == self.path.resolve()

    def provide(self) -> None:
        """Build it if it is not complete.

        :raise CacheError: the cache cannot be written.
        :raise HostError: a step failed, for instance because there is no network.
        """
        if self.complete:
            return
        try:
            with self._locked() as lock:
                if not self.complete:
                    self._build(lock)
        except OSError as error:
            raise _refused(self._cache, error) from error

    def _build(self, lock: int) -> None:
        if self.path.exists():  # an attempt that was killed
            shutil.rmtree(self.path)
        base = getattr(sys, "_base_executable", None) or sys.executable
        run_stage("making a virtual environment", [base, "-m", "venv", str(self.path)], holds=[lock])
        environment = {**os.environ, "PATH": f"{self.path / 'bin'}:{os.environ.get('PATH', os.defpath)}"}
        environment.pop("PYTHONPATH", None)
        pip = [str(self.python), "-m", "pip", "install", "--no-deps", "--require-hashes", "--use-pep517"]
        pip += ["--no-build-isolation", "--disable-pip-version-check", "--no-input", "-r"]
        run_stage("installing build tools", [*pip, str(_BUILD_LOCK)], env=environment, holds=[lock])
        run_stage("installing Python packages", [*pip, str(_LOCK)], env=environment, holds=[lock])
        (self.path / _MARK).write_text("")
        tell(f"environment ready in {self.path}")

    @contextmanager
    def _locked(self) -> Iterator[int]:
        folder = self._cache / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"venv-{self.path.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tell("waiting for another start that makes the environment")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock.fileno()


def cache_root() -> Path:
    """The root of the cache, as `harness.cache.store.default_root` (not importable yet) has it."""
    chosen = os.environ.get(_VARIABLE)
    return Path(chosen).absolute() if chosen else Path.home() / ".cache" / "soo-harness"


def _key() -> str:
    total = hashlib.sha256()
    for lock in (_BUILD_LOCK, _LOCK):
        total.update(lock.read_bytes())
    total.update(f"{sys.version} {sys.base_prefix} {platform.machine()}".encode())
    return total.hexdigest()[:16]


def _refused(cache: Path, error: OSError) -> CacheError:
    where = str(error.filename or cache)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return CacheError("the disk is full", where=where, hint=f"free some space or set {_VARIABLE}")
    hint = f"set {_VARIABLE} to a folder that can be written"
    return CacheError(f"cannot write the cache: {error.strerror or error}", where=where, hint=hint)
