// SPDX-License-Identifier: GPL-2.0-only
/*
 * core_dev.c - /dev/soo/core: the requests of the hosts of MEs and of the agency's programs.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <soo/domain.h>

/* How long the host of a killed ME may take to go, in ms. */
#define KILL_TIMEOUT_MS	10000

static long domain_create(struct file *file, void __user *arg)
{
	struct soo_domain_create *args;
	struct soo_domain *dom;
	int err;

	args = memdup_user(arg, sizeof(*args));
	if (IS_ERR(args))
		return PTR_ERR(args);
	err = soo_domain_create(args, &dom);
	if (err)
		goto free_args;
	/* Of two threads of the host only one gets its domain stored. */
	if (cmpxchg(&file->private_data, NULL, dom)) {
		soo_domain_destroy(dom);
		err = -EBUSY;
		goto free_args;
	}
	if (copy_to_user(arg, args, sizeof(*args)))
		err = -EFAULT;	/* the domain ends with the file */

free_args:
	kfree(args);
	return err;
}

static long me_desc(void __user *arg)
{
	struct soo_me_desc *desc;
	struct soo_domain *dom;
	int err = 0;

	desc = memdup_user(arg, sizeof(*desc));
	if (IS_ERR(desc))
		return PTR_ERR(desc);
	if (desc->slot < DOMID_ME_FIRST || desc->slot > DOMID_ME_LAST) {
		err = -EINVAL;
		goto free_desc;
	}
	*desc = (struct soo_me_desc){ .slot = desc->slot, .state = -1 };
	dom = soo_domain_get(desc->slot);
	if (dom) {
		desc->state = dom->state;
		desc->spid = dom->spid;
		desc->pid = pid_nr(dom->pid);
		desc->incarnation = dom->incarnation;
		strscpy(desc->name, dom->name, sizeof(desc->name));
		strscpy(desc->shortdesc, dom->shortdesc, sizeof(desc->shortdesc));
		soo_domain_put(dom);
	}
	if (copy_to_user(arg, desc, sizeof(*desc)))
		err = -EFAULT;

free_desc:
	kfree(desc);
	return err;
}

static int do_request(struct soo_domain *dom, unsigned int cmd, unsigned int timeout_ms)
{
	switch (cmd) {
	case SOO_IOC_ME_SUSPEND:
		return soo_me_suspend(dom, timeout_ms);
	case SOO_IOC_ME_RESUME:
		return soo_me_resume(dom, timeout_ms);
	case SOO_IOC_ME_SHUTDOWN:
		return soo_me_shutdown(dom, timeout_ms);
	default:
		return soo_domain_kill(dom, KILL_TIMEOUT_MS);
	}
}

static long me_request(unsigned int cmd, void __user *arg)
{
	struct soo_me_request req;
	struct soo_domain *dom;
	long err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.slot < DOMID_ME_FIRST || req.slot > DOMID_ME_LAST)
		return -EINVAL;
	dom = soo_domain_get(req.slot);
	if (!dom)
		return -ESRCH;
	err = do_request(dom, cmd, req.timeout_ms);
	soo_domain_put(dom);
	return err;
}

static long host_request(struct soo_domain *dom, unsigned int cmd, void __user *arg)
{
	u32 op;

	if (!dom)
		return -ENXIO;
	if (cmd == SOO_IOC_DOMAIN_START) {
		soo_domain_start(dom);
		return 0;
	}
	if (cmd == SOO_IOC_DOMAIN_SAVE)
		return soo_me_save(dom);
	if (get_user(op, (u32 __user *)arg))
		return -EFAULT;
	return soo_hypercall(dom, op);
}

static long core_ioctl(struct file *file, unsigned int cmd, unsigned long param)
{
	void __user *arg = (void __user *)param;

	switch (cmd) {
	case SOO_IOC_DOMAIN_CREATE:
		return domain_create(file, arg);
	case SOO_IOC_DOMAIN_START:
	case SOO_IOC_DOMAIN_SAVE:
	case SOO_IOC_HYPERCALL:
		return host_request(READ_ONCE(file->private_data), cmd, arg);
	case SOO_IOC_ME_DESC:
		return me_desc(arg);
	case SOO_IOC_ME_SHUTDOWN:
	case SOO_IOC_ME_KILL:
	case SOO_IOC_ME_SUSPEND:
	case SOO_IOC_ME_RESUME:
		return me_request(cmd, arg);
	default:
		return -ENOTTY;
	}
}

static int core_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;	/* misc_open() left its own pointer there */
	return nonseekable_open(inode, file);
}

static int core_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		soo_domain_destroy(file->private_data);
	return 0;
}

static const struct file_operations core_fops = {
	.owner = THIS_MODULE,
	.open = core_open,
	.release = core_release,
	.unlocked_ioctl = core_ioctl,
	.llseek = no_llseek,
};

static struct miscdevice core_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "soo!core",
	.nodename = "soo/core",
	.fops = &core_fops,
	.mode = 0600,
};

int soo_core_dev_init(void)
{
	return misc_register(&core_dev);
}

void soo_core_dev_exit(void)
{
	misc_deregister(&core_dev);
}
