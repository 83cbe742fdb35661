/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arrows.c - which states of its backend a frontend believes.
 *
 * A backend goes by the arrows of abi/vbus.h, and acts on what its frontend has done. Any other
 * state is refused: this side stays as it is, and waits for one that may follow what it saw last.
 */
#include "fault.h"
#include "printk.h"
#include "soo/vbus.h"

#define BIT(n)	(1u << (n))

/*
 * Where the backend may go from the state that was seen last: bit n for state n. Suspended is written
 * with nobody told, so that Resuming may be the next one seen after Suspending.
 */
static const u32 backend_next[VBUS_STATE_COUNT] = {
	[VBUS_INITIALISING] = BIT(VBUS_INITWAIT) | BIT(VBUS_RECONFIGURING),
	[VBUS_INITWAIT] = BIT(VBUS_CONNECTED),
	[VBUS_RECONFIGURING] = BIT(VBUS_CONNECTED),
	[VBUS_CONNECTED] = BIT(VBUS_SUSPENDING),
	[VBUS_SUSPENDING] = BIT(VBUS_SUSPENDED) | BIT(VBUS_RESUMING),
	[VBUS_SUSPENDED] = BIT(VBUS_RESUMING),
	[VBUS_RESUMING] = BIT(VBUS_CONNECTED),
};

/* In which states of ours it may go there: bit n for state n. */
static const u32 own_states[VBUS_STATE_COUNT] = {
	[VBUS_INITWAIT] = BIT(VBUS_INITIALISING),
	[VBUS_RECONFIGURING] = BIT(VBUS_SUSPENDED),
	[VBUS_CONNECTED] = BIT(VBUS_INITIALISED) | BIT(VBUS_RECONFIGURED) | BIT(VBUS_CONNECTED),
	[VBUS_SUSPENDING] = BIT(VBUS_CONNECTED),
	[VBUS_SUSPENDED] = BIT(VBUS_SUSPENDED),
	[VBUS_RESUMING] = BIT(VBUS_SUSPENDED),
};

/* The backend says why before it gives up. */
static bool backend_failed(const struct vbus_device *vdev)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/error", vdev->otherend);
	return vbs_exists(path) == 1;
}

bool vbus_backend_may(const struct vbus_device *vdev, enum vbus_state next)
{
	if (next == VBUS_CONNECTED && fault_active("fe-connected-first"))
		return true;
	if (fault_active("fe-believes-all"))
		return true;
	/* Nothing follows Closed, and only Closed follows Closing. */
	if (vdev->otherend_state == VBUS_CLOSED)
		return false;
	if (next == VBUS_CLOSED)
		return vdev->state == VBUS_CLOSING || backend_failed(vdev);
	if (vdev->otherend_state == VBUS_CLOSING)
		return false;
	if (next == VBUS_CLOSING)
		return backend_failed(vdev);
	return (backend_next[vdev->otherend_state] & BIT(next)) && (own_states[next] & BIT(vdev->state));
}
