/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"

int collect_place(const char *dir, const char *node, char place[RUNDIR_PATH], struct err *err)
{
	char name[FLEET_NAME + 1];

	snprintf(name, sizeof(name), ".%s", node);
	return rundir_path(dir, name, place, err);
}

/* ---- the stream ---- */

static int begin_file(void *ctx, const char *name, uint64_t size, struct err *err)
{
	struct collect *c = ctx;
	char path[RUNDIR_PATH], *slash;

	if (rundir_path(c->dir, name, path, err) < 0)
		return -1;
	slash = strchr(path + strlen(c->dir) + 1, '/');
	if (slash) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return err_errno(err, EXIT_INTERNAL, "cannot make %s", path);
		*slash = '/';
	}
	c->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return c->fd < 0 ? err_errno(err, EXIT_INTERNAL, "cannot make %s", path) : 0;
}

static int write_file(void *ctx, const void *data, size_t len, struct err *err)
{
	struct collect *c = ctx;

	return file_write_all(c->fd, data, len) < 0
		       ? err_errno(err, EXIT_INTERNAL, "cannot write into %s", c->dir)
		       : 0;
}

static int end_file(void *ctx, struct err *err)
{
	struct collect *c = ctx;
	int closed = close(c->fd);

	c->fd = -1;
	return closed < 0 ? err_errno(err, EXIT_INTERNAL, "cannot write into %s", c->dir) : 0;
}

int collect_begin(struct collect *c, const char *dir, const char *node, struct err *err)
{
	static const struct unpack_sink sink = {
		.begin = begin_file, .data = write_file, .end = end_file};

	*c = (struct collect){.fd = -1, .unpack = {.sink = &sink, .ctx = c}};
	if (collect_place(dir, node, c->dir, err) < 0 || file_remove_tree(c->dir, err) < 0)
		return -1;
	return mkdir(c->dir, 0700) < 0 ? err_errno(err, EXIT_INTERNAL, "cannot make %s", c->dir)
				       : 0;
}

int collect_take(struct collect *c, const void *data, size_t len, struct err *err)
{
	return unpack_take(&c->unpack, data, len, err);
}

int collect_end(struct collect *c, struct err *err)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	return unpack_is_whole(&c->unpack)
		       ? 0
		       : err_set(err, EXIT_MACHINE, "what it sent of its run broke off");
}

/* ---- is it that run? ---- */

static int same(const char *what, const char *wanted, const char *found, struct err *err)
{
	if (!wanted || (found && strcmp(wanted, found) == 0))
		return 0;
	return err_set(err, EXIT_MACHINE, "%s of its run is another, %.64s and not %.64s", what,
		       found ? found : "not recorded", wanted);
}

static int check(const struct fleet *f, const struct manifest *m, struct err *err)
{
	static const struct {
		const char *key, *what;
	} hashes[] = {{"nestkernel_sha256", "nestkernel, the measured program,"},
		      {"nestkernel_dl_sha256", "nestkernel-dl, a measured program,"},
		      {"image", "the guest image"}};

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (same(hashes[i].what, facts_get(&f->hashes, hashes[i].key),
			 facts_get(&m->hashes, hashes[i].key), err) < 0)
			return -1;
	if (m->seed == f->seed)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "the seed of its run is another, %" PRIu64 " and not %" PRIu64, m->seed,
		       f->seed);
}

int collect_accept(const char *dir, const struct fleet *f, const char *node,
		   char run[MANIFEST_NAME], struct err *err)
{
	char from[RUNDIR_PATH], to[RUNDIR_PATH];
	struct manifest m = {0};
	int done = -1;

	if (collect_place(dir, node, from, err) < 0 || rundir_path(dir, node, to, err) < 0 ||
	    rundir_open(from, err) < 0 || manifest_load(from, &m, err) < 0)
		return -1;
	if (check(f, &m, err) == 0 && file_remove_tree(to, err) == 0)
		done = rename(from, to) < 0 ? err_errno(err, EXIT_INTERNAL, "cannot make %s", to)
					    : 0;
	if (done == 0)
		str_copy(run, MANIFEST_NAME, m.run);
	manifest_release(&m);
	return done;
}
