/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.h - ports of the machine's virtio console, by name.
 */
#ifndef PORT_H
#define PORT_H

/* Return: a descriptor, or -1 by fail(). */
int port_open(const char *name);

#endif /* PORT_H */
