/* SPDX-License-Identifier: GPL-2.0-only */
/* model_view.c - the model from the store's view, and against it. */
#include <linux/slab.h>

#include "model.h"
#include "world.h"

static void take_line(struct model *m, char *line)
{
	struct model_node *n = &m->nodes[m->nr_nodes++];
	char *value = strstr(line, " = ");

	if (value)
		*value = '\0';
	*n = (struct model_node){ .value = value ? host_strdup(value + 3) : NULL };
	strcpy(n->path, line + 1);
}

void model_init(struct model *m)
{
	char *text = machine_view("store");
	char *line, *next;

	memset(m, 0, sizeof(*m));
	for (line = text; *line; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		take_line(m, line);
	}
	machine_view_free(text);
}

static size_t put_value(char *out, const char *value)
{
	size_t n = 0;

	for (; *value; value++) {
		if (*value > ' ' && *value < 0x7f && *value != '%')
			out[n++] = *value;
		else
			n += sprintf(out + n, "%%%02x", (unsigned char)*value);
	}
	return n;
}

/* Line by line: children behind their parent, in the order of their making. */
static const char *compare_below(const struct model *m, const char *dir, const char *text)
{
	static char line[VBS_PATH_SIZE + 4 + 3 * VBS_VALUE_SIZE];
	unsigned int i;

	for (i = 0; i < m->nr_nodes; i++) {
		const struct model_node *n = &m->nodes[i];
		const char *slash = strrchr(n->path, '/');
		size_t len = slash ? slash - n->path : 0;
		size_t used;

		if (strlen(dir) != len || strncmp(n->path, dir, len))
			continue;
		used = sprintf(line, "/%s%s", n->path, n->value ? " = " : "");
		if (n->value)
			used += put_value(line + used, n->value);
		line[used++] = '\n';
		host_check(!strncmp(text, line, used), "the store has %.60s where %.60s is to be", text, line);
		text = compare_below(m, n->path, text + used);
	}
	return text;
}

void model_compare(const struct model *m)
{
	char *text = machine_view("store");
	const char *rest = compare_below(m, "", text);

	host_check(!*rest, "the store also has %.60s", rest);
	machine_view_free(text);
}
