/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs.h - the store in the agency. Requests wait for the reply; each may give -ETIMEDOUT, -EPROTO
 * after the connection broke, or what the store answers.
 *
 * Paths have no leading slash. A write in a transaction wakes watchers at its end; one with
 * VBS_NO_TRANSACTION wakes nobody.
 */
#ifndef SOO_VBS_H
#define SOO_VBS_H

#include "abi/vbstore.h"
#include "abi/vbus.h"

#include "list.h"

#define VBS_NO_TRANSACTION	0u

struct vbs_watch {
	char path[VBS_PATH_SIZE];
	void (*changed)(struct vbs_watch *watch);	/* in the watch thread; may make requests */
	struct list list;
};

int vbs_init(void);

/* From the one to the other, requests wait; none is outstanding once vbs_hold() returns. */
void vbs_hold(void);
void vbs_release(void);

/* While requests are held: joins the store behind new shared pages. Return: 0 or -errno. */
int vbs_connect(void);

/*
 * While requests are held: replies that nobody waits for go to @tap, which may wake others but not wait.
 * NULL: they are dropped.
 */
void vbs_tap(void (*tap)(const struct vbs_msg_header *head, const u8 *payload));

/* Return: length of the reply, or -errno. @reply is NUL-terminated, cut to @size. */
int vbs_request(enum vbs_msg_type type, u32 tx, const char *path, const char *value, char *reply, size_t size);

/* Child names, each with its NUL. Return: their length, or -errno. */
int vbs_directory(const char *path, char *names, size_t size);
/* Return: 1, 0, or -errno. */
int vbs_exists(const char *path);
/* An absent key reads as "". */
int vbs_read(const char *path, char *value, size_t size);
/* Return: 0, -ENOENT for an absent key, -EINVAL if it is no decimal number. */
int vbs_read_u32(const char *path, u32 *value);
int vbs_write(u32 tx, const char *path, const char *value);
int vbs_write_u32(u32 tx, const char *path, u32 value);
int vbs_mkdir(u32 tx, const char *path);
int vbs_rm(u32 tx, const char *path);

/* Numbers are chosen here: the store learns of a transaction by its first write. */
u32 vbs_transaction_start(void);
int vbs_transaction_end(u32 tx);

int vbs_watch_add(struct vbs_watch *watch);
void vbs_watch_remove(struct vbs_watch *watch);
/* For a watch of a store that this ME has left. */
void vbs_watch_forget(struct vbs_watch *watch);

/* Between the parts of the client. */
bool vbs_covers(const char *watched, const char *written);	/* the same, or above it */
void vbs_ring_reset(void);
int vbs_ring_put(const struct vbs_msg_header *head, const char *path, const char *value);
/* Any header, and @size bytes as they are. The store is not notified. */
int vbs_ring_put_raw(const struct vbs_msg_header *head, const u8 *payload, u32 size);
int vbs_ring_take(struct vbs_msg_header *head, u8 *payload);
int vbs_watch_init(void);
void vbs_watch_event(const char *path);

#endif /* SOO_VBS_H */
