// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm.c - building the machine: memory, GICv3, one CPU.
 */
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"
#include "vm.h"

#define NR_IRQS		64u	/* 32 SPIs */

#define CORE_REG(name)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(regs.name))

static int sys_fail(const char *what)
{
	return fail("%s: %s", what, strerror(errno));
}

static int create_memory(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = vm->me.ram_base,
		.memory_size = vm->me.ram_size,
	};

	vm->ram = mmap(NULL, vm->me.ram_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->ram == MAP_FAILED)
		return sys_fail("memory of the ME");
	region.userspace_addr = (u64)vm->ram;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return sys_fail("KVM_SET_USER_MEMORY_REGION");
	return 0;
}

static int set_gic_attr(int gic, u32 group, u64 attr, const void *value)
{
	struct kvm_device_attr a = { .group = group, .attr = attr, .addr = (u64)value };

	return ioctl(gic, KVM_SET_DEVICE_ATTR, &a) < 0 ? sys_fail("vGIC") : 0;
}

/* After the CPU: the controller is complete when it knows all of them. */
static int create_gic(struct vm *vm)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	u32 nr_irqs = NR_IRQS;

	if (ioctl(vm->fd, KVM_CREATE_DEVICE, &dev) < 0)
		return sys_fail("KVM_CREATE_DEVICE vGICv3");
	vm->gic = dev.fd;
	if (set_gic_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs) ||
	    set_gic_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &vm->me.gic_dist) ||
	    set_gic_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST,
			 &vm->me.gic_redist) ||
	    set_gic_attr(dev.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL))
		return -1;
	return 0;
}

static int create_vcpu(struct vm *vm)
{
	struct kvm_vcpu_init init;
	int size;

	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu < 0)
		return sys_fail("KVM_CREATE_VCPU");
	memset(&init, 0, sizeof(init));
	if (ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init) < 0)
		return sys_fail("KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (ioctl(vm->vcpu, KVM_ARM_VCPU_INIT, &init) < 0)
		return sys_fail("KVM_ARM_VCPU_INIT");
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return sys_fail("KVM_GET_VCPU_MMAP_SIZE");
	vm->run_size = size;
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	return vm->run == MAP_FAILED ? sys_fail("kvm_run") : 0;
}

static int set_reg(struct vm *vm, u64 id, u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&value };

	return ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg) < 0 ? sys_fail("KVM_SET_ONE_REG") : 0;
}

static int connect_avz(struct vm *vm)
{
	struct kvm_ioeventfd doorbell = { .addr = vm->me.avz_base + AVZ_DOORBELL, .len = 4 };
	struct kvm_irqfd irq = { .gsi = vm->me.avz_spi };

	vm->doorbell = eventfd(0, EFD_CLOEXEC);
	vm->irq = eventfd(0, EFD_CLOEXEC);
	if (vm->doorbell < 0 || vm->irq < 0)
		return sys_fail("eventfd");
	doorbell.fd = vm->doorbell;
	irq.fd = vm->irq;
	if (ioctl(vm->fd, KVM_IOEVENTFD, &doorbell) < 0)
		return sys_fail("KVM_IOEVENTFD");
	if (ioctl(vm->fd, KVM_IRQFD, &irq) < 0)
		return sys_fail("KVM_IRQFD");
	return 0;
}

/* May [addr, addr + size) be loaded: inside the memory, and off the shared pages? */
static int check_room(const struct vm *vm, const char *part, u64 addr, u64 size)
{
	u64 offset = addr - vm->me.ram_base;
	u64 shared = vm->me.shared;

	if (addr < vm->me.ram_base || offset > vm->me.ram_size || size > vm->me.ram_size - offset)
		return fail("%s: %llu bytes at 0x%llx are not in the ME's memory", part,
			    (unsigned long long)size, (unsigned long long)addr);
	if (addr < shared + 2 * ABI_PAGE_SIZE && shared < addr + size)
		return fail("%s: overlaps the shared pages", part);
	return 0;
}

/* Where the tree goes if the image does not say: right below the shared pages. */
static u64 tree_address(const struct vm *vm, const struct fit_part *tree)
{
	u64 size = (tree->size + ABI_PAGE_SIZE - 1) & ~(u64)(ABI_PAGE_SIZE - 1);

	return tree->load ? tree->load : vm->me.shared - size;
}

int vm_load(struct vm *vm, const struct fit_me *image)
{
	u64 tree = tree_address(vm, &image->tree);
	const struct fit_part *kernel = &image->kernel;

	if (check_room(vm, "kernel", kernel->load, kernel->size) ||
	    check_room(vm, "tree", tree, image->tree.size))
		return -1;
	if (tree < kernel->load + kernel->size && kernel->load < tree + image->tree.size)
		return fail("kernel and tree overlap");
	memcpy(vm->ram + (kernel->load - vm->me.ram_base), kernel->data, kernel->size);
	memcpy(vm->ram + (tree - vm->me.ram_base), image->tree.data, image->tree.size);
	/* x0 has the tree, x1-x3 are zero after KVM_ARM_VCPU_INIT. */
	return set_reg(vm, CORE_REG(pc), kernel->entry ? kernel->entry : kernel->load) ||
	       set_reg(vm, CORE_REG(regs[0]), tree) ? -1 : 0;
}

int vm_create(struct vm *vm)
{
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return sys_fail("/dev/kvm");
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return sys_fail("KVM_CREATE_VM");
	return create_memory(vm) || create_vcpu(vm) || create_gic(vm) || connect_avz(vm) ? -1 : 0;
}
