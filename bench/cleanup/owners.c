/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/cleanup/owners.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/cleanup/procs.h"
#include "bench/cleanup/start_gate.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/json.h"

#define PREFIX "nestbench-"
#define OWNER_FILE "owner.json"
#define OWNER_ASIDE "owner.new" /* until it is locked and whole */
enum { OWNER_LIMIT = 1 << 16, BASE_MAX = 30, LOCK_STEP_MS = 20, LOCK_LOOKS = 5, EMPTY_AGE_S = 60 };

/* A directory that an environment variable names, if it will do: sockets live there, whose
 * paths must be short, and a service names what is in it. */
static const char *usable(const char *variable)
{
	const char *dir = getenv(variable);
	struct err ignored;

	return dir && dir[0] == '/' && strlen(dir) <= BASE_MAX &&
			       utf8_check(dir, variable, &ignored) == 0 &&
			       access(dir, W_OK | X_OK) == 0
		       ? dir
		       : NULL;
}

static const char *common_base(void)
{
	const char *dir = usable("NESTBENCH_TMP");

	return dir ? dir : "/tmp";
}

const char *registry_base(void)
{
	const char *dir = usable("XDG_RUNTIME_DIR");

	return dir ? dir : common_base();
}

/* ---- one place ---- */

static int write_owner(int fd, const struct owner *who, struct err *err)
{
	json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:s, s:I, s:I}", "what", who->what, "run",
			      who->run, "dir", json_bytes(who->dir), "uri", json_bytes(who->uri),
			      "since", who->since, "pid", (json_int_t)who->pid, "start_ticks",
			      (json_int_t)who->start_ticks);
	char *text = json_dumps(o, JSON_INDENT(1));
	int done = 0;

	json_decref(o);
	if (!text)
		return err_set(err, EXIT_INTERNAL, "out of memory while writing " OWNER_FILE);
	if (file_write_all(fd, text, strlen(text)) < 0)
		done = err_errno(err, EXIT_INTERNAL, "cannot write " OWNER_FILE);
	free(text);
	return done;
}

static bool take_text(const json_t *o, const char *key, char *to, size_t size)
{
	char *text = json_bytes_value(json_object_get(o, key));
	bool taken = text && (size_t)snprintf(to, size, "%s", text) < size;

	free(text);
	return taken;
}

static bool parse_owner(const char *text, size_t len, struct owner *who)
{
	json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_int_t pid = json_integer_value(json_object_get(o, "pid"));
	json_int_t ticks = json_integer_value(json_object_get(o, "start_ticks"));
	bool good = pid > 0 && pid <= INT32_MAX && ticks > 0 &&
		    take_text(o, "what", who->what, sizeof(who->what)) &&
		    take_text(o, "run", who->run, sizeof(who->run)) &&
		    take_text(o, "dir", who->dir, sizeof(who->dir)) &&
		    take_text(o, "uri", who->uri, sizeof(who->uri)) &&
		    take_text(o, "since", who->since, sizeof(who->since)) &&
		    (!who->dir[0] || who->dir[0] == '/');

	who->pid = (pid_t)pid;
	who->start_ticks = (uint64_t)ticks;
	json_decref(o);
	return good;
}

/* Reads a place; false when it is not one of ours. */
static bool read_place(const char *work_dir, struct owner *who)
{
	char path[WORK_DIR + sizeof(OWNER_FILE) + 1];
	struct buf text = BUF_INIT;
	struct err ignored;
	struct stat st;
	bool good;
	int fd;

	*who = (struct owner){0};
	if (lstat(work_dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return false;
	snprintf(path, sizeof(path), "%s/" OWNER_FILE, work_dir);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* Shared: others may look at the same time, and only the owner is in their way. */
	who->alive = flock(fd, LOCK_SH | LOCK_NB) < 0;
	good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       file_read(path, OWNER_LIMIT, &text, &ignored) == 0 &&
	       parse_owner(buf_str(&text), text.len, who);
	close(fd);
	buf_release(&text);
	snprintf(who->work_dir, sizeof(who->work_dir), "%s", work_dir);
	/* Where locks do not work across what separates us, the process itself is looked at. */
	if (good && !who->alive)
		who->alive = procs_start_ticks(who->pid) == who->start_ticks;
	return good;
}

/* ---- all places ---- */

/* A directory in which its maker died before it could say who it was. */
static void remove_if_abandoned(const char *work_dir)
{
	char aside[WORK_DIR + sizeof(OWNER_ASIDE) + 1];
	struct stat st;

	if (lstat(work_dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mtime + EMPTY_AGE_S > time(NULL))
		return;
	snprintf(aside, sizeof(aside), "%s/" OWNER_ASIDE, work_dir);
	unlink(aside);
	rmdir(work_dir); /* fails where it holds anything else */
}

static int walk_base(const char *base, owner_fn take, void *ctx, struct err *err)
{
	DIR *dir = file_dir("%s", base);
	const char *name;
	int done = 0;

	while (done == 0 && (name = file_dir_next(dir))) {
		char path[WORK_DIR];
		struct owner who;

		if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", base, name) >= sizeof(path))
			continue;
		if (read_place(path, &who))
			done = take(ctx, &who, err);
		else
			remove_if_abandoned(path);
	}
	file_dir_close(dir);
	start_gate_sweep(base);
	return done;
}

int registry_walk(owner_fn take, void *ctx, struct err *err)
{
	const char *base = registry_base();

	if (walk_base(common_base(), take, ctx, err) < 0)
		return -1;
	return strcmp(base, common_base()) == 0 ? 0 : walk_base(base, take, ctx, err);
}

static int is_run(void *ctx, const struct owner *owner, struct err *err)
{
	return owner->alive && strcmp(owner->run, ctx) == 0 ? -1 : 0;
}

bool registry_has_run(const char *run)
{
	char name[MANIFEST_NAME];
	struct err ignored;

	snprintf(name, sizeof(name), "%s", run);
	return registry_walk(is_run, name, &ignored) < 0;
}

/* False: another process holds it to the end. Where there are no locks, none can. */
static bool lock_within(int fd, int limit_ms)
{
	while (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		if (limit_ms <= 0 || interrupt_pending())
			return false;
		poll(NULL, 0, LOCK_STEP_MS);
		limit_ms -= LOCK_STEP_MS;
	}
	return true;
}

int registry_take_over(const struct owner *dead, int limit_ms, int *fd, struct err *err)
{
	*fd = open(dead->work_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd >= 0 && !lock_within(*fd, limit_ms)) {
		close(*fd);
		*fd = -1;
		return err_set(err, EXIT_MACHINE, "another nestbench is still cleaning %s up",
			       dead->work_dir);
	}
	if (*fd >= 0 && faccessat(*fd, OWNER_FILE, F_OK, 0) < 0) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

/* ---- claiming ---- */

struct wanted {
	const struct owner *who;
	bool alone;
};

static int check_other(void *ctx, const struct owner *other, struct err *err)
{
	const struct wanted *w = ctx;

	if (!other->alive || strcmp(other->what, "run") != 0)
		return 0;
	if (w->who->run[0] && strcmp(other->run, w->who->run) == 0)
		return err_set(err, EXIT_MACHINE,
			       "the run %s is already under way (process %d, in %.300s): start "
			       "this one a second later",
			       other->run, (int)other->pid, other->dir);
	if (!w->alone)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "another run is under way here and both would disturb each other: process "
		       "%d, since %s, in %.300s; wait for it, or use --alongside to run all the "
		       "same, kept apart from it",
		       (int)other->pid, other->since, other->dir);
}

static int make_place(struct claim *c, const struct owner *who, struct err *err)
{
	char path[WORK_DIR + sizeof(OWNER_FILE) + 1], aside[WORK_DIR + sizeof(OWNER_ASIDE) + 1];
	struct owner full = *who;

	full.pid = getpid();
	full.start_ticks = procs_start_ticks(full.pid);
	manifest_now(full.since);
	snprintf(c->work_dir, sizeof(c->work_dir), "%s/" PREFIX "XXXXXX", registry_base());
	c->spare = open("/", O_PATH | O_CLOEXEC);
	if (c->spare < 0 || !mkdtemp(c->work_dir)) {
		err_errno(err, EXIT_MACHINE, "cannot make the directory %s", c->work_dir);
		c->work_dir[0] = '\0';
		return -1;
	}
	snprintf(path, sizeof(path), "%s/" OWNER_FILE, c->work_dir);
	snprintf(aside, sizeof(aside), "%s/" OWNER_ASIDE, c->work_dir);
	c->fd = open(aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (c->fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot create %s", aside);
	if (flock(c->fd, LOCK_EX | LOCK_NB) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot lock %s", aside);
	if (write_owner(c->fd, &full, err) < 0)
		return -1;
	return rename(aside, path) == 0
		       ? 0
		       : err_errno(err, EXIT_MACHINE, "cannot rename %s to %s", aside, path);
}

int registry_claim(struct claim *c, const struct owner *who, bool alone, struct err *err)
{
	struct wanted wanted = {who, alone};
	struct start_gate gate;
	struct err ignored;
	int done;

	*c = (struct claim)CLAIM_NONE;
	if (start_gate_enter(&gate, registry_base(), err) < 0)
		return -1;
	done = registry_walk(check_other, &wanted, err);
	if (done == 0) {
		done = make_place(c, who, err);
		if (done < 0)
			registry_release(c, &ignored);
	}
	start_gate_leave(&gate);
	return done;
}

int registry_lock_dir(struct claim *c, const char *dir, struct err *err)
{
	c->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir_fd < 0)
		return err_errno(err, EXIT_USAGE, "cannot open the run directory %s", dir);
	/* Who looks whether it is in use holds it for a moment. */
	for (int looks = 0; looks < LOCK_LOOKS; looks++) {
		if (flock(c->dir_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return 0; /* a file system without locks: the registry has to do */
		poll(NULL, 0, LOCK_STEP_MS);
	}
	close(c->dir_fd);
	c->dir_fd = -1;
	return err_set(err, EXIT_USAGE, "%s is in use by another nestbench that still runs", dir);
}

bool registry_dir_in_use(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool used = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return used;
}

int registry_release(struct claim *c, struct err *err)
{
	int done;

	if (c->spare >= 0)
		close(c->spare);
	c->spare = -1;
	done = c->work_dir[0] ? file_remove_tree(c->work_dir, err) : 0;
	registry_leave(c);
	return done;
}

void registry_leave(struct claim *c)
{
	if (c->spare >= 0)
		close(c->spare);
	if (c->fd >= 0)
		close(c->fd);
	if (c->dir_fd >= 0)
		close(c->dir_fd);
	*c = (struct claim)CLAIM_NONE;
}
