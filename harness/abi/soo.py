# SPDX-License-Identifier: GPL-2.0-only
"""soo.h: domains, ME states, direct-communication events and the shared page of an ME."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from harness.abi.codec import AbiError, Layout

SIGNATURE = 0x5A6F6F53
"""`SooZ` in memory order."""
ABI_REVISION = 1

DOMID_AGENCY = 0
DOMID_AGENCY_RT = 1
DOMID_ME_FIRST = 2
DOMID_ME_LAST = 6
MAX_DOMAINS = 7
MAX_ME = 5

SPID_LEN = 16
"""Hexadecimal digits of an SPID."""
ME_NAME_SIZE = 40
ME_SHORTDESC_SIZE = 1024

AVZ_DOORBELL = 0x000
AVZ_HYPERCALL = 0x008
AVZ_CONSOLE = 0x010
AVZ_TEXT_LEN_SHIFT = 48
AVZ_TEXT_MAX = 0xFFFF
AVZ_KEYS_MAX = 7
AVZ_WINDOW_SIZE = 0x1000
EVTCHN_WORDS = 4


class MeState(IntEnum):
    """State of an ME."""

    BOOTING = 0
    LIVING = 1
    SUSPENDED = 2
    HIBERNATE = 3
    RESUMING = 4
    AWAKENED = 5
    KILLED = 6
    TERMINATED = 7
    DEAD = 8


class DcEvent(IntEnum):
    """Direct-communication event; synchronous, the receiver clears the word when it has acted."""

    NO_EVENT = 0
    PRE_SUSPEND = 1
    SUSPEND = 2
    RESUME = 3
    FORCE_TERMINATE = 4
    POST_ACTIVATE = 5
    TRIGGER_DEV_PROBE = 6
    TRIGGER_LOCAL_COOPERATION = 7


class AvzOp(IntEnum):
    """Hypercall of an ME."""

    EVTCHN_ALLOC_UNBOUND = 1
    EVTCHN_CLOSE = 2
    GNTTAB_GRANT = 3
    GNTTAB_REVOKE = 4
    ME_STATE = 5


AVZ_SHARED = Layout("avz_shared", (
    ("signature", "I"),
    ("revision", "I"),
    ("domid", "I"),
    ("vbstore_evtchn", "I"),
    ("vbstore_revmask", "I"),
    ("pad0", "3I"),
    ("evtchn_to_agency", "4I"),
    ("evtchn_to_me", "4I"),
    ("dc_to_agency", "I"),
    ("dc_to_me", "I"),
    ("hypercall_op", "I"),
    ("hypercall_err", "i"),
    ("hypercall_arg", "2Q"),
    ("hypercall_ret", "Q"),
    ("dc_refused", "I"),
    ("incarnation", "I"),
))


@dataclass(frozen=True, slots=True)
class AvzShared:
    """The shared page of an ME as it was read; bits of event channels as sets of numbers."""

    revision: int
    domid: int
    vbstore_evtchn: int
    vbstore_revmask: int
    to_agency: frozenset[int]
    to_me: frozenset[int]
    dc_to_agency: int
    dc_to_me: int
    dc_refused: int
    incarnation: int
    hypercall_op: int
    hypercall_err: int
    hypercall_arg: tuple[int, ...]
    hypercall_ret: int


def decode_avz_shared(data: bytes) -> AvzShared:
    """The shared page that starts `data`.

    :raise AbiError: too short, or no signature there
    """
    number = AVZ_SHARED.numbers(data)
    if number["signature"] != SIGNATURE:
        raise AbiError(f"signature is {number['signature']:#x}, not {SIGNATURE:#x}", where="avz_shared")
    field = AVZ_SHARED.unpack(data)
    return AvzShared(
        revision=number["revision"], domid=number["domid"], vbstore_evtchn=number["vbstore_evtchn"],
        vbstore_revmask=number["vbstore_revmask"],
        to_agency=_bits(field["evtchn_to_agency"]), to_me=_bits(field["evtchn_to_me"]),
        dc_to_agency=number["dc_to_agency"], dc_to_me=number["dc_to_me"], dc_refused=number["dc_refused"],
        incarnation=number["incarnation"],
        hypercall_op=number["hypercall_op"], hypercall_err=number["hypercall_err"],
        hypercall_arg=_words(field["hypercall_arg"]), hypercall_ret=number["hypercall_ret"])


def _words(value: object) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else ()


def _bits(value: object) -> frozenset[int]:
    words = _words(value)
    return frozenset(32 * i + bit for i, word in enumerate(words) for bit in range(32) if word >> bit & 1)
