# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of another architecture, fetched and unpacked but never installed.

`apt-get` works with a state of its own inside the cache, so the user's system is not touched and no
root is needed; the sources of packages are the system's own. Both architectures share that state: the
kernel, its headers and the host's kbuild tools then have one version.

What was selected is recorded; as long as the record and the files are there, no network is needed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.cache.digest import file_digest
from harness.cache.store import Cache, Progress
from harness.deadline import Deadline
from harness.errors import CommandFailed, Expired, HostError
from harness.proc import find_tool, run

_UPDATE_S = 300.0
_DOWNLOAD_S = 900.0
_QUERY_S = 60.0
_NETWORK = "check the network and the sources of apt, then run it again"


@dataclass(frozen=True, slots=True)
class Package:
    """One exact package file.

    :ivar depends: the `Depends` line as the archive states it.
    """

    name: str
    arch: str
    version: str
    sha256: str
    depends: str

    @property
    def exact(self) -> str:
        """As `apt-get` wants it on its command line."""
        return f"{self.name}:{self.arch}={self.version}"


class Archive:
    """The Debian archive as seen for one foreign architecture.

    :param arch: the foreign architecture, for instance ``arm64``.
    """

    def __init__(self, cache: Cache, arch: str, progress: Progress) -> None:
        self._cache = cache
        self._arch = arch
        self._progress = progress
        self._state = cache.root / "apt" / arch
        self._debs = cache.root / "debs"

    def host_arch(self) -> str:
        """Debian's name of the host's own architecture."""
        dpkg = find_tool("dpkg", "dpkg")
        done = run([dpkg, "--print-architecture"], deadline=Deadline.after(_QUERY_S, "dpkg"))
        return done.stdout.decode().strip()

    def refresh(self) -> None:
        """Fetch the lists of packages.

        :raise HostError: no network, or the sources of apt are at fault.
        """
        self._progress("fetching the lists of Debian packages")
        for folder in ("lists/partial", "archives/partial"):
            (self._state / folder).mkdir(parents=True, exist_ok=True)
        try:
            self._apt("apt-get", "-q", "update", seconds=_UPDATE_S)
        except HostError as error:
            # One bad source among many is the user's affair, as long as we find what we need.
            if not any((self._state / "lists").glob("*_Packages*")):
                raise
            self._progress(f"warning: {error.what}")

    def find(self, name: str, arch: str | None = None) -> Package:
        """The package that the archive offers today.

        :raise HostError: it offers none of that name.
        """
        asked = f"{name}:{arch or self._arch}"
        try:
            text = self._apt("apt-cache", "show", "--no-all-versions", asked, seconds=_QUERY_S)
        except CommandFailed as error:
            raise HostError(f"the Debian archive has no package {asked}", hint=_NETWORK) from error
        return _package(text)

    def fetch(self, package: Package) -> Path:
        """The package's file, from the cache or the network, its checksum verified.

        :raise HostError: the network fails or the file is not as announced.
        """
        kept = self._debs / f"{package.sha256}.deb"
        if kept.is_file() and file_digest(kept) == package.sha256:
            return kept
        self._progress(f"fetching {package.name} {package.version} ({package.arch})")
        name = f"deb-{package.name}"
        with self._cache.scratch(name) as folder:
            self._apt("apt-get", "-q", "download", package.exact, seconds=_DOWNLOAD_S, cwd=folder)
            (got,) = folder.glob("*.deb")
            if file_digest(got) != package.sha256:
                raise HostError(f"{package.exact} is not the file that the archive announced", hint=_NETWORK)
            self._debs.mkdir(parents=True, exist_ok=True)
            got.rename(kept)
        return kept

    def has(self, packages: Iterable[Package]) -> bool:
        """Whether all files are in the cache (their content is checked by `fetch`)."""
        return all((self._debs / f"{package.sha256}.deb").is_file() for package in packages)

    def _apt(self, tool: str, *arguments: str, seconds: float, cwd: Path | None = None) -> str:
        options = [
            f"APT::Architecture={self._arch}",
            f"APT::Architectures::={self._arch}",
            f"APT::Architectures::={self.host_arch()}",
            f"Dir::State::Lists={self._state}/lists",
            f"Dir::Cache={self._state}",
            "Dir::State::status=/dev/null",
            "Acquire::Retries=3",
            "Acquire::Languages=none",
        ]
        if os.geteuid() == 0:
            options.append("APT::Sandbox::User=root")  # its own user could not write into the cache
        argv = [find_tool(tool, "apt"), *(f"-o{option}" for option in options), *arguments]
        deadline = Deadline.after(seconds, f"{tool} {arguments[-1]}")
        try:
            done = run(argv, deadline=deadline, cwd=cwd, env={**os.environ, "LC_ALL": "C"})
        except CommandFailed as error:
            if tool == "apt-cache" or b"No space left" in error.output:
                raise
            raise HostError(f"{tool} {arguments[-1]}: {_complaint(error)}", hint=_NETWORK) from error
        except Expired as error:
            raise HostError(str(error), hint=_NETWORK) from error
        return done.stdout.decode(errors="replace")


def unpack(packages: Iterable[Path], root: Path) -> None:
    """Unpack package files below `root`, as far as files go: no scripts are run."""
    dpkg = find_tool("dpkg", "dpkg")
    root.mkdir(parents=True, exist_ok=True)
    for package in packages:
        run([dpkg, "-x", str(package), str(root)], deadline=Deadline.after(300, f"dpkg -x {package.name}"))


class Record:
    """The remembered selection of packages of one recipe, one JSON file in the cache."""

    def __init__(self, cache: Cache, name: str) -> None:
        self._path = cache.root / "packages" / f"{name}.json"

    def read(self) -> tuple[Package, ...] | None:
        """The selection, or None if there is none or it cannot be understood."""
        try:
            return tuple(Package(**item) for item in json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, packages: Iterable[Package]) -> None:
        """Replace the selection in one step."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps([asdict(package) for package in packages], indent=1) + "\n")
        partial.rename(self._path)

    def forget(self) -> None:
        """Remove the selection, so that the archive is asked again."""
        self._path.unlink(missing_ok=True)


def dependency(package: Package, pattern: str) -> str:
    """Name of the one dependency that matches, for instance the real package behind a metapackage.

    :raise HostError: no dependency matches: the archive is not one that we know.
    """
    for item in re.split(r"[,|]", package.depends):
        words = item.split()
        if words and re.fullmatch(pattern, words[0].split(":")[0]):
            return words[0].split(":")[0]
    raise HostError(f"{package.exact} depends on nothing like '{pattern}'", hint="is this a Debian archive?")


def _package(stanza: str) -> Package:
    fields = {}
    for line in stanza.strip().split("\n\n")[0].splitlines():
        name, colon, value = line.partition(": ")
        if colon and not line.startswith(" "):
            fields[name] = value
    try:
        return Package(
            name=fields["Package"],
            arch=fields["Architecture"],
            version=fields["Version"],
            sha256=fields["SHA256"],
            depends=fields.get("Depends", ""),
        )
    except KeyError as error:
        raise HostError(f"apt shows a package without {error}", hint=_NETWORK) from error


def _complaint(error: CommandFailed) -> str:
    lines = error.output.decode(errors="replace").splitlines()
    errors = [line[2:].strip() for line in lines if line.startswith("E:")]
    return errors[0] if errors else f"ended with status {error.status}"


