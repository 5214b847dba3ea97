/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two directions of the byte stream. To the agent: a FIFO, which the QEMU guest agent has open
 * for reading too, so that opening it never blocks. From the agent: a file, since a read of an
 * empty FIFO fails there with the loss of what was read before. The shell that runs the agent
 * removes all of it when the agent ends, whatever becomes of us.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/guest/requests.h"
#include "lib/clock.h"
#include "lib/file.h"

#define SHELL_NS (20 * NS_PER_S)
#define END_NS (10 * NS_PER_S)
#define FLUSH_NS (5 * NS_PER_S)
#define STEP_US 50000

/* Of a program, so much at once: requests of 256 KiB were seen to get lost on their way. To a FIFO,
 * what it takes whole or not at all (PIPE_BUF). */
enum { COPY_BYTES = 64 << 10, FIFO_BYTES = 4096, PROGRAM_LIMIT = 64 << 20 };

struct serving {
	const struct guest_target *t;
	struct guest_agent g;
	json_int_t pid;		   /* of the shell around the agent; -1: none */
	json_int_t in, out, log;   /* handles; -1: not open */
	bool made;		   /* the directory is there */
	bool line_begins;	   /* what was sent last ended with a newline */
	uint64_t sent_ns, seen_ns; /* when something was last sent; when its end was looked for */
	uint64_t poll_ns, next_ns; /* from one look to the next; when the next one is due */
};

static int shell(struct serving *s, const char *format, struct err *err)
{
	struct buf script = BUF_INIT;
	int done = -1;

	buf_addf(&script, "cd %s && %s", s->t->dir, format);
	if (buf_check(&script, err) == 0)
		done = guest_shell(&s->g, buf_str(&script), SHELL_NS, err);
	buf_release(&script);
	return done;
}

static int open_file(struct serving *s, const char *name, const char *mode, json_int_t *handle,
		     struct err *err)
{
	struct buf path = BUF_INIT;
	int done = -1;

	buf_addf(&path, "%s/%s", s->t->dir, name);
	if (buf_check(&path, err) == 0)
		done = guest_open_file(&s->g, buf_str(&path), mode, handle, err);
	buf_release(&path);
	return done;
}

/* Whether we are to end: who started us is gone, or wants us to. */
static bool is_over(const struct serving *s)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLRDHUP},
			      {.fd = s->t->stop_fd, .events = POLLIN}};

	return poll(p, 2, 0) > 0 && ((p[0].revents & (POLLHUP | POLLRDHUP)) || p[1].revents);
}

/* ---- bringing it up ---- */

static int make_dir(struct serving *s, struct err *err)
{
	struct buf script = BUF_INIT;
	int done = -1;

	buf_addf(&script, "umask 077 && mkdir %s && cd %s && mkfifo in && : >out && : >log",
		 s->t->dir, s->t->dir);
	if (buf_check(&script, err) == 0)
		done = guest_shell(&s->g, buf_str(&script), SHELL_NS, err);
	buf_release(&script);
	s->made = done == 0;
	return done;
}

static int copy(struct serving *s, const char *from, const char *name, struct err *err)
{
	struct buf program = BUF_INIT;
	json_int_t handle = -1;
	int done = file_read(from, PROGRAM_LIMIT, &program, err);

	if (done == 0)
		done = open_file(s, name, "w", &handle, err);
	for (size_t at = 0; done == 0 && at < program.len; at += COPY_BYTES) {
		size_t left = program.len - at;

		if (is_over(s))
			done = err_set(err, EXIT_INTERRUPTED, "interrupted");
		else
			done = guest_write(&s->g, handle, program.data + at,
					   left < COPY_BYTES ? left : COPY_BYTES, err);
	}
	if (done == 0)
		done = guest_flush(&s->g, handle, err);
	guest_close_file(&s->g, handle);
	buf_release(&program);
	return done;
}

static int start_agent(struct serving *s, struct err *err)
{
	struct buf script = BUF_INIT;
	int done = -1;

	buf_addf(&script,
		 "cd %s && ./nestbench-agent --port - --lease " GUEST_LEASE
		 " <in >out 2>log; cd / && rm -rf %s",
		 s->t->dir, s->t->dir);
	if (buf_check(&script, err) == 0)
		done = guest_spawn(&s->g, buf_str(&script), &s->pid, err);
	buf_release(&script);
	return done;
}

static int bring_up(struct serving *s, const struct guest_programs *programs, struct err *err)
{
	if (guest_agent_open(&s->g, s->t, err) < 0 || make_dir(s, err) < 0 ||
	    copy(s, programs->agent, "nestbench-agent", err) < 0 ||
	    copy(s, programs->kernel, "nestkernel", err) < 0 ||
	    shell(s, "chmod 700 nestbench-agent nestkernel && ./nestbench-agent --help >/dev/null",
		  err) < 0 ||
	    open_file(s, "in", "r+", &s->in, err) < 0 ||
	    open_file(s, "out", "r", &s->out, err) < 0 ||
	    open_file(s, "log", "r", &s->log, err) < 0)
		return -1;
	return start_agent(s, err);
}

/* ---- the stream ---- */

/* A FIFO that is full takes it later: what was not taken stays with the handle. */
static int flush(struct serving *s, struct err *err)
{
	uint64_t until = clock_now(&clock_machine) + FLUSH_NS;

	while (guest_flush(&s->g, s->in, err) < 0) {
		if (clock_now(&clock_machine) > until || is_over(s))
			return -1;
		usleep(STEP_US);
	}
	return 0;
}

static int send_bytes(struct serving *s, const char *data, size_t len, struct err *err)
{
	for (size_t at = 0; at < len; at += FIFO_BYTES) {
		size_t left = len - at;

		if (guest_write(&s->g, s->in, data + at, left < FIFO_BYTES ? left : FIFO_BYTES,
				err) < 0 ||
		    flush(s, err) < 0)
			return -1;
	}
	s->line_begins = data[len - 1] == '\n';
	s->sent_ns = clock_now(&clock_machine);
	return 0;
}

/* An empty line, where it disturbs no other, so that its lease goes on. */
static int keep_alive(struct serving *s, struct err *err)
{
	bool due = clock_now(&clock_machine) - s->sent_ns >= GUEST_SIGN_NS;

	return due && s->line_begins ? send_bytes(s, "\n", 1, err) : 0;
}

/* Hands on what was answered meanwhile. 1: there was something; 0: nothing. */
static int fetch(struct serving *s, struct err *err)
{
	struct buf got = BUF_INIT;
	int done = guest_read(&s->g, s->out, &got, err);

	if (done == 0 && got.len) {
		done = 1;
		if (file_write_all(STDOUT_FILENO, got.data, got.len) < 0)
			done = err_errno(err, EXIT_INTERNAL, "cannot hand on the guest's answers");
	}
	buf_release(&got);
	return done;
}

/* What the agent complained about goes where our own complaints go. */
static void tell_log(struct serving *s)
{
	struct buf said = BUF_INIT;
	struct err ignored;

	if (s->log >= 0 && guest_read(&s->g, s->log, &said, &ignored) == 0 && said.len)
		fprintf(stderr, "%.4096s", buf_str(&said));
	buf_release(&said);
}

/* 1: the agent has ended, and all that it said is handed on. Looked for once a second. */
static int see_end(struct serving *s, struct err *err)
{
	uint64_t now = clock_now(&clock_machine);
	bool ended;
	int more = 1;

	if (now - s->seen_ns < NS_PER_S)
		return 0;
	s->seen_ns = now;
	if (guest_ended(&s->g, s->pid, &ended, NULL, NULL, err) < 0)
		return -1;
	if (!ended)
		return 0;
	s->pid = -1;
	while (more > 0)
		more = fetch(s, err);
	return more < 0 ? -1 : 1;
}

/* One look at the answers. 1: the agent has ended. */
static int look(struct serving *s, struct err *err)
{
	int got = fetch(s, err);

	if (got < 0)
		return -1;
	s->poll_ns = got ? GUEST_POLL_MIN_NS : 2 * s->poll_ns;
	if (s->poll_ns > GUEST_POLL_MAX_NS)
		s->poll_ns = GUEST_POLL_MAX_NS;
	s->next_ns = clock_now(&clock_machine) + s->poll_ns;
	return got ? 0 : see_end(s, err);
}

/* What came from above. 1: its end. */
static int hand_down(struct serving *s, struct err *err)
{
	char chunk[65536];
	ssize_t got = read(STDIN_FILENO, chunk, sizeof(chunk));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got <= 0)
		return 1;
	s->poll_ns = GUEST_POLL_MIN_NS;
	if (send_bytes(s, chunk, (size_t)got, err) < 0)
		return -1;
	s->next_ns = clock_now(&clock_machine) + s->poll_ns;
	return 0;
}

static int pump(struct serving *s, struct err *err)
{
	int end = 0;

	s->line_begins = true;
	s->poll_ns = GUEST_POLL_MIN_NS;
	s->sent_ns = s->seen_ns = s->next_ns = clock_now(&clock_machine);
	while (end == 0) {
		struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
				      {.fd = s->t->stop_fd, .events = POLLIN}};
		uint64_t now = clock_now(&clock_machine);
		struct timespec wait = {.tv_nsec = s->next_ns > now ? (long)(s->next_ns - now) : 0};

		if (ppoll(p, 2, &wait, NULL) > 0 && p[1].revents)
			return 0;
		if (p[0].revents)
			end = hand_down(s, err);
		if (end == 0 && clock_now(&clock_machine) >= s->next_ns)
			end = look(s, err);
		if (end == 0)
			end = keep_alive(s, err);
	}
	return end < 0 ? -1 : 0;
}

/* ---- its end ---- */

/* End of file tells the agent to end what it started and then itself. */
static void wait_end(struct serving *s)
{
	uint64_t until = clock_now(&clock_machine) + END_NS;
	struct buf script = BUF_INIT;
	struct err ignored;
	bool ended = s->pid < 0;

	while (!ended && clock_now(&clock_machine) < until) {
		if (guest_ended(&s->g, s->pid, &ended, NULL, NULL, &ignored) < 0)
			break;
		if (!ended)
			usleep(STEP_US);
	}
	buf_addf(&script, "rm -rf %s", s->t->dir);
	if (s->made && guest_shell(&s->g, buf_str(&script), SHELL_NS, &ignored) < 0 &&
	    virDomainIsActive(s->g.domain) == 1)
		fprintf(stderr, "nestbench guest: %s: %s may be left there\n", ignored.text,
			s->t->dir);
	buf_release(&script);
}

static void bring_down(struct serving *s)
{
	if (!s->g.domain)
		return;
	guest_close_file(&s->g, s->in);
	wait_end(s);
	tell_log(s);
	guest_close_file(&s->g, s->out);
	guest_close_file(&s->g, s->log);
	guest_agent_close(&s->g);
}

int guest_serve(const struct guest_target *t, const struct guest_programs *programs,
		struct err *err)
{
	struct serving s = {
		.t = t, .g = GUEST_AGENT_NONE, .pid = -1, .in = -1, .out = -1, .log = -1};
	int done = bring_up(&s, programs, err);

	if (done == 0)
		done = pump(&s, err);
	bring_down(&s);
	return done;
}
