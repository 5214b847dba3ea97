/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The choice of the guests' kernel. For the header of a bzImage see the kernel's
 * Documentation/x86/boot.rst (HdrS at 0x202, kernel_version at 0x20e).
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/file.h"

enum { HEADER = 0x8200, MAGIC = 0x202, VERSION = 0x20e, RELEASE_MAX = 128 };

/* The beginning of a file. */
struct head {
	uint8_t bytes[HEADER];
	size_t len;
};

/* -1 with EXIT_USAGE. */
static int read_head(const char *path, struct head *h, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, h->bytes, HEADER);

	h->len = got < 0 ? 0 : (size_t)got;
	if (got < 0)
		err_errno(err, EXIT_USAGE, "cannot read the kernel %s", path);
	if (fd >= 0)
		close(fd);
	return got < 0 ? -1 : 0;
}

static bool is_deb(const struct head *h)
{
	return h->len >= 8 && memcmp(h->bytes, "!<arch>\n", 8) == 0;
}

static bool is_bzimage(const struct head *h)
{
	return h->len > VERSION + 2 && memcmp(h->bytes + MAGIC, "HdrS", 4) == 0;
}

/* The release of a bzImage ("6.1.0-9-cloud-amd64"), from its header; to be freed. */
static char *release_of(const struct head *h, const char *path, struct err *err)
{
	size_t at = 0x200 + (h->bytes[VERSION] | (size_t)h->bytes[VERSION + 1] << 8), n = 0;

	while (at + n < h->len && n < RELEASE_MAX && h->bytes[at + n] > ' ' &&
	       h->bytes[at + n] < 0x80 && h->bytes[at + n] != '/')
		n++;
	if (n && n < RELEASE_MAX && at + n < h->len && h->bytes[at] != '.')
		return strndup((const char *)h->bytes + at, n);
	err_set(err, EXIT_USAGE, "%s does not say which release it is", path);
	return NULL;
}

/* ---- modules ---- */

static bool has_modules(const char *dir)
{
	char path[PATH_MAX];
	struct err ignored;

	return path_make(path, &ignored, "%s/modules.builtin", dir) == 0 && access(path, R_OK) == 0;
}

/* Next to the kernel, as in a package or an installation elsewhere; then in the usual place. */
static char *find_modules(const char *vmlinuz, const char *release, struct err *err)
{
	char beside[PATH_MAX], usual[PATH_MAX];

	if (path_make(beside, err, "%.*s/../lib/modules/%s", (int)(strrchr(vmlinuz, '/') - vmlinuz),
		      vmlinuz, release) < 0 ||
	    path_make(usual, err, "/lib/modules/%s", release) < 0)
		return NULL;
	if (has_modules(beside))
		return realpath(beside, NULL);
	if (has_modules(usual))
		return realpath(usual, NULL);
	err_set(err, EXIT_USAGE,
		"the modules of %s are neither in %s nor in %s: name them as VMLINUZ:MODULES-DIR",
		vmlinuz, beside, usual);
	return NULL;
}

static char *named_modules(const char *dir, const char *release, struct err *err)
{
	char *found = realpath(dir, NULL);

	if (found && has_modules(found) && strcmp(file_name(found), release) == 0)
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
	char *release, *real;
	struct head head;

	if (read_head(path, &head, err) < 0)
		return -1;
	if (!is_bzimage(&head) && (modules || !is_deb(&head)))
		return err_set(err, EXIT_USAGE,
			       "%s is neither a Debian package (a .deb file) nor a kernel (a "
			       "bzImage)",
			       path);
	real = realpath(path, NULL);
	if (!real)
		return err_errno(err, EXIT_USAGE, "cannot open the kernel %s", path);
	if (!is_bzimage(&head)) {
		in->kernel_deb = real;
		return 0;
	}
	in->vmlinuz = real;
	release = release_of(&head, real, err);
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
	return strpbrk(choice, "/:") || access(choice, F_OK) == 0;
}

/* VMLINUZ:MODULES-DIR, unless there is a file of that whole name. */
static int choose_files(const char *choice, struct image_inputs *in, struct err *err)
{
	const char *colon = access(choice, F_OK) == 0 ? NULL : strchr(choice, ':');
	char *path;
	int result;

	if (!colon)
		return choose_file(choice, NULL, in, err);
	path = strndup(choice, (size_t)(colon - choice));
	result = path ? choose_file(path, colon + 1, in, err)
		      : err_set(err, EXIT_INTERNAL, "out of memory");
	free(path);
	return result;
}

int kernel_choose(const struct package_store *s, const char *choice, struct image_inputs *in,
		  struct err *err)
{
	if (choice && is_file(choice))
		return choose_files(choice, in, err);
	return packages_kernel(s, choice, &in->kernel_deb, err);
}

int image_kernel_check(const char *kernel, struct err *err)
{
	struct image_inputs in = {0};
	int result = is_file(kernel) ? choose_files(kernel, &in, err)
				     : package_kernel_name_check(kernel, err);

	inputs_release(&in);
	return result;
}
