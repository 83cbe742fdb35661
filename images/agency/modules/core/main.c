// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the order in which the parts of soo.ko start, and stop.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include <soo/domain.h>
#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbstore.h>
#include <soo/vbus.h>

struct workqueue_struct *soo_wq;
EXPORT_SYMBOL_GPL(soo_wq);
static struct dentry *debugfs_root;

struct dentry *soo_debugfs_root(void)
{
	return debugfs_root;
}
EXPORT_SYMBOL_GPL(soo_debugfs_root);

static int __init soo_init(void)
{
	int err;

	/*
	 * Unbound and of high priority: the CPU that took an ME's doorbell goes back to that ME
	 * while another one works on it.
	 */
	soo_wq = alloc_workqueue("soo", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!soo_wq)
		return -ENOMEM;
	debugfs_root = debugfs_create_dir("soo", NULL);
	err = soo_events_init(debugfs_root);
	if (err)
		goto remove_debugfs;
	soo_views_init(debugfs_root);
	soo_force_init(debugfs_root);
	pr_info("soo: ... vbstore SOO Agency setting up...\n");
	soo_fault_on_init();
	err = vbstore_init();
	if (err)
		goto remove_debugfs;
	err = vbus_init();
	if (err)
		goto exit_vbstore;
	err = soo_core_dev_init();
	if (err)
		goto exit_vbus;
	pr_info("soo: SOO Agency last initialization part processing now...\n");
	return 0;

exit_vbus:
	vbus_exit();
exit_vbstore:
	vbstore_exit();
remove_debugfs:
	debugfs_remove_recursive(debugfs_root);
	soo_events_exit();
	destroy_workqueue(soo_wq);
	return err;
}

/* Open files hold the module, so that no domain is left here. */
static void __exit soo_exit(void)
{
	soo_core_dev_exit();
	vbus_exit();
	vbstore_exit();
	debugfs_remove_recursive(debugfs_root);
	soo_events_exit();
	destroy_workqueue(soo_wq);
}

module_init(soo_init);
module_exit(soo_exit);
MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("SOO reference agency: domains, vbstore and vbus");
