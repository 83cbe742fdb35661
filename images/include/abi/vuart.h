/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vuart.h - a console over the bus: requests are characters to print, responses are characters
 * typed. Both directions run by themselves, so that the ring is an unsolicited one, of 1,024 entries.
 *
 * Who finds the ring full waits for the peer's notification: each side notifies when it has taken
 * characters, and when it has put some. On Connected the front notifies once.
 */
#ifndef ABI_VUART_H
#define ABI_VUART_H

#include "types.h"

#define VUART_NAME		"vuart"
#define VUART_ENTRIES		1024u

struct vuart_request {
	u8 c;
};
ABI_SIZE(struct vuart_request, 1);

struct vuart_response {
	u8 c;
};
ABI_SIZE(struct vuart_response, 1);

#endif /* ABI_VUART_H */
