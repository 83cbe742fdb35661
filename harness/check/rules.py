# SPDX-License-Identifier: GPL-2.0-only
"""Every rule that a violation can name, and what it demands."""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "state.be_initwait_skipped": "a backend is in InitWait before it is Connected",
    "state.fe_connected_before_be": "a frontend is Connected only after its backend",
    "state.illegal_transition": "a state is reached by an arrow of the protocol, in its order with the peer",
    "state.rewritten": "a state is written once per change",
    "state.wrong_writer": "the ME makes both states; then each side writes its own",
    "store.be_entry_disabled": "backend/<type> exists only if the agency's tree enables that backend",
    "store.ring_ref_late": "ring-ref and ring-evtchn are written before Initialised and Reconfigured",
    "store.no_parent": "a key is made under an existing parent",
    "store.foreign_write": "an ME changes only device/<d>, backend/*/<d> and soo/me/<d>",
    "store.entries_left": "a domain that is gone has no entries",
    "ring.response_lost": "each request gets its response",
    "ring.response_order": "responses come in the order of the requests",
    "ring.payload": "a response has the bytes of its request",
    "ring.index_before_data": "rsp_prod covers a slot only once the response is in it",
    "ring.no_overrun": "no index runs past what the ring holds, or back",
    "ring.moved_before_connected": "no index moves before both sides are Connected",
    "link.stalled": "a handshake that has begun makes progress",
    "grant.leaked": "a domain that is gone has no grants",
    "evtchn.leaked": "a domain that is gone has no event channels",
    "tree.differs": "a guest runs with the device tree that was built for it",
    "view.disagrees": "two ways to look at the same thing show the same",
    "console.panic": "no kernel panics",
    "console.oops": "no kernel oopses",
    "console.bug": "no kernel reports a BUG",
    "console.hung_task": "no task hangs",
    "console.rcu_stall": "no CPU stalls RCU",
    "console.second_boot": "no system reboots unasked",
    "console.lockup": "no CPU locks up",
}
