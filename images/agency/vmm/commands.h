/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * commands.h - the commands of the agency's shell. Each returns the status to exit with.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

int injector_main(int argc, char **argv);
int melist_main(int argc, char **argv);
int shutdownme_main(int argc, char **argv);
int mekill_main(int argc, char **argv);
int suspendme_main(int argc, char **argv);
int resumeme_main(int argc, char **argv);
int saveme_main(int argc, char **argv);
int restoreme_main(int argc, char **argv);
int mewhere_main(int argc, char **argv);
int vuartd_main(int argc, char **argv);
int refresh_main(int argc, char **argv);
int answerd_main(int argc, char **argv);
int dtdump_main(int argc, char **argv);

/* Without a process of its own. Return: 0 or -1 by fail(). */
int refresh(int argc, char **argv);

#endif /* COMMANDS_H */
