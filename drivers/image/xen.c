/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an image with Xen has beside the rest: the hypervisor, and the programs by which its first
 * guest (dom0) starts others. Single files of the packages: their closure is ten times as large.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "drivers/image/tools.h"
#include "lib/file.h"

#define META_PACKAGE "xen-system-amd64"
enum { HYPERVISOR_LIMIT = 64 << 20 };

/* Debian's script for disks needs bash and udev; this is the part that is needed here. libxl runs
 * it with XENBUS_PATH, and waits for what it writes. */
static const char block_script[] =
	"#!/bin/sh\n"
	"[ \"$1\" = add ] || exit 0\n"
	"device=$(xenstore-read \"$XENBUS_PATH/params\")\n"
	"xenstore-write \"$XENBUS_PATH/physical-device\" \"$(stat -L -c %t:%T \"$device\")\" \\\n"
	"\t\"$XENBUS_PATH/hotplug-status\" connected\n";

/* Programs in Xen's own directory (their package has links to a script in usr/sbin). */
static const char *const programs[] = {"xl", "xenstored", "xenconsoled", "xen-init-dom0",
				       "xentrace"};
static const char *const store_programs[] = {"xenstore-read", "xenstore-write"};

static bool is_wanted(const char *package)
{
	static const char *const starts[] = {"xen-hypervisor-", "xen-utils-", "xenstore-utils",
					     "libxen", "libyajl"};

	if (strstr(package, "-common"))
		return false;
	for (size_t i = 0; i < COUNT(starts); i++)
		if (strncmp(package, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

int xen_packages(const struct package_store *s, struct names *debs, struct err *err)
{
	return packages_part(s, META_PACKAGE, is_wanted, debs, err);
}

/* The one file whose name the pattern has; their directories and names hold Xen's version. */
static int find(const char *root, const char *pattern, char path[PATH_MAX], struct err *err)
{
	char all[PATH_MAX];
	glob_t found;
	int result = path_make(all, err, "%s/%s", root, pattern);

	if (result < 0)
		return -1;
	if (glob(all, 0, NULL, &found) == 0) {
		result = path_make(path, err, "%s", found.gl_pathv[0]);
		globfree(&found);
		return result;
	}
	return err_set(err, EXIT_MACHINE,
		       "the packages of Xen hold no /%s: run nestbench image --with-xen --refresh",
		       pattern);
}

static int add_hypervisor(struct tree *t, const struct image_tools *tools, const char *root,
			  const char *to, struct err *err)
{
	struct buf packed = BUF_INIT, unpacked = BUF_INIT;
	char path[PATH_MAX];
	int result = find(root, "boot/xen-*-amd64.gz", path, err);

	if (result == 0)
		result = file_read(path, HYPERVISOR_LIMIT, &packed, err);
	if (result == 0 &&
	    tools->unpack(packed.data, packed.len, HYPERVISOR_LIMIT, &unpacked, err) < 0)
		result = -1;
	if (result == 0)
		result = file_write_whole(to, unpacked.data, unpacked.len, err);
	if (result == 0)
		tree_add_file(t, "boot/" IMAGE_HYPERVISOR, to);
	buf_release(&packed);
	buf_release(&unpacked);
	return result;
}

/* The program of the packages, and a link in a directory of PATH. */
static int add_program(struct tree *t, const char *root, const char *dir, const char *name,
		       struct names *files, struct err *err)
{
	char pattern[PATH_MAX], path[PATH_MAX], link[PATH_MAX];

	if (path_make(pattern, err, "%s/%s", dir, name) < 0 || find(root, pattern, path, err) < 0 ||
	    path_make(link, err, "usr/sbin/%s", name) < 0)
		return -1;
	names_add(files, path);
	tree_add_program(t, path + strlen(root) + 1, path);
	tree_add_link(t, link, path + strlen(root));
	return 0;
}

static int add_programs(struct tree *t, const char *root, struct names *files, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < COUNT(programs) && result == 0; i++)
		result = add_program(t, root, "usr/lib/xen-*/bin", programs[i], files, err);
	for (size_t i = 0; i < COUNT(store_programs) && result == 0; i++)
		result = add_program(t, root, "usr/bin", store_programs[i], files, err);
	return result;
}

int xen_add(struct tree *t, const struct image_tools *tools, const char *root,
	    const char *hypervisor, struct err *err)
{
	/* QEMU's loader of hypervisors, for one in a child layer. */
	static const char loader[] = "/usr/share/qemu/multiboot_dma.bin";
	struct names files = {0}, libraries = {0};
	int result = add_hypervisor(t, tools, root, hypervisor, err);

	if (result == 0)
		result = add_programs(t, root, &files, err);
	if (result == 0)
		result = contents_add_libraries(t, root, &files, &libraries, err);
	if (result == 0) {
		tree_add_data(t, "etc/xen/scripts/block", block_script, sizeof(block_script) - 1,
			      0755);
		tree_add_text(t, "etc/xen/xl.conf", "");
		tree_add_found(t, loader, loader);
		if (t->failed || files.failed || libraries.failed)
			result = err_set(err, EXIT_INTERNAL, "out of memory");
	}
	names_release(&files);
	names_release(&libraries);
	return result;
}
