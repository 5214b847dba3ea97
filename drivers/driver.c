/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/driver.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/abi_stamp.h"
#include "drivers/libvirt/ops.h"

#define MODULE "nestbench_libvirt.so"

/* Where the module is looked for, from the program's own directory. */
static const char *const module_dirs[] = {"", "../lib/nestbench/"};

int accel_parse(const char *text, enum accel *out, struct err *err)
{
	const char *name;

	for (int i = 0; (name = accel_name((enum accel)i)); i++)
		if (strcmp(text, name) == 0) {
			*out = (enum accel)i;
			return 0;
		}
	return err_set(err, EXIT_USAGE, "\"%.64s\" is not an accelerator: auto, kvm or tcg", text);
}

static int own_directory(char dir[PATH_MAX], struct err *err)
{
	ssize_t len = readlink("/proc/self/exe", dir, PATH_MAX - 1);
	char *slash;

	if (len < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot find out where this program lies");
	dir[len] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		slash[1] = '\0';
	return 0;
}

static const struct libvirt_ops *check_module(void *module, const char *path, struct err *err)
{
	enum { SHOWN = 12 };
	const struct libvirt_ops *ops = dlsym(module, LIBVIRT_OPS_SYMBOL);
	const char *stamp = dlsym(module, LIBVIRT_STAMP_SYMBOL);

	if (ops && stamp && strcmp(stamp, NB_ABI_STAMP) == 0)
		return ops;
	err_set(err, EXIT_MACHINE,
		"%s is of another build than this program (its interface is %.*s, the program's "
		"%.*s): build or install both again",
		path, SHOWN, stamp ? stamp : "an older one", SHOWN, NB_ABI_STAMP);
	dlclose(module);
	return NULL;
}

const struct libvirt_ops *libvirt_ops_load(struct err *err)
{
	char dir[PATH_MAX], path[PATH_MAX + 64];
	const char *why;
	void *module;

	if (own_directory(dir, err) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(module_dirs) / sizeof(module_dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", dir, module_dirs[i], MODULE);
		if (access(path, F_OK) < 0)
			continue;
		module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (module)
			return check_module(module, path, err);
		why = dlerror();
		err_set(err, EXIT_MACHINE,
			"the libvirt driver cannot be loaded: %s (Debian packages libvirt0 and "
			"libvirt-daemon-driver-qemu)",
			why ? why : path);
		return NULL;
	}
	err_set(err, EXIT_MACHINE,
		"the libvirt driver " MODULE " is neither beside this program in %s nor in "
		"../lib/nestbench: build it (Debian package libvirt-dev) or install it there",
		dir);
	return NULL;
}

const struct driver *driver_load_libvirt(struct err *err)
{
	const struct libvirt_ops *ops = libvirt_ops_load(err);

	return ops ? ops->driver : NULL;
}
