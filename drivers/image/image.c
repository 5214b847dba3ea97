/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/image/image.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/json.h"

/* To be changed whenever the same inputs give another image. */
#define BUILDER "nestbench image 4"

/* ---- the inputs ---- */

/* The i-th package to add; NULL after the last. */
static const char *wanted(const struct image_config *config, size_t i)
{
	static const char *const opencl[] = {"pocl-opencl-icd", "ocl-icd-libopencl1"};
	size_t extra = config->with_opencl ? COUNT(opencl) : 0;

	if (i < extra)
		return opencl[i];
	return config->with ? config->with[i - extra] : NULL;
}

static int add_with(struct image_inputs *in, const struct package_store *store, const char *name,
		    struct err *err)
{
	struct names debs = {0}, installed = {0};
	int result = packages_with(store, name, &debs, &installed, err);

	for (size_t i = 0; i < debs.count && result == 0; i++) {
		if (names_has(&in->debs, debs.item[i]))
			continue;
		names_add(&in->debs, debs.item[i]);
		names_add(&in->packages, file_name(debs.item[i]));
	}
	for (size_t i = 0; i < installed.count && result == 0; i++) {
		if (names_has(&in->packages, installed.item[i]))
			continue;
		names_add(&in->packages, installed.item[i]);
		result = packages_add_installed(&in->tree, installed.item[i], err);
	}
	if (result == 0 && (in->debs.failed || in->packages.failed))
		result = err_set(err, EXIT_INTERNAL, "out of memory");
	names_release(&debs);
	names_release(&installed);
	return result;
}

static int add_xen(struct image_inputs *in, const struct package_store *store, struct err *err)
{
	int result = xen_packages(store, &in->xen, err);

	for (size_t i = 0; i < in->xen.count; i++)
		names_add(&in->packages, file_name(in->xen.item[i]));
	return result;
}

/* For modprobe. That they are part of the tree makes them part of the hash. */
static int add_module_params(struct image_inputs *in, const struct image_config *config,
			     struct err *err)
{
	struct buf text = BUF_INIT;
	int result;

	module_params_text(config->module_params, &text);
	result = buf_check(&text, err);
	if (result == 0 && text.len)
		tree_add_text(&in->tree, "etc/modprobe.d/nestbench.conf", buf_str(&text));
	buf_release(&text);
	return result;
}

static int hash_file_name(struct sha256 *hash, const char *path, struct err *err)
{
	char line[512];
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, EXIT_USAGE, "cannot open %s", path);
	/* Without its directory: the same packages give the same image, wherever the cache is. */
	snprintf(line, sizeof(line), "%.400s %lld %lld.%09ld\n", file_name(path),
		 (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	sha256_add(hash, line, strlen(line));
	return 0;
}

static int hash_file_names(struct sha256 *hash, const struct names *paths, struct err *err)
{
	for (size_t i = 0; i < paths->count; i++)
		if (hash_file_name(hash, paths->item[i], err) < 0)
			return -1;
	return 0;
}

/* For a kernel of the user's own also the lists that every installation of modules rewrites. */
static int hash_kernel(struct sha256 *hash, const struct image_inputs *in, struct err *err)
{
	static const char *const lists[] = {"modules.builtin", "modules.dep", "modules.order"};

	if (in->kernel_deb)
		return hash_file_name(hash, in->kernel_deb, err);
	sha256_add(hash, in->modules, strlen(in->modules));
	for (size_t i = 0; i < COUNT(lists); i++) {
		char path[PATH_MAX];

		if (path_make(path, err, "%s/%s", in->modules, lists[i]) < 0 ||
		    (access(path, R_OK) == 0 && hash_file_name(hash, path, err) < 0))
			return -1;
	}
	return hash_file_name(hash, in->vmlinuz, err);
}

static int hash_inputs(struct image_inputs *in, const struct names *programs, struct err *err)
{
	struct sha256 hash;
	char hex[SHA256_HEX];

	sha256_init(&hash);
	sha256_add(&hash, BUILDER, sizeof(BUILDER));
	/* cppcheck-suppress comparePointers ; both ends of one thing */
	sha256_add(&hash, guest_init, (size_t)(guest_init_end - guest_init));
	if (tree_hash(&in->tree, programs, &hash, err) < 0 || hash_kernel(&hash, in, err) < 0)
		return -1;
	if (hash_file_names(&hash, &in->debs, err) < 0 || hash_file_names(&hash, &in->xen, err) < 0)
		return -1;
	sha256_hex(&hash, hex);
	memcpy(in->hash, hex, sizeof(in->hash) - 1);
	return 0;
}

static int collect(const struct image_config *config, const char *cache, bool may_download,
		   struct image_inputs *in, struct err *err)
{
	char packages[PATH_MAX];
	struct names programs = {0};
	struct package_store store = {.dir = packages,
				      .refresh = config->refresh && may_download,
				      .may_download = may_download,
				      .say = config->say,
				      .say_ctx = config->say_ctx};
	int result = -1;

	if (path_make(packages, err, "%s/packages", cache) == 0 &&
	    (!may_download || file_make_dirs(packages, err) == 0) &&
	    contents_add(&in->tree, config->program_dir, &programs, err) == 0)
		result = kernel_choose(
			&store, config->kernel || !config->with_xen ? config->kernel : XEN_KERNEL,
			in, err);
	for (size_t i = 0; wanted(config, i) && result == 0; i++)
		result = add_with(in, &store, wanted(config, i), err);
	if (result == 0 && config->with_xen)
		result = add_xen(in, &store, err);
	if (result == 0)
		result = add_module_params(in, config, err);
	if (result == 0)
		result = hash_inputs(in, &programs, err);
	names_release(&programs);
	return result;
}

/* ---- image.json ---- */

/* The versions of the installed packages that provide the files, as far as dpkg knows them. */
static json_t *installed_versions(void)
{
	static const char *const argv[] = {"dpkg-query",
					   "-W",
					   "-f",
					   "${Package} ${Version}\n",
					   "qemu-system-x86",
					   "libvirt0",
					   "libvirt-daemon-driver-qemu",
					   "seabios",
					   "busybox-static",
					   "libc6",
					   NULL};
	json_t *list = json_object();
	struct buf out = BUF_INIT;
	struct err ignored;
	char *rest = NULL;

	child_run(argv, NULL, NULL, 30 * NS_PER_S, &out, &ignored);
	for (char *line = out.data ? strtok_r(out.data, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *space = strchr(line, ' ');

		/* A line about a missing package has more than one space. */
		if (!space || strchr(space + 1, ' '))
			continue;
		*space = '\0';
		json_object_set_new(list, line, json_string(space + 1));
	}
	buf_release(&out);
	return list;
}

static int write_json(const struct image_config *config, const struct image_inputs *in,
		      const char *dir, uint64_t size_bytes, uint64_t build_ns, struct err *err)
{
	const char *kernel = in->kernel_deb ? in->kernel_deb : in->vmlinuz;
	json_t *with = json_array(), *packages = json_array(), *params = json_array(), *root;
	char *text = NULL, path[PATH_MAX];
	int result = path_make(path, err, "%s/image.json", dir);

	for (size_t i = 0; wanted(config, i); i++)
		json_array_append_new(with, json_string(wanted(config, i)));
	for (size_t i = 0; i < in->packages.count; i++)
		json_array_append_new(packages, json_string(in->packages.item[i]));
	for (const char *const *p = config->module_params; p && *p; p++)
		json_array_append_new(params, json_string(*p));
	root = json_pack("{s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "hash", in->hash,
			 "builder", BUILDER, "size_bytes", (json_int_t)size_bytes, "build_ns",
			 (json_int_t)build_ns, "kernel", in->kernel_release, "kernel_package",
			 json_bytes(file_name(kernel)), "with", with, "module_params", params,
			 "added_packages", packages, "installed_packages", installed_versions());
	if (root)
		text = json_dumps(root, JSON_INDENT(2));
	if (result == 0 && !text)
		result = err_set(err, EXIT_INTERNAL, "out of memory");
	if (result == 0)
		result = file_write_whole(path, text, strlen(text), err);
	json_decref(root);
	free(text);
	return result;
}

/* ---- building ---- */

/* Sums the sizes of the files, and makes them readable to QEMU, which may run as another user,
 * whatever our umask is. */
static int open_files(const char *dir, uint64_t *bytes, struct err *err)
{
	static const char *const names[] = {"kernel", "initramfs", "root.img", IMAGE_HYPERVISOR};
	char path[PATH_MAX];
	struct stat st;

	*bytes = 0;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (path_make(path, err, "%s/%s", dir, names[i]) < 0)
			return -1;
		if (strcmp(names[i], IMAGE_HYPERVISOR) == 0 && access(path, F_OK) < 0)
			continue;
		if (chmod(path, 0644) < 0 || stat(path, &st) < 0)
			return err_errno(err, EXIT_INTERNAL, "cannot look at %s", path);
		*bytes += (uint64_t)st.st_size;
	}
	return 0;
}

/* Builds in .building, then renames into place. The lock is held, so anything already there is left
 * over. */
static int build_entry(const struct image_config *config, const char *cache,
		       struct image_inputs *in, uint64_t started, struct err *err)
{
	char aside[PATH_MAX], entry[PATH_MAX];
	struct err ignored;
	uint64_t size;
	int result;

	if (path_make(aside, err, "%s/.building", cache) < 0 ||
	    path_make(entry, err, "%s/%s", cache, in->hash) < 0 ||
	    file_remove_tree(aside, err) < 0 || file_remove_tree(entry, err) < 0 ||
	    file_make_dirs(aside, err) < 0)
		return -1;
	chmod(aside, 0755);
	result = image_make(config, in, aside, err);
	if (result == 0)
		result = open_files(aside, &size, err);
	if (result == 0)
		result = write_json(config, in, aside, size, clock_now(&clock_machine) - started,
				    err);
	if (result == 0)
		result = interrupt_check(err);
	if (result == 0 && rename(aside, entry) < 0)
		result = err_errno(err, EXIT_INTERNAL, "cannot rename %s to %s", aside, entry);
	if (result < 0)
		file_remove_tree(aside, &ignored);
	return result;
}

static int find_or_build(const struct image_config *config, const char *cache, uint64_t started,
			 struct image *out, struct err *err)
{
	struct image_inputs in = {0};
	int result = collect(config, cache, true, &in, err);

	if (result == 0)
		result = cache_look(cache, in.hash, out, err);
	if (result == 1)
		utimensat(AT_FDCWD, out->dir, NULL,
			  0); /* marks it as the last used, which is removed last */
	else if (result == 0 && (result = build_entry(config, cache, &in, started, err)) == 0) {
		result = cache_look(cache, in.hash, out, err);
		if (result == 0)
			result = err_set(err, EXIT_INTERNAL,
					 "the image %s vanished while it was built", in.hash);
		else if (result == 1)
			out->fresh = true;
		cache_prune(cache);
	}
	inputs_release(&in);
	return result < 0 ? -1 : 0;
}

/* Absolute, because tools are started in other directories. */
static int find_cache(const struct image_config *config, char dir[PATH_MAX], struct err *err)
{
	char here[PATH_MAX] = "";

	if (!config->cache_dir)
		return cache_default_dir(dir, err);
	if (config->cache_dir[0] != '/' && !getcwd(here, sizeof(here)))
		return err_errno(err, EXIT_INTERNAL, "cannot find out the working directory");
	return path_make(dir, err, "%s%s%s", here, here[0] ? "/" : "", config->cache_dir);
}

/* Makes the cache where it is missing. Returns its lock. */
static int open_cache(const char *cache, const struct image_config *config, struct err *err)
{
	/* libvirt puts the paths into XML. */
	if (utf8_check(cache, "the path of the cache (XDG_CACHE_HOME)", err) < 0)
		return -1;
	if (file_make_dirs(cache, err) < 0)
		return err_context(err, "no image cache (XDG_CACHE_HOME names another place)");
	return cache_lock(cache, config->say, config->say_ctx, err);
}

int image_build(const struct image_config *config, struct image *out, struct err *err)
{
	uint64_t started = clock_now(&clock_machine);
	char cache[PATH_MAX];
	int lock = -1, result = -1;

	*out = (struct image)IMAGE_NONE;
	if (find_cache(config, cache, err) == 0)
		lock = open_cache(cache, config, err);
	if (lock >= 0) {
		result = find_or_build(config, cache, started, out, err);
		close(lock);
	}
	return result;
}

int image_find(const struct image_config *config, struct image *out, struct err *err)
{
	struct image_inputs in = {0};
	char cache[PATH_MAX];
	int result = find_cache(config, cache, err);

	*out = (struct image)IMAGE_NONE;
	if (result == 0)
		result = collect(config, cache, false, &in, err);
	if (result == 0)
		result = cache_look(cache, in.hash, out, err);
	if (result == 0)
		result = err_set(err, EXIT_MACHINE,
				 "no image was built from these inputs yet: run nestbench image");
	inputs_release(&in);
	return result < 0 ? -1 : 0;
}
