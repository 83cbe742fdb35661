/* SPDX-License-Identifier: GPL-2.0-only */
/* seq_file.h - text for a view; kept, so that a test can read it. */
#ifndef HOST_LINUX_SEQ_FILE_H
#define HOST_LINUX_SEQ_FILE_H

#include <linux/fs.h>
#include <linux/kernel.h>

struct seq_file {
	void *private;
	char *text;
	size_t len;
	size_t size;
};

__printf(2, 3) void seq_printf(struct seq_file *m, const char *fmt, ...);
void seq_puts(struct seq_file *m, const char *text);
void seq_putc(struct seq_file *m, char c);

/* A view becomes the file operations <name>_fops, which host_view() reads. */
#define DEFINE_SHOW_ATTRIBUTE(name) \
	static const struct file_operations name##_fops = { .host_show = name##_show }

#endif /* HOST_LINUX_SEQ_FILE_H */
