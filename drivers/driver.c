/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/driver.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/abi_stamp.h"
#include "drivers/libvirt/ops.h"
#include "lib/program.h"

#define MODULE "nestbench_libvirt.so"

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
	char *path = program_path(MODULE, err);
	const struct libvirt_ops *ops = NULL;
	void *module = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	const char *why = path && !module ? dlerror() : NULL;

	if (module)
		ops = check_module(module, path, err);
	else if (path)
		err_set(err, EXIT_MACHINE,
			"the libvirt driver cannot be loaded: %s (Debian packages libvirt0 and "
			"libvirt-daemon-driver-qemu)",
			why ? why : path);
	free(path);
	return ops;
}

const struct driver *driver_load_libvirt(struct err *err)
{
	const struct libvirt_ops *ops = libvirt_ops_load(err);

	return ops ? ops->driver : NULL;
}
