/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * where.h - where an ME stands: its CPU, and each of its threads. Layout in abi/where.h.
 */
#ifndef VMM_WHERE_H
#define VMM_WHERE_H

#include "vm.h"

#define WHERE_TEXT_SIZE	8192

/*
 * struct where_text - lines of text, as many as there is room for
 *
 *	cpu pc=HEX sp=HEX pstate=HEX: HEX HEX ...
 *	thread NAME STATE: HEX HEX ...
 *
 * After the colon: where it is, then the addresses that it returns to, from the innermost one on.
 */
struct where_text {
	char text[WHERE_TEXT_SIZE];
	size_t size;
};

/* Of the thread in vm_run(). @arg is a struct where_text. 0, or -1 by fail(). */
int where_tell(struct vm *vm, void *arg);

#endif /* VMM_WHERE_H */
