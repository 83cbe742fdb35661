# SPDX-License-Identifier: GPL-2.0-only
"""All sizes, offsets and constants of this folder as one table, to be compared with the headers."""

from __future__ import annotations

from enum import IntEnum

from harness.abi import (
    codec,
    core,
    evtchn,
    gnttab,
    limits,
    ring,
    snapshot,
    soo,
    vbstore,
    vbus,
    vdummy,
    vuart,
    where,
)
from harness.abi.codec import Layout

STRUCTURES: tuple[Layout, ...] = (
    core.SOO_DOMAIN_CREATE, core.SOO_ME_DESC, core.SOO_ME_REQUEST,
    ring.RING_PAGE, snapshot.SNAPSHOT_HEADER, snapshot.SNAPSHOT_REG, snapshot.SNAPSHOT_GIC,
    snapshot.SNAPSHOT_PAGE, soo.AVZ_SHARED, vbstore.VBS_MSG_HEADER, vbstore.VBS_PAGE,
    vdummy.VDUMMY_REQUEST, vdummy.VDUMMY_RESPONSE, vuart.VUART_REQUEST, vuart.VUART_RESPONSE,
    where.ME_WHERE,
)

ENUMERATIONS: dict[str, type[IntEnum]] = {
    "AVZ_": soo.AvzOp,
    "DC_": soo.DcEvent,
    "EVTCHN_": evtchn.EvtchnState,
    "GNTTAB_": gnttab.GnttabState,
    "ME_STATE_": soo.MeState,
    "VBS_": vbstore.VbsType,
    "VBUS_": vbus.VbusState,
}

_CONSTANTS: dict[str, int] = {
    "ABI_PAGE_SIZE": codec.PAGE_SIZE,
    "AVZ_DOORBELL": soo.AVZ_DOORBELL,
    "AVZ_HYPERCALL": soo.AVZ_HYPERCALL,
    "AVZ_CONSOLE": soo.AVZ_CONSOLE,
    "AVZ_TEXT_LEN_SHIFT": soo.AVZ_TEXT_LEN_SHIFT,
    "AVZ_TEXT_MAX": soo.AVZ_TEXT_MAX,
    "AVZ_KEYS_MAX": soo.AVZ_KEYS_MAX,
    "AVZ_WINDOW_SIZE": soo.AVZ_WINDOW_SIZE,
    "DOMID_AGENCY": soo.DOMID_AGENCY,
    "DOMID_AGENCY_RT": soo.DOMID_AGENCY_RT,
    "DOMID_ME_FIRST": soo.DOMID_ME_FIRST,
    "DOMID_ME_LAST": soo.DOMID_ME_LAST,
    "EVTCHN_MAX": evtchn.EVTCHN_MAX,
    "EVTCHN_WORDS": soo.EVTCHN_WORDS,
    "GNTTAB_INVALID_REF": gnttab.GNTTAB_INVALID_REF,
    "GNTTAB_MAX": gnttab.GNTTAB_MAX,
    "ME_IMAGE_OFFSET": where.IMAGE_OFFSET,
    "ME_IMAGE_WHERE": where.IMAGE_WHERE,
    "ME_WHERE_SIGNATURE": where.SIGNATURE,
    "RING_BROKEN": ring.RING_BROKEN,
    "RING_ENTRIES_OFFSET": ring.ENTRIES_OFFSET,
    "RING_FULL": ring.RING_FULL,
    "SNAPSHOT_CHECKED": snapshot.CHECKED,
    "SNAPSHOT_REVISION": snapshot.REVISION,
    "SNAPSHOT_TYPED_MAX": snapshot.TYPED_MAX,
    "SOO_ABI_REVISION": soo.ABI_REVISION,
    "SOO_HYPERCALL_END": core.HYPERCALL_END,
    "SOO_MAX_DOMAINS": soo.MAX_DOMAINS,
    "SOO_MAX_NODES": limits.MAX_NODES,
    "SOO_MAX_REFUSALS": limits.MAX_REFUSALS,
    "SOO_MAX_STORE_BYTES": limits.MAX_STORE_BYTES,
    "SOO_MAX_WATCHES": limits.MAX_WATCHES,
    "SOO_RATE_CHANGES": limits.RATE_CHANGES,
    "SOO_RATE_DC_EVENTS": limits.RATE_DC_EVENTS,
    "SOO_RATE_DOORBELLS": limits.RATE_DOORBELLS,
    "SOO_RATE_MESSAGES": limits.RATE_MESSAGES,
    "SOO_RATE_WINDOW_MS": limits.RATE_WINDOW_MS,
    "SOO_REFUSALS_FORGIVEN": limits.REFUSALS_FORGIVEN,
    "SOO_REFUSALS_TOLD": limits.REFUSALS_TOLD,
    "SOO_MAX_ME": soo.MAX_ME,
    "SOO_ME_NAME_SIZE": soo.ME_NAME_SIZE,
    "SOO_ME_SHORTDESC_SIZE": soo.ME_SHORTDESC_SIZE,
    "SOO_SIGNATURE": soo.SIGNATURE,
    "SOO_SPID_LEN": soo.SPID_LEN,
    "VBS_ALIGN": vbstore.ALIGN,
    "VBS_MSG_MAX_PAYLOAD": vbstore.MAX_PAYLOAD,
    "VBS_MSG_REVISION": vbstore.MSG_REVISION,
    "VBS_PATH_SIZE": vbus.PATH_SIZE,
    "VBS_RING_SIZE": vbstore.RING_SIZE,
    "VBS_VALUE_SIZE": vbstore.VALUE_SIZE,
    "VBS_WRAP": vbstore.WRAP,
    "VBUS_DEV_TYPE_SIZE": vbus.DEV_TYPE_SIZE,
    "VBUS_STATE_COUNT": len(vbus.VbusState),
    "VDUMMY_PACKET_SIZE": vdummy.PACKET_SIZE,
    "VUART_ENTRIES": vuart.ENTRIES,
}


def sizes() -> dict[str, int]:
    """Bytes of each structure; a C compiler may pad the last field, as it does for vbs_page."""
    found = {layout.name: layout.size for layout in STRUCTURES}
    found[vbstore.VBS_PAGE.name] = vbstore.PAGE_BYTES
    return found


def offsets() -> dict[str, int]:
    """Bytes from the start of the structure, by `structure.field`."""
    return {f"{layout.name}.{field}": at for layout in STRUCTURES for field, at in layout.offsets.items()}


def constants() -> dict[str, int]:
    """Values of the headers' macros and enumerators."""
    members = {prefix + member.name: int(member)
               for prefix, enumeration in ENUMERATIONS.items() for member in enumeration}
    return {**members, **_CONSTANTS}
