# SPDX-License-Identifier: GPL-2.0-only
"""Grants, channels, domains, links: what a correct table allows, and what it is left with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.abi.evtchn import EvtchnState
from harness.abi.gnttab import GnttabState
from harness.abi.soo import MeState
from harness.abi.vbus import VbusState
from harness.model.channels import Channel, ChannelTable
from harness.model.device import Side, arrow_legal, may_write, next_states, peer_needed
from harness.model.domains import Domains
from harness.model.grants import GrantTable
from harness.model.link import LinkKey, parse_entry
from harness.model.world import state_value


def test_life_of_a_grant() -> None:
    table = GrantTable()
    assert table.grant(2, 1, 0x41234)
    assert not table.grant(2, 1, 0x41234)
    assert not table.grant(2, 0)
    assert not table.grant(2, 64)
    assert table.map(2, 1, 0x5A000000)
    assert not table.map(2, 1)
    assert not table.map(2, 9)
    found = table.find(2, 1)
    assert found is not None
    assert (found.state, found.frame) == (GnttabState.MAPPED, 0x41234)
    assert table.unmap(2, 1)
    assert not table.unmap(2, 1)
    assert not table.unmap(2, 30)
    assert table.revoke(2, 1)
    assert not table.revoke(2, 1)


def test_revoking_what_is_mapped_is_wrong_and_a_domain_is_dropped_alone() -> None:
    table = GrantTable()
    for dom in (2, 3):
        table.grant(dom, 1)
        table.map(dom, 1)
    assert not table.revoke(2, 1)
    table.drop(2)
    assert table.of(2) == ()
    assert [grant.ref for grant in table.of(3)] == [1]


def test_life_of_a_channel() -> None:
    table = ChannelTable()
    assert table.alloc(2, 1, 0)
    assert not table.alloc(2, 1, 0)
    assert not table.alloc(2, 0, 0)
    assert table.bind(0, 4, 2, 1)
    assert not table.bind(0, 5, 2, 1)
    assert not table.bind(0, 6, 2, 9)
    assert table.bind(0, 7)
    table = ChannelTable()
    table.alloc(2, 1, 0)
    table.bind(0, 4, 2, 1)
    assert table.find(2, 1) == Channel(2, 1, EvtchnState.INTERDOMAIN, 0, 4)
    assert table.close(0, 4)
    assert table.find(2, 1) == Channel(2, 1, EvtchnState.UNBOUND, 0, None)
    assert table.close(2, 1)
    assert not table.close(2, 1)
    assert table.touching(2) == ()


def test_the_bound_end_outlives_the_other_and_is_still_its() -> None:
    table = ChannelTable()
    table.alloc(2, 1, 0)
    table.bind(0, 4, 2, 1)
    table.close(2, 1)
    assert [(channel.dom, channel.state) for channel in table.touching(2)] == [(0, EvtchnState.RESERVED)]
    table.drop(2)
    assert table.touching(2) == ()


def test_domains() -> None:
    domains = Domains()
    domains.create(3)
    domains.start(3)
    domains.set_state(2, MeState.KILLED)
    assert [(domain.dom, domain.started, domain.dying) for domain in domains.all()] == [
        (2, False, True), (3, True, False)]
    domains.destroy(2)
    domains.destroy(2)
    assert domains.find(2) is None


def test_paths_of_links() -> None:
    key = LinkKey("vdummy", 2, 1)
    assert str(key) == "vdummy/2/1"
    for side in Side:
        assert parse_entry(f"/{key.path(side)}/ring/ref") == (key, side, "ring/ref")
        assert parse_entry(key.path(side)) == (key, side, "")
        assert side.peer.peer is side
    for path in ("", "backend/vdummy/2", "backend/vdummy/x/0", "device/2/vdummy/-1", "soo/me/2/name",
                 "device/٢/vdummy/0", "device/9999999/vdummy/0"):
        assert parse_entry(path) is None


@given(st.text(alphabet="0123456789-+ x٢", max_size=6))
def test_state_values(text: str) -> None:
    value = state_value(text)
    assert value == -1 or str(value) == text.lstrip("0") or value == 0
    assert state_value(None) == -1


ARROWS = {
    Side.BE: {(1, 2), (2, 4), (1, 7), (7, 4), (4, 9), (9, 10), (10, 11), (11, 4), (4, 6)},
    Side.FE: {(1, 3), (3, 4), (4, 10), (10, 4), (10, 8), (8, 4), (4, 5)},
}


def test_arrows_are_those_of_the_protocol_and_contexts_add_few() -> None:
    for side, arrows in ARROWS.items():
        pairs = [(old, new) for old in range(12) for new in range(12)]
        assert {pair for pair in pairs if arrow_legal(side, *pair)} == arrows
        assert {(old, int(new)) for old in range(12) for new in next_states(side, old)} == arrows
        error = {pair for pair in pairs if arrow_legal(side, *pair, error=True)} - arrows
        closed = {(old, 6) for old in range(12)} if side is Side.BE else set()
        assert error == ({(old, 5) for old in range(12)} | closed) - arrows
        killed = {pair for pair in pairs if arrow_legal(side, *pair, killed=True)} - arrows
        assert killed == ({(old, 6) for old in range(12)} - arrows if side is Side.BE else set())


def test_who_writes_and_what_the_peer_is_in() -> None:
    assert may_write(Side.BE, 2, 2, creating=True)
    assert not may_write(Side.BE, 2, 0, creating=True)
    assert may_write(Side.BE, 2, 0, creating=False)
    assert not may_write(Side.BE, 2, 2, creating=False)
    assert may_write(Side.FE, 2, 2, creating=False)
    assert not may_write(Side.FE, 2, 3, creating=False)
    assert peer_needed(Side.FE, 1, 3) is VbusState.INITWAIT
    assert peer_needed(Side.FE, 4, 5) is None
