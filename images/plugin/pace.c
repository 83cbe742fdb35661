// SPDX-License-Identifier: GPL-2.0-only
/*
 * pace.c - a plugin of QEMU that holds the machine whenever the guest's pacemaker beats.
 *
 * The agency's module pace.ko executes the hint PACE_HINT at fixed moments of guest time. Here the emulated
 * CPU then waits, inside that instruction, until the other side of the descriptor says that it may go on: at
 * the same instruction in each run, whatever the host does meanwhile. QEMU's main loop goes on, so that
 * consoles and QMP are served while the guest stands still.
 *
 *     -plugin libpace.so,fd=N
 *
 * Each beat sends one byte; one byte is the answer. The end of the stream lets the guest run for good.
 *
 * QEMU has one interface for plugins and Debian has no header of it: what is used of it is declared here.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* HINT #0x6d: a no-op on every CPU; nobody else uses it. Only the kernel's addresses count. */
#define PACE_HINT 0xd5032dbfu
#define KERNEL_ADDRESSES (UINT64_C(1) << 63)

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void translated_fn(plugin_id id, struct qemu_plugin_tb *block);
typedef void executed_fn(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, translated_fn *call);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, executed_fn *call, int registers,
					    void *data);

EXPORT int qemu_plugin_version = 1;

static int channel = -1;
static bool begun;

static bool told(void)
{
	const char beat = 'b';
	char answer;
	ssize_t done;

	do
		done = write(channel, &beat, 1);
	while (done < 0 && errno == EINTR);
	if (done != 1)
		return false;
	do
		done = read(channel, &answer, 1);
	while (done < 0 && errno == EINTR);
	return done == 1;
}

static void beat(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (channel >= 0 && !told()) {
		close(channel);
		channel = -1;
	}
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);
	struct qemu_plugin_insn *insn;
	uint32_t code;

	(void)id;
	if (!begun) {
		begun = true;
		beat(0, NULL);
	}
	for (size_t i = 0; i < count; i++) {
		insn = qemu_plugin_tb_get_insn(block, i);
		if (qemu_plugin_insn_size(insn) != sizeof(code) ||
		    qemu_plugin_insn_vaddr(insn) < KERNEL_ADDRESSES)
			continue;
		memcpy(&code, qemu_plugin_insn_data(insn), sizeof(code));
		if (code == PACE_HINT)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, beat, 0, NULL);
	}
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "fd=", 3))
			channel = atoi(argv[i] + 3);
	if (channel < 0) {
		fputs("pace: the argument fd=N is missing\n", stderr);
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
