/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/program.h"

#include <dlfcn.h>
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

/* ---- modules ---- */

static const void *symbol(void *module, const char *name, const char *ending)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s", name, ending);
	return dlsym(module, text);
}

static const void *check_module(void *module, const char *path, const char *name, const char *stamp,
				struct err *err)
{
	enum { SHOWN = 12 };
	const void *ops = symbol(module, name, "_ops");
	const char *its = symbol(module, name, "_stamp");

	if (ops && its && strcmp(its, stamp) == 0)
		return ops;
	err_set(err, EXIT_MACHINE,
		"%s is of another build than this program (its interface is %.*s, the program's "
		"%.*s): build or install both again",
		path, SHOWN, its ? its : "an older one", SHOWN, stamp);
	dlclose(module);
	return NULL;
}

const void *module_load(const char *name, const char *stamp, const char *what, const char *packages,
			struct err *err)
{
	char file[64], *path;
	const void *ops = NULL;
	void *module;

	snprintf(file, sizeof(file), "%s.so", name);
	path = program_path(file, err);
	module = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	if (module) {
		ops = check_module(module, path, name, stamp, err);
	} else if (path) {
		const char *why = dlerror();

		err_set(err, EXIT_MACHINE, "%s cannot be loaded: %s (Debian packages %s)", what,
			why ? why : path, packages);
	}
	free(path);
	return ops;
}
