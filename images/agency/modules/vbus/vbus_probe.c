// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbus_probe.c - devices come from the entries that an ME has made, and go with the ME.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbus.h>

static DEFINE_MUTEX(devices_lock);
static LIST_HEAD(devices);

static void device_release(struct device *dev)
{
	struct vbus_device *vdev = to_vbus_device(dev);

	soo_domain_put(vdev->dom);
	kfree(vdev);
}

static struct vbus_device *find_device(u32 domid, const char *type)
{
	struct vbus_device *vdev;

	list_for_each_entry(vdev, &devices, link) {
		if (vdev->otherend_id == domid && !strcmp(vdev->devicetype, type))
			return vdev;
	}
	return NULL;
}

static struct vbus_device *device_alloc(struct soo_domain *dom, const char *type)
{
	struct vbus_device *vdev = kzalloc(sizeof(*vdev), GFP_KERNEL);

	if (!vdev)
		return NULL;
	strscpy(vdev->devicetype, type, sizeof(vdev->devicetype));
	snprintf(vdev->nodename, sizeof(vdev->nodename), "backend/%s/%u/0", type, dom->domid);
	snprintf(vdev->otherend, sizeof(vdev->otherend), "device/%u/%s/0", dom->domid, type);
	vdev->otherend_id = dom->domid;
	vdev->state = VBUS_INITIALISING;
	kref_get(&dom->ref);
	vdev->dom = dom;
	mutex_init(&vdev->lock);
	mutex_init(&vdev->write_lock);
	init_waitqueue_head(&vdev->changed);
	vbus_section_init(vdev);
	INIT_WORK(&vdev->otherend_work, vbus_otherend_work);
	device_initialize(&vdev->dev);
	vdev->dev.bus = &vbus_type;
	vdev->dev.release = device_release;
	return vdev;
}

/*
 * The device is on the list before the bus knows it, since its front's first answer may come while
 * it is being added.
 */
static void add_device(struct soo_domain *dom, const char *type)
{
	struct vbus_device *vdev = device_alloc(dom, type);
	int err;

	if (!vdev)
		return;
	err = dev_set_name(&vdev->dev, "%s-%u-0", type, dom->domid);
	if (err)
		goto put_device;
	mutex_lock(&devices_lock);
	list_add_tail(&vdev->link, &devices);
	mutex_unlock(&devices_lock);
	err = device_add(&vdev->dev);
	if (err)
		goto unlist;
	return;

unlist:
	mutex_lock(&devices_lock);
	list_del(&vdev->link);
	mutex_unlock(&devices_lock);
put_device:
	pr_err_ratelimited("soo: vbus: cannot add %s: %d\n", vdev->nodename, err);
	put_device(&vdev->dev);
}

void vbus_probe_domain(struct soo_domain *dom)
{
	char path[VBS_PATH_SIZE];
	char types[512];
	int len = vbs_directory("backend", types, sizeof(types));
	bool known;
	u32 state;
	char *type;

	if (soo_fault("be-hold"))
		return;
	for (type = types; type < types + len; type += strlen(type) + 1) {
		snprintf(path, sizeof(path), "backend/%s/%u/0/state", type, dom->domid);
		/* What is past its beginning is no new link: the ME makes its entries again for that. */
		if (vbs_read_u32(path, &state) || state != VBUS_INITIALISING)
			continue;
		mutex_lock(&devices_lock);
		known = find_device(dom->domid, type) != NULL;
		mutex_unlock(&devices_lock);
		if (!known)
			add_device(dom, type);
	}
}

bool vbus_claim_removal(struct vbus_device *vdev)
{
	bool ours;

	mutex_lock(&devices_lock);
	ours = !list_empty(&vdev->link);
	list_del_init(&vdev->link);
	mutex_unlock(&devices_lock);
	return ours;
}

static struct vbus_device *claim_any(u32 domid)
{
	struct vbus_device *vdev;

	mutex_lock(&devices_lock);
	list_for_each_entry(vdev, &devices, link) {
		if (vdev->otherend_id == domid) {
			list_del_init(&vdev->link);
			goto unlock;
		}
	}
	vdev = NULL;

unlock:
	mutex_unlock(&devices_lock);
	return vdev;
}

void vbus_remove_domain(u32 domid)
{
	struct vbus_device *vdev;

	while ((vdev = claim_any(domid))) {
		vbs_unwatch(&vdev->otherend_watch);
		vbus_cancel_otherend(vdev);
		vbus_leave(vdev);
	}
	/* A device that was leaving by itself is done after this. */
	flush_workqueue(soo_wq);
}

unsigned int vbus_get_devices(u32 domid, struct vbus_device *list[VBUS_DEVICES_PER_DOMAIN])
{
	struct vbus_device *vdev;
	unsigned int n = 0;

	mutex_lock(&devices_lock);
	list_for_each_entry(vdev, &devices, link) {
		if (vdev->otherend_id == domid && n < VBUS_DEVICES_PER_DOMAIN) {
			get_device(&vdev->dev);
			list[n++] = vdev;
		}
	}
	mutex_unlock(&devices_lock);
	return n;
}

void vbus_frontend_misstep(u32 domid, const char *type, u32 from, const char *value)
{
	struct vbus_device *vdev;

	mutex_lock(&devices_lock);
	vdev = find_device(domid, type);
	if (vdev)
		get_device(&vdev->dev);
	mutex_unlock(&devices_lock);
	if (!vdev)
		return;
	vbus_dev_error(vdev, -EPERM, "illegal state of the front: %.8s after %u", value, from);
	put_device(&vdev->dev);
}

static void fail_device(struct vbus_device *vdev, const char *why)
{
	vbus_dev_error(vdev, -ECONNABORTED, "the ME is cut off: %s", why);
	if (!vbus_claim_removal(vdev))
		return;
	vbs_unwatch(&vdev->otherend_watch);
	vbus_cancel_otherend(vdev);
	vbus_leave(vdev);
}

void vbus_fail_domain(struct soo_domain *dom, const char *why)
{
	struct vbus_device *list[VBUS_DEVICES_PER_DOMAIN];
	unsigned int n = vbus_get_devices(dom->domid, list);
	unsigned int i;

	for (i = 0; i < n; i++) {
		fail_device(list[i], why);
		put_device(&list[i]->dev);
	}
}

void vbus_wake_domain(u32 domid)
{
	struct vbus_device *vdev;

	mutex_lock(&devices_lock);
	list_for_each_entry(vdev, &devices, link) {
		if (vdev->otherend_id == domid)
			wake_up_all(&vdev->changed);
	}
	mutex_unlock(&devices_lock);
}

bool vbus_all_connected(u32 domid)
{
	struct vbus_device *vdev;
	bool all = true;

	mutex_lock(&devices_lock);
	list_for_each_entry(vdev, &devices, link) {
		if (vdev->otherend_id == domid && !READ_ONCE(vdev->up))
			all = false;
	}
	mutex_unlock(&devices_lock);
	return all;
}
