// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - which command is it?
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "util.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "injector", injector_main },
	{ "melist", melist_main },
	{ "shutdownme", shutdownme_main },
	{ "mekill", mekill_main },
	{ "suspendme", suspendme_main },
	{ "resumeme", resumeme_main },
	{ "saveme", saveme_main },
	{ "restoreme", restoreme_main },
	{ "mewhere", mewhere_main },
	{ "vuartd", vuartd_main },
	{ "refresh", refresh_main },
	{ "answerd", answerd_main },
	{ "dtdump", dtdump_main },
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	const char *name = base_name(argv[0]);
	size_t i;

	if (!strcmp(name, "soo") && argc > 1) {
		argc--;
		argv++;
		name = argv[0];
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(name, commands[i].name))
			return commands[i].main(argc, argv);
	}
	printf("soo: %s is no command; there are", name);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		printf(" %s", commands[i].name);
	printf("\n");
	return 2;
}
