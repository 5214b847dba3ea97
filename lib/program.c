/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {"", "../libexec/nestbench/", "../share/nestbench/"};

int program_self(char path[PATH_MAX], struct err *err)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot find out where this program lies");
	path[len] = '\0';
	return 0;
}

char *program_path_from(const char *dir, const char *name, struct err *err)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *path;

		if (asprintf(&path, "%s/%s%s", dir, places[i], name) < 0) {
			err_set(err, EXIT_INTERNAL, "out of memory");
			return NULL;
		}
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	err_set(err, EXIT_MACHINE,
		"%s is missing: it is neither in %s nor in ../libexec/nestbench or "
		"../share/nestbench from there; build "
		"nestbench completely, or install it (cmake --install)",
		name, dir);
	return NULL;
}

char *program_path(const char *name, struct err *err)
{
	char self[PATH_MAX];

	if (program_self(self, err) < 0)
		return NULL;
	*strrchr(self, '/') = '\0';
	return program_path_from(self, name, err);
}
