/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which kernel the guests get. For the header of a bzImage see the kernel's
 * Documentation/x86/boot.rst (HdrS at 0x202, kernel_version at 0x20e).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"

enum { HEADER = 0x8200, MAGIC = 0x202, VERSION = 0x20e, RELEASE_MAX = 128 };

/* The beginning of a file. -1 with EXIT_USAGE. */
static ssize_t read_head(const char *path, char head[HEADER], struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, head, HEADER);

	if (got < 0)
		err_errno(err, EXIT_USAGE, "cannot read the kernel %s", path);
	if (fd >= 0)
		close(fd);
	return got;
}

static bool is_deb(const char *head, ssize_t len)
{
	return len >= 8 && memcmp(head, "!<arch>\n", 8) == 0;
}

static bool is_bzimage(const char *head, ssize_t len)
{
	return len > VERSION + 2 && memcmp(head + MAGIC, "HdrS", 4) == 0;
}

char *kernel_release_of(const char *path, struct err *err)
{
	char head[HEADER];
	ssize_t len = read_head(path, head, err);
	size_t at, n = 0;

	if (len < 0)
		return NULL;
	if (!is_bzimage(head, len)) {
		err_set(err, EXIT_USAGE, "%s is no bzImage", path);
		return NULL;
	}
	at = 0x200 + ((uint8_t)head[VERSION] | (size_t)(uint8_t)head[VERSION + 1] << 8);
	while (at + n < (size_t)len && n < RELEASE_MAX && head[at + n] > ' ' && head[at + n] != '/')
		n++;
	if (n == 0 || n == RELEASE_MAX || at + n >= (size_t)len || head[at] == '.') {
		err_set(err, EXIT_USAGE, "%s does not say which release it is", path);
		return NULL;
	}
	return strndup(head + at, n);
}

/* ---- modules ---- */

static bool has_modules(const char *dir)
{
	char path[4096];

	return (size_t)snprintf(path, sizeof(path), "%s/modules.builtin", dir) < sizeof(path) &&
	       access(path, R_OK) == 0;
}

/* Beside the kernel, as in a package or an installation elsewhere; then where they usually are. */
static char *find_modules(const char *vmlinuz, const char *release, struct err *err)
{
	int dir = (int)(strrchr(vmlinuz, '/') - vmlinuz);
	char *place[2] = {NULL, NULL}, *found = NULL;

	if (asprintf(&place[0], "%.*s/../lib/modules/%s", dir, vmlinuz, release) < 0 ||
	    asprintf(&place[1], "/lib/modules/%s", release) < 0) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	for (int i = 0; i < 2 && !found; i++)
		if (has_modules(place[i]))
			found = realpath(place[i], NULL);
	if (!found)
		err_set(err, EXIT_USAGE,
			"the modules of %s are neither in %s nor in %s: name them, "
			"VMLINUZ:MODULES-DIR",
			vmlinuz, place[0], place[1]);
	free(place[0]);
	free(place[1]);
	return found;
}

static char *named_modules(const char *dir, const char *release, struct err *err)
{
	char *found = realpath(dir, NULL);

	if (found && has_modules(found) && strcmp(strrchr(found, '/') + 1, release) == 0)
		return found;
	err_set(err, EXIT_USAGE,
		"%s holds no modules of this kernel: expected a directory …/lib/modules/%s with a "
		"modules.builtin",
		dir, release);
	free(found);
	return NULL;
}

/* ---- the choice ---- */

/* A file of the user's own; modules may be NULL. */
static int choose_file(const char *path, const char *modules, struct image_inputs *in,
		       struct err *err)
{
	char head[HEADER], *release, *real;
	ssize_t len = read_head(path, head, err);

	if (len < 0)
		return -1;
	if (!is_bzimage(head, len) && (modules || !is_deb(head, len)))
		return err_set(err, EXIT_USAGE,
			       "%s is neither a Debian package (a .deb file) nor a kernel (a "
			       "bzImage)",
			       path);
	real = realpath(path, NULL);
	if (!real)
		return err_errno(err, EXIT_USAGE, "cannot open the kernel %s", path);
	if (!is_bzimage(head, len)) {
		in->kernel_deb = real;
		return 0;
	}
	in->vmlinuz = real;
	release = kernel_release_of(real, err);
	if (!release)
		return -1;
	in->modules =
		modules ? named_modules(modules, release, err) : find_modules(real, release, err);
	free(release);
	return in->modules ? 0 : -1;
}

/* A name without '/' is a package unless there is such a file. */
static bool is_file(const char *choice)
{
	return strchr(choice, '/') || access(choice, F_OK) == 0;
}

static int choose(const struct package_store *s, const char *choice, struct image_inputs *in,
		  struct err *err)
{
	const char *colon = strchr(choice, ':');
	char *path;
	int result;

	if (access(choice, F_OK) == 0 || !colon)
		return is_file(choice) ? choose_file(choice, NULL, in, err)
				       : packages_kernel_named(s, choice, &in->kernel_deb, err);
	path = strndup(choice, (size_t)(colon - choice));
	result = path ? choose_file(path, colon + 1, in, err)
		      : err_set(err, EXIT_INTERNAL, "out of memory");
	free(path);
	return result;
}

int kernel_choose(const struct package_store *s, const char *choice, struct image_inputs *in,
		  struct err *err)
{
	return choice ? choose(s, choice, in, err) : packages_kernel(s, &in->kernel_deb, err);
}

int image_kernel_check(const char *kernel, struct err *err)
{
	struct image_inputs in = {0};
	int result = 0;

	if (is_file(kernel) || strchr(kernel, ':'))
		result = choose(NULL, kernel, &in, err);
	else if (!package_name_valid(kernel) || strncmp(kernel, "linux-image-", 12) != 0)
		result = err_set(
			err, EXIT_USAGE,
			"there is no file \"%.100s\", and it cannot be the name of a kernel "
			"package (linux-image-…)",
			kernel);
	free(in.kernel_deb);
	free(in.vmlinuz);
	free(in.modules);
	return result;
}
