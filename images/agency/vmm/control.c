// SPDX-License-Identifier: GPL-2.0-only
/*
 * control.c - both ends of the socket of a host. One request at a time.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "snapshot.h"
#include "util.h"
#include "where.h"

#define ANSWER_SIZE	256

union fd_message {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* A name of the abstract space: there is no file to be left behind. */
static socklen_t address(struct sockaddr_un *addr, int pid)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(addr->sun_path + 1, sizeof(addr->sun_path) - 1, SOO_HOST_SOCKET, pid);
}

static int write_out(int fd, const u8 *data, size_t size)
{
	if (write_all(fd, data, size))
		return fail("cannot be written: %s", strerror(errno));
	/* Not of each kind of file, e.g. a pipe's; a disk's errors come here. */
	if (fsync(fd) < 0 && errno != EINVAL)
		return fail("cannot be written: %s", strerror(errno));
	return 0;
}

static int save(struct vm *vm, int fd, char *answer)
{
	struct snapshot_buffer out = { 0 };
	int err;

	if (ioctl(vm->core, SOO_IOC_DOMAIN_SAVE) < 0)
		return errno == EBUSY ? fail("the ME is not suspended")
				      : fail("SOO_IOC_DOMAIN_SAVE: %s", strerror(errno));
	err = vm_between_runs(vm, snapshot_make, &out);
	if (!err)
		err = write_out(fd, out.data, out.size);
	free(out.data);
	snprintf(answer, ANSWER_SIZE, "ok %zu", out.size);
	return err;
}

static int tell_where(struct vm *vm, int fd, char *answer)
{
	static struct where_text out;
	int err;

	err = vm_between_runs(vm, where_tell, &out);
	if (!err)
		err = write_out(fd, (const u8 *)out.text, out.size);
	snprintf(answer, ANSWER_SIZE, "ok %zu", out.size);
	return err;
}

static int obey(struct vm *vm, char op, int fd, char *answer)
{
	switch (op) {
	case CONTROL_SAVE:
		return save(vm, fd, answer);
	case CONTROL_WHERE:
		return tell_where(vm, fd, answer);
	default:
		return fail("no such request");
	}
}

static void serve(struct vm *vm, int sock)
{
	union fd_message control;
	char answer[ANSWER_SIZE];
	char op = 0;
	struct iovec data = { .iov_base = &op, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c;
	int fd, err;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1)
		return;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	err = obey(vm, op, fd, answer);
	close(fd);
	if (err)
		snprintf(answer, sizeof(answer), "%s", failure());
	send(sock, answer, strlen(answer), MSG_NOSIGNAL);
}

struct server {
	struct vm *vm;
	int listener;
};

static void *serve_all(void *arg)
{
	const struct server *server = arg;

	for (;;) {
		int sock = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

		if (sock < 0)
			continue;
		serve(server->vm, sock);
		close(sock);
	}
	return NULL;
}

int control_init(struct vm *vm)
{
	static struct server server;
	struct sockaddr_un addr;
	socklen_t len = address(&addr, getpid());
	pthread_t thread;
	int err;

	server.vm = vm;
	server.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (server.listener < 0 || bind(server.listener, (struct sockaddr *)&addr, len) < 0 ||
	    listen(server.listener, 4) < 0)
		return fail("control socket: %s", strerror(errno));
	err = pthread_create(&thread, NULL, serve_all, &server);
	return err ? fail("control thread: %s", strerror(err)) : 0;
}

static int exchange(int sock, char op, int fd, char *answer)
{
	union fd_message control = { .bytes = { 0 } };
	struct iovec data = { .iov_base = &op, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != 1)
		return fail("the host of the ME does not listen: %s", strerror(errno));
	n = recv(sock, answer, ANSWER_SIZE - 1, 0);
	if (n <= 0)
		return fail("the host of the ME has ended");
	answer[n] = '\0';
	return 0;
}

int control_request(int pid, char op, int fd, unsigned long long *number)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	char answer[ANSWER_SIZE];
	struct sockaddr_un addr;
	socklen_t len = address(&addr, pid);
	int err;

	if (sock < 0)
		return fail("socket: %s", strerror(errno));
	if (connect(sock, (struct sockaddr *)&addr, len) < 0)
		err = fail("the host of the ME does not listen: %s", strerror(errno));
	else
		err = exchange(sock, op, fd, answer);
	close(sock);
	if (err)
		return err;
	return sscanf(answer, "ok %llu", number) == 1 ? 0 : fail("%s", answer);
}
