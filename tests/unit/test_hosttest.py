# SPDX-License-Identifier: GPL-2.0-only
"""What is read out of a fuzz target's output, its corpus, and the counts of lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.hosttest import corpus
from harness.hosttest.coverage import FileCoverage, read_trace
from harness.hosttest.finding import read
from harness.hosttest.targets import TARGETS, chosen

_ADDRESS = """
==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x55d bp 0x7ff sp 0x7ff
    #0 0x55d in __asan_memcpy (/tmp/store_page+0x1) (BuildId: 12)
    #1 0x55d in list_del ./images/hosttest/include/linux/list.h:50:20
    #2 0x55d in vbs_unwatch ./images/agency/modules/vbstore/vbs_watch.c:181:3
    #3 0x55d in target_run ./images/hosttest/targets/store_page.c:168:2
SUMMARY: AddressSanitizer: heap-use-after-free ./images/hosttest/include/linux/list.h:50:20 in list_del
"""
_UNDEFINED = """
images/me/soo/vbstore/vbs.c:45:37: runtime error: negation of INT_MIN
    #0 0x55d in take_reply ./images/me/soo/vbstore/vbs.c:45:37
"""
_CHECK = """
hosttest: images/hosttest/targets/store_model.c:241: domain 2 is not told of device/2/c
==3== ERROR: libFuzzer: deadly signal
    #7 0x55d in host_fail ./images/hosttest/host/log.c:20:2
"""
_TIMEOUT = """
==9== ERROR: libFuzzer: timeout after 20 seconds
    #1 0x5 in take_late ./images/me/soo/drivers/x.c:7:1
"""


@pytest.mark.parametrize(("output", "line"), [
    (_ADDRESS, "heap-use-after-free in vbs_unwatch (images/agency/modules/vbstore/vbs_watch.c:181)"),
    (_UNDEFINED, "negation of INT_MIN in take_reply (images/me/soo/vbstore/vbs.c:45)"),
    (_CHECK, "domain 2 is not told of device/2/c (images/hosttest/targets/store_model.c:241)"),
    (_TIMEOUT, "timeout after 20 seconds in take_late (images/me/soo/drivers/x.c:7)"),
    ("", "it ended without a word"),
])
def test_a_finding_is_one_line(output: str, line: str) -> None:
    assert str(read(output)) == line


def test_an_unknown_target_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="store_page"):
        chosen(["store_pag"])
    assert chosen([]) == list(TARGETS)


def test_a_corpus_survives_its_packing(tmp_path: Path) -> None:
    few, again = tmp_path / "few", tmp_path / "again"
    few.mkdir()
    again.mkdir()
    for number in range(3):
        (few / f"{number}").write_bytes(bytes([number]) * 100)
    assert corpus.pack("store_page", few, tmp_path) == 3
    first = (tmp_path / "store_page" / "seeds.zip").read_bytes()
    corpus.pack("store_page", few, tmp_path)
    assert (tmp_path / "store_page" / "seeds.zip").read_bytes() == first
    (tmp_path / "store_page" / "once-a-defect.bin").write_bytes(b"defect")
    assert corpus.unpack("store_page", again, tmp_path) == 4
    wanted = {b"defect", *(bytes([number]) * 100 for number in range(3))}
    assert {path.read_bytes() for path in again.iterdir()} == wanted


def test_the_corpus_is_small() -> None:
    assert sum(path.stat().st_size for path in corpus.CORPUS.rglob("*") if path.is_file()) < 200_000


_TRACE = """SF:images/agency/modules/vbus/vbus_section.c
FN:10,vbus_section_init
DA:11,4
DA:12,0
DA:12,3
DA:13,0
end_of_record
SF:images/hosttest/host/log.c
DA:11,0
end_of_record
"""


def test_a_line_counts_once_and_only_the_guests_do() -> None:
    path = "images/agency/modules/vbus/vbus_section.c"
    assert read_trace(_TRACE) == [FileCoverage(path, 3, 2, (13,))]
    assert round(read_trace(_TRACE)[0].percent) == 67
