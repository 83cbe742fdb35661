# SPDX-License-Identifier: GPL-2.0-only
"""vbstore.h: the message page between an ME and the store, ours and upstream's header."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from harness.abi.codec import U32_MASK, AbiError, Layout, check_page

RING_SIZE = 1024
ALIGN = 8
MSG_REVISION = 0x56420001
WRAP = 0xFFFFFFFF
VALUE_SIZE = 640
PAGE_BYTES = 2076
"""sizeof(struct vbs_page), with the padding at its end."""


class VbsType(IntEnum):
    """Type of a message; ERROR is ours, the order of the others is upstream's."""

    DIRECTORY = 0
    DIRECTORY_EXISTS = 1
    READ = 2
    WATCH = 3
    UNWATCH = 4
    TRANSACTION_END = 5
    WRITE = 6
    MKDIR = 7
    RM = 8
    WATCH_EVENT = 9
    ERROR = 10


VBS_MSG_HEADER = Layout("vbs_msg_header", (
    ("revision", "I"),
    ("type", "I"),
    ("len", "I"),
    ("id", "I"),
    ("transaction_id", "I"),
    ("reserved", "I"),
    ("cookie", "Q"),
))


def _upstream_layout(name: str, pointer: str) -> Layout:
    # List links and pointers belong to one side's address space; only `completion` is returned as sent.
    return Layout(name, (
        ("next", pointer), ("prev", pointer), ("cookie", pointer),
        ("type", "I"), ("len", "I"), ("id", "I"), ("transaction_id", "I"),
        ("reply", pointer), ("payload", pointer)))


class HeaderFormat(Enum):
    """Who wrote the page: the reference guests, or upstream's with 64-bit or 32-bit pointers."""

    REFERENCE = VBS_MSG_HEADER
    UPSTREAM64 = _upstream_layout("upstream_msg_header_64", "Q")
    UPSTREAM32 = _upstream_layout("upstream_msg_header_32", "I")

    @property
    def layout(self) -> Layout:
        """Fields of the header."""
        return self.value


MAX_PAYLOAD = RING_SIZE - VBS_MSG_HEADER.size

VBS_PAGE = Layout("vbs_page", (
    ("req", f"{RING_SIZE}s"),
    ("rsp", f"{RING_SIZE}s"),
    ("req_cons", "I"),
    ("req_prod", "I"),
    ("req_pvt", "I"),
    ("rsp_cons", "I"),
    ("rsp_prod", "I"),
    ("rsp_pvt", "I"),
    ("domid", "H"),
))


@dataclass(frozen=True, slots=True)
class VbsMessage:
    """One message.

    :ivar index: free-running ring index of its header (reference format), or its offset
    :ivar type: as it was there, see `kind`
    :ivar cookie: the client's word, returned as sent; upstream: the waiter's completion
    """

    index: int
    type: int
    id: int
    transaction_id: int
    cookie: int
    payload: bytes

    @property
    def kind(self) -> VbsType | None:
        """The type by name; None if there is none of that number."""
        try:
            return VbsType(self.type)
        except ValueError:
            return None

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The payload cut at its NULs: path, then value; a last part without a NUL counts too."""
        if not self.payload:
            return ()
        body = self.payload[:-1] if self.payload.endswith(b"\0") else self.payload
        return tuple(body.split(b"\0"))


def msg_space(length: int) -> int:
    """Bytes in the ring of a message with a payload of `length` bytes (reference format)."""
    return VBS_MSG_HEADER.size + length + ALIGN - 1 & ~(ALIGN - 1)


def decode_message(data: bytes, offset: int, header: HeaderFormat = HeaderFormat.REFERENCE) -> VbsMessage:
    """The message at `offset` of the bytes of one ring.

    :raise AbiError: it passes the end of `data`, or its revision is unknown
    """
    field = header.layout.numbers(data, offset)
    where = f"offset {offset}"
    if header is HeaderFormat.REFERENCE and field["revision"] != MSG_REVISION:
        raise AbiError(f"message revision is {field['revision']:#x}, not {MSG_REVISION:#x}", where=where)
    start = offset + header.layout.size
    if field["len"] > len(data) - start:
        raise AbiError(f"payload of {field['len']} bytes passes the end of the ring", where=where)
    payload = bytes(data[start:start + field["len"]])
    return VbsMessage(offset, field["type"], field["id"], field["transaction_id"], field["cookie"], payload)


@dataclass(frozen=True, slots=True)
class VbsRing:
    """One direction of the page: its bytes and free-running indices."""

    name: str
    data: bytes
    cons: int
    prod: int
    pvt: int

    def pending(self) -> tuple[VbsMessage, ...]:
        """Messages that are published and not yet consumed.

        :raise AbiError: impossible indices, or bytes between them that are no messages
        """
        waiting = self.prod - self.cons & U32_MASK
        if waiting > RING_SIZE:
            raise AbiError(f"prod {self.prod} is {waiting} bytes ahead of cons {self.cons}", where=self.name)
        return self._between(self.cons, waiting)

    def lap(self) -> tuple[VbsMessage, ...]:
        """Messages from the last start of the buffer up to prod, consumed or not, oldest first.

        :raise AbiError: bytes that are no messages
        """
        behind = self.prod % RING_SIZE
        if behind == 0 and self.prod != 0:
            behind = RING_SIZE
        return self._between(self.prod - behind & U32_MASK, behind)

    def _between(self, start: int, length: int) -> tuple[VbsMessage, ...]:
        found: list[VbsMessage] = []
        done = 0
        while done < length:
            index = start + done & U32_MASK
            offset = index % RING_SIZE
            if self._word(offset) == WRAP:
                done += RING_SIZE - offset
                continue
            message = decode_message(self.data, offset)
            found.append(VbsMessage(index, message.type, message.id, message.transaction_id,
                                    message.cookie, message.payload))
            done += msg_space(len(message.payload))
        if done != length:
            raise AbiError(f"a message or wrap passes prod {self.prod} by {done - length} bytes",
                           where=self.name)
        return tuple(found)

    def _word(self, offset: int) -> int:
        if offset + 4 > len(self.data):
            raise AbiError(f"index points {offset} bytes into the ring, not aligned", where=self.name)
        return int.from_bytes(self.data[offset:offset + 4], "little")


@dataclass(frozen=True, slots=True)
class VbsPage:
    """The message page: requests of the ME, answers and watch events for it, the ME's domain."""

    req: VbsRing
    rsp: VbsRing
    domid: int


def decode_page(data: bytes) -> VbsPage:
    """The page that starts `data`; its messages are decoded on demand.

    :raise AbiError: too short
    """
    page = check_page("vbs_page", data, PAGE_BYTES)
    number = VBS_PAGE.numbers(page)
    req = VbsRing("req", page[:RING_SIZE], number["req_cons"], number["req_prod"], number["req_pvt"])
    rsp = VbsRing("rsp", page[RING_SIZE:2 * RING_SIZE], number["rsp_cons"], number["rsp_prod"],
                  number["rsp_pvt"])
    return VbsPage(req, rsp, number["domid"])
