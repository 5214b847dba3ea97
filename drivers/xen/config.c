/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "drivers/image/image.h"
#include "drivers/xen/parts.h"

/* There is no way to write a quotation mark, and a comma ends the path of a disk. */
static int check_path(const char *path, struct err *err)
{
	if (!path || !strpbrk(path, "\"',\n\\"))
		return 0;
	return err_set(err, EXIT_USAGE,
		       "xl cannot take the path %s: use one without quotation marks, commas and "
		       "backslashes",
		       path);
}

static void add_disk(struct buf *b, const char *path, const char *device, const char *access)
{
	if (path)
		buf_addf(b, "\t\"format=raw,vdev=%s,access=%s,target=%s\",\n", device, access,
			 path);
}

static void add_cpus(struct buf *b, const struct layer_spec *spec)
{
	const struct placement *p = spec->placement;

	if (!p)
		return;
	buf_addstr(b, "cpus = [");
	for (int i = 0; i < spec->vcpus; i++)
		buf_addf(b, "%s\"%d\"", i ? ", " : " ", p->measured[i % p->measured_count]);
	buf_addstr(b, " ]\n");
}

char *domu_config(const struct layer_spec *spec, enum domu_type type, const char *name, bool pin,
		  struct err *err)
{
	struct buf b = BUF_INIT;
	char *text;

	if (check_path(spec->kernel, err) < 0 || check_path(spec->initrd, err) < 0 ||
	    check_path(spec->disk, err) < 0 || check_path(spec->scratch, err) < 0)
		return NULL;
	buf_addf(&b,
		 "name = \"%s\"\ntype = \"%s\"\nkernel = \"%s\"\nramdisk = \"%s\"\n"
		 "extra = \"console=hvc0 quiet panic=-1 random.trust_cpu=on " IMAGE_FAST_BOOT
		 " " IMAGE_CONSOLE_PORT " nestbench.depth=%d%s\"\n",
		 name, type == DOMU_PV ? "pv" : "pvh", spec->kernel, spec->initrd, spec->depth,
		 spec->below ? " " IMAGE_HOSTS : " " IMAGE_LEAF);
	buf_addf(&b, "memory = %" PRIu64 "\nvcpus = %d\n", spec->memory_bytes >> 20, spec->vcpus);
	if (pin)
		add_cpus(&b, spec);
	/* By default every read of the TSC, one a system call, is an exit where the machine's TSC
	 * is not known to be constant. */
	buf_addstr(&b, "tsc_mode = \"native\"\ndisk = [\n");
	add_disk(&b, spec->disk, "xvda", "ro");
	add_disk(&b, spec->scratch, "xvdb", "rw");
	buf_addstr(&b, "]\non_poweroff = \"destroy\"\non_reboot = \"destroy\"\n"
		       "on_crash = \"destroy\"\n");
	text = buf_take(&b);
	if (!text)
		err_set(err, EXIT_INTERNAL, "out of memory");
	return text;
}
