# SPDX-License-Identifier: GPL-2.0-only
"""Grants of all domains."""

from __future__ import annotations

from dataclasses import dataclass

from harness.abi.gnttab import GNTTAB_INVALID_REF, GNTTAB_MAX, GnttabState


@dataclass(frozen=True, slots=True)
class Grant:
    """A frame that a domain lets the agency map."""

    dom: int
    ref: int
    state: GnttabState
    frame: int | None = None
    phys: int | None = None


class GrantTable:
    """Follows grants. Each step returns whether a correct table would have allowed it."""

    def __init__(self) -> None:
        self._grants: dict[tuple[int, int], Grant] = {}

    def grant(self, dom: int, ref: int, frame: int | None = None) -> bool:
        """A domain grants a frame under a free reference."""
        legal = GNTTAB_INVALID_REF < ref < GNTTAB_MAX and (dom, ref) not in self._grants
        self._grants[dom, ref] = Grant(dom, ref, GnttabState.GRANTED, frame)
        return legal

    def map(self, dom: int, ref: int, phys: int | None = None) -> bool:
        """The agency maps a granted frame."""
        before = self._grants.get((dom, ref))
        self._grants[dom, ref] = Grant(dom, ref, GnttabState.MAPPED, before.frame if before else None, phys)
        return before is not None and before.state is GnttabState.GRANTED

    def unmap(self, dom: int, ref: int) -> bool:
        """The agency gives a mapped frame back."""
        before = self._grants.get((dom, ref))
        if before is None:
            return False
        self._grants[dom, ref] = Grant(dom, ref, GnttabState.GRANTED, before.frame)
        return before.state is GnttabState.MAPPED

    def revoke(self, dom: int, ref: int) -> bool:
        """The domain ends a grant that is not mapped."""
        before = self._grants.pop((dom, ref), None)
        return before is not None and before.state is GnttabState.GRANTED

    def find(self, dom: int, ref: int) -> Grant | None:
        """The grant under that reference."""
        return self._grants.get((dom, ref))

    def of(self, dom: int) -> tuple[Grant, ...]:
        """All grants of a domain, by reference."""
        return tuple(self._grants[key] for key in sorted(self._grants) if key[0] == dom)

    def drop(self, dom: int) -> None:
        """Forget all grants of a domain: its number may be used again."""
        self._grants = {key: grant for key, grant in self._grants.items() if key[0] != dom}
