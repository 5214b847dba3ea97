/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/fleet/collect.h"
#include "bench/fleet/node.h"
#include "drivers/ssh/complaint.h"
#include "drivers/ssh/script.h"
#include "drivers/ssh/talk.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/str.h"

/* CANCEL_S: layers that are up there are ended first. */
enum { START_S = 600, LINE_S = 30, END_S = 20, KILL_S = 3, CANCEL_S = 150 };

#define PLACE "--dir PATH"

struct session {
	const struct remote_fleet *fleet;
	const struct remote_node *node;
	struct child child;
	struct talk talk;
	char log[RUNDIR_PATH]; /* of what the program says */
	int code;	       /* of the run there; -1: not known yet */
	char sentence[TALK_LINE];
};

static void set_limit(struct session *s, unsigned seconds)
{
	s->talk.end = clock_now(&clock_machine) + seconds * NS_PER_S;
}

/* ---- the connection ---- */

static int name_log(struct session *s, struct err *err)
{
	char file[FLEET_NAME + 8];

	snprintf(file, sizeof(file), ".%s.said", s->node->name);
	return rundir_path(s->fleet->work->dir, file, s->log, err);
}

static int start(struct session *s, const char *command, struct err *err)
{
	struct child_options opt = {.log = s->log};
	const char *argv[REMOTE_ARGS];
	int pair[2], done;

	s->node->way->arguments(s->node->to, command, argv);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pair of sockets for %s",
				 argv[0]);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	s->talk.fd = pair[0];
	opt.stdio_fd = pair[1];
	done = child_start(&s->child, argv, &opt, err);
	close(pair[1]);
	return done;
}

static int connect_to(struct session *s, struct err *err)
{
	const struct remote_fleet *f = s->fleet;
	const struct script_node script = {.dir = s->node->place,
					   .shared = f->shared,
					   .token = f->token,
					   .sums = f->sums,
					   .bytes = payload_bytes(f->payload),
					   .limit_s = START_S,
					   .command = FLEET_PROGRAM " node"};
	struct buf command = BUF_INIT;
	int done = -1;

	script_add_node(&script, &command);
	if (name_log(s, err) == 0 && buf_check(&command, err) == 0)
		done = start(s, buf_str(&command), err);
	buf_release(&command);
	return done;
}

/* ---- what goes wrong ---- */

/* By what the program printed. */
static int explain_by(const struct session *s,
		      int (*explain)(void *to, const char *printed, struct err *err),
		      struct err *err)
{
	struct buf printed = BUF_INIT;

	file_text(&printed, "%s", s->log);
	explain(s->node->to, buf_str(&printed), err);
	buf_release(&printed);
	return -1;
}

static int explain(const struct session *s, enum talk_end end, struct err *err)
{
	const char *who = s->node->who;

	if (end == TALK_CANCELLED)
		return err_set(err, EXIT_INTERRUPTED, "it was cancelled");
	if (end == TALK_NONSENSE)
		return complaint_of_login(who, err);
	if (end == TALK_LATE)
		return err_set(err, EXIT_MACHINE, "%s: it stopped in the middle of its work", who);
	return explain_by(s, s->node->way->explain, err);
}

/* What the script says behind "fail". */
static int refuse(const struct session *s, const char *said, struct err *err)
{
	const struct remote_way *way = s->node->way;

	if (way->refuse && way->refuse(s->node->to, said, err) < 0)
		return -1;
	return complaint_of_script(s->node->who, PLACE, said, err);
}

/* ---- the files ---- */

static int put(void *ctx, const void *data, size_t len, struct err *err)
{
	struct session *s = ctx;
	enum talk_end end = talk_put(&s->talk, data, len);

	return end == TALK_FINE ? 0 : explain(s, end, err);
}

static int share(struct session *s, struct err *err)
{
	return s->fleet->share(s->fleet->ctx, err) < 0 ? -1 : put(s, "use  ", 5, err);
}

/* Where it breaks off, what is said there tells why. */
static int copy(struct session *s, struct err *err)
{
	char last[TALK_LINE];

	if (put(s, "copy ", 5, err) == 0 && payload_send(s->fleet->payload, put, s, err) == 0)
		return 0;
	if (err->code != EXIT_INTERRUPTED && talk_hear(&s->talk, last) == TALK_FINE &&
	    strncmp(last, "fail ", 5) == 0)
		return refuse(s, last + 5, err);
	return -1;
}

/* 1: the run comes next. */
static int obey(struct session *s, const char *line, struct err *err)
{
	if (strncmp(line, "fail ", 5) == 0)
		return refuse(s, line + 5, err);
	if (strcmp(line, "shared") == 0)
		return share(s, err);
	if (strncmp(line, "dir ", 4) == 0)
		return copy(s, err);
	return strcmp(line, "ready") == 0;
}

static int prepare(struct session *s, struct err *err)
{
	char line[TALK_LINE];
	enum talk_end end;
	int done = 0;

	set_limit(s, START_S);
	while (done == 0) {
		end = talk_hear(&s->talk, line);
		done = end == TALK_FINE ? obey(s, line, err) : explain(s, end, err);
	}
	return done < 0 ? -1 : 0;
}

/* ---- the run ---- */

/* Until something comes. False: all is to end. */
static bool wait_for_words(struct session *s)
{
	struct pollfd p[2] = {{.fd = s->talk.fd, .events = POLLIN}, {.fd = s->talk.cancel_fd}};

	while (poll(p, 2, NODE_BEAT_S * 1000) >= 0 || errno == EINTR) {
		if (p[1].revents)
			return false;
		if (p[0].revents)
			return true;
		set_limit(s, LINE_S);
		(void)talk_put(&s->talk, "\n", 1);
	}
	return true;
}

/* The end of the stream is what makes the run there end; it is waited for, so that all is put back.
 */
static int cancel(struct session *s, struct err *err)
{
	struct pollfd p = {.fd = s->talk.fd, .events = POLLIN};
	uint64_t end = clock_now(&clock_machine) + CANCEL_S * NS_PER_S;
	char passed[4096];
	ssize_t got = 1;

	shutdown(s->talk.fd, SHUT_WR);
	while (clock_now(&clock_machine) < end && got != 0) {
		poll(&p, 1, 1000);
		got = recv(s->talk.fd, passed, sizeof(passed), 0);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
	return explain(s, TALK_CANCELLED, err);
}

static void take_end(struct session *s, const char *line)
{
	char *rest;

	s->code = (int)strtol(line, &rest, 10);
	str_copy(s->sentence, sizeof(s->sentence), rest + strspn(rest, " "));
}

/* Up to the files of the run, or the end. */
static int hear_end(struct session *s, struct err *err)
{
	char line[TALK_LINE];
	enum talk_end end;

	for (;;) {
		if (!wait_for_words(s))
			return cancel(s, err);
		set_limit(s, LINE_S);
		end = talk_hear(&s->talk, line);
		if (end == TALK_HUNG_UP && s->code >= 0)
			return 0;
		if (end != TALK_FINE)
			return end == TALK_CANCELLED ? cancel(s, err) : explain(s, end, err);
		if (strncmp(line, "ended ", 6) == 0)
			take_end(s, line + 6);
		if (strcmp(line, "results") == 0 && s->code >= 0)
			return 1;
	}
}

static int take_files(struct session *s, struct collect *c, struct err *err)
{
	char chunk[1 << 16];

	for (;;) {
		ssize_t got = recv(s->talk.fd, chunk, sizeof(chunk), 0);

		if (got == 0)
			return 0;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return 0;
		if (got < 0 && !wait_for_words(s))
			return cancel(s, err);
		if (got > 0 && collect_take(c, chunk, (size_t)got, err) < 0)
			return -1;
	}
}

static int collect(struct session *s, struct err *err)
{
	struct collect c;
	struct err ignored;
	int done = collect_begin(&c, s->fleet->work->dir, s->node->name, err);

	if (done == 0)
		done = take_files(s, &c, err);
	if (collect_end(&c, done < 0 ? &ignored : err) < 0)
		done = -1;
	return done;
}

static int take_run(struct session *s, struct err *err)
{
	const struct remote_node *n = s->node;
	const char *request = s->fleet->request;
	int done = put(s, request, strlen(request), err);

	if (done == 0)
		done = hear_end(s, err);
	if (done > 0)
		done = collect(s, err);
	if (done < 0)
		return err->code == EXIT_INTERRUPTED ? -1 : err_context(err, "%s", n->name);
	if (s->code == 0)
		return 0;
	if (s->code == EXIT_INTERRUPTED && n->way->stopped)
		return explain_by(s, n->way->stopped, err);
	return err_set(err, s->code == EXIT_USAGE ? EXIT_USAGE : EXIT_MACHINE, "%s: %s%s", n->name,
		       s->sentence[0] ? s->sentence : "its run failed and said nothing",
		       complaint_of_space(s->sentence)
			       ? ": free some space there, or choose another place with " PLACE
			       : "");
}

static void end(struct session *s)
{
	int status;

	if (s->talk.fd >= 0)
		close(s->talk.fd);
	child_wait(&s->child, END_S * NS_PER_S, &status);
	child_stop(&s->child, KILL_S * NS_PER_S);
	if (s->log[0])
		unlink(s->log);
}

static int measure(const struct remote_fleet *fleet, const struct remote_node *node,
		   struct err *err)
{
	struct session s = {.fleet = fleet,
			    .node = node,
			    .child = CHILD_NONE,
			    .talk = {.fd = -1, .cancel_fd = fleet->cancel_fd},
			    .code = -1};
	int done = connect_to(&s, err);

	if (done == 0)
		done = prepare(&s, err);
	if (done == 0) {
		if (node->started)
			node->started(node->ctx);
		done = take_run(&s, err);
	}
	end(&s);
	return done;
}

int remote_place(const struct fleet *f, const char **place, struct err *err)
{
	*place = facts_get(&f->options, "dir");
	return !*place || ssh_path_is_plain(*place)
		       ? 0
		       : err_set(err, EXIT_USAGE,
				 "--dir %.80s: expected an absolute path of letters, digits and "
				 "/._-+",
				 *place);
}

int remote_measure(const struct remote_fleet *fleet, const struct remote_node *node,
		   char run[MANIFEST_NAME], struct err *err)
{
	const struct fleet_work *work = fleet->work;
	char place[RUNDIR_PATH];
	struct err ignored;
	int done;

	if (collect_place(work->dir, node->name, place, err) < 0 ||
	    file_remove_tree(place, err) < 0)
		return -1;
	done = measure(fleet, node, err);
	if (done == 0 || err->code != EXIT_INTERRUPTED) {
		if (collect_accept(work->dir, work->fleet, node->name, run,
				   done < 0 ? &ignored : err) < 0 &&
		    done == 0)
			done = err_context(err, "%s", node->name);
	}
	file_remove_tree(place, &ignored);
	return done;
}
