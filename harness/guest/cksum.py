# SPDX-License-Identifier: GPL-2.0-only
"""The checksum of POSIX `cksum`: the only one that every busybox has and that also counts bytes."""

from __future__ import annotations

_POLYNOMIAL = 0x04C11DB7


def _table() -> tuple[int, ...]:
    rows = []
    for index in range(256):
        crc = index << 24
        for _ in range(8):
            crc = ((crc << 1) ^ _POLYNOMIAL if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        rows.append(crc)
    return tuple(rows)


_TABLE = _table()


def cksum(data: bytes) -> int:
    """CRC of `data` as `cksum` prints it: most significant bit first, the length appended, inverted."""
    length = len(data)
    size = length.to_bytes((length.bit_length() + 7) // 8, "little")
    crc = 0
    for byte in data + size:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ _TABLE[(crc >> 24) ^ byte]
    return crc ^ 0xFFFFFFFF
