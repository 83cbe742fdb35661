/* SPDX-License-Identifier: GPL-2.0-only */
/* soo.c - this kernel as a mobile entity: how it joins an agency, rests, goes on, and leaves. */
#include "printk.h"
#include "soo/avz.h"
#include "soo/dc.h"
#include "soo/soo.h"
#include "soo/vbs.h"
#include "soo/vbstore_me.h"
#include "soo/vbus.h"
#include "thread.h"
#include "wait.h"

static bool refusing;
static bool resting;
static bool leaving;
static struct mutex leave_lock = MUTEX_INIT(leave_lock);

/* With the connection to the store made. */
static void announce(void)
{
	int err;

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
	int err;

	if (!avz_present()) {
		printk("soo: no agency\n");
		return;
	}
	printk("SOO Mobile Entity booting ...\n");
	err = vbs_init();
	if (!err)
		err = dc_init();
	if (err) {
		printk("soo: no connection to the agency: error %d\n", err);
		return;
	}
	vbus_place_frontends();
	announce();
}

void soo_refuse(bool on)
{
	refusing = on;
}

bool soo_may_suspend(void)
{
	if (refusing) {
		printk("soo: suspend is refused\n");
		vbstore_me_refused();
	}
	/* A device that has not seen the end of the last suspend would take the next one for a mistake. */
	vbus_settle();
	return !refusing && !leaving;
}

bool soo_may_terminate(void)
{
	if (refusing)
		printk("soo: termination is refused\n");
	/* Who rests would have to use its devices, which are suspended. */
	return !refusing && !resting;
}

int soo_suspend(void)
{
	if (resting)
		return 0;
	if (vbus_any_connected())
		return -EBUSY;
	printk("soo: suspended\n");
	vbs_hold();
	resting = true;
	time_stop();
	thread_freeze_others();
	return 0;
}

/* The agency's side of all connections is new: whatever was known of the old one is forgotten. */
static int join_again(void)
{
	evtchn_forget_all();
	if (!avz_join())
		return -EPROTO;
	return vbs_connect();
}

static void wake_up(void)
{
	time_go();
	thread_thaw_others();
	resting = false;
	vbs_release();
}

int soo_resume(void)
{
	bool moved = avz_moved();
	int err;

	if (!resting)
		return 0;
	if (moved) {
		err = join_again();
		if (err)
			return err;
	}
	wake_up();
	if (!moved) {
		printk("soo: resumed\n");
		return 0;
	}
	printk("soo: resumed as domain %u, incarnation %u\n", avz_domid(), avz_incarnation());
	err = dc_connect();
	if (err)
		return err;
	vbus_place_frontends();
	announce();
	return 0;
}

int soo_terminate(void)
{
	int err;

	/* Of two who ask for it the second waits for the end. */
	mutex_lock(&leave_lock);
	leaving = true;
	vbus_close_frontends();
	vbstore_me_remove();
	printk("soo: terminated\n");
	err = avz_hypercall(AVZ_ME_STATE, ME_STATE_TERMINATED, 0, NULL);
	if (err)
		printk("soo: the agency refused the state terminated: error %d\n", err);
	mutex_unlock(&leave_lock);
	return err;
}
