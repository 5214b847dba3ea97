/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See node.h. */
#include "bench/fleet/node.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/commands/command.h"
#include "bench/fleet/files.h"
#include "bench/fleet/unpack.h"
#include "drivers/ssh/talk.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/program.h"
#include "lib/str.h"

/* In the directory that it is started in. */
#define RUN_DIR "run"
/* Layers that are up are ended one after the other. */
#define STOP_NS (120 * NS_PER_S)
#define CLEAN_NS (60 * NS_PER_S)
enum { SENTENCE = 600, BELOW = 256, SAID_MAX = 64 << 10 };

static const struct option options[] = {{0}};

const struct cli cli_node = {
	.name = "nestbench node",
	.examples = "  nestbench node\n",
	.about = "Runs nestbench run on a node of a fleet: which words it runs, and that it is "
		 "still wanted, is told on stdin; how that ended, and the files of the run, are "
		 "said on stdout. nestbench fleet starts it.",
	.options = options,
};

/* ---- the request ---- */

/* Nothing behind the line is read. */
static int read_line(struct buf *line, struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + NODE_LEASE_S * NS_PER_S;
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	char c = 0;

	while (clock_now(&clock_machine) < end && line->len < NODE_LINE_MAX) {
		if (poll(&p, 1, 1000) <= 0)
			continue;
		if (read(STDIN_FILENO, &c, 1) <= 0)
			break;
		if (c == '\n')
			return buf_check(line, err);
		buf_add(line, &c, 1);
	}
	return err_set(err, EXIT_USAGE, "no request came on stdin");
}

static int read_request(struct words *run, struct err *err)
{
	char self[PATH_MAX];
	struct buf line = BUF_INIT;
	bool image = false;
	int done = program_self(self, err);

	if (done == 0)
		done = words_add(run, err, "%s", self);
	if (done == 0)
		done = read_line(&line, err);
	if (done == 0)
		done = node_request_read(buf_str(&line), run, &image, err);
	if (done == 0)
		done = words_add(run, err, "--out=" RUN_DIR);
	if (done == 0 && image)
		done = words_add(run, err, "--image=%.*s" FLEET_IMAGE,
				 (int)(file_name(self) - self), self);
	buf_release(&line);
	return done;
}

/* ---- the run ---- */

/* What the run says on stderr, the last of it: kept here, as its disk may be full. */
struct said {
	int fd; /* does not block */
	struct buf text;
};

static void forget_begin(struct buf *text)
{
	if (text->len < SAID_MAX)
		return;
	text->len /= 2;
	memmove(text->data, text->data + text->len, text->len + 1);
	text->data[text->len] = '\0';
}

static void take_said(struct said *s)
{
	char chunk[4096];
	ssize_t got;

	while (s->fd >= 0 && (got = read(s->fd, chunk, sizeof(chunk))) != -1) {
		if (got == 0) {
			close(s->fd);
			s->fd = -1;
			return;
		}
		forget_begin(&s->text);
		buf_add(&s->text, chunk, (size_t)got);
	}
}

/* False: nobody wants it any more. */
static bool hear(short events, uint64_t *heard)
{
	char beats[256];

	if (events) {
		if (read(STDIN_FILENO, beats, sizeof(beats)) <= 0)
			return false;
		*heard = clock_now(&clock_machine);
	}
	return clock_now(&clock_machine) - *heard < NODE_LEASE_S * NS_PER_S && !interrupt_pending();
}

/* What it prints is the table that whoever has the rows can make. */
static void pass_over(struct child *c)
{
	char table[4096];

	if (read(c->out, table, sizeof(table)) <= 0) {
		close(c->out);
		c->out = -1;
	}
}

/* As by Ctrl-C: the run itself ends what it has started. */
static void stop(struct child *c, struct said *s)
{
	uint64_t end = clock_now(&clock_machine) + STOP_NS;
	int status;

	kill(c->pid, SIGTERM);
	while (!child_wait(c, NS_PER_S / 10, &status) && clock_now(&clock_machine) < end)
		take_said(s);
	child_stop(c, 0);
}

/* The exit code of the run. */
static int watch(struct child *c, struct said *s)
{
	uint64_t heard = clock_now(&clock_machine);
	int status = 0;

	while (!child_wait(c, 0, &status)) {
		struct pollfd p[4] = {{.fd = STDIN_FILENO, .events = POLLIN},
				      {.fd = c->out, .events = POLLIN},
				      {.fd = interrupt_fd(), .events = POLLIN},
				      {.fd = s->fd, .events = POLLIN}};

		/* Its end closes the pipe. */
		poll(p, 4, c->out < 0 ? 100 : 1000);
		if (p[1].revents)
			pass_over(c);
		take_said(s);
		if (!hear(p[0].revents, &heard)) {
			stop(c, s);
			return EXIT_INTERRUPTED;
		}
	}
	child_stop(c, 0);
	take_said(s);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What a run leaves behind that was killed. */
static void clean(const char *self)
{
	const char *const argv[] = {self, "clean", NULL};
	struct buf out = BUF_INIT;
	struct err ignored;

	child_run(argv, NULL, NULL, CLEAN_NS, &out, &ignored);
	buf_release(&out);
}

static int run(const struct words *words, struct said *s, int *code, struct err *err)
{
	struct child_options opt = {0};
	struct child c;
	int ends[2], done;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pipe");
	s->fd = ends[0];
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	opt.err_fd = ends[1];
	done = child_start(&c, (const char *const *)words->item, &opt, err);
	close(ends[1]);
	if (done < 0)
		return -1;
	close(c.in);
	c.in = -1;
	*code = watch(&c, s);
	if (*code > 128 && *code != EXIT_INTERRUPTED)
		clean(words->item[0]);
	return 0;
}

/* ---- what is said ---- */

/* What the run said last, or what ended it. */
static void add_sentence(int code, const struct said *s, struct buf *out)
{
	char last[SENTENCE];

	node_last_said(buf_str(&s->text), last, sizeof(last));
	if (code > 128 && code != EXIT_INTERRUPTED)
		buf_addf(out, "nestbench run was ended by signal %d (%s)", code - 128,
			 strsignal(code - 128));
	else
		buf_addstr(out, last);
}

static int put(void *ctx, const void *data, size_t len, struct err *err)
{
	return fwrite(data, 1, len, stdout) == len
		       ? 0
		       : err_errno(err, EXIT_MACHINE, "cannot send the files of the run");
}

static int send_file(const char *path, const char *name, struct err *err)
{
	struct payload one = {.count = 0};

	return payload_add(&one, path, name, err) < 0
		       ? -1
		       : payload_send_file(&one.file[0], put, NULL, err);
}

/* Of a directory and those in it, one below the other; others than files of a run stay here. */
static int send_dir(const char *below, struct err *err)
{
	DIR *dir = file_dir(RUN_DIR "/%s", below);
	char path[PATH_MAX], name[BELOW + NAME_MAX + 2];
	struct stat st;
	int done = 0;

	for (const char *entry; done == 0 && (entry = file_dir_next(dir));) {
		snprintf(name, sizeof(name), "%s%s%s", below, *below ? "/" : "", entry);
		snprintf(path, sizeof(path), RUN_DIR "/%s", name);
		if (!unpack_name_fits(name) || lstat(path, &st) < 0)
			continue;
		if (S_ISREG(st.st_mode))
			done = send_file(path, name, err);
		else if (S_ISDIR(st.st_mode) && !*below)
			done = send_dir(name, err);
	}
	file_dir_close(dir);
	return done;
}

static int say(int code, const struct said *s, struct err *err)
{
	struct buf line = BUF_INIT;
	int done;

	buf_addf(&line, TALK_MARK "ended %d ", code);
	add_sentence(code, s, &line);
	buf_addstr(&line, "\n");
	if (file_exists(RUN_DIR "/samples.csv"))
		buf_addstr(&line, TALK_MARK "results\n");
	done = buf_print(&line, stdout, err);
	if (done == 0 && file_exists(RUN_DIR "/samples.csv")) {
		done = send_dir("", err);
		if (done == 0)
			done = payload_send_end(put, NULL, err);
	}
	buf_release(&line);
	return done;
}

int cmd_node(int argc, char **argv, struct err *err)
{
	struct words words = WORDS_INIT;
	struct said said = {.fd = -1, .text = BUF_INIT};
	struct text_list none = {0};
	char unused;
	int done = options_parse(&cli_node, argc, argv, &unused, &none, err), code = 0;

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (interrupt_install(err) < 0)
		return -1;
	done = read_request(&words, err);
	if (done == 0)
		done = run(&words, &said, &code, err);
	if (done == 0)
		done = say(code, &said, err);
	if (said.fd >= 0)
		close(said.fd);
	buf_release(&said.text);
	words_release(&words);
	return done;
}
