# SPDX-License-Identifier: GPL-2.0-only
"""Files are written as a whole or not at all; what cannot be written is the host's matter, told in one line.

Standard library only: the set-up tells its lines before anything is installed.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from harness.errors import HostError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})
# With the name of a file: somebody else's file is there, or a folder is not ours.
_BARRED = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS})


def beside(target: Path) -> Path:
    """Where to write what is to be in `target` when it is complete; see `deliver`."""
    folder = Path(tempfile.gettempdir()) if _goes_into(target) else target.parent
    return folder / f".{target.name}.{os.getpid()}"


def deliver(complete: Path, target: Path) -> None:
    """Have `target` replaced by a complete file; but devices, pipes and links are written into.

    :raise OSError: it cannot be
    """
    if not _goes_into(target):
        complete.replace(target)
        return
    with complete.open("rb") as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)
    complete.unlink()


def _goes_into(target: Path) -> bool:
    return target.is_symlink() or (target.exists() and not target.is_file() and not target.is_dir())


def open_closed() -> None:
    """Give /dev/null to those of the three standard streams that the caller has closed.

    Else the next file that is opened would get their number, and what is printed would go into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest number that is free
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def tell(line: str) -> None:
    """One line on standard error, if anybody can read it."""
    with suppress(OSError):
        print(f"harness: {line}", file=sys.stderr, flush=True)


def lost(error: OSError, *, judges: bool = False) -> int:
    """The exit status for what could not be written; nothing more is written to standard output.

    :param judges: whether the command's status is a verdict, which nobody has come to then
    :return: 0, or as of SIGPIPE for a verdict, if the reader has gone, as `head` does; 3 if there is no
        room, or something is in the way, which is told
    :raise OSError: it is none of these
    """
    gone = isinstance(error, BrokenPipeError)
    if not gone and error.errno not in _FULL and not (error.errno in _BARRED and error.filename):
        raise error
    if error.errno in _FULL:
        tell(f"{error.filename or 'the output'}: cannot be written: {error.strerror}; make room")
    elif not gone:
        tell(f"{error.filename}: {error.strerror}; is another file, or somebody else's, in its place?")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what is still buffered is flushed at the end
    os.close(nowhere)
    if gone:
        return 128 + signal.SIGPIPE if judges else 0
    return HostError.exit_status
