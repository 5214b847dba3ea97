/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What belongs into the guest, taken from the files of the packages installed here: the same
 * programs and libraries in every layer.
 */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/program.h"

#define QEMU "/usr/bin/qemu-system-x86_64"
#define MKE2FS "/usr/sbin/mke2fs"
#define CPU_MAP "/usr/share/libvirt/cpu_map"

static int need(const char *path, const char *package, struct err *err)
{
	if (access(path, R_OK) == 0)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "%s is missing, which belongs into the image: install the package %s", path,
		       package);
}

/* ---- libraries ---- */

int ldd_parse(const char *text, struct names *out, struct err *err)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = strndup(text, len), *path, *end;

		if (!line)
			return err_set(err, EXIT_INTERNAL, "out of memory");
		text += len + (text[len] == '\n');
		/* "	libz.so.1 => /lib/libz.so.1 (0x…)" or "	/lib64/ld-linux-x86-64.so.2 (0x…)"
		 */
		path = strstr(line, "=> ");
		path = path ? path + 3 : line + strspn(line, "\t ");
		if (strncmp(path, "not found", 9) == 0) {
			err_set(err, EXIT_MACHINE,
				"the library %.*s is missing, which belongs into the image",
				(int)strcspn(line + 1, " "), line + 1);
			free(line);
			return -1;
		}
		end = strstr(path, " (0x");
		if (line[0] == '\t' && path[0] == '/' && end) {
			*end = '\0';
			if (!names_has(out, path))
				names_add(out, path);
		}
		free(line);
	}
	return out->failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

/* Adds the libraries that these files need, directly or not. */
static int add_libraries(struct tree *t, const struct names *files, struct names *libraries,
			 struct err *err)
{
	const char **argv = calloc(files->count + 2, sizeof(*argv));
	struct buf out = BUF_INIT;
	int result;

	if (!argv)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	argv[0] = "ldd";
	for (size_t i = 0; i < files->count; i++)
		argv[i + 1] = files->item[i];
	result = child_run(argv, NULL, NULL, 60 * NS_PER_S, &out, err);
	if (result == 0)
		result = ldd_parse(buf_str(&out), libraries, err);
	for (size_t i = 0; i < libraries->count && result == 0; i++)
		tree_add_file(t, libraries->item[i], libraries->item[i]);
	buf_release(&out);
	free(argv);
	return result;
}

/* ---- nestbench's own files ---- */

/* Ours lie in the guest as they do where they are installed. */
static int add_own(struct tree *t, const char *program_dir, struct names *programs, struct err *err)
{
	static const struct {
		const char *name, *place;
		bool optional;
	} own[] = {
		{"nestbench", "/usr/bin/nestbench", false},
		{"nestkernel", "/usr/libexec/nestbench/nestkernel", false},
		/* The same kernels where a library has to be loaded. */
		{"nestkernel-dl", "/usr/libexec/nestbench/nestkernel-dl", true},
		{"nestbench_libvirt.so", "/usr/libexec/nestbench/nestbench_libvirt.so", false},
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
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
	struct buf path = BUF_INIT;
	int result = 1;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && result == 1; i++) {
		buf_clear(&path);
		buf_addf(&path, "%s/%s", dirs[i], name);
		result = buf_check(&path, err);
		if (result == 0 && access(buf_str(&path), R_OK) == 0)
			tree_add_file(t, buf_str(&path), buf_str(&path));
		else if (result == 0)
			result = 1;
	}
	buf_release(&path);
	if (result == 1)
		return err_set(err, EXIT_MACHINE,
			       "QEMU's firmware file %s is missing: install the packages "
			       "qemu-system-data, "
			       "seabios and ipxe-qemu",
			       name);
	return result;
}

static int add_qemu(struct tree *t, struct names *files, struct err *err)
{
	static const char *const firmware[] = {"bios-256k.bin",	     "kvmvapic.bin",
					       "linuxboot_dma.bin",  "pvh.bin",
					       "vgabios-stdvga.bin", "efi-virtio.rom"};

	if (need(QEMU, "qemu-system-x86", err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(firmware) / sizeof(firmware[0]); i++)
		if (add_firmware(t, firmware[i], err) < 0)
			return -1;
	tree_add_file(t, QEMU, QEMU);
	names_add(files, QEMU);
	return 0;
}

/* The directory of the library with this name among the paths; NULL: not there. To be freed. */
static char *library_dir(const struct names *libraries, const char *name)
{
	for (size_t i = 0; i < libraries->count; i++) {
		const char *base = strrchr(libraries->item[i], '/');

		if (base && strcmp(base + 1, name) == 0)
			return strndup(libraries->item[i], (size_t)(base - libraries->item[i]));
	}
	return NULL;
}

/* What is loaded by name while running lies in directories below that of libvirt.so. */
static int add_plugins(struct tree *t, const char *lib_dir, struct names *files, struct err *err)
{
	static const struct {
		const char *path, *package;
		bool needed;
	} plugins[] = {
		{"libvirt/connection-driver/libvirt_driver_qemu.so", "libvirt-daemon-driver-qemu",
		 true},
		{"qemu/accel-tcg-x86_64.so", "qemu-system-x86", false}, /* built in before QEMU 6 */
	};

	for (size_t i = 0; i < sizeof(plugins) / sizeof(plugins[0]); i++) {
		struct buf path = BUF_INIT;
		int result;

		buf_addf(&path, "%s/%s", lib_dir, plugins[i].path);
		result = buf_check(&path, err);
		if (result == 0 && plugins[i].needed)
			result = need(buf_str(&path), plugins[i].package, err);
		if (result == 0 && access(buf_str(&path), R_OK) == 0) {
			tree_add_file(t, buf_str(&path), buf_str(&path));
			names_add(files, buf_str(&path));
		}
		buf_release(&path);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int add_libvirt(struct tree *t, const struct names *libraries, struct names *files,
		       struct err *err)
{
	char *dir = library_dir(libraries, "libvirt.so.0");
	int result;

	if (!dir)
		return err_set(err, EXIT_USAGE,
			       "nestbench_libvirt.so does not use libvirt.so.0: build "
			       "nestbench completely");
	result = add_plugins(t, dir, files, err);
	free(dir);
	if (result < 0 || need(CPU_MAP "/index.xml", "libvirt0", err) < 0)
		return -1;
	return tree_add_below(t, CPU_MAP, CPU_MAP, err);
}

/* ---- busybox and small files ---- */

int contents_add_busybox(struct tree *t, struct err *err)
{
	static const char *const list[] = {BUSYBOX, "--list", NULL};
	static const char *const ours[] = {"busybox", "init", "linuxrc"};
	struct buf out = BUF_INIT;
	char *rest = NULL;

	if (child_run(list, NULL, NULL, 10 * NS_PER_S, &out, err) < 0) {
		buf_release(&out);
		return -1;
	}
	for (char *name = out.len ? strtok_r(out.data, "\n", &rest) : NULL; name;
	     name = strtok_r(NULL, "\n", &rest)) {
		struct buf path = BUF_INIT;
		bool skip = strchr(name, '/') != NULL;

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			skip |= strcmp(name, ours[i]) == 0;
		buf_addf(&path, "/usr/bin/%s", name);
		if (!skip && !path.failed)
			tree_add_link(t, buf_str(&path), "busybox");
		buf_release(&path);
	}
	buf_release(&out);
	return 0;
}

static void add_small_files(struct tree *t)
{
	static const char *const dirs[] = {"dev",  "proc", "sys", "run", "tmp",		 "var",
					   "root", "boot", "etc", "mnt", "usr/local/bin"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		tree_add_dir(t, dirs[i], 0755);
	tree_add_link(t, "bin", "usr/bin");
	tree_add_link(t, "sbin", "usr/sbin");
	tree_add_link(t, "lib", "usr/lib");
	tree_add_link(t, "lib64", "usr/lib64");
	/* libvirt's QEMU driver looks its user up even when it is told to use root. */
	tree_add_text(t, "etc/passwd",
		      "root:x:0:0:root:/run/home:/bin/sh\n"
		      "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
		      "libvirt-qemu:x:64055:64055:libvirt-qemu:/run/home:/bin/false\n",
		      0644);
	tree_add_text(t, "etc/group",
		      "root:x:0:\ntty:x:5:\ndisk:x:6:\nkvm:x:104:libvirt-qemu\n"
		      "nogroup:x:65534:\nlibvirt-qemu:x:64055:\n",
		      0644);
	tree_add_text(
		t, "etc/nsswitch.conf",
		"passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
		0644);
	tree_add_text(t, "etc/hosts", "127.0.0.1 localhost nestbench\n", 0644);
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
	/* Twice: where libvirt's own plugin lies is known only once libvirt was found. */
	if (add_libraries(t, &files, &libraries, err) < 0)
		goto cleanup;
	names_release(&files);
	if (add_libvirt(t, &libraries, &files, err) < 0 ||
	    add_libraries(t, &files, &libraries, err) < 0 ||
	    need(BUSYBOX, "busybox-static", err) < 0)
		goto cleanup;
	tree_add_file(t, "usr/bin/busybox", BUSYBOX);
	/* For io.create; busybox's own makes another file system. */
	tree_add_file(t, "usr/sbin/mke2fs", MKE2FS);
	result = t->failed || files.failed || programs->failed
			 ? err_set(err, EXIT_INTERNAL, "out of memory")
			 : 0;
cleanup:
	names_release(&files);
	names_release(&libraries);
	return result;
}
