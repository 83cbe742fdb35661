/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * abi_json.c - prints sizes, offsets and constants of the ABI headers as JSON.
 *
 * Built with the host's compiler; a test compares the output with harness/abi. One line a fact, in
 * the order of the headers: who adds a field there adds its line here.
 */
#include <stdbool.h>
#include <stdio.h>

#include "core.h"
#include "evtchn.h"
#include "gnttab.h"
#include "limits.h"
#include "ring.h"
#include "snapshot.h"
#include "soo.h"
#include "vbstore.h"
#include "vbus.h"
#include "vdummy.h"
#include "vuart.h"
#include "where.h"

static bool first;

static void open_group(const char *name, bool is_first)
{
	printf("%s\"%s\": {", is_first ? "{\n" : "\n},\n", name);
	first = true;
}

static void fact(const char *name, long long value)
{
	printf("%s\n\t\"%s\": %lld", first ? "" : ",", name, value);
	first = false;
}

#define SIZE(type)		fact(#type, (long long)sizeof(struct type))
#define OFFSET(type, member)	fact(#type "." #member, (long long)__builtin_offsetof(struct type, member))
#define CONSTANT(name)		fact(#name, (long long)(name))

static void print_sizes(void)
{
	SIZE(soo_domain_create);
	SIZE(soo_me_desc);
	SIZE(soo_me_request);
	SIZE(ring_page);
	SIZE(snapshot_header);
	SIZE(snapshot_reg);
	SIZE(snapshot_gic);
	SIZE(snapshot_page);
	SIZE(avz_shared);
	SIZE(vbs_msg_header);
	SIZE(vbs_page);
	SIZE(vdummy_request);
	SIZE(vdummy_response);
	SIZE(vuart_request);
	SIZE(vuart_response);
	SIZE(me_where);
}

static void print_core_offsets(void)
{
	OFFSET(soo_domain_create, ram);
	OFFSET(soo_domain_create, ram_size);
	OFFSET(soo_domain_create, ram_base);
	OFFSET(soo_domain_create, shared);
	OFFSET(soo_domain_create, spid);
	OFFSET(soo_domain_create, doorbell);
	OFFSET(soo_domain_create, irq);
	OFFSET(soo_domain_create, slot);
	OFFSET(soo_domain_create, incarnation);
	OFFSET(soo_domain_create, name);
	OFFSET(soo_domain_create, shortdesc);
	OFFSET(soo_me_desc, slot);
	OFFSET(soo_me_desc, state);
	OFFSET(soo_me_desc, spid);
	OFFSET(soo_me_desc, pid);
	OFFSET(soo_me_desc, incarnation);
	OFFSET(soo_me_desc, name);
	OFFSET(soo_me_desc, shortdesc);
	OFFSET(soo_me_request, slot);
	OFFSET(soo_me_request, timeout_ms);
}

static void print_shared_offsets(void)
{
	OFFSET(avz_shared, signature);
	OFFSET(avz_shared, revision);
	OFFSET(avz_shared, domid);
	OFFSET(avz_shared, vbstore_evtchn);
	OFFSET(avz_shared, vbstore_revmask);
	OFFSET(avz_shared, pad0);
	OFFSET(avz_shared, evtchn_to_agency);
	OFFSET(avz_shared, evtchn_to_me);
	OFFSET(avz_shared, dc_to_agency);
	OFFSET(avz_shared, dc_to_me);
	OFFSET(avz_shared, hypercall_op);
	OFFSET(avz_shared, hypercall_err);
	OFFSET(avz_shared, hypercall_arg);
	OFFSET(avz_shared, hypercall_ret);
	OFFSET(avz_shared, dc_refused);
	OFFSET(avz_shared, incarnation);
}

static void print_where_offsets(void)
{
	OFFSET(me_where, signature);
	OFFSET(me_where, sp);
	OFFSET(me_where, name);
	OFFSET(me_where, link);
	OFFSET(me_where, state);
	OFFSET(me_where, reserved);
	OFFSET(me_where, threads);
	OFFSET(me_where, current);
}

static void print_snapshot_offsets(void)
{
	OFFSET(snapshot_header, signature);
	OFFSET(snapshot_header, revision);
	OFFSET(snapshot_header, length);
	OFFSET(snapshot_header, crc);
	OFFSET(snapshot_header, header_size);
	OFFSET(snapshot_header, spid);
	OFFSET(snapshot_header, ram_base);
	OFFSET(snapshot_header, ram_size);
	OFFSET(snapshot_header, shared);
	OFFSET(snapshot_header, avz_base);
	OFFSET(snapshot_header, uart_base);
	OFFSET(snapshot_header, gic_dist);
	OFFSET(snapshot_header, gic_redist);
	OFFSET(snapshot_header, avz_spi);
	OFFSET(snapshot_header, uart_spi);
	OFFSET(snapshot_header, incarnation);
	OFFSET(snapshot_header, slot);
	OFFSET(snapshot_header, nr_regs);
	OFFSET(snapshot_header, nr_gic);
	OFFSET(snapshot_header, nr_pages);
	OFFSET(snapshot_header, uart_mask);
	OFFSET(snapshot_header, typed);
	OFFSET(snapshot_header, pad);
	OFFSET(snapshot_header, name);
	OFFSET(snapshot_header, shortdesc);
	OFFSET(snapshot_header, typed_text);
	OFFSET(snapshot_reg, id);
	OFFSET(snapshot_reg, value);
	OFFSET(snapshot_gic, group);
	OFFSET(snapshot_gic, pad);
	OFFSET(snapshot_gic, attr);
	OFFSET(snapshot_gic, value);
	OFFSET(snapshot_page, addr);
	OFFSET(snapshot_page, data);
}

static void print_page_offsets(void)
{
	OFFSET(ring_page, req_prod);
	OFFSET(ring_page, req_cons);
	OFFSET(ring_page, rsp_prod);
	OFFSET(ring_page, rsp_cons);
	OFFSET(ring_page, pad);
	OFFSET(ring_page, entries);
	OFFSET(vbs_msg_header, revision);
	OFFSET(vbs_msg_header, type);
	OFFSET(vbs_msg_header, len);
	OFFSET(vbs_msg_header, id);
	OFFSET(vbs_msg_header, transaction_id);
	OFFSET(vbs_msg_header, reserved);
	OFFSET(vbs_msg_header, cookie);
	OFFSET(vbs_page, req);
	OFFSET(vbs_page, rsp);
	OFFSET(vbs_page, req_cons);
	OFFSET(vbs_page, req_prod);
	OFFSET(vbs_page, req_pvt);
	OFFSET(vbs_page, rsp_cons);
	OFFSET(vbs_page, rsp_prod);
	OFFSET(vbs_page, rsp_pvt);
	OFFSET(vbs_page, domid);
	OFFSET(vdummy_request, buffer);
	OFFSET(vdummy_response, buffer);
	OFFSET(vuart_request, c);
	OFFSET(vuart_response, c);
}

static void print_limits(void)
{
	CONSTANT(ABI_PAGE_SIZE);
	CONSTANT(AVZ_DOORBELL);
	CONSTANT(AVZ_HYPERCALL);
	CONSTANT(AVZ_CONSOLE);
	CONSTANT(AVZ_TEXT_LEN_SHIFT);
	CONSTANT(AVZ_TEXT_MAX);
	CONSTANT(AVZ_KEYS_MAX);
	CONSTANT(AVZ_WINDOW_SIZE);
	CONSTANT(DOMID_AGENCY);
	CONSTANT(DOMID_AGENCY_RT);
	CONSTANT(DOMID_ME_FIRST);
	CONSTANT(DOMID_ME_LAST);
	CONSTANT(EVTCHN_MAX);
	CONSTANT(EVTCHN_WORDS);
	CONSTANT(GNTTAB_INVALID_REF);
	CONSTANT(GNTTAB_MAX);
	CONSTANT(ME_IMAGE_OFFSET);
	CONSTANT(ME_IMAGE_WHERE);
	CONSTANT(ME_WHERE_SIGNATURE);
	CONSTANT(RING_BROKEN);
	CONSTANT(RING_ENTRIES_OFFSET);
	CONSTANT(RING_FULL);
	CONSTANT(SNAPSHOT_CHECKED);
	CONSTANT(SNAPSHOT_REVISION);
	CONSTANT(SNAPSHOT_TYPED_MAX);
	CONSTANT(SOO_ABI_REVISION);
	CONSTANT(SOO_HYPERCALL_END);
	CONSTANT(SOO_MAX_DOMAINS);
	CONSTANT(SOO_MAX_NODES);
	CONSTANT(SOO_MAX_REFUSALS);
	CONSTANT(SOO_MAX_STORE_BYTES);
	CONSTANT(SOO_MAX_WATCHES);
	CONSTANT(SOO_RATE_CHANGES);
	CONSTANT(SOO_RATE_DC_EVENTS);
	CONSTANT(SOO_RATE_DOORBELLS);
	CONSTANT(SOO_RATE_MESSAGES);
	CONSTANT(SOO_RATE_WINDOW_MS);
	CONSTANT(SOO_REFUSALS_FORGIVEN);
	CONSTANT(SOO_REFUSALS_TOLD);
	CONSTANT(SOO_MAX_ME);
	CONSTANT(SOO_ME_NAME_SIZE);
	CONSTANT(SOO_ME_SHORTDESC_SIZE);
	CONSTANT(SOO_SIGNATURE);
	CONSTANT(SOO_SPID_LEN);
	CONSTANT(VBS_ALIGN);
	CONSTANT(VBS_MSG_MAX_PAYLOAD);
	CONSTANT(VBS_MSG_REVISION);
	CONSTANT(VBS_PATH_SIZE);
	CONSTANT(VBS_RING_SIZE);
	CONSTANT(VBS_VALUE_SIZE);
	CONSTANT(VBS_WRAP);
	CONSTANT(VBUS_DEV_TYPE_SIZE);
	CONSTANT(VBUS_STATE_COUNT);
	CONSTANT(VDUMMY_PACKET_SIZE);
	CONSTANT(VUART_ENTRIES);
}

static void print_soo_enums(void)
{
	CONSTANT(AVZ_EVTCHN_ALLOC_UNBOUND);
	CONSTANT(AVZ_EVTCHN_CLOSE);
	CONSTANT(AVZ_GNTTAB_GRANT);
	CONSTANT(AVZ_GNTTAB_REVOKE);
	CONSTANT(AVZ_ME_STATE);
	CONSTANT(DC_NO_EVENT);
	CONSTANT(DC_PRE_SUSPEND);
	CONSTANT(DC_SUSPEND);
	CONSTANT(DC_RESUME);
	CONSTANT(DC_FORCE_TERMINATE);
	CONSTANT(DC_POST_ACTIVATE);
	CONSTANT(DC_TRIGGER_DEV_PROBE);
	CONSTANT(DC_TRIGGER_LOCAL_COOPERATION);
	CONSTANT(EVTCHN_FREE);
	CONSTANT(EVTCHN_RESERVED);
	CONSTANT(EVTCHN_UNBOUND);
	CONSTANT(EVTCHN_INTERDOMAIN);
	CONSTANT(EVTCHN_VIRQ);
	CONSTANT(GNTTAB_FREE);
	CONSTANT(GNTTAB_GRANTED);
	CONSTANT(GNTTAB_MAPPED);
	CONSTANT(ME_STATE_BOOTING);
	CONSTANT(ME_STATE_LIVING);
	CONSTANT(ME_STATE_SUSPENDED);
	CONSTANT(ME_STATE_HIBERNATE);
	CONSTANT(ME_STATE_RESUMING);
	CONSTANT(ME_STATE_AWAKENED);
	CONSTANT(ME_STATE_KILLED);
	CONSTANT(ME_STATE_TERMINATED);
	CONSTANT(ME_STATE_DEAD);
}

static void print_bus_enums(void)
{
	CONSTANT(VBS_DIRECTORY);
	CONSTANT(VBS_DIRECTORY_EXISTS);
	CONSTANT(VBS_READ);
	CONSTANT(VBS_WATCH);
	CONSTANT(VBS_UNWATCH);
	CONSTANT(VBS_TRANSACTION_END);
	CONSTANT(VBS_WRITE);
	CONSTANT(VBS_MKDIR);
	CONSTANT(VBS_RM);
	CONSTANT(VBS_WATCH_EVENT);
	CONSTANT(VBS_ERROR);
	CONSTANT(VBUS_UNKNOWN);
	CONSTANT(VBUS_INITIALISING);
	CONSTANT(VBUS_INITWAIT);
	CONSTANT(VBUS_INITIALISED);
	CONSTANT(VBUS_CONNECTED);
	CONSTANT(VBUS_CLOSING);
	CONSTANT(VBUS_CLOSED);
	CONSTANT(VBUS_RECONFIGURING);
	CONSTANT(VBUS_RECONFIGURED);
	CONSTANT(VBUS_SUSPENDING);
	CONSTANT(VBUS_SUSPENDED);
	CONSTANT(VBUS_RESUMING);
}

static void print_functions(void)
{
	fact("ring_entry_count(32,32)", ring_entry_count(32, 32));
	fact("ring_entry_count(1,1)", ring_entry_count(1, 1));
	fact("ring_entry_count(2000,2040)", ring_entry_count(2000, 2040));
	fact("ring_entry_count(24,40)", ring_entry_count(24, 40));
	fact("vbs_msg_space(0)", vbs_msg_space(0));
	fact("vbs_msg_space(1)", vbs_msg_space(1));
	fact("vbs_msg_space(8)", vbs_msg_space(8));
	fact("vbs_msg_space(992)", vbs_msg_space(VBS_MSG_MAX_PAYLOAD));
}

int main(void)
{
	open_group("sizes", true);
	print_sizes();
	open_group("offsets", false);
	print_core_offsets();
	print_shared_offsets();
	print_snapshot_offsets();
	print_where_offsets();
	print_page_offsets();
	open_group("constants", false);
	print_limits();
	print_soo_enums();
	print_bus_enums();
	open_group("functions", false);
	print_functions();
	printf("\n}\n}\n");
	return ferror(stdout) != 0;
}
