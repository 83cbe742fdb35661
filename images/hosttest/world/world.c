/* SPDX-License-Identifier: GPL-2.0-only */
/* world.c - the agency's modules started and stopped, and MEs without a machine. */
#include <linux/sched.h>
#include <stdlib.h>

#include <soo/vbus.h>

#include "world.h"

int host_init_soo_init(void);
void host_exit_soo_exit(void);
int host_init_vdummy_init(void);
void host_exit_vdummy_exit(void);
int host_init_vuart_init(void);
void host_exit_vuart_exit(void);

#ifdef SOO_FAULTS
extern char **const host_param_fault;
#endif

static struct soo_domain *doms[SOO_MAX_DOMAINS];

/* The device /dev/soo/core is the test's. */
int soo_core_dev_init(void)
{
	return 0;
}

void soo_core_dev_exit(void)
{
}

void world_start(void)
{
#ifdef SOO_FAULTS
	if (getenv("SOO_FAULT"))
		*host_param_fault = getenv("SOO_FAULT");
#endif
	host_check(!host_init_soo_init(), "soo.ko does not start");
	host_check(!host_init_vdummy_init(), "vdummy.ko does not start");
	host_check(!host_init_vuart_init(), "vuart.ko does not start");
}

/* MEs end without memory being short: what they leave then is a leak. */
void world_end(void)
{
	u32 d;

	host_want(0);
	host_interrupt(true);
	for (d = 0; d < SOO_MAX_DOMAINS; d++) {
		if (doms[d])
			world_destroy(d);
	}
	host_run();
	host_check(!host_tasks(), "somebody waits for an ME that has ended");
	host_exit_vuart_exit();
	host_exit_vdummy_exit();
	host_exit_soo_exit();
	for (d = 0; d < MACHINE_RAMS; d++)
		host_check(!machine_pins(d), "a page of ME %u stays pinned", d);
	machine_forget();
	host_check(!host_blocks(), "%zu blocks of memory were left", host_blocks());
}

u32 world_create(u32 slot, u32 incarnation)
{
	u32 index = slot % SOO_MAX_DOMAINS;
	struct soo_domain_create args = {
		.ram = (u64)(unsigned long)machine_ram(index),
		.ram_size = MACHINE_PAGES * PAGE_SIZE,
		.ram_base = 0,
		.shared = FRAME_SHARED * PAGE_SIZE,
		.spid = 0x10 + slot,
		.doorbell = index,
		.slot = slot,
		.incarnation = incarnation,
		.name = "me",
		.shortdesc = "an ME of the host test",
	};
	struct soo_domain *dom;

	if (soo_domain_create(&args, &dom))
		return 0;
	soo_domain_start(dom);
	doms[args.slot] = dom;
	return args.slot;
}

void world_destroy(u32 d)
{
	struct soo_domain *dom = world_dom(d);

	if (!dom)
		return;
	doms[d] = NULL;
	soo_domain_destroy(dom);
}

struct soo_domain *world_dom(u32 d)
{
	return d < SOO_MAX_DOMAINS ? doms[d] : NULL;
}

static u8 *frame(u32 d, u32 number)
{
	return machine_ram(d) + (number % MACHINE_PAGES) * PAGE_SIZE;
}

struct vbs_page *world_store_page(u32 d)
{
	return (struct vbs_page *)frame(d, FRAME_STORE);
}

struct avz_shared *world_shared(u32 d)
{
	return (struct avz_shared *)frame(d, FRAME_SHARED);
}

struct ring_page *world_ring_page(u32 d, u32 number)
{
	return (struct ring_page *)frame(d, number);
}

void world_doorbell(u32 d)
{
	if (world_dom(d))
		machine_ring(d);
}

void world_raise(u32 d, u32 port)
{
	world_shared(d)->evtchn_to_agency[port / 32 % EVTCHN_WORDS] |= 1u << port % 32;
	world_doorbell(d);
}

int world_hypercall(u32 d, u32 op, u64 arg0, u64 arg1, u64 *ret)
{
	struct avz_shared *shared = world_shared(d);

	if (!world_dom(d))
		return -ENODEV;
	shared->hypercall_arg[0] = arg0;
	shared->hypercall_arg[1] = arg1;
	if (soo_hypercall(world_dom(d), op) == SOO_HYPERCALL_END) {
		world_destroy(d);
		return SOO_HYPERCALL_END;
	}
	*ret = shared->hypercall_ret;
	return shared->hypercall_err;
}

static void check_name(const struct vbs_node *node)
{
	host_check(strlen(node->name) < VBS_PATH_SIZE && !strchr(node->name, '/'), "a node named %s", node->name);
	host_check(!node->value || strlen(node->value) < VBS_VALUE_SIZE, "a value of %zu bytes",
		   strlen(node->value));
}

static void check_node(const struct vbs_node *node, const struct vbs_node *parent, unsigned int depth)
{
	const struct vbs_node *child, *other;
	const struct vbs_watch *watch;

	host_check(node->parent == parent, "node %s does not know its parent", node->name);
	host_check(depth <= VBS_PATH_SIZE / 2, "node %s is deeper than a path has parts", node->name);
	check_name(node);
	list_for_each_entry(watch, &node->watches, link)
		host_check(watch->node == node, "a watch of %s does not know its node", node->name);
	list_for_each_entry(child, &node->children, link) {
		check_node(child, node, depth + 1);
		list_for_each_entry(other, &node->children, link)
			host_check(child == other || strcmp(child->name, other->name), "two nodes %s", child->name);
	}
}

void world_check_store(void)
{
	check_node(vbs_find(""), NULL, 0);
}
