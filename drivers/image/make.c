/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the files of one image: kernel, initramfs, root disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"

#define MKE2FS "/usr/sbin/mke2fs"
#define FS_ID                                                                                      \
	"6e657374-6265-6e63-6821-000000000001" /* fixed: the same inputs give the same bytes */

#define TOOL_LIMIT (300 * NS_PER_S)

enum { KERNEL_LIMIT = 256 << 20, UNPACKED_KERNEL = 192 << 20 };

/* What the initramfs needs to reach the root disk and the agent's port. */
static const char *const boot_modules[] = {"virtio_pci", "virtio_blk", "virtio_console", "ext4"};

/* What may be loaded later, in the order of need. */
static const char *const root_modules[] = {
	"kvm_amd",     "kvm_intel", "virtio_net", "virtio_balloon",
	"tun",	       "bridge",    "veth",	  "vmw_vsock_virtio_transport",
	"vhost_vsock", "vhost_net", "virtiofs",	  "overlay",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char *join(const char *dir, const char *name, struct err *err)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	return path;
}

static int unpack_deb(const char *deb, const char *dir, struct err *err)
{
	const char *const argv[] = {"dpkg-deb", "-x", deb, dir, NULL};
	struct buf out = BUF_INIT;
	int result = file_make_dirs(dir, err);

	if (result == 0)
		result = child_run(argv, NULL, NULL, TOOL_LIMIT, &out, err);
	if (result < 0 && err->code == EXIT_INTERNAL) {
		err->code = EXIT_MACHINE; /* a damaged download, or a full disk */
		err_context(err, "cannot unpack %s", deb);
	}
	buf_release(&out);
	return result;
}

/* ---- the kernel ---- */

static int make_kernel(const char *package_dir, const char *release, const char *to,
		       struct err *err)
{
	struct buf path = BUF_INIT, packed = BUF_INIT, unpacked = BUF_INIT;
	const struct buf *use = &unpacked;
	int result;

	buf_addf(&path, "%s/boot/vmlinuz-%s", package_dir, release);
	result = buf_check(&path, err);
	if (result == 0)
		result = file_read(buf_str(&path), KERNEL_LIMIT, &packed, err);
	if (result == 0)
		result = kernel_unpack(packed.data, packed.len, &unpacked, err);
	if (result == 0)
		use = &packed;
	if (result >= 0)
		result = write_sparse(to, use->data, use->len, err);
	buf_release(&path);
	buf_release(&packed);
	buf_release(&unpacked);
	return result;
}

/* ---- the initramfs ---- */

/* Adds the modules as lib/NAME.ko and their names, in order, as a list under the path list. */
static int add_modules(struct cpio *c, const struct modules *m, const struct names *order,
		       const char *list, struct err *err)
{
	struct buf text = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < order->count && result == 0; i++) {
		const char *name = file_name(order->item[i]);
		char *source = modules_file(m, order->item[i], err);
		char *place = join("lib", name, err);

		result = source && place ? cpio_add_file(c, place, 0644, source, err) : -1;
		buf_addf(&text, "%.*s\n", (int)(strlen(name) - 3), name);
		free(source);
		free(place);
	}
	if (result == 0)
		result = buf_check(&text, err);
	if (result == 0)
		cpio_add(c, list, S_IFREG | 0644, text.data, text.len);
	buf_release(&text);
	return result;
}

static int add_module_sets(struct cpio *c, const struct modules *m, struct err *err)
{
	static const struct {
		const char *list;
		const char *const *name;
		size_t count;
	} sets[] = {
		{"modules", boot_modules, COUNT(boot_modules)},
		{"modules.svm", &root_modules[0], 1},
		{"modules.vmx", &root_modules[1], 1},
	};

	for (size_t i = 0; i < COUNT(sets); i++) {
		struct names order = {0};
		int result = 0;

		for (size_t j = 0; j < sets[i].count && result == 0; j++)
			result = modules_closure(m, sets[i].name[j], &order, err);
		if (result == 0)
			result = add_modules(c, m, &order, sets[i].list, err);
		names_release(&order);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int make_initramfs(const struct modules *m, const char *to, struct err *err)
{
	static const char *const dirs[] = {"dev", "lib", "proc", "root", "sys"};
	struct cpio c = {0};
	int result;

	for (size_t i = 0; i < COUNT(dirs); i++)
		cpio_add(&c, dirs[i], S_IFDIR | 0755, NULL, 0);
	/* init's input and output, before it can mount anything */
	cpio_add_device(&c, "dev/console", S_IFCHR | 0600, 5, 1);
	/* cppcheck-suppress comparePointers ; both ends of one thing */
	cpio_add(&c, "init", S_IFREG | 0755, guest_init, (size_t)(guest_init_end - guest_init));
	result = add_module_sets(&c, m, err);
	if (result == 0)
		result = cpio_finish(&c, err);
	if (result == 0)
		result = write_sparse(to, c.data.data, c.data.len, err);
	cpio_release(&c);
	return result;
}

/* ---- the root disk ---- */

static int add_root_module(struct tree *t, const struct modules *m, const struct names *order,
			   struct buf *dep, struct err *err)
{
	const char *path = order->item[order->count - 1];
	char *source = modules_file(m, path, err);
	struct buf place = BUF_INIT;
	int result = source ? 0 : -1;

	buf_addf(&place, "usr/lib/modules/%s/%s", m->release, path);
	if (result == 0)
		result = buf_check(&place, err);
	if (result == 0 && !tree_find(t, buf_str(&place))) {
		tree_add_file(t, buf_str(&place), source);
		/* modprobe loads from the end of the line */
		buf_addf(dep, "%s:", path);
		for (size_t i = order->count - 1; i-- > 0;)
			buf_addf(dep, " %s", order->item[i]);
		buf_addstr(dep, "\n");
	}
	buf_release(&place);
	free(source);
	return result;
}

/* The modules and a modules.dep, so that modprobe works. */
static int add_root_modules(struct tree *t, const struct modules *m, const char *const *more,
			    struct err *err)
{
	struct buf dep = BUF_INIT, place = BUF_INIT;
	struct names all = {0};
	int result = 0;

	for (size_t i = 0; i < COUNT(root_modules) && result == 0; i++)
		result = modules_closure(m, root_modules[i], &all, err);
	for (; more && *more && result == 0; more++)
		result = modules_closure(m, *more, &all, err);
	for (size_t i = 0; i < COUNT(boot_modules) && result == 0; i++)
		result = modules_closure(m, boot_modules[i], &all, err);
	for (size_t i = 0; i < all.count && result == 0; i++) {
		struct names order = {0};
		const char *name = file_name(all.item[i]);
		char *stem = strndup(name, strlen(name) - 3);

		result = stem ? modules_closure(m, stem, &order, err)
			      : err_set(err, EXIT_INTERNAL, "out of memory");
		if (result == 0 && order.count)
			result = add_root_module(t, m, &order, &dep, err);
		free(stem);
		names_release(&order);
	}
	buf_addf(&place, "usr/lib/modules/%s/modules.dep", m->release);
	if (result == 0 && buf_check(&dep, err) == 0 && buf_check(&place, err) == 0)
		tree_add_text(t, buf_str(&place), buf_str(&dep), 0644);
	else
		result = -1;
	buf_release(&dep);
	buf_release(&place);
	names_release(&all);
	return result;
}

static int add_debs(struct tree *t, const struct names *debs, const char *work, struct err *err)
{
	for (size_t i = 0; i < debs->count; i++) {
		char *dir = join(work, file_name(debs->item[i]), err);
		int result = dir ? unpack_deb(debs->item[i], dir, err) : -1;

		if (result == 0)
			result = tree_add_below(t, dir, "", err);
		free(dir);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

/* Makes a kernel of the user's own look like an unpacked package, by links. */
static int link_kernel(const struct image_inputs *in, const char *dir, struct err *err)
{
	const char *release = file_name(in->modules);
	char *boot = join(dir, "boot", err), *lib = join(dir, "lib/modules", err);
	char *kernel = NULL, *modules = NULL;
	int result = -1;

	if (!boot || !lib || file_make_dirs(boot, err) < 0 || file_make_dirs(lib, err) < 0)
		goto cleanup;
	if (asprintf(&kernel, "%s/vmlinuz-%s", boot, release) < 0 ||
	    asprintf(&modules, "%s/%s", lib, release) < 0)
		err_set(err, EXIT_INTERNAL, "out of memory");
	else if (symlink(in->vmlinuz, kernel) < 0 || symlink(in->modules, modules) < 0)
		err_errno(err, EXIT_INTERNAL, "cannot make the link %s", kernel);
	else
		result = 0;
cleanup:
	free(boot);
	free(lib);
	free(kernel);
	free(modules);
	return result;
}

static void say(const struct image_config *config, const char *line)
{
	if (config->say)
		config->say(config->say_ctx, line);
}

static int make_all(const struct image_config *config, struct image_inputs *in, const char *dir,
		    const char *work, struct err *err)
{
	char *package = join(work, "kernel", err), *kernel = join(dir, "kernel", err);
	char *initramfs = join(dir, "initramfs", err), *root = join(dir, "root.img", err);
	struct modules m = {0};
	int result = -1;

	if (!package || !kernel || !initramfs || !root)
		goto cleanup;
	say(config, "unpacking the kernel");
	if ((in->kernel_deb ? unpack_deb(in->kernel_deb, package, err)
			    : link_kernel(in, package, err)) < 0 ||
	    modules_open(&m, package, work, err) < 0 ||
	    make_kernel(package, m.release, kernel, err) < 0 ||
	    make_initramfs(&m, initramfs, err) < 0)
		goto cleanup;
	tree_add_file(&in->tree, "boot/kernel", kernel);
	tree_add_file(&in->tree, "boot/initramfs", initramfs);
	if (in->debs.count)
		say(config, "unpacking the added packages");
	if (add_debs(&in->tree, &in->debs, work, err) < 0 ||
	    add_root_modules(&in->tree, &m, config->modules, err) < 0 ||
	    contents_add_busybox(&in->tree, err) < 0)
		goto cleanup;
	say(config, "making the root disk");
	result = ext4_make(&in->tree, work, root, err);
	if (result == 0 && !(in->kernel_release = strdup(m.release)))
		result = err_set(err, EXIT_INTERNAL, "out of memory");
cleanup:
	modules_release(&m);
	free(package);
	free(kernel);
	free(initramfs);
	free(root);
	return result;
}

int image_make(const struct image_config *config, struct image_inputs *in, const char *dir,
	       struct err *err)
{
	char *work = join(dir, "work", err);
	struct err ignored;
	int result = -1;

	if (!work)
		return -1;
	if (file_make_dirs(work, err) == 0 && space_check(work, UNPACKED_KERNEL, err) == 0)
		result = make_all(config, in, dir, work, err);
	if (file_remove_tree(work, result < 0 ? &ignored : err) < 0)
		result = -1;
	free(work);
	return result;
}
