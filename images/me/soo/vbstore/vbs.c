/* SPDX-License-Identifier: GPL-2.0-only */
/* vbs.c - requests to the store: one at a time, answered by a thread that reads the replies. */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vbs.h"
#include "thread.h"
#include "wait.h"

#define REPLY_MS	10000ul
#define NUMBER_SIZE	12u
#define ERRNO_MAX	4095u

/* The one request that is outstanding. */
static struct {
	u32 id;
	enum vbs_msg_type type;
	bool waiting;
	int result;		/* length of the reply, or -errno */
	char *reply;
	size_t size;
} call;

static struct mutex call_lock = MUTEX_INIT(call_lock);
static struct wait_queue answered = WAIT_QUEUE_INIT(answered);
static struct wait_queue arrived = WAIT_QUEUE_INIT(arrived);
static bool event_seen;
static bool broken;
static u32 last_id;
static void (*tap)(const struct vbs_msg_header *head, const u8 *payload);

static void vbs_event(void *arg __unused)
{
	event_seen = true;
	wait_wake_all(&arrived);
}

static void take_reply(const struct vbs_msg_header *head, const u8 *payload)
{
	size_t len = head->len;

	/* Of a request that nobody waits for any more. */
	if (!call.waiting || head->id != call.id) {
		if (tap)
			tap(head, payload);
		return;
	}
	if (head->type == VBS_ERROR) {
		unsigned long err = payload[0] == '-' ? strtoul((const char *)payload + 1, NULL, 10) : 0;

		call.result = err && err <= ERRNO_MAX ? -(int)err : -EPROTO;
	} else {
		call.result = (int)len;
		if (call.size) {
			len = len < call.size ? len : call.size - 1;
			memcpy(call.reply, payload, len);
			call.reply[len] = '\0';
		}
	}
	call.waiting = false;
	/* The planted defect: who waits for the end of a transaction is not told of it. */
	if (call.type != VBS_TRANSACTION_END || !fault_active("fe-wakeup-lost"))
		wait_wake_all(&answered);
}

static void reader_thread(void *arg __unused)
{
	static u8 payload[VBS_RING_SIZE];
	struct vbs_msg_header head;
	int got;

	for (;;) {
		wait_event(&arrived, event_seen && !broken);
		event_seen = false;
		while ((got = vbs_ring_take(&head, payload)) > 0) {
			if (head.type == VBS_WATCH_EVENT)
				vbs_watch_event((const char *)payload);
			else
				take_reply(&head, payload);
		}
		if (!got)
			continue;
		printk("soo: vbstore: malformed message page: the connection is given up\n");
		broken = true;
		wait_wake_all(&answered);
	}
}

/* With call_lock held. */
static int exchange(const struct vbs_msg_header *head, const char *path, const char *value)
{
	int err;

	err = vbs_ring_put(head, path, value);
	if (err)
		return err;
	if (!wait_event_until(&answered, !call.waiting || broken, time_in_ms(REPLY_MS)))
		return -ETIMEDOUT;
	return call.waiting ? -EPROTO : call.result;
}

int vbs_request(enum vbs_msg_type type, u32 tx, const char *path, const char *value, char *reply, size_t size)
{
	struct vbs_msg_header head = {
		.revision = VBS_MSG_REVISION,
		.type = type,
		.transaction_id = tx,
	};
	int ret;

	if (!avz_present())
		return -ENODEV;
	if (path)
		head.len += (u32)strlen(path) + 1;
	if (value)
		head.len += (u32)strlen(value) + 1;

	mutex_lock(&call_lock);
	head.id = ++last_id;
	call.id = head.id;
	call.type = type;
	call.waiting = true;
	call.reply = reply;
	call.size = size;
	ret = broken ? -EPROTO : exchange(&head, path, value);
	call.waiting = false;
	mutex_unlock(&call_lock);
	return ret;
}

int vbs_directory(const char *path, char *names, size_t size)
{
	int len = vbs_request(VBS_DIRECTORY, VBS_NO_TRANSACTION, path, NULL, names, size);

	return len < (int)size ? len : (int)size - 1;
}

int vbs_exists(const char *path)
{
	char answer[4] = "";
	int len = vbs_request(VBS_DIRECTORY_EXISTS, VBS_NO_TRANSACTION, path, NULL, answer, sizeof(answer));

	return len < 0 ? len : answer[0] == '1';
}

int vbs_read(const char *path, char *value, size_t size)
{
	int len = vbs_request(VBS_READ, VBS_NO_TRANSACTION, path, NULL, value, size);

	return len < 0 ? len : 0;
}

int vbs_read_u32(const char *path, u32 *value)
{
	char text[NUMBER_SIZE];
	char *end;
	int err;

	err = vbs_read(path, text, sizeof(text));
	if (err)
		return err;
	if (!text[0])
		return -ENOENT;
	*value = (u32)strtoul(text, &end, 10);
	return *end ? -EINVAL : 0;
}

static int simple(enum vbs_msg_type type, u32 tx, const char *path, const char *value)
{
	int len = vbs_request(type, tx, path, value, NULL, 0);

	return len < 0 ? len : 0;
}

int vbs_write(u32 tx, const char *path, const char *value)
{
	return simple(VBS_WRITE, tx, path, value);
}

int vbs_write_u32(u32 tx, const char *path, u32 value)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof(text), "%u", value);
	return vbs_write(tx, path, text);
}

int vbs_mkdir(u32 tx, const char *path)
{
	return simple(VBS_MKDIR, tx, path, NULL);
}

int vbs_rm(u32 tx, const char *path)
{
	return simple(VBS_RM, tx, path, NULL);
}

u32 vbs_transaction_start(void)
{
	static u32 last;

	if (++last == VBS_NO_TRANSACTION)
		last++;
	return last;
}

int vbs_transaction_end(u32 tx)
{
	return simple(VBS_TRANSACTION_END, tx, NULL, NULL);
}

void vbs_hold(void)
{
	mutex_lock(&call_lock);
}

void vbs_tap(void (*fn)(const struct vbs_msg_header *head, const u8 *payload))
{
	tap = fn;
}

void vbs_release(void)
{
	mutex_unlock(&call_lock);
}

int vbs_connect(void)
{
	int err;

	vbs_ring_reset();
	broken = false;
	err = evtchn_bind(avz_shared()->vbstore_evtchn, vbs_event, NULL);
	/* Whatever came before the binding. */
	if (!err)
		vbs_event(NULL);
	return err;
}

int vbs_init(void)
{
	int err;

	err = vbs_connect();
	if (err)
		return err;
	err = thread_create("vbstore", reader_thread, NULL);
	if (err)
		return err;
	return vbs_watch_init();
}
