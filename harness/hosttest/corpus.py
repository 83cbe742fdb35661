# SPDX-License-Identifier: GPL-2.0-only
"""Inputs that are kept for a target: those that reach something, and those that once found a defect.

    images/hosttest/corpus/TARGET/seeds.zip    what reaches every place that was ever reached, minimised
    images/hosttest/corpus/TARGET/NAME.bin     one input that found a defect, named after it
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from harness.hosttest.build import FOLDER

CORPUS = FOLDER / "corpus"
_SEEDS = "seeds.zip"
_STAMP = (1980, 1, 1, 0, 0, 0)


def unpack(target: str, into: Path, corpus: Path = CORPUS) -> int:
    """Copy all inputs of a target into a folder, each under the digest of its content.

    :return: how many there are.
    """
    contents = [path.read_bytes() for path in sorted((corpus / target).glob("*.bin"))]
    seeds = corpus / target / _SEEDS
    if seeds.is_file():
        with zipfile.ZipFile(seeds) as archive:
            contents += [archive.read(name) for name in sorted(archive.namelist())]
    for content in contents:
        (into / hashlib.sha1(content, usedforsecurity=False).hexdigest()).write_bytes(content)
    return len(contents)


def pack(target: str, folder: Path, corpus: Path = CORPUS) -> int:
    """Make the files of a folder the target's seeds. The same files give the same bytes.

    :return: how many there are.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number, path in enumerate(files):
            archive.writestr(zipfile.ZipInfo(f"{number:04}", _STAMP), path.read_bytes(), zipfile.ZIP_DEFLATED)
    (corpus / target).mkdir(parents=True, exist_ok=True)
    (corpus / target / _SEEDS).write_bytes(packed.getvalue())
    return len(files)
