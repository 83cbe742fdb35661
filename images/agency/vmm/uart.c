// SPDX-License-Identifier: GPL-2.0-only
/*
 * uart.c - a PL011 (ARM DDI 0183), as much of it as a console needs.
 *
 * One per process, as the ME is.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "port.h"
#include "uart.h"
#include "util.h"

/* Offset, access; section 3.3 of the manual. */
#define UARTDR		0x000u	/* RW */
#define UARTFR		0x018u	/* RO */
#define UARTIMSC	0x038u	/* RW */
#define UARTRIS		0x03cu	/* RO */
#define UARTMIS		0x040u	/* RO */
#define UARTICR		0x044u	/* WO */

#define FR_RXFE		(1u << 4)
#define FR_TXFF		(1u << 5)
#define FR_TXFE		(1u << 7)
#define INT_RX		(1u << 4)
#define INT_RT		(1u << 6)

#define FIFO_SIZE	16u	/* bytes; of the real device, section 2.2.1 */
#define RX_SIZE		1024u
#define TX_SIZE		16384u

/* What an ME prints in this time leaves in one write. */
#define TX_GATHER_NS	500000

static struct {
	int vm;
	u32 irq;
	int port;
	pthread_mutex_t lock;
	pthread_cond_t rx_room;
	pthread_cond_t tx_data;
	pthread_cond_t tx_room;
	char rx[RX_SIZE];
	u32 rx_prod;
	u32 rx_cons;
	char tx[TX_SIZE];
	u32 tx_len;
	bool tx_busy;
	u32 mask;
	bool level;
} uart = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.rx_room = PTHREAD_COND_INITIALIZER,
	.tx_data = PTHREAD_COND_INITIALIZER,
	.tx_room = PTHREAD_COND_INITIALIZER,
};

static u32 raw_status(void)
{
	return uart.rx_prod != uart.rx_cons ? INT_RX | INT_RT : 0;
}

/* With the lock held. */
static void update_irq(void)
{
	bool level = raw_status() & uart.mask;
	struct kvm_irq_level line = { .irq = uart.irq, .level = level };

	if (level == uart.level)
		return;
	uart.level = level;
	ioctl(uart.vm, KVM_IRQ_LINE, &line);
}

static u32 take_rx(void)
{
	u32 c;

	if (uart.rx_prod == uart.rx_cons)
		return 0;
	c = (unsigned char)uart.rx[uart.rx_cons++ % RX_SIZE];
	pthread_cond_signal(&uart.rx_room);
	update_irq();
	return c;
}

u64 uart_keys(void)
{
	u64 keys = 0;
	u64 n;

	pthread_mutex_lock(&uart.lock);
	for (n = 0; n < AVZ_KEYS_MAX && uart.rx_prod != uart.rx_cons; n++)
		keys |= (u64)(u8)uart.rx[uart.rx_cons++ % RX_SIZE] << (8 * n);
	if (n) {
		pthread_cond_signal(&uart.rx_room);
		update_irq();
	}
	pthread_mutex_unlock(&uart.lock);
	return keys | n << 56;
}

u32 uart_read(u32 offset)
{
	u32 value = 0;

	pthread_mutex_lock(&uart.lock);
	switch (offset) {
	case UARTDR:
		value = take_rx();
		break;
	case UARTFR:
		value = uart.rx_prod == uart.rx_cons ? FR_RXFE : 0;
		value |= uart.tx_len == TX_SIZE ? FR_TXFF : 0;
		/* "Empty" promises room for a whole FIFO, which is what drivers make of it. */
		value |= TX_SIZE - uart.tx_len >= FIFO_SIZE ? FR_TXFE : 0;
		break;
	case UARTIMSC:
		value = uart.mask;
		break;
	case UARTRIS:
		value = raw_status();
		break;
	case UARTMIS:
		value = raw_status() & uart.mask;
		break;
	}
	pthread_mutex_unlock(&uart.lock);
	return value;
}

/* With the lock held. */
static void put_tx(char c)
{
	while (uart.tx_len == TX_SIZE)
		pthread_cond_wait(&uart.tx_room, &uart.lock);
	uart.tx[uart.tx_len++] = c;
}

void uart_print(const u8 *text, u32 size)
{
	u32 i;

	pthread_mutex_lock(&uart.lock);
	for (i = 0; i < size; i++) {
		put_tx(text[i]);
		pthread_cond_signal(&uart.tx_data);
	}
	pthread_mutex_unlock(&uart.lock);
}

void uart_write(u32 offset, u32 value)
{
	pthread_mutex_lock(&uart.lock);
	switch (offset) {
	case UARTDR:
		put_tx(value);
		pthread_cond_signal(&uart.tx_data);
		break;
	case UARTIMSC:
		uart.mask = value;
		update_irq();
		break;
	case UARTICR:
		break;	/* both interrupts are levels of the receive buffer */
	}
	pthread_mutex_unlock(&uart.lock);
}

static void *transmit(void *unused)
{
	static char out[TX_SIZE];
	const struct timespec gather = { .tv_nsec = TX_GATHER_NS };
	size_t n;

	(void)unused;
	for (;;) {
		pthread_mutex_lock(&uart.lock);
		while (!uart.tx_len)
			pthread_cond_wait(&uart.tx_data, &uart.lock);
		pthread_mutex_unlock(&uart.lock);
		nanosleep(&gather, NULL);
		pthread_mutex_lock(&uart.lock);
		n = uart.tx_len;
		memcpy(out, uart.tx, n);
		uart.tx_len = 0;
		uart.tx_busy = true;
		pthread_cond_broadcast(&uart.tx_room);
		pthread_mutex_unlock(&uart.lock);
		/* The harness' end is always there; should the port refuse, the ME does not hang on it. */
		(void)write_all(uart.port, out, n);
		pthread_mutex_lock(&uart.lock);
		uart.tx_busy = false;
		pthread_cond_broadcast(&uart.tx_room);
		pthread_mutex_unlock(&uart.lock);
	}
	return NULL;
}

static void receive_bytes(const char *in, ssize_t n)
{
	ssize_t i;

	pthread_mutex_lock(&uart.lock);
	for (i = 0; i < n; i++) {
		while (uart.rx_prod - uart.rx_cons == RX_SIZE)
			pthread_cond_wait(&uart.rx_room, &uart.lock);
		uart.rx[uart.rx_prod++ % RX_SIZE] = in[i];
		update_irq();
	}
	pthread_mutex_unlock(&uart.lock);
}

static void *receive(void *unused)
{
	struct pollfd fd = { .fd = uart.port, .events = POLLIN };
	char in[256];
	ssize_t n;

	(void)unused;
	for (;;) {
		if (poll(&fd, 1, -1) < 0)
			continue;
		n = read(uart.port, in, sizeof(in));
		if (n == 0)
			return NULL;	/* the harness closed its end: no more input */
		if (n > 0)
			receive_bytes(in, n);
	}
	return NULL;
}

int uart_init(int vm, u32 spi, u32 slot)
{
	pthread_t thread;
	char name[8];
	int err;

	snprintf(name, sizeof(name), "me%u", slot);
	uart.port = port_open(name);
	if (uart.port < 0)
		return -1;
	uart.vm = vm;
	uart.irq = (KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT) | (32 + spi);
	err = pthread_create(&thread, NULL, transmit, NULL);
	if (!err)
		err = pthread_create(&thread, NULL, receive, NULL);
	return err ? fail("console: %s", strerror(err)) : 0;
}

void uart_drain(void)
{
	pthread_mutex_lock(&uart.lock);
	while (uart.tx_len || uart.tx_busy)
		pthread_cond_wait(&uart.tx_room, &uart.lock);
	pthread_mutex_unlock(&uart.lock);
}

u32 uart_save(u8 *typed, u32 size, u32 *len)
{
	u32 mask, i;

	pthread_mutex_lock(&uart.lock);
	*len = uart.rx_prod - uart.rx_cons < size ? uart.rx_prod - uart.rx_cons : size;
	for (i = 0; i < *len; i++)
		typed[i] = uart.rx[(uart.rx_cons + i) % RX_SIZE];
	mask = uart.mask;
	pthread_mutex_unlock(&uart.lock);
	return mask;
}

void uart_restore(u32 mask, const u8 *typed, u32 len)
{
	u32 i;

	pthread_mutex_lock(&uart.lock);
	uart.mask = mask;
	for (i = 0; i < len && uart.rx_prod - uart.rx_cons < RX_SIZE; i++)
		uart.rx[uart.rx_prod++ % RX_SIZE] = typed[i];
	/* The line as the restored controller has it may be wrong: say it again. */
	uart.level = !(raw_status() & uart.mask);
	update_irq();
	pthread_mutex_unlock(&uart.lock);
}
