# SPDX-License-Identifier: GPL-2.0-only
"""Event channels of all domains."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.abi.evtchn import EVTCHN_MAX, EvtchnState


@dataclass(frozen=True, slots=True)
class Channel:
    """One end of a channel.

    :ivar rdom: the domain at the other end, or the one that may bind to it
    :ivar rport: None while nobody is bound
    :ivar bound: this end was made by binding, the other one by allocation
    """

    dom: int
    port: int
    state: EvtchnState
    rdom: int | None = None
    rport: int | None = None
    bound: bool = False


class ChannelTable:
    """Follows channels. Each step returns whether a correct table would have allowed it."""

    def __init__(self) -> None:
        self._channels: dict[tuple[int, int], Channel] = {}

    def alloc(self, dom: int, port: int, rdom: int | None = None) -> bool:
        """A domain gets a channel that `rdom` may bind to."""
        legal = 0 < port < EVTCHN_MAX and (dom, port) not in self._channels
        self._channels[dom, port] = Channel(dom, port, EvtchnState.UNBOUND, rdom)
        return legal

    def bind(self, dom: int, port: int, rdom: int | None = None, rport: int | None = None) -> bool:
        """A domain binds its new `port` to the unbound (rdom, rport)."""
        legal = 0 < port < EVTCHN_MAX and (dom, port) not in self._channels
        self._channels[dom, port] = Channel(dom, port, EvtchnState.INTERDOMAIN, rdom, rport, bound=True)
        if rdom is None or rport is None:
            return legal
        other = self._channels.get((rdom, rport))
        if other is None or other.state is not EvtchnState.UNBOUND:
            return False
        self._channels[rdom, rport] = replace(other, state=EvtchnState.INTERDOMAIN, rdom=dom, rport=port)
        return legal and other.rdom in (None, dom)

    def close(self, dom: int, port: int) -> bool:
        """A domain closes its end.

        The other end is unbound again if it was allocated; a bound one is reserved until it is closed.
        """
        gone = self._channels.pop((dom, port), None)
        if gone is None:
            return False
        if gone.rdom is not None and gone.rport is not None:
            other = self._channels.get((gone.rdom, gone.rport))
            if other is not None and (other.rdom, other.rport) == (dom, port):
                state = EvtchnState.RESERVED if other.bound else EvtchnState.UNBOUND
                self._channels[other.dom, other.port] = replace(other, state=state, rport=None)
        return True

    def find(self, dom: int, port: int) -> Channel | None:
        """That end."""
        return self._channels.get((dom, port))

    def touching(self, dom: int) -> tuple[Channel, ...]:
        """Ends that a domain has, and other domains' ends that are for it, sorted."""
        return tuple(channel for _, channel in sorted(self._channels.items())
                     if dom in (channel.dom, channel.rdom))

    def drop(self, dom: int) -> None:
        """Forget the ends of a domain and those bound to it: its number may be used again."""
        for channel in self.touching(dom):
            del self._channels[channel.dom, channel.port]
