/* SPDX-License-Identifier: GPL-2.0-only */
/* soo.c - this kernel as a mobile entity: how it joins the agency, and how it leaves. */
#include "printk.h"
#include "soo/avz.h"
#include "soo/dc.h"
#include "soo/soo.h"
#include "soo/vbs.h"
#include "soo/vbstore_me.h"
#include "soo/vbus.h"

static void join(void)
{
	int err;

	err = vbs_init();
	if (!err)
		err = dc_init();
	if (err) {
		printk("soo: no connection to the agency: error %d\n", err);
		return;
	}
	printk("Now ready to register vbstore entries\n");
	vbstore_me_register();
	vbus_start_frontends();
	/* Also without a device: the agency counts the ME as started after it. */
	err = dc_send(DC_TRIGGER_DEV_PROBE);
	if (err)
		printk("soo: the agency did not answer the probe request: error %d\n", err);
}

void soo_init(void)
{
	if (!avz_present()) {
		printk("soo: no agency\n");
		return;
	}
	printk("SOO Mobile Entity booting ...\n");
	join();
}

void soo_terminate(void)
{
	int err;

	vbus_close_frontends();
	vbstore_me_remove();
	err = avz_hypercall(AVZ_ME_STATE, ME_STATE_TERMINATED, 0, NULL);
	if (err)
		printk("soo: the agency refused the state terminated: error %d\n", err);
	else
		printk("soo: terminated\n");
}
