/* SPDX-License-Identifier: GPL-2.0-only */
/* entry.c - what libFuzzer calls. */
#include "host/host.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	host_init();
	target_run(&in);
	host_reset();
	return 0;
}
