/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * puppet.c - a frontend of type vdummy that is moved by hand.
 *
 * For an ME whose own vdummy is not in its tree: each state is held until the shell says what comes
 * next, whatever the protocol thinks of it.
 */
#include <string.h>

#include "abi/vdummy.h"

#include "printk.h"
#include "shell.h"
#include "soo/avz.h"
#include "soo/dc.h"
#include "soo/vbus.h"
#include "wait.h"

#define WAIT_MS	5000ul

static struct vbus_device puppet;	/* paths, and the backend's state as seen last */
static struct vbus_link ring;
static struct wait_queue seen = WAIT_QUEUE_INIT(seen);

static void kicked(void *arg __unused)
{
}

static const struct vbus_driver driver = { .type = VDUMMY_NAME };
static const struct vbus_link_type link_type = {
	.req_size = sizeof(struct vdummy_request),
	.rsp_size = sizeof(struct vdummy_response),
	.interrupt = kicked,
};

static void backend_written(struct vbs_watch *watch)
{
	u32 state;

	if (!vbs_read_u32(watch->path, &state))
		puppet.otherend_state = state;
	wait_wake_all(&seen);
}

static int put(const char *dir, const char *key, const char *value)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	return vbs_write(VBS_NO_TRANSACTION, path, value);
}

/* The directory of a device, under @parent, which may be there, as may what is above it. */
static int make_dirs(const char *above, const char *parent, const char *dir)
{
	if (above)
		vbs_mkdir(VBS_NO_TRANSACTION, above);
	vbs_mkdir(VBS_NO_TRANSACTION, parent);
	return vbs_mkdir(VBS_NO_TRANSACTION, dir);
}

static void name_paths(char above[VBS_PATH_SIZE], char front[VBS_PATH_SIZE], char back[VBS_PATH_SIZE])
{
	u32 d = avz_domid();

	puppet.drv = &driver;
	snprintf(above, VBS_PATH_SIZE, "device/%u", d);
	snprintf(front, VBS_PATH_SIZE, "device/%u/%s", d, VDUMMY_NAME);
	snprintf(back, VBS_PATH_SIZE, "backend/%s/%u", VDUMMY_NAME, d);
	snprintf(puppet.nodename, VBS_PATH_SIZE, "%s/0", front);
	snprintf(puppet.otherend, VBS_PATH_SIZE, "%s/0", back);
}

/* @state: Initialising, or Suspended for an ME that was restored. */
static int do_make(const char *state)
{
	char above[VBS_PATH_SIZE], front[VBS_PATH_SIZE], back[VBS_PATH_SIZE], number[12];
	int err;

	name_paths(above, front, back);
	snprintf(number, sizeof(number), "%u", avz_domid());
	err = make_dirs(above, front, puppet.nodename);
	if (!err)
		err = put(puppet.nodename, "state", state);
	if (!err)
		err = put(puppet.nodename, "backend", puppet.otherend);
	if (!err)
		err = make_dirs(NULL, back, puppet.otherend);
	if (!err)
		err = put(puppet.otherend, "state", "1");
	if (!err)
		err = put(puppet.otherend, "frontend", puppet.nodename);
	if (!err)
		err = put(puppet.otherend, "frontend-id", number);
	if (err)
		return err;
	puppet.otherend_state = VBUS_INITIALISING;
	snprintf(puppet.watch.path, VBS_PATH_SIZE, "%s/state", puppet.otherend);
	puppet.watch.changed = backend_written;
	return vbs_watch_add(&puppet.watch);
}

static int do_probe(const char *unused __unused)
{
	return dc_send(DC_TRIGGER_DEV_PROBE);
}

static int do_ring(const char *unused __unused)
{
	int err = vbus_link_make(&ring, &link_type, 0, NULL);

	return err ? err : vbus_publish_link(&puppet, &ring);
}

/* Whatever was written before: the store judges. */
static int do_state(const char *state)
{
	char path[VBS_PATH_SIZE];
	u32 tx = vbs_transaction_start();
	int err;

	snprintf(path, sizeof(path), "%s/state", puppet.nodename);
	err = vbs_write(tx, path, state);
	return err ? err : vbs_transaction_end(tx);
}

static int do_wait(const char *state)
{
	u64 wanted;

	if (!shell_number(state, 0, VBUS_STATE_COUNT - 1, &wanted))
		return -EINVAL;
	if (!wait_event_until(&seen, puppet.otherend_state == wanted, time_in_ms(WAIT_MS)))
		return -ETIMEDOUT;
	return 0;
}

static int do_remove(const char *unused __unused)
{
	int err;

	vbs_watch_remove(&puppet.watch);
	vbus_link_drop(&ring);
	err = vbs_rm(VBS_NO_TRANSACTION, puppet.otherend);
	return err ? err : vbs_rm(VBS_NO_TRANSACTION, puppet.nodename);
}

/* What the store has of both ends: our state, and why the backend gave up, if it did. */
static int do_show(const char *unused __unused)
{
	static char text[VBS_VALUE_SIZE];
	char path[VBS_PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "%s/state", puppet.nodename);
	err = vbs_read(path, text, sizeof(text));
	if (err)
		return err;
	printf("state %s\n", text);
	snprintf(path, sizeof(path), "%s/error", puppet.otherend);
	err = vbs_read(path, text, sizeof(text));
	if (!err && text[0])
		printf("error %.200s\n", text);
	return err;
}

static const struct {
	const char *name;
	bool takes;		/* a number after a colon */
	int (*run)(const char *argument);
} acts[] = {
	{ "make", true, do_make },
	{ "probe", false, do_probe },
	{ "ring", false, do_ring },
	{ "state", true, do_state },
	{ "wait", true, do_wait },
	{ "show", false, do_show },
	{ "remove", false, do_remove },
};

/* Return: 0 or -errno, -EINVAL for no act. */
static int act(const char *word)
{
	size_t len;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(acts); i++) {
		len = strlen(acts[i].name);
		if (!strncmp(word, acts[i].name, len) && word[len] == (acts[i].takes ? ':' : '\0'))
			return acts[i].run(acts[i].takes ? word + len + 1 : "");
	}
	return -EINVAL;
}

static int cmd_puppet(int argc, char **argv)
{
	int status = SHELL_OK;
	int i, err;

	for (i = 1; i < argc; i++) {
		err = act(argv[i]);
		if (!err)
			continue;
		printf("puppet: %s: error %d\n", argv[i], err);
		status = SHELL_FAILED;
	}
	return status;
}
SHELL_COMMAND("puppet", "a vdummy frontend by hand: make:N probe ring state:N wait:N show remove, in any order",
	      cmd_puppet);
