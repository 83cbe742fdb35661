/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - requests to the host of an ME, by an abstract socket of packets.
 *
 * A request is one byte with a descriptor; the answer is text, "ok NUMBER" or what went wrong.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "vm.h"

#define CONTROL_SAVE	'S'	/* write a snapshot into the descriptor; the number is its size */
#define CONTROL_WHERE	'W'	/* write into it where the ME stands, see where.h; the number is the text's size */

/* In the host: a thread that answers from now on. 0, or -1 by fail(). */
int control_init(struct vm *vm);

/* From a command. Return: 0 with *@number, or -1 by fail(). */
int control_request(int pid, char op, int fd, unsigned long long *number);

#endif /* CONTROL_H */
