/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/leftovers.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/agent/guest_devices.h"
#include "bench/agent/programs.h"
#include "bench/cleanup/owners.h"
#include "bench/cleanup/procs.h"
#include "bench/run/run_dirs.h"
#include "drivers/driver.h"
#include "drivers/host/hostdev.h"
#include "drivers/host/net_link.h"
#include "drivers/image/image.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/printable.h"
#include "plots/plot.h"
#include "results/rundir/rundir.h"

#define SERVICE_LIMIT_NS (30 * NS_PER_S)
/* How long another who cleans the same place is waited for: longer than a service is. */
enum { OTHER_LIMIT_MS = 45000 };

static void __attribute__((format(printf, 2, 3))) say(struct cleaning *c, const char *fmt, ...)
{
	char line[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	c->say(c->say_ctx, printable(line));
}

static const char *verb(const struct cleaning *c, const char *done)
{
	return c->dry_run ? "would be" : done;
}

static void trouble(struct cleaning *c, const struct err *err)
{
	c->troubles++;
	say(c, "  %s", err->text);
}

/* ---- a run directory ---- */

static bool is_left_file(const char *name)
{
	size_t len = strlen(name), end = strlen(FILE_ASIDE);

	return strcmp(name, PLACES_SCRATCH) == 0 ||
	       (len > end && strcmp(name + len - end, FILE_ASIDE) == 0);
}

static void remove_left_file(struct cleaning *c, const char *dir, const char *name)
{
	char path[RUNDIR_PATH];
	struct err err;
	struct stat st;

	if (rundir_path(dir, name, path, &err) < 0 || lstat(path, &st) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return;
	c->found++;
	say(c, "  %s %s removed", path, verb(c, "was"));
	if (!c->dry_run && unlink(path) < 0) {
		err_errno(&err, EXIT_INTERNAL, "cannot remove %s", path);
		trouble(c, &err);
	}
}

static void end_manifest(struct cleaning *c, const char *dir, const char *run)
{
	struct manifest m = {0};
	struct err err;

	if (manifest_load(dir, &m, &err) < 0)
		return; /* it died before it wrote one, or it is another's business */
	if (m.state == RUN_RUNNING && (!run[0] || strcmp(m.run, run) == 0)) {
		c->found++;
		say(c,
		    "  the run in %s %s marked as interrupted; complete it with "
		    "`nestbench resume`",
		    dir, verb(c, "was"));
		m.state = RUN_INTERRUPTED;
		manifest_now(m.ended);
		if (!c->dry_run && manifest_save(dir, &m, &err) < 0)
			trouble(c, &err);
	}
	manifest_release(&m);
}

static void clean_files(struct cleaning *c, const char *dir)
{
	DIR *names = file_dir("%s", dir);
	const char *name;

	while ((name = file_dir_next(names)))
		if (is_left_file(name))
			remove_left_file(c, dir, name);
	file_dir_close(names);
}

/* dir is ours, and locked. */
static void clean_dir(struct cleaning *c, const char *dir, const char *run)
{
	char pictures[RUNDIR_PATH];
	struct err ignored;

	clean_files(c, dir);
	if (rundir_path(dir, PLOTS_DIR, pictures, &ignored) == 0)
		clean_files(c, pictures);
	end_manifest(c, dir, run);
}

int leftovers_clean_dir(struct cleaning *c, const char *dir, struct err *err)
{
	struct manifest m = {0};
	struct claim hold = CLAIM_NONE;
	struct stat st;

	if (manifest_load(dir, &m, err) < 0)
		return -1;
	manifest_release(&m);
	if (stat(dir, &st) == 0 && st.st_uid != geteuid())
		return err_set(err, EXIT_USAGE, "%s belongs to another user", dir);
	if (registry_lock_dir(&hold, dir, err) < 0)
		return -1;
	clean_dir(c, dir, "");
	registry_leave(&hold);
	return 0;
}

/* ---- what a dead process had registered ---- */

static void end_processes(struct cleaning *c, const struct owner *o)
{
	struct buf said = BUF_INIT;

	if (procs_end(o->work_dir, c->dry_run, &said)) {
		c->found++;
		say(c, "  %s %s killed", buf_str(&said), verb(c, "was"));
	}
	buf_release(&said);
}

/* In a process of its own: a service may know no time limit, and a host that is gone does not
 * answer. */
static int sweep(const struct cleaning *c, const char *uri, const char *prefix, struct buf *said,
		 struct err *err)
{
	char *program = program_path("nestbench", err);
	const char *const argv[] = {program, "sweep", uri, prefix, c->dry_run ? "--dry-run" : NULL,
				    NULL};
	uint64_t limit_ns = c->service_limit_ns ? c->service_limit_ns : SERVICE_LIMIT_NS;
	int done = program ? child_run(argv, NULL, NULL, limit_ns, said, err) : -1;

	free(program);
	return done;
}

/* Of what it said, the line that names what was there; a library may have said more. */
static const char *find_line(const char *text, const char *begin)
{
	while (text && strncmp(text, begin, strlen(begin)) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text;
}

/* Those of an embedded driver are processes; a system's service has to be asked. */
static void end_domains(struct cleaning *c, const struct owner *o)
{
	char prefix[MANIFEST_NAME + 16];
	struct buf said = BUF_INIT;
	const char *names;
	struct err err;
	int done;

	if (!o->uri[0] || !o->run[0])
		return;
	snprintf(prefix, sizeof(prefix), "nestbench-%s-", o->run);
	done = sweep(c, o->uri, prefix, &said, &err);
	names = find_line(buf_str(&said), prefix);
	if (names) {
		c->found++;
		say(c, "  %.*s at %s %s destroyed", (int)strcspn(names, "\n"), names, o->uri,
		    verb(c, "was"));
	}
	if (done < 0) {
		err_context(&err, "the VMs of the run %s at %s", o->run, o->uri);
		trouble(c, &err);
	}
	buf_release(&said);
}

/* What layers leave behind that is neither a process nor a service's. */
static void tidy_kinds(struct cleaning *c, const struct owner *o)
{
	struct buf said = BUF_INIT;
	char prefix[MANIFEST_NAME + 16];
	int found = 0;

	if (!o->run[0])
		return;
	snprintf(prefix, sizeof(prefix), "nestbench-%s-", o->run);
	for (int i = 0; drivers[i]; i++)
		if (drivers[i]->tidy)
			found += drivers[i]->tidy(prefix, c->dry_run, &said);
	if (found) {
		c->found++;
		say(c, "  %s %s removed", buf_str(&said), verb(c, "was"));
	}
	buf_release(&said);
}

static int is_assigned(void *ctx, const struct owner *o, struct err *err)
{
	struct hostdev_state state[HOSTDEV_MAX];
	int count = o->alive ? assignment_read_note(o->work_dir, state, err) : 0;

	for (int i = 0; i < count; i++)
		if (strcmp(state[i].address, ctx) == 0)
			return err_set(
				err, EXIT_MACHINE,
				"the PCI device %s is assigned by process %d, which still runs",
				state[i].address, (int)o->pid);
	return 0;
}

/* Killed with its reaper: its PCI devices are still with VFIO. */
static void put_hostdevs_back(struct cleaning *c, const struct owner *o)
{
	struct hostdev_state state[HOSTDEV_MAX], now;
	struct err err;
	int count = assignment_read_note(o->work_dir, state, &err);

	if (count < 0)
		trouble(c, &err);
	for (int i = 0; i < count; i++) {
		hostdev_save("", state[i].address, &now);
		if (strcmp(now.driver, state[i].driver) == 0 &&
		    strcmp(now.override, state[i].override) == 0)
			continue;
		c->found++;
		say(c, "  the PCI device %s %s given back to %s", state[i].address, verb(c, "was"),
		    state[i].driver[0] ? state[i].driver : "no driver");
		if (registry_walk(is_assigned, state[i].address, &err) < 0 ||
		    (!c->dry_run && hostdev_restore("", &state[i], &err) < 0))
			trouble(c, &err);
	}
}

static void clean_dir_of(struct cleaning *c, const struct owner *o)
{
	struct claim hold = CLAIM_NONE;
	struct err in_use;
	struct stat st;

	if (!o->dir[0] || stat(o->dir, &st) < 0 || st.st_uid != geteuid() ||
	    registry_lock_dir(&hold, o->dir, &in_use) < 0)
		return;
	clean_dir(c, o->dir, o->run);
	registry_leave(&hold);
}

/* Its place is taken over. It stays where there was trouble, since it says what is to be done. */
static void clean_place(struct cleaning *c, const struct owner *o)
{
	int before = c->troubles;
	struct err err;

	c->found++;
	say(c, "process %d (nestbench %s, since %s) is dead; what it left behind %s cleaned up:",
	    (int)o->pid, o->what, o->since, verb(c, "is"));
	end_processes(c, o);
	end_domains(c, o);
	tidy_kinds(c, o);
	put_hostdevs_back(c, o);
	clean_dir_of(c, o);
	if (c->troubles > before) {
		say(c, "  %s is kept, so that this is tried again; remove it where that is in vain",
		    o->work_dir);
		return;
	}
	say(c, "  %s %s removed", o->work_dir, verb(c, "was"));
	if (!c->dry_run && file_remove_tree(o->work_dir, &err) < 0)
		trouble(c, &err);
}

static int clean_owner(void *ctx, const struct owner *o, struct err *err)
{
	struct cleaning *c = ctx;
	struct err busy;
	int fd;

	/* A place that was kept may be of a run that is being resumed. */
	if (o->alive || (o->run[0] && registry_has_run(o->run)))
		return 0;
	if (registry_take_over(o, OTHER_LIMIT_MS, &fd, &busy) < 0) {
		c->found++;
		trouble(c, &busy);
	} else if (fd >= 0) {
		clean_place(c, o);
		close(fd);
	}
	return interrupt_check(err);
}

static void found_tap(void *ctx, const char *name)
{
	struct cleaning *c = ctx;

	c->found++;
	say(c, "the network interface %s %s removed", name, verb(c, "was"));
}

int leftovers_clean(struct cleaning *c, struct err *err)
{
	struct err cleaning;
	bool found;

	if (registry_walk(clean_owner, c, err) < 0)
		return -1;
	if (image_clean(c->dry_run, &found, &cleaning) < 0)
		trouble(c, &cleaning);
	if (found) {
		c->found++;
		say(c, "a half-built image in the cache %s removed", verb(c, "was"));
	}
	net_tap_sweep(c->dry_run, found_tap, c);
	return 0;
}
