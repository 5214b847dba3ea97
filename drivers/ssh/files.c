/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/program.h"
#include "lib/str.h"

#define LDD_LIMIT_NS (20 * NS_PER_S)

/* A part of the suite that lies beside this program. */
static int add_part(struct payload *p, const char *name, struct err *err)
{
	char *path = program_path(name, err);
	int done = path ? payload_add(p, path, name, err) : -1;

	free(path);
	return done;
}

static int add_measured(struct payload *p, struct err *err)
{
	struct err ignored;

	if (add_part(p, "nestkernel", err) < 0)
		return -1;
	/* It runs where libraries of C are that fit. */
	(void)add_part(p, "nestkernel-dl", &ignored);
	return 0;
}

int files_add_small(struct payload *p, struct err *err)
{
	return add_part(p, "nestbench-agent", err) < 0 ? -1 : add_measured(p, err);
}

/* They belong to the loader, which is the machine's own. */
static bool is_of_c(const char *name)
{
	static const char *const fronts[] = {"libc.so",	      "libm.so",   "libdl.so",
					     "libpthread.so", "librt.so",  "libresolv.so",
					     "ld-linux",      "linux-vdso"};

	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		if (strncmp(name, fronts[i], strlen(fronts[i])) == 0)
			return true;
	return false;
}

/* Of each line "NAME => PATH (ADDRESS)". */
static int add_libraries(struct payload *p, const char *lines, struct err *err)
{
	for (const char *at = lines; at; at = str_next_line(at)) {
		char name[PAYLOAD_NAME - sizeof(FILES_SPARE)], path[1024];
		char there[PAYLOAD_NAME];

		if (sscanf(at, " %80s => %1000[^ \n]", name, path) != 2 || path[0] != '/' ||
		    is_of_c(name))
			continue;
		snprintf(there, sizeof(there), FILES_SPARE "%s", name);
		if (payload_add(p, path, there, err) < 0)
			return -1;
	}
	return 0;
}

static int add_program(struct payload *p, struct err *err)
{
	char self[PATH_MAX];
	const char *const argv[] = {"ldd", self, NULL};
	struct buf lines = BUF_INIT;
	int done = -1;

	if (program_self(self, err) == 0 && payload_add(p, self, "nestbench", err) == 0 &&
	    child_run(argv, NULL, NULL, LDD_LIMIT_NS, &lines, err) == 0)
		done = add_libraries(p, buf_str(&lines), err);
	buf_release(&lines);
	return done;
}

static bool is_module(const char *name)
{
	size_t len = strlen(name);

	return strncmp(name, "nestbench_", 10) == 0 && len > 3 &&
	       strcmp(name + len - 3, ".so") == 0;
}

/* What the program loads where it starts a layer: all of it lies where nestkernel does. */
static int add_modules(struct payload *p, struct err *err)
{
	char *beside = program_path("nestkernel", err);
	DIR *dir = beside ? file_dir("%.*s", (int)(file_name(beside) - beside), beside) : NULL;
	int done = beside ? 0 : -1;

	for (const char *name; done == 0 && (name = file_dir_next(dir));)
		if (is_module(name))
			done = add_part(p, name, err);
	file_dir_close(dir);
	free(beside);
	return done;
}

int files_add_full(struct payload *p, const char *kernel, const char *initrd, const char *disk,
		   struct err *err)
{
	if (add_program(p, err) < 0 || add_measured(p, err) < 0 || add_modules(p, err) < 0)
		return -1;
	if (!kernel || !initrd || !disk)
		return 0;
	if (payload_add(p, kernel, FILES_KERNEL, err) < 0 ||
	    payload_add(p, initrd, FILES_INITRD, err) < 0)
		return -1;
	return payload_add(p, disk, FILES_DISK, err);
}
