/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/program.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/buf.h"

char *program_path(const char *name, struct err *err)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct buf path = BUF_INIT;
	char *slash;

	if (len < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot find the running program");
		return NULL;
	}
	self[len] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	buf_addf(&path, "%s/%s", self, name);
	if (!path.failed && access(buf_str(&path), X_OK) < 0) {
		err_set(err, EXIT_MACHINE,
			"the program %s is missing; it must lie beside nestbench", buf_str(&path));
		buf_release(&path);
		return NULL;
	}
	if (buf_check(&path, err) < 0)
		return NULL;
	return buf_take(&path);
}

int program_hash(const char *name, char hex[SHA256_HEX], struct err *err)
{
	char *path = program_path(name, err);
	int done = path ? file_sha256(path, hex, err) : -1;

	free(path);
	return done;
}
