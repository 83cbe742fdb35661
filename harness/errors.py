# SPDX-License-Identifier: GPL-2.0-only
"""The tree of failures, split by who must act.

    HarnessError
    +-- UsageError            the author of a scenario, a manifest or a command line   ERROR, exit 2
    |   +-- SchemaError         a file does not follow its schema
    |   +-- DtError             a device tree or an overlay is wrong
    |   +-- FitError            a FIT image is wrong
    |   +-- ManifestError       an image set's manifest is wrong
    +-- HostError             the owner of the host                                    ERROR, exit 3
    |   +-- ToolMissing         a program is not installed
    |   +-- CacheError          the cache cannot be read or written
    |   +-- CommandFailed       a program that the harness ran has failed
    |   +-- QmpRefused          QEMU refused a QMP command
    +-- GuestLost             who develops the guest: it, or QEMU, is gone or stuck    CRASH, exit 1
    |   +-- Expired             a deadline ran out
    |   +-- Panicked            a console printed a failure pattern
    |   +-- QemuExited          the QEMU process ended
    +-- ExpectationFailed     who develops the guest: it broke a rule                  FAIL, exit 1

The harness raises no other exception on purpose; anything else is a bug of the harness (ERROR).
"""

from collections.abc import Sequence
from typing import Protocol


class HarnessError(Exception):
    """A failure that can be told in one line: where, what, and what to do about it.

    :param what: what happened, without a full stop
    :param where: the place, as `file:line`, a console or a link
    :param hint: what the reader can do
    """

    exit_status = 2

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        text = f"{head}; {self.hint}" if self.hint else head
        return " ".join(text.split())


class UsageError(HarnessError):
    """What the user wrote is wrong: a scenario, a manifest, a device tree or a command line."""


class SchemaError(UsageError):
    """A YAML file has an unknown key, a missing key or a value of the wrong type."""


class DtError(UsageError):
    """A device tree does not compile, or an overlay does not apply or has no effect."""


class FitError(UsageError):
    """A FIT image is damaged or lacks a section."""


class ManifestError(UsageError):
    """The manifest of an image set is wrong, or no set has that name."""


class HostError(HarnessError):
    """The host lacks something or refuses it."""

    exit_status = 3


class ToolMissing(HostError):
    """A program is not installed; the hint names the Debian package."""


class CacheError(HostError):
    """The cache cannot be read or written."""


class CommandFailed(HostError):
    """A program that the harness ran did not end with status 0.

    :param argv: the command line as executed
    :param status: exit status; negative: the number of the signal that ended it
    :param output: the last part of its standard error, or of its output if that is empty
    """

    def __init__(self, what: str, *, argv: Sequence[str], status: int, output: bytes,
                 where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.argv = tuple(argv)
        self.status = status
        self.output = output


class QmpRefused(HostError):
    """QEMU answered a QMP command with an error.

    :param command: name of the command
    :param error_class: QEMU's class of the error, mostly `GenericError`
    """

    def __init__(self, what: str, *, command: str, error_class: str, where: str | None = None,
                 hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.command = command
        self.error_class = error_class


class GuestLost(HarnessError):
    """A guest or QEMU is gone or stuck."""

    exit_status = 1


class Expired(GuestLost):
    """A deadline ran out.

    :param waiting_for: what did not happen in time
    """

    def __init__(self, what: str, *, waiting_for: str, where: str | None = None,
                 hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.waiting_for = waiting_for


class Panicked(GuestLost):
    """A console printed a failure pattern.

    :param pattern: name of the pattern, for instance `oops`
    :param line: the line that matched, decoded
    """

    def __init__(self, what: str, *, pattern: str, line: str, where: str | None = None,
                 hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.pattern = pattern
        self.line = line


class QemuExited(GuestLost):
    """QEMU ended although nobody asked it to.

    :param argv: its command line
    :param status: exit status; negative: the number of a signal; None: not known yet
    :param stderr: the last part of what it wrote to standard error
    """

    def __init__(self, what: str, *, argv: Sequence[str] = (), status: int | None = None,
                 stderr: str = "", where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.argv = tuple(argv)
        self.status = status
        self.stderr = stderr


class ViolationLike(Protocol):
    """What this module needs of `harness.check.violation.Violation`, a layer above."""

    @property
    def rule(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def observed(self) -> str: ...
    @property
    def event(self) -> str | None: ...


class ExpectationFailed(HarnessError):
    """The system under test broke an expectation or an invariant.

    :param violations: what was broken, first one first; may be empty for a plain expectation
    """

    exit_status = 1

    def __init__(self, what: str, *, violations: Sequence[ViolationLike] = (), where: str | None = None,
                 hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.violations: tuple[ViolationLike, ...] = tuple(violations)
