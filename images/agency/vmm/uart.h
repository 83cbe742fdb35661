/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uart.h - the ME's console: a PL011 whose lines go through a port of the machine's virtio console.
 */
#ifndef UART_H
#define UART_H

#include <abi/types.h>

#define UART_WINDOW_SIZE	0x1000u

/*
 * Open port me<slot> and start the two threads that move its bytes.
 * @vm: to raise interrupts of SPI @spi.  Return: 0, or -1 by fail().
 */
int uart_init(int vm, u32 spi, u32 slot);

u32 uart_read(u32 offset);
void uart_write(u32 offset, u32 value);

/* Text that the ME gives in one piece. */
void uart_print(const u8 *text, u32 size);

/* What was typed, as a read of AVZ_CONSOLE gives it. */
u64 uart_keys(void);

/* For a snapshot: what was typed and not read, at most @size bytes. Return: the interrupt mask. */
u32 uart_save(u8 *typed, u32 size, u32 *len);

/* Before the ME runs. */
void uart_restore(u32 mask, const u8 *typed, u32 len);

/* Wait until all that the ME has written is in the port. */
void uart_drain(void);

#endif /* UART_H */
