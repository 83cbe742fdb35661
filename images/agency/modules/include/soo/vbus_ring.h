/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbus_ring.h - the one ring of a device with its channel, for drivers.
 */
#ifndef SOO_VBUS_RING_H
#define SOO_VBUS_RING_H

#include <abi/ring.h>
#include <soo/evtchn.h>
#include <soo/vbus.h>

/*
 * struct vbus_ring - of one link
 * @ring: this side's half; page is NULL while there is none
 * @start: the first index
 */
struct vbus_ring {
	struct ring ring;
	u32 start;
	u32 ref;
	u32 evtchn;			/* the agency's end */
};

/*
 * From reconfigured(): map the page that the front names, join its ring, bind its channel.
 * Return: 0, -ENOENT, -EINVAL, -EBUSY, -EPROTO.
 */
int vbus_ring_connect(struct vbus_device *vdev, struct vbus_ring *r, u32 req_size, u32 rsp_size,
		      evtchn_handler handler, void *data);

/* From close(). On return no handler runs or will run. */
void vbus_ring_disconnect(struct vbus_device *vdev, struct vbus_ring *r);

/* An event with the four indices. With upcall_lock held, so that ours stand still. */
void vbus_ring_sample(struct vbus_device *vdev, const struct vbus_ring *r);

/* Indices and place, for a line of a driver's view; nothing while there is no ring. */
void vbus_ring_show(struct seq_file *m, const struct vbus_ring *r);

static inline void vbus_ring_notify(const struct vbus_ring *r)
{
	evtchn_notify(r->evtchn);
}

#endif /* SOO_VBUS_RING_H */
