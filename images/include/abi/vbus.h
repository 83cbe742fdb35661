/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbus.h - device states and store paths that frontends and backends agree on.
 *
 * Node                              Value                   Written by, and when
 * device/<d>/<type>/0/state         enum vbus_state         ME: 1 at start; then the frontend
 * device/<d>/<type>/0/realtime      0                       ME, start
 * device/<d>/<type>/0/backend-id    0                       ME, start
 * device/<d>/<type>/0/backend       backend/<type>/<d>/0    ME, start
 * device/<d>/<type>/0/ring-ref      reference               frontend, before Initialised
 * device/<d>/<type>/0/ring-evtchn   channel                 frontend, same transaction
 * device/<d>/<type>/0/error         text                    frontend, when it goes to Closing
 * backend/<type>/<d>/0/state        enum vbus_state         ME: 1 at start; then the backend
 * backend/<type>/<d>/0/realtime     0                       ME, start
 * backend/<type>/<d>/0/frontend     device/<d>/<type>/0     ME, start
 * backend/<type>/<d>/0/frontend-id  <d>                     ME, start
 * backend/<type>/<d>/0/error        text                    backend, when it goes to Closing
 * soo/me/<d>/{spid,name,shortdesc}  text                    ME, start
 * soo/directcomm/<d>/event-channel  channel                 agency, before the ME starts
 *
 * Connect: back InitWait(2) -> front writes ring-*, Initialised(3) -> back maps, Connected(4)
 *          -> front Connected(4).
 * Suspend: back Suspending(9) -> front Suspended(10) -> back Suspended(10), which wakes nobody.
 * Resume:  back Resuming(11) -> front Connected(4) -> back Connected(4).
 * Restore: entries are made again under the new number, with front 10 and back 1; back
 *          Reconfiguring(7) -> front writes ring-*, Reconfigured(8) -> back maps, Connected(4)
 *          -> front Connected(4).
 * Values are decimal text without leading zeros; spid is hexadecimal without a prefix.
 */
#ifndef ABI_VBUS_H
#define ABI_VBUS_H

#include "types.h"

enum vbus_state {
	VBUS_UNKNOWN = 0,
	VBUS_INITIALISING = 1,
	VBUS_INITWAIT = 2,
	VBUS_INITIALISED = 3,
	VBUS_CONNECTED = 4,
	VBUS_CLOSING = 5,
	VBUS_CLOSED = 6,
	VBUS_RECONFIGURING = 7,
	VBUS_RECONFIGURED = 8,
	VBUS_SUSPENDING = 9,
	VBUS_SUSPENDED = 10,
	VBUS_RESUMING = 11,
	VBUS_STATE_COUNT = 12,
};

#define VBUS_DEV_TYPE_SIZE	32u	/* with the final NUL */
#define VBS_PATH_SIZE		50u	/* with the final NUL */

#endif /* ABI_VBUS_H */
