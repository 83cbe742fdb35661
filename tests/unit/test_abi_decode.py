# SPDX-License-Identifier: GPL-2.0-only
"""Decoding of shared structures: what was encoded comes back, and hostile bytes give `AbiError` only."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.abi.codec import AbiError, Layout
from harness.abi.ring import RingView, entry_count
from harness.abi.soo import SIGNATURE, decode_avz_shared
from harness.abi.vbstore import (
    MSG_REVISION,
    PAGE_BYTES,
    RING_SIZE,
    WRAP,
    HeaderFormat,
    VbsMessage,
    VbsType,
    decode_message,
    decode_page,
    msg_space,
)
from harness.abi.vbus import VbusState, state_text
from harness.abi.vdummy import vdummy_ring
from tests.unit.vbs_pages import RingWriter, message, page

U32 = st.integers(0, 2**32 - 1)


@given(st.lists(st.binary(max_size=300), max_size=40), st.integers(0, 2**32 // 8 - 1).map(lambda n: n * 8))
def test_messages_come_back_across_the_wrap(payloads: list[bytes], start: int) -> None:
    writer = RingWriter(start)
    for payload in payloads:
        before = writer.prod
        writer.put(message(VbsType.WRITE, payload, before % 2**32))
        ring = decode_page(page(bytes(writer.data), before % 2**32, writer.prod % 2**32)).req
        (found,) = ring.pending()
        assert (found.kind, found.payload, found.id) == (VbsType.WRITE, payload, before % 2**32)
        if (writer.prod - 1) // RING_SIZE * RING_SIZE >= start:  # the whole lap was written
            assert ring.lap()[-1] == found


def test_parts_of_a_payload() -> None:
    def parts(payload: bytes) -> tuple[bytes, ...]:
        return VbsMessage(0, 99, 1, 0, 0, payload).parts

    assert parts(b"") == ()
    assert parts(b"a/b\0") == (b"a/b",)
    assert parts(b"a/b\0value\0") == (b"a/b", b"value")
    assert parts(b"a/b\0\0") == (b"a/b", b"")
    assert parts(b"open") == (b"open",)
    assert VbsMessage(0, 99, 1, 0, 0, b"").kind is None


def test_lap_starts_at_the_start_of_the_buffer() -> None:
    writer = RingWriter(0)
    for number in range(20):
        writer.put(message(VbsType.READ, bytes(64), number))
    ring = decode_page(page(bytes(writer.data), writer.prod, writer.prod)).req
    assert ring.pending() == ()
    assert [found.id for found in ring.lap()] == [10 * (20 // 10 - 1) + n for n in range(10)]


@pytest.mark.parametrize(("ring", "cons", "prod"), [
    (b"", 0, 1032), (b"", 8, 0), (b"", 0, 8), (b"", 3, 40), (b"", 1021, 1100),
    (message(0, b"a\0"), 0, 8), (message(0, b"a\0"), 0, 64),
    (struct.pack("<I", WRAP), 0, 8), (struct.pack("<6IQ", MSG_REVISION, 0, 2**32 - 1, 0, 0, 0, 0), 0, 40),
])
def test_hostile_rings(ring: bytes, cons: int, prod: int) -> None:
    with pytest.raises(AbiError):
        decode_page(page(ring, cons, prod)).req.pending()


@given(st.binary(max_size=PAGE_BYTES), U32, U32)
def test_random_pages_raise_abi_error_only(data: bytes, cons: int, prod: int) -> None:
    whole = decode_page(page(data[:RING_SIZE], cons, prod))
    for decode in (whole.req.pending, whole.req.lap, whole.rsp.pending, whole.rsp.lap):
        with suppress(AbiError):
            assert sum(msg_space(len(found.payload)) for found in decode()) <= RING_SIZE


@given(st.binary(max_size=5000))
def test_random_bytes_raise_abi_error_only(data: bytes) -> None:
    for decode in (decode_page, decode_avz_shared, vdummy_ring, lambda d: decode_message(d, 3),
                   lambda d: decode_message(d, 0, HeaderFormat.UPSTREAM64),
                   lambda d: decode_message(d, 0, HeaderFormat.UPSTREAM32), lambda d: decode_message(d, -1)):
        with suppress(AbiError):
            assert decode(data) is not None


def test_upstream_headers() -> None:
    assert HeaderFormat.UPSTREAM64.layout.size == 56
    assert HeaderFormat.UPSTREAM32.layout.size == 36
    wide = struct.pack("<3Q4I2Q", 1, 2, 0xFFFF000012345678, 6, 4, 7, 3, 8, 9) + b"a\x001\0"
    assert decode_message(wide, 0, HeaderFormat.UPSTREAM64) == VbsMessage(
        0, 6, 7, 3, 0xFFFF000012345678, b"a\x001\0")
    narrow = b"....." + struct.pack("<3I4I2I", 1, 2, 0xC0123456, 2, 2, 9, 0, 8, 9) + b"a\0"
    assert decode_message(narrow, 5, HeaderFormat.UPSTREAM32) == VbsMessage(5, 2, 9, 0, 0xC0123456, b"a\0")
    with pytest.raises(AbiError):
        decode_message(wide[:-1], 0, HeaderFormat.UPSTREAM64)


def test_ring_view() -> None:
    data = bytearray(4096)
    data[:16] = struct.pack("<4I", 0xFFFFFFFF, 2, 3, 4)
    data[56 + 31 * 64:56 + 32 * 64] = bytes(range(64))
    view = vdummy_ring(bytes(data) + b"more")
    assert view.entries == 32
    assert str(view.indices) == "req_prod=4294967295 req_cons=2 rsp_prod=3 rsp_cons=4"
    assert view.request(0xFFFFFFFF) == bytes(range(32))
    assert view.response(31) == bytes(range(32, 64)) == view.response(-1)
    assert RingView(bytes(4096), 1, 1).entries == 1024
    for sizes in ((0, 1), (1, 0), (-1, 4), (4040, 1)):
        with pytest.raises(AbiError):
            entry_count(*sizes)


@given(st.integers(1, 4039), st.integers(1, 4039))
def test_entry_count_is_the_largest_power_of_two(req: int, rsp: int) -> None:
    if req + rsp > 4040:
        return
    entries = entry_count(req, rsp)
    assert entries & entries - 1 == 0
    assert entries * (req + rsp) <= 4040 < 2 * entries * (req + rsp)


def test_shared_page() -> None:
    data = struct.pack("<8I4I4IIIIi2QQII", SIGNATURE, 1, 3, 1, 2, 0, 0, 0, 1 << 5, 0, 0, 1 << 31, 2, 0, 0, 0,
                       6, 4, 5, -16, 7, 8, 9, 1, 0)
    shared = decode_avz_shared(data)
    assert (shared.revision, shared.domid, shared.vbstore_evtchn) == (1, 3, 1)
    assert (sorted(shared.to_agency), sorted(shared.to_me)) == ([5, 127], [1])
    assert (shared.dc_to_agency, shared.dc_to_me, shared.dc_refused) == (6, 4, 1)
    assert (shared.hypercall_err, shared.hypercall_arg, shared.hypercall_ret) == (-16, (7, 8), 9)
    with pytest.raises(AbiError, match="signature"):
        decode_avz_shared(bytes(112))


def test_layout_refuses_an_unknown_format() -> None:
    with pytest.raises(ValueError, match="no format"):
        Layout("odd", (("field", "f"),))


def test_state_text() -> None:
    assert [state_text(value) for value in (None, 2, 17)] == ["absent", "InitWait(2)", "no state(17)"]
    assert VbusState.CONNECTED.label == "Connected"
