// SPDX-License-Identifier: GPL-2.0-only
/*
 * views.c - debugfs views for observers: domains, event channels, grants, the store.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/seq_file.h>

#include <soo/domain.h>
#include <soo/events.h>
#include <soo/evtchn.h>
#include <soo/gnttab.h>
#include <soo/vbstore.h>

static int domains_show(struct seq_file *m, void *unused)
{
	char name[3 * SOO_ME_NAME_SIZE];
	u32 d;

	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++) {
		struct soo_domain *dom = soo_domain_get(d);

		if (!dom)
			continue;
		soo_encode(name, sizeof(name), dom->name);
		seq_printf(m, "dom=%u state=%s pid=%d spid=%llx name=%s vbs_phys=0x%llx shared_phys=0x%llx vbs_evtchn=%u incarnation=%u\n",
			   d, soo_me_state_name(dom->state), pid_nr(dom->pid), dom->spid, name,
			   (u64)page_to_phys(dom->shared_pages[1]), (u64)page_to_phys(dom->shared_pages[0]),
			   dom->vbs_port, dom->incarnation);
		soo_domain_put(dom);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(domains);

static int evtchn_view_show(struct seq_file *m, void *unused)
{
	evtchn_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(evtchn_view);

static int gnttab_view_show(struct seq_file *m, void *unused)
{
	gnttab_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(gnttab_view);

static int contain_show(struct seq_file *m, void *unused)
{
	soo_contain_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(contain);

static int store_show(struct seq_file *m, void *unused)
{
	vbs_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(store);

void soo_views_init(struct dentry *root)
{
	debugfs_create_file("domains", 0400, root, NULL, &domains_fops);
	debugfs_create_file("evtchn", 0400, root, NULL, &evtchn_view_fops);
	debugfs_create_file("gnttab", 0400, root, NULL, &gnttab_view_fops);
	debugfs_create_file("contain", 0400, root, NULL, &contain_fops);
	debugfs_create_file("store", 0400, root, NULL, &store_fops);
}
