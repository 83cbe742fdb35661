/* SPDX-License-Identifier: GPL-2.0-only */
/* vbus.c - what a frontend writes to the store. */
#include "fault.h"
#include "printk.h"
#include "soo/vbus.h"

#define ERROR_TEXT_SIZE	80u

static int write_state(struct vbus_device *vdev, u32 tx)
{
	char path[VBS_PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "%s/state", vdev->nodename);
	err = vbs_write_u32(tx, path, vdev->state);
	if (!err && fault_active("fe-state-rewritten"))
		err = vbs_write_u32(tx, path, vdev->state);
	return err;
}

int vbus_switch_state(struct vbus_device *vdev, enum vbus_state state)
{
	u32 tx;
	int err;

	if (vdev->state == state)
		return 0;
	vdev->state = state;
	tx = vbs_transaction_start();
	err = write_state(vdev, tx);
	if (!err && state == VBUS_INITIALISED && fault_active("fe-connected-first")) {
		/* In the same transaction: the backend cannot act between the two. */
		vdev->state = VBUS_CONNECTED;
		err = write_state(vdev, tx);
	}
	if (!err)
		err = vbs_transaction_end(tx);
	if (err)
		printk("[%s] state %u was not written: error %d\n", vdev->drv->type, state, err);
	return err;
}

int vbus_publish_link(struct vbus_device *vdev, const struct vbus_link *link)
{
	char path[VBS_PATH_SIZE];
	u32 tx = vbs_transaction_start();
	int err;

	snprintf(path, sizeof(path), "%s/ring-ref", vdev->nodename);
	err = vbs_write_u32(tx, path, link->ref);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/ring-evtchn", vdev->nodename);
	err = vbs_write_u32(tx, path, link->evtchn);
	if (err)
		return err;
	return vbs_transaction_end(tx);
}

/* The text goes first: who sees Closing finds the reason. A refused write changes nothing here. */
void vbus_fatal(struct vbus_device *vdev, int err, const char *what)
{
	char path[VBS_PATH_SIZE];
	char text[ERROR_TEXT_SIZE];
	u32 tx;

	if (vdev->state == VBUS_CLOSING)
		return;
	snprintf(text, sizeof(text), "%s: error %d", what, err);
	printk("[%s] %s\n", vdev->drv->type, text);
	snprintf(path, sizeof(path), "%s/error", vdev->nodename);
	tx = vbs_transaction_start();
	vbs_write(tx, path, text);
	vdev->state = VBUS_CLOSING;
	write_state(vdev, tx);
	vbs_transaction_end(tx);
}
