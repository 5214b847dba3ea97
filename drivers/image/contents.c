/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contents of the guest, from the files of the packages installed here: the same programs and
 * libraries in every layer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/program.h"
#include "lib/str.h"

#define QEMU "/usr/bin/qemu-system-x86_64"
#define QBOOT "/usr/share/qemu/qboot.rom"
#define MKE2FS "/usr/sbin/mke2fs"
#define CPU_MAP "/usr/share/libvirt/cpu_map"
#define BUSYBOX "/bin/busybox"

static int need(const char *path, const char *package, struct err *err)
{
	if (access(path, R_OK) == 0)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "%s, which the image needs, is missing: install the package %s", path,
		       package);
}

/* ---- libraries ---- */

/* "	libz.so.1 => /lib/libz.so.1 (0x…)" or "	/lib64/ld-linux-x86-64.so.2 (0x…)" */
int ldd_parse(const char *text, struct names *out, struct err *err)
{
	char name[PATH_MAX], path[PATH_MAX];

	for (const char *line = text; line; line = strchr(line, '\n')) {
		int words;
		char *address;

		line += *line == '\n';
		words = *line == '\t' ? sscanf(line, " %4095s => %4095[^\n]", name, path) : 0;
		if (words == 2 && strncmp(path, "not found", 9) == 0)
			return err_set(err, EXIT_MACHINE,
				       "the library %s, which the image needs, is missing", name);
		if (words < 2)
			str_copy(path, sizeof(path), words == 1 ? name : "");
		address = strstr(path, " (0x");
		if (address)
			*address = '\0';
		if (path[0] == '/' && !names_has(out, path))
			names_add(out, path);
	}
	return out->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

/* The path in the guest of a library that ldd found. */
static const char *library_place(const char *path, const char *root)
{
	size_t len = root ? strlen(root) : 0;

	return len && strncmp(path, root, len) == 0 ? path + len : path;
}

int contents_add_libraries(struct tree *t, const char *root, const struct names *files,
			   struct names *libraries, struct err *err)
{
	const char **argv = calloc(files->count + 4, sizeof(*argv));
	char search[PATH_MAX + 64] = "";
	struct buf out = BUF_INIT;
	size_t n = 0;
	int result;

	if (!argv)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	if (root)
		snprintf(search, sizeof(search), "LD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu",
			 root);
	if (root) {
		argv[n++] = "env";
		argv[n++] = search;
	}
	argv[n++] = "ldd";
	for (size_t i = 0; i < files->count; i++)
		argv[n++] = files->item[i];
	result = child_run(argv, NULL, NULL, 60 * NS_PER_S, &out, err);
	if (result == 0)
		result = ldd_parse(buf_str(&out), libraries, err);
	for (size_t i = 0; i < libraries->count && result == 0; i++)
		tree_add_file(t, library_place(libraries->item[i], root), libraries->item[i]);
	buf_release(&out);
	free(argv);
	return result;
}

/* ---- nestbench's own files ---- */

/* Our files have the same paths in the guest as where they are installed. */
static int add_own(struct tree *t, const char *program_dir, struct names *programs, struct err *err)
{
	static const struct {
		const char *name, *place;
		bool optional;
	} own[] = {
		{"nestbench", IMAGE_AGENT, false},
		{"nestbench-agent", IMAGE_SMALL_AGENT, false},
		{"nestkernel", "/usr/libexec/nestbench/nestkernel", false},
		/* The same kernels for workloads that load a library. */
		{"nestkernel-dl", "/usr/libexec/nestbench/nestkernel-dl", true},
		{"nestbench_libvirt.so", "/usr/libexec/nestbench/nestbench_libvirt.so", false},
	};

	for (size_t i = 0; i < COUNT(own); i++) {
		struct err why;
		char *path = program_dir ? program_path_from(program_dir, own[i].name, &why)
					 : program_path(own[i].name, &why);

		if (path) {
			names_add(programs, path);
			free(path);
			tree_add_program(t, own[i].place, programs->item[programs->count - 1]);
		} else if (!own[i].optional) {
			*err = why;
			return -1;
		}
	}
	return 0;
}

/* ---- QEMU and libvirt ---- */

/* Adds the first of the directories' files of that name. */
static int add_firmware(struct tree *t, const char *name, struct err *err)
{
	static const char *const dirs[] = {"/usr/share/seabios", "/usr/share/qemu",
					   "/usr/lib/ipxe/qemu"};
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(dirs); i++)
		if (path_make(path, err, "%s/%s", dirs[i], name) == 0 && access(path, R_OK) == 0) {
			tree_add_file(t, path, path);
			return 0;
		}
	return err_set(err, EXIT_MACHINE,
		       "QEMU's firmware file %s is missing: install the packages "
		       "qemu-system-data, seabios and ipxe-qemu",
		       name);
}

static int add_qemu(struct tree *t, struct names *files, struct err *err)
{
	static const char *const firmware[] = {"bios-256k.bin",	     "kvmvapic.bin",
					       "linuxboot_dma.bin",  "pvh.bin",
					       "vgabios-stdvga.bin", "efi-virtio.rom"};

	if (need(QEMU, "qemu-system-x86", err) < 0)
		return -1;
	for (size_t i = 0; i < COUNT(firmware); i++)
		if (add_firmware(t, firmware[i], err) < 0)
			return -1;
	/* Starts faster, where it is there. */
	if (access(QBOOT, R_OK) == 0)
		tree_add_file(t, QBOOT, QBOOT);
	tree_add_file(t, QEMU, QEMU);
	names_add(files, QEMU);
	return 0;
}

static void add_optional(struct tree *t, const char *path, struct names *files)
{
	if (access(path, R_OK) < 0)
		return;
	tree_add_file(t, path, path);
	names_add(files, path);
}

/* Plugins are in directories below that of libvirt.so. */
static int add_plugins(struct tree *t, const char *libvirt, struct names *files, struct err *err)
{
	static const struct {
		const char *path, *package;
		bool needed;
	} plugins[] = {
		{"libvirt/connection-driver/libvirt_driver_qemu.so", "libvirt-daemon-driver-qemu",
		 true},
		{"qemu/accel-tcg-x86_64.so", "qemu-system-x86", false}, /* built in before QEMU 6 */
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(plugins); i++) {
		if (path_make(path, err, "%.*s%s", (int)(file_name(libvirt) - libvirt), libvirt,
			      plugins[i].path) < 0 ||
		    (plugins[i].needed && need(path, plugins[i].package, err) < 0))
			return -1;
		add_optional(t, path, files);
	}
	return 0;
}

static int add_libvirt(struct tree *t, const struct names *libraries, struct names *files,
		       struct err *err)
{
	const char *libvirt = NULL;

	for (size_t i = 0; i < libraries->count && !libvirt; i++)
		if (strcmp(file_name(libraries->item[i]), "libvirt.so.0") == 0)
			libvirt = libraries->item[i];
	if (!libvirt)
		return err_set(err, EXIT_USAGE,
			       "nestbench_libvirt.so does not use libvirt.so.0: build "
			       "nestbench completely");
	if (add_plugins(t, libvirt, files, err) < 0 ||
	    need(CPU_MAP "/index.xml", "libvirt0", err) < 0)
		return -1;
	return tree_add_below(t, CPU_MAP, CPU_MAP, err);
}

/* ---- containers ---- */

/* What makes containers, as far as it is installed here: a guest can do what this machine can. */
static void add_containers(struct tree *t, const struct names *libraries, struct names *files)
{
	static const char *const programs[] = {"/usr/bin/bwrap", "/usr/sbin/libvirtd",
					       "/usr/lib/libvirt/libvirt_lxc",
					       "/usr/libexec/libvirt_lxc"};
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(programs); i++)
		add_optional(t, programs[i], files);
	for (size_t i = 0; i < libraries->count; i++) {
		const char *library = libraries->item[i];
		struct err ignored;

		if (strcmp(file_name(library), "libvirt.so.0") == 0 &&
		    path_make(path, &ignored, "%.*slibvirt/connection-driver/libvirt_driver_lxc.so",
			      (int)(file_name(library) - library), library) == 0)
			add_optional(t, path, files);
	}
}

/* ---- busybox and small files ---- */

int contents_add_busybox(struct tree *t, struct err *err)
{
	static const char *const list[] = {BUSYBOX, "--list", NULL};
	static const char *const ours[] = {"busybox", "init", "linuxrc"};
	struct buf out = BUF_INIT;
	char path[PATH_MAX], *rest = NULL;
	struct err ignored;

	if (child_run(list, NULL, NULL, 10 * NS_PER_S, &out, err) < 0) {
		buf_release(&out);
		return -1;
	}
	for (char *name = out.len ? strtok_r(out.data, "\n", &rest) : NULL; name;
	     name = strtok_r(NULL, "\n", &rest)) {
		bool skip = strchr(name, '/') || path_make(path, &ignored, "/usr/bin/%s", name) < 0;

		for (size_t i = 0; i < COUNT(ours); i++)
			skip |= strcmp(name, ours[i]) == 0;
		if (!skip)
			tree_add_link(t, path, "busybox");
	}
	buf_release(&out);
	return 0;
}

static void add_small_files(struct tree *t)
{
	static const char *const dirs[] = {"dev",  "proc", "sys", "run", "tmp",		 "var",
					   "root", "boot", "etc", "mnt", "usr/local/bin"};

	for (size_t i = 0; i < COUNT(dirs); i++)
		tree_add_dir(t, dirs[i]);
	tree_add_link(t, "bin", "usr/bin");
	tree_add_link(t, "sbin", "usr/sbin");
	tree_add_link(t, "lib", "usr/lib");
	tree_add_link(t, "lib64", "usr/lib64");
	/* libvirt's QEMU driver looks its user up even when it is told to use root. */
	tree_add_text(t, "etc/passwd",
		      "root:x:0:0:root:/run/home:/bin/sh\n"
		      "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
		      "libvirt-qemu:x:64055:64055:libvirt-qemu:/run/home:/bin/false\n");
	tree_add_text(t, "etc/group",
		      "root:x:0:\ntty:x:5:\ndisk:x:6:\nkvm:x:104:libvirt-qemu\n"
		      "nogroup:x:65534:\nlibvirt-qemu:x:64055:\n");
	tree_add_text(
		t, "etc/nsswitch.conf",
		"passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n");
	tree_add_text(t, "etc/hosts", "127.0.0.1 localhost nestbench\n");
}

int contents_add(struct tree *t, const char *program_dir, struct names *programs, struct err *err)
{
	struct names files = {0}, libraries = {0};
	int result = -1;

	add_small_files(t);
	if (add_own(t, program_dir, programs, err) < 0 || add_qemu(t, &files, err) < 0)
		goto cleanup;
	for (size_t i = 0; i < programs->count; i++)
		names_add(&files, programs->item[i]);
	if (need(MKE2FS, "e2fsprogs", err) < 0)
		goto cleanup;
	names_add(&files, MKE2FS);
	/* Twice: the place of libvirt's plugin is known only once libvirt was found. */
	if (contents_add_libraries(t, NULL, &files, &libraries, err) < 0)
		goto cleanup;
	names_release(&files);
	add_containers(t, &libraries, &files);
	if (add_libvirt(t, &libraries, &files, err) < 0 ||
	    contents_add_libraries(t, NULL, &files, &libraries, err) < 0 ||
	    need(BUSYBOX, "busybox-static", err) < 0)
		goto cleanup;
	tree_add_file(t, "usr/bin/busybox", BUSYBOX);
	/* For io.create; busybox's mke2fs makes another file system. */
	tree_add_file(t, "usr/sbin/mke2fs", MKE2FS);
	result = t->failed || files.failed || programs->failed
			 ? err_set(err, EXIT_INTERNAL, "out of memory")
			 : 0;
cleanup:
	names_release(&files);
	names_release(&libraries);
	return result;
}
