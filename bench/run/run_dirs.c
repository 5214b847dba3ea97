/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/run_dirs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/agent/guest_devices.h"
#include "bench/cleanup/procs.h"
#include "drivers/host/net_link.h"
#include "lib/clock.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "workloads/lib/scratch.h"

/* Of a run id, with its NUL; and the part of the host's name that has room in it. */
enum { RUN_ID = 41, RUN_HOST = 13 };

/* So many digits that no two runs share them, whichever machines they are on. */
static unsigned chance(void)
{
	uint16_t number;

	/* Without it, what is left of the clock is the best guess. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = (uint16_t)clock_now(&clock_machine) ^ (uint16_t)getpid();
	return number;
}

void places_name_host(char host[MANIFEST_NAME])
{
	if (gethostname(host, MANIFEST_NAME) < 0)
		str_copy(host, MANIFEST_NAME, "unknown");
	host[MANIFEST_NAME - 1] = '\0';
	printable(host);
}

void places_name_run(char run[MANIFEST_NAME], char host[MANIFEST_NAME])
{
	struct timespec now;
	char when[sizeof("20260131T120000Z")] = "";
	struct tm tm;

	places_name_host(host);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(run, RUN_ID, "%s-%.*s-%05x%04x", when, RUN_HOST, host,
		 (unsigned)(now.tv_nsec / 1000) & 0xfffff, chance());
	for (char *c = run; *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", *c))
			*c = '-';
}

static int absolute(const char *dir, char path[RUNDIR_PATH], struct err *err)
{
	char here[PATH_MAX];

	if (dir[0] == '/')
		return rundir_path(dir, "", path, err);
	if (!getcwd(here, sizeof(here)))
		return err_errno(err, EXIT_INTERNAL, "cannot find out the working directory");
	return rundir_path(here, dir, path, err);
}

int places_open(struct places *p, const char *run, const struct places_wanted *want,
		struct err *err)
{
	struct owner who = {.what = "run"};
	struct err ignored;
	char path[RUNDIR_PATH];
	bool there;

	*p = (struct places)PLACES_NONE;
	/* With room for the names of the files in it. */
	if (want->out && rundir_path(want->out, MANIFEST_FILE, path, err) < 0)
		return -1;
	if (want->out)
		snprintf(p->dir, sizeof(p->dir), "%s", want->out);
	else
		snprintf(p->dir, sizeof(p->dir), "nestbench-runs/%s", run);
	snprintf(who.run, sizeof(who.run), "%s", run);
	snprintf(who.uri, sizeof(who.uri), "%s", want->connect ? want->connect : "");
	if (absolute(p->dir, who.dir, err) < 0 ||
	    registry_claim(&p->claim, &who, !want->alongside, err) < 0)
		return -1;
	/* What an agent starts inherits it. */
	setenv(PROCS_MARK, p->claim.work_dir, 1);
	/* A system's service runs VMs as another user, which has to reach its files there. */
	if (want->connect && chmod(p->claim.work_dir, 0711) < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot open %s to QEMU", p->claim.work_dir);
		goto failed;
	}
	there = access(p->dir, F_OK) == 0;
	if ((!want->old && rundir_create(p->dir, err) < 0) ||
	    registry_lock_dir(&p->claim, p->dir, err) < 0)
		goto failed;
	p->made = !there;
	return 0;
failed:
	places_close(p, &ignored);
	return -1;
}

int places_add_scratch(struct places *p, uint64_t bytes, const char *connect, struct err *err)
{
	char dir[PATH_MAX];
	struct stat st;

	/* What runs a VM has a working directory of its own. */
	if (!realpath(p->dir, dir) || stat(dir, &st) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot find the directory %s", p->dir);
	if (connect && chmod(dir, 0711) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot open %s to QEMU", dir);
	if (connect)
		p->mode = st.st_mode & 07777;
	if (rundir_path(dir, PLACES_SCRATCH, p->scratch, err) < 0)
		return -1;
	return scratch_fill(p->scratch, bytes, err);
}

/* What an agent that was killed did not get to. */
static int give_devices_back(const char *work_dir, struct err *err)
{
	struct hostdev_state state[HOSTDEV_MAX];
	int count = assignment_read_note(work_dir, state, err), result = count < 0 ? -1 : 0;

	for (int i = 0; i < count; i++)
		if (hostdev_restore("", &state[i], err) < 0)
			result = -1;
	return result;
}

int places_close(struct places *p, struct err *err)
{
	int result = 0;

	if (p->scratch[0])
		unlink(p->scratch);
	if (p->mode)
		chmod(p->dir, p->mode);
	p->mode = 0;
	if (p->claim.work_dir[0]) {
		procs_end(p->claim.work_dir, false, NULL);
		net_tap_sweep(false, NULL, NULL);
		unsetenv(PROCS_MARK);
		result = give_devices_back(p->claim.work_dir, err);
	}
	if (p->made)
		rmdir(p->dir); /* only where it is empty, and so of no use */
	p->scratch[0] = '\0';
	p->made = false;
	if (result < 0) {
		registry_leave(&p->claim);
		return err_context(err, "nestbench clean tries this again");
	}
	return registry_release(&p->claim, err);
}
