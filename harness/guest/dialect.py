# SPDX-License-Identifier: GPL-2.0-only
"""How a framed command is spelled for each kind of shell, and how its answer is taken apart.

The typed text never contains a marker as it will be printed (``S"O"O`` against ``SOO``), so an echo
of the input is not mistaken for the answer.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass

from harness.errors import UsageError

# A record that the kernel printed into the middle of something else. It is written as one piece
# under the port's lock, so taking it out restores the text around it.
_RECORD = rb"\[ *[0-9]+\.[0-9]{6}\][^\n]*\n"
_KERNEL_RECORD = re.compile(_RECORD)
_NOISE = rb"(?:" + _RECORD + rb")*"
_SUM = re.compile(rb"([0-9a-f]{32}) +-\n")
_SIZE_AND_SUM = re.compile(rb"(\d+) ([0-9a-f]{8})\n")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command printed, as far as it could be read.

    :ivar output: text between the markers, line ends as ``\\n``; None if it arrived damaged.
    :ivar status: exit status; None if the shell refused the command line.
    """

    output: bytes | None
    status: int | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A shell that runs one line of commands and gives an exit status as ``$?``.

    :ivar newline: what ends a typed line.
    :ivar longest: bytes that the shell takes in one line.
    """

    name: str
    newline: bytes = b"\n"
    longest: int = 200

    def request(self, command: str, nonce: str) -> bytes:
        """The line to type for `command`.

        :raise UsageError: `command` has several lines, or the line is too long for the shell.
        """
        return self._line(command, f'echo S"O"O-b-{nonce}; {command}; echo S"O"O-e-{nonce} $?')

    def reprint(self, nonce: str) -> bytes | None:
        """A line that prints the last answer once more; None if this shell keeps none."""
        return None

    def answer(self, text: bytes, nonce: str, tail: bytes, asked: str) -> Answer:
        """Take the answer apart.

        :param text: all that the console printed up to the end marker.
        :param tail: what followed the end marker on its line.
        :param asked: nonce of the original request, which a reprint tells.
        """
        return Answer(_between(text, nonce), int(tail) if tail.isdigit() else None)

    def _line(self, command: str, line: str) -> bytes:
        data = line.encode() + self.newline
        if "\n" in command or "\r" in command:
            raise UsageError("a command is one line", where=repr(command))
        if len(data) > self.longest:
            raise UsageError(f"the command is {len(data) - self.longest} bytes too long for one line of "
                             f"the shell '{self.name}'", where=repr(command))
        return data


@dataclass(frozen=True, slots=True)
class BusyboxDialect(Dialect):
    """busybox' ash on a console that the kernel prints to as well.

    The answer goes to a file first and is printed with its checksum, so damage is seen and the file
    printed again: the command itself runs once. `n` tells which request the file belongs to, and
    `s` stays empty if the shell refused the command line. Debian's busybox has md5sum, but no cksum.

    :ivar scratch: the file.
    """

    longest: int = 4000
    scratch: str = "/tmp/.soo"

    def request(self, command: str, nonce: str) -> bytes:
        quoted = command.replace("'", "'\\''")
        return self._line(command, f"n={nonce};s=;eval '{quoted}' </dev/null >{self.scratch} 2>&1;s=$?;"
                          + self._show(nonce))

    def reprint(self, nonce: str) -> bytes | None:
        return self._show(nonce).encode() + self.newline

    def answer(self, text: bytes, nonce: str, tail: bytes, asked: str) -> Answer:
        owner, _, status = tail.partition(b" ")
        if owner != asked.encode():
            return Answer(None, None)
        number = int(status) if status.isdigit() else None
        bodies = (_between(text, nonce), _between(plain(text), nonce))
        outputs = (self._verified(body) for body in bodies if body is not None)
        return Answer(next((output for output in outputs if output is not None), None), number)

    def _show(self, nonce: str) -> str:
        return (f'echo S"O"O-b-{nonce};md5sum <{self.scratch};cat {self.scratch};'
                f'echo S"O"O-e-{nonce} $n $s')

    def _verified(self, body: bytes) -> bytes | None:
        """The part of `body` that its leading checksum covers; None if it does not."""
        match = _SUM.match(body)
        if match is None:
            return None
        output = body[match.end():]
        same = hashlib.md5(output, usedforsecurity=False).hexdigest().encode() == match[1]
        return output if same else None


@dataclass(frozen=True, slots=True)
class AgencyDialect(BusyboxDialect):
    """The same in our agency, where `answerd` prints the answer: no process is started for it."""

    scratch: str = "/tmp/soo/answer"

    def request(self, command: str, nonce: str) -> bytes:
        quoted = command.replace("'", "'\\''")
        return self._line(command, f"n={nonce};s=;: >{self.scratch};"
                          f"eval '{quoted}' </dev/null >>{self.scratch} 2>&1;s=$?;" + self._show(nonce))

    def _show(self, nonce: str) -> str:
        return f"ask show {nonce} $n $s"

    def _verified(self, body: bytes) -> bytes | None:
        match = _SIZE_AND_SUM.match(body)
        if match is None:
            return None
        output = body[match.end():]
        return output if zlib.crc32(output) == int(match[2], 16) and len(output) == int(match[1]) else None


def _between(text: bytes, nonce: str) -> bytes | None:
    """What stands between the two markers, with line ends as one newline; None without a marker."""
    flat = re.sub(rb"\r+\n", b"\n", text)
    match = re.search(rb"SOO-b-%s\n(.*?)SOO-e-%s" % (nonce.encode(), nonce.encode()), flat, re.DOTALL)
    return match[1] if match else None


def plain(text: bytes) -> bytes:
    """The text without what the kernel printed into it."""
    return _KERNEL_RECORD.sub(b"", text)


def _tolerant(text: bytes) -> bytes:
    """An expression for `text` with kernel records between any two bytes of it."""
    return _NOISE.join(re.escape(bytes([byte])) for byte in text)


# What a shell prints after an answer, with kernel records between any two bytes. The first group is
# the nonce, the second the rest of the line; both as they came, see `plain`.
END_MARKER = re.compile(b"%s%s((?:%s[0-9a-f]){8})((?:%s[ 0-9a-f])*)%s\\r*%s\\n" % (
    _tolerant(b"SOO-e-"), _NOISE, _NOISE, _NOISE, _NOISE, _NOISE))


_DIALECTS = {d.name: d for d in (
    BusyboxDialect("busybox"),
    AgencyDialect("agency"),
    Dialect("so3"),
    Dialect("hush", longest=500),
)}


def find(name: str) -> Dialect | None:
    """The dialect of that name; None for ``none``, a console without a shell."""
    return _DIALECTS.get(name)
