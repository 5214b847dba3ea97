/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/version.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/image.h"
#include "lib/buf.h"
#include "lib/child.h"
#include "lib/clock.h"

#define VERSION_LIMIT (20 * NS_PER_S)

_Static_assert(RUNDIR_PATH >= PATH_MAX, "realpath() writes into such");

int version_emulator(const char *path, char real[RUNDIR_PATH], struct err *err)
{
	static const char greeting[] = "QEMU emulator version ";
	const char *const argv[] = {real, "--version", NULL};
	struct buf out = BUF_INIT;
	struct err why;
	int rc;

	if (!realpath(path, real))
		return err_errno(err, EXIT_USAGE, "cannot find the QEMU %s", path);
	rc = child_run(argv, NULL, NULL, VERSION_LIMIT, &out, &why);
	if (rc < 0 && why.code == EXIT_INTERRUPTED)
		*err = why;
	else if (rc < 0 || strncmp(buf_str(&out), greeting, strlen(greeting)) != 0)
		rc = err_set(err, EXIT_USAGE,
			     "%s is no QEMU: with --version it does not say \"%s…\"%s%s", path,
			     greeting, rc < 0 ? ": " : "", rc < 0 ? why.text : "");
	buf_release(&out);
	return rc;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int version_kind_of(const char *text, enum version_kind *kind, struct err *err)
{
	char real[RUNDIR_PATH];
	struct err why;

	*kind = VERSION_DEFAULT;
	if (strcmp(text, "default") == 0)
		return 0;
	*kind = VERSION_KERNEL;
	if (image_kernel_check(text, &why) == 0)
		return 0;
	*kind = VERSION_EMULATOR;
	if (is_program(text))
		return version_emulator(text, real, err);
	return err_set(err, EXIT_USAGE,
		       "%s (expected a kernel package, a .deb, a vmlinuz, or the path of a QEMU)",
		       why.text);
}
