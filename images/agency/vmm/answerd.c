// SPDX-License-Identifier: GPL-2.0-only
/*
 * answerd.c - answerd FOLDER CONSOLE: does for the agency's shell what would need a process each time.
 *
 * The shell writes one line to FOLDER/ask and reads one from FOLDER/told (function `ask` in /etc/shell):
 *
 *   <number> look FILE...		append these files to FOLDER/answer
 *   <number> refresh SECONDS HEX	see refresh.c
 *   <number> show NONCE WORD...	print FOLDER/answer to the console, framed:
 *
 *	SOO-b-<nonce>
 *	<size> <crc32 of the answer, 8 digits>
 *	<answer>SOO-e-<nonce> <words>
 *
 * What is told is the number and a status. A machine that has just gone on from a template translates
 * every instruction anew: fork, exec and exit of one `cat` cost it 90 ms, the way through here 5 ms.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "crc32.h"
#include "util.h"

#define LINE		1024
#define WORDS		16
#define CHUNK		(64 << 10)

/* All is open from the start on: a request costs no path. */
static struct {
	int ask;
	int told;
	int answer;
	int console;
} files;

static int write_out(int fd, const char *data, size_t size)
{
	return write_all(fd, data, size) ? fail("write: %s", strerror(errno)) : 0;
}

static int look_at(const char *path)
{
	static char chunk[CHUNK];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return fail("%s: %s", path, strerror(errno));
	while (!err && (n = read(fd, chunk, sizeof(chunk))) > 0)
		err = write_out(files.answer, chunk, n);
	if (!err && n < 0)
		err = fail("%s: %s", path, strerror(errno));
	close(fd);
	return err;
}

static int look(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (look_at(argv[i]))
			return -1;
	}
	return 0;
}

/* Return: the answer so far, to be freed, or NULL by fail(). */
static char *read_answer(size_t *size)
{
	struct stat st;
	char *data;

	if (fstat(files.answer, &st) < 0) {
		fail("answer: %s", strerror(errno));
		return NULL;
	}
	*size = st.st_size;
	data = malloc(*size + 1);
	if (!data || pread(files.answer, data, *size, 0) != (ssize_t)*size) {
		fail("answer: cannot be read");
		free(data);
		return NULL;
	}
	return data;
}

/* In one piece, as far as the console takes it: the kernel may print between two writes. */
static int show(int argc, char **argv)
{
	size_t size, len;
	char *data, *text;
	int i, err;

	if (argc < 2)
		return fail("show wants a nonce");
	data = read_answer(&size);
	if (!data)
		return -1;
	text = malloc(size + 2 * LINE);
	if (!text) {
		free(data);
		return fail("no memory for an answer of %zu bytes", size);
	}
	len = sprintf(text, "SOO-b-%s\n%zu %08x\n", argv[1], size, crc32(data, size));
	memcpy(text + len, data, size);
	len += size;
	len += sprintf(text + len, "SOO-e-%s", argv[1]);
	for (i = 2; i < argc; i++)
		len += sprintf(text + len, " %s", argv[i]);
	text[len++] = '\n';
	err = write_out(files.console, text, len);
	free(text);
	free(data);
	return err;
}

static const struct {
	const char *name;
	int (*serve)(int argc, char **argv);
} verbs[] = {
	{ "look", look },
	{ "refresh", refresh },
	{ "show", show },
};

static int serve(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc && i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(argv[0], verbs[i].name))
			return verbs[i].serve(argc, argv);
	}
	return fail("'%s' is nothing to ask for", argc ? argv[0] : "");
}

/* What went wrong is part of the answer. */
static void explain(void)
{
	char line[LINE];
	int len = snprintf(line, sizeof(line), "answerd: %s\n", failure());

	write_all(files.answer, line, len);
}

static void serve_line(char *line)
{
	char *words[WORDS], *save = NULL;
	char reply[64];
	int count = 0, status = 0;

	for (words[0] = strtok_r(line, " ", &save); words[count] && count < WORDS - 1;)
		words[++count] = strtok_r(NULL, " ", &save);
	if (!count)
		return;
	if (serve(count - 1, words + 1)) {
		explain();
		status = 1;
	}
	snprintf(reply, sizeof(reply), "%.32s %d\n", words[0], status);
	write_all(files.told, reply, strlen(reply));
}

/* The shell asks one thing at a time and waits, so that a line comes in one piece. */
static int serve_all(void)
{
	char line[LINE];
	ssize_t n;

	for (;;) {
		n = read(files.ask, line, sizeof(line) - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail("ask: %s", strerror(errno));
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		serve_line(line);
	}
}

/* Both ways: neither the shell's opening nor ours ever waits for the other side. */
static int open_pipe(const char *folder, const char *name)
{
	char path[LINE];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (mkfifo(path, 0600) < 0)
		return fail("%s: %s", path, strerror(errno));
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? fail("%s: %s", path, strerror(errno)) : fd;
}

static int open_files(const char *folder, const char *console)
{
	char path[LINE];

	files.ask = open_pipe(folder, "ask");
	files.told = open_pipe(folder, "told");
	if (files.ask < 0 || files.told < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/answer", folder);
	files.answer = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (files.answer < 0)
		return fail("%s: %s", path, strerror(errno));
	files.console = open(console, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return files.console < 0 ? fail("%s: %s", console, strerror(errno)) : 0;
}

int answerd_main(int argc, char **argv)
{
	if (argc != 3) {
		fail("wants a folder and a console");
		return complain("answerd");
	}
	if (open_files(argv[1], argv[2]))
		return complain("answerd");
	if (daemon(0, 0) < 0) {
		fail("daemon: %s", strerror(errno));
		return complain("answerd");
	}
	return serve_all() ? 1 : 0;
}
