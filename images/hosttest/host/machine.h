/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine.h - memory of MEs, their hosts' process, and the files of the agency, as a test sees them.
 */
#ifndef HOST_MACHINE_H
#define HOST_MACHINE_H

#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/mm.h>

#define MACHINE_RAMS	8u
#define MACHINE_PAGES	16u		/* of one ME */

/* Zeroed memory of @index, 0 to MACHINE_RAMS - 1, made at its first use. */
u8 *machine_ram(unsigned int index);

/* The memories of all MEs are given back. */
void machine_forget(void);

/* Pages of it that are pinned: 0 once the agency has let go of all. */
int machine_pins(unsigned int index);

/* The process that calls is the MEs' host, or another one. */
void machine_be_host(bool yes);

/* The doorbell with this descriptor, 0 to MACHINE_DOORBELLS - 1, rings. */
#define MACHINE_DOORBELLS	8
void machine_ring(int fd);

/* Called when a host is killed. */
extern void (*machine_on_kill)(int pid);

/* The backends of the agency's tree are available, or not. Before the modules start. */
void machine_enable_backends(bool on);

/* The text of a view in debugfs, to be freed by machine_view_free(); NULL if there is none. */
char *machine_view(const char *name);
void machine_view_free(char *text);

/* A file of debugfs or a character device. Return: false if it cannot be opened. */
bool machine_open(const char *name, unsigned int mode, unsigned int flags, struct file *file);
ssize_t machine_read(const char *name, struct file *file, char *buf, size_t size);
ssize_t machine_write(const char *name, struct file *file, const char *buf, size_t size);
void machine_close(const char *name, struct file *file);

#endif /* HOST_MACHINE_H */
