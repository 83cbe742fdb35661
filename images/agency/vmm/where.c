// SPDX-License-Identifier: GPL-2.0-only
/*
 * where.c - reads an ME's registers and threads. The ME may be broken or lie: every address is
 * checked against its memory, and every walk has an end.
 */
#include <asm/kvm.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <abi/where.h>

#include "util.h"
#include "vm.h"
#include "where.h"

#define FRAMES_MAX	24u
#define THREADS_MAX	32u
#define NAME_MAX_SIZE	24u

#define VECTORS_SIZE	0x800u		/* Arm ARM D1.3: 16 vectors of 128 bytes */

#define ESR_EL1		ARM64_SYS_REG(3, 0, 5, 2, 0)
#define FAR_EL1		ARM64_SYS_REG(3, 0, 6, 0, 0)
#define VBAR_EL1	ARM64_SYS_REG(3, 0, 12, 0, 0)
#define CORE_REG(name)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(name))

__attribute__((format(printf, 2, 3))) static void say(struct where_text *out, const char *fmt, ...)
{
	size_t room = sizeof(out->text) - out->size;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out->text + out->size, room, fmt, args);
	va_end(args);
	out->size += n < (int)room ? n : (int)room - 1;
}

/* Return: whether [addr, addr + size) is in the ME's memory; then it is in @data. */
static int peek(const struct vm *vm, u64 addr, void *data, u64 size)
{
	u64 offset = addr - vm->me.ram_base;

	if (offset >= vm->me.ram_size || size > vm->me.ram_size - offset)
		return 0;
	memcpy(data, vm->ram + offset, size);
	return 1;
}

static u64 word(const struct vm *vm, u64 addr)
{
	u64 value = 0;

	peek(vm, addr, &value, sizeof(value));
	return value;
}

/* Frames lie one above the other: a record that does not is the end. */
static void say_trace(const struct vm *vm, struct where_text *out, u64 pc, u64 fp)
{
	u64 record[2];
	u32 n;

	say(out, " %llx", (unsigned long long)pc);
	for (n = 0; n < FRAMES_MAX && peek(vm, fp, record, sizeof(record)) && record[1]; n++) {
		say(out, " %llx", (unsigned long long)record[1]);
		if (record[0] <= fp)
			break;
		fp = record[0];
	}
	say(out, "\n");
}

/* What goes into a line has to be one word. */
static void read_name(const struct vm *vm, u64 addr, char *name)
{
	u32 n;

	for (n = 0; n < NAME_MAX_SIZE - 1; n++) {
		if (!peek(vm, addr + n, name + n, 1) || !name[n])
			break;
		if (name[n] <= ' ' || name[n] > '~')
			name[n] = '?';
	}
	name[n] = '\0';
}

static void say_thread(const struct vm *vm, struct where_text *out, const struct me_where *where, u64 thread)
{
	static const char *const states[] = { "ready", "running", "waiting" };
	u64 sp = word(vm, thread + where->sp);
	u32 state = word(vm, thread + where->state);
	char name[NAME_MAX_SIZE];

	read_name(vm, word(vm, thread + where->name), name);
	say(out, "thread %s %s:", *name ? name : "?", state < ARRAY_SIZE(states) ? states[state] : "?");
	if (thread == word(vm, where->current))
		say(out, "\n");		/* it is where the CPU is */
	else
		say_trace(vm, out, word(vm, sp + sizeof(u64)), word(vm, sp));
}

static void say_threads(const struct vm *vm, struct where_text *out)
{
	u64 image = vm->me.ram_base + ME_IMAGE_OFFSET;
	struct me_where where;
	u64 link;
	u32 n;

	if (!peek(vm, word(vm, image + ME_IMAGE_WHERE), &where, sizeof(where)) ||
	    where.signature != ME_WHERE_SIGNATURE)
		return;		/* another system than ours */
	link = word(vm, where.threads + sizeof(u64));
	for (n = 0; n < THREADS_MAX && link && link != where.threads; n++) {
		say_thread(vm, out, &where, link - where.link);
		link = word(vm, link + sizeof(u64));
	}
}

static int get(struct vm *vm, u64 id, u64 *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)value };

	return ioctl(vm->vcpu, KVM_GET_ONE_REG, &reg) < 0 ? fail("KVM_GET_ONE_REG: %s", strerror(errno)) : 0;
}

/* A CPU that is in its vectors is there because of an exception: which one tells what is wrong. */
static int say_fault(struct vm *vm, struct where_text *out, u64 pc)
{
	u64 vbar, esr, far, elr;

	if (get(vm, VBAR_EL1, &vbar))
		return -1;
	if (pc - vbar >= VECTORS_SIZE)
		return 0;
	if (get(vm, ESR_EL1, &esr) || get(vm, FAR_EL1, &far) || get(vm, CORE_REG(elr_el1), &elr))
		return -1;
	say(out, "fault esr=%llx far=%llx elr=%llx\n", (unsigned long long)esr, (unsigned long long)far,
	    (unsigned long long)elr);
	return 0;
}

int where_tell(struct vm *vm, void *arg)
{
	struct where_text *out = arg;
	u64 pc, sp, fp, pstate;

	if (get(vm, CORE_REG(regs.pc), &pc) || get(vm, CORE_REG(sp_el1), &sp) ||
	    get(vm, CORE_REG(regs.regs[29]), &fp) || get(vm, CORE_REG(regs.pstate), &pstate))
		return -1;
	out->size = 0;
	say(out, "cpu pc=%llx sp=%llx pstate=%llx:", (unsigned long long)pc, (unsigned long long)sp,
	    (unsigned long long)pstate);
	say_trace(vm, out, pc, fp);
	if (say_fault(vm, out, pc))
		return -1;
	say_threads(vm, out);
	return 0;
}
