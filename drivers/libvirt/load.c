/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/abi_stamp.h"
#include "drivers/libvirt/ops.h"
#include "lib/program.h"

#define MODULE "nestbench_libvirt.so"

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

static const struct libvirt_ops *load(const char *path, struct err *err)
{
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const char *why = module ? NULL : dlerror();

	if (module)
		return check_module(module, path, err);
	err_set(err, EXIT_MACHINE,
		"the libvirt driver cannot be loaded: %s (Debian packages libvirt0 and "
		"libvirt-daemon-driver-qemu)",
		why ? why : path);
	return NULL;
}

const struct libvirt_ops *libvirt_ops_load(struct err *err)
{
	static const struct libvirt_ops *ops;
	char *path = ops ? NULL : program_path(MODULE, err);

	if (path)
		ops = load(path, err);
	free(path);
	return ops;
}
