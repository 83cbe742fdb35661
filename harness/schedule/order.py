# SPDX-License-Identifier: GPL-2.0-only
"""In which order scenarios run, and which shard has which: the same data give the same answer anywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import UsageError


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several runs that share the scenarios: the first is 1 of `count`."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From ``i/n``.

        :raise UsageError: it is not of that form, or there is no such shard
        """
        found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise UsageError(f"'{text}' is no shard", where="--shard", hint="1/3 is the first of three")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


def longest_first(keys: Sequence[str], seconds: Mapping[str, float]) -> list[int]:
    """Places in `keys`, in the order of running: unknown ones by name, then the longest first.

    Unknown ones come first because one of them may be the longest of all.
    """
    return sorted(range(len(keys)), key=lambda at: (
        keys[at] in seconds, -seconds.get(keys[at], 0.0), keys[at], at))


def shard_of(keys: Sequence[str], seconds: Mapping[str, float], count: int) -> list[int]:
    """The shard of each key, from 1.

    Known ones go, the longest first, to the shard that has least so far; unknown ones by their hash.
    """
    load = [0.0] * count
    shards = [0] * len(keys)
    for at in longest_first(keys, seconds):
        if keys[at] in seconds:
            least = min(range(count), key=load.__getitem__)
            load[least] += seconds[keys[at]]
        else:
            least = int.from_bytes(hashlib.sha256(keys[at].encode()).digest()[:8], "big") % count
        shards[at] = least + 1
    return shards


def fingerprint(keys: Sequence[str], seconds: Mapping[str, float]) -> str:
    """What a split was made from, in short: shards that differ in it do not fit together."""
    lines = [f"{key} {seconds.get(key)}" for key in sorted(keys)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
