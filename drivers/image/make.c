/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the files of one image: kernel, initramfs, root disk. */
#include <stdlib.h>
#include <string.h>

#include "drivers/abi_stamp.h"
#include "drivers/image/parts.h"
#include "drivers/image/tools.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/program.h"
#include "lib/str.h"

#define TOOL_LIMIT (300 * NS_PER_S)

enum { KERNEL_LIMIT = 256 << 20, UNPACKED_KERNEL = 192 << 20 };

/* Modules of the initramfs, for the root disk and the agent's port. */
static const char *const boot_modules[] = {"virtio_pci", "virtio_blk", "virtio_console", "ext4"};

/* What ext4 asks for by what it does, so that no module names it; some kernels have it built in. */
static const char ext4_checksum[] = "crc32c_generic";

/* Modules that may be loaded later, in the order of need. */
static const char *const root_modules[] = {
	"kvm_amd",     "kvm_intel", "virtio_net", "virtio_balloon",
	"tun",	       "bridge",    "veth",	  "vmw_vsock_virtio_transport",
	"vhost_vsock", "vhost_net", "virtiofs",	  "overlay",
	"fuse",
};

/* What a kernel needs as a guest of Xen, in the initramfs, and as its first guest. */
static const char *const xen_boot_modules[] = {"xen_blkfront"};
static const char *const xen_root_modules[] = {"xenfs",	     "xen_privcmd",  "xen_evtchn",
					       "xen_gntdev", "xen_gntalloc", "xen_blkback"};

/* An image in the making. */
struct making {
	const struct image_tools *tools;
	struct image_inputs *in;
	struct modules modules;
	struct names boot, root; /* names of the modules that the initramfs and the disk hold */
	char work[PATH_MAX];	 /* for temporary files */
	char modules_dir[PATH_MAX];
};

const struct image_tools *image_tools_load(struct err *err)
{
	return module_load(IMAGE_MODULE, NB_ABI_STAMP, "what makes images",
			   "libarchive13 and libext2fs2", err);
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

static int make_kernel(const struct image_tools *tools, const char *vmlinuz, const char *to,
		       struct err *err)
{
	struct buf packed = BUF_INIT, unpacked = BUF_INIT;
	const struct buf *use = &unpacked;
	int result = file_read(vmlinuz, KERNEL_LIMIT, &packed, err);

	if (result == 0)
		result = kernel_unpack(tools, packed.data, packed.len, &unpacked, err);
	if (result == 0)
		use = &packed;
	if (result >= 0)
		result = file_write_whole(to, use->data, use->len, err);
	buf_release(&packed);
	buf_release(&unpacked);
	return result;
}

/* ---- the initramfs ---- */

/* Adds modules as modules/NAME.ko and their paths, in the order of loading, as a list. */
static int add_modules(struct making *m, struct tree *t, const char *list, const char *const *name,
		       size_t count, struct err *err)
{
	struct module_list order = {0};
	struct buf text = BUF_INIT;
	char path[PATH_MAX];
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		result = modules_closure(&m->modules, name[i], &order, err);
	for (size_t i = 0; i < order.count && result == 0; i++) {
		const char *file = file_name(order.item[i]->path);
		int len = module_name_length(file);

		buf_addf(&text, "/modules/%.*s\n", len, file);
		result = path_make(path, err, "modules/%.*s", len, file);
		tree_add_data(t, path, order.item[i]->data.data, order.item[i]->data.len, 0644);
	}
	if (result == 0)
		result = buf_check(&text, err);
	if (result == 0)
		tree_add_text(t, list, buf_str(&text));
	buf_release(&text);
	return result;
}

/* Checked against the modules that the guests have. */
static int add_module_params(struct making *m, const struct image_config *config, struct tree *t,
			     struct err *err)
{
	struct module_list all = {0};
	struct buf text = BUF_INIT;
	int result = 0;

	if (!config->module_params || !*config->module_params)
		return 0;
	for (size_t i = 0; i < m->boot.count && result == 0; i++)
		result = modules_closure(&m->modules, m->boot.item[i], &all, err);
	for (size_t i = 0; i < m->root.count && result == 0; i++)
		result = modules_closure(&m->modules, m->root.item[i], &all, err);
	if (result == 0)
		result = module_params_fit(&m->modules, &all, config->module_params, err);
	module_params_text(config->module_params, &text);
	if (result == 0)
		result = buf_check(&text, err);
	if (result == 0)
		tree_add_text(t, MODULE_PARAMS_FILE, buf_str(&text));
	buf_release(&text);
	return result;
}

static int make_initramfs(struct making *m, const struct image_config *config, const char *to,
			  struct err *err)
{
	static const char *const dirs[] = {"dev", "proc", "root", "sys"};
	struct tree t = {0};
	int result = -1;

	for (size_t i = 0; i < COUNT(dirs); i++)
		tree_add_dir(&t, dirs[i]);
	/* cppcheck-suppress comparePointers ; both ends of one thing */
	tree_add_data(&t, "init", guest_init, (size_t)(guest_init_end - guest_init), 0755);
	if (add_modules(m, &t, "modules.boot", (const char *const *)m->boot.item, m->boot.count,
			err) == 0 &&
	    add_module_params(m, config, &t, err) == 0)
		result = m->tools->make_cpio(&t, to, err);
	tree_release(&t);
	return result;
}

/* ---- the root disk ---- */

/* A module, and its line of modules.dep: what modprobe loads, from the end. */
static int add_root_module(struct making *m, struct module *module, struct buf *dep,
			   struct err *err)
{
	const char *name = file_name(module->path);
	struct module_list order = {0};
	char path[PATH_MAX], stem[NAME_MAX];
	int result;

	snprintf(stem, sizeof(stem), "%.*s", module_name_length(name) - 3, name);
	result = modules_closure(&m->modules, stem, &order, err);
	if (result == 0)
		result = path_make(path, err, "usr/lib/modules/%s/%.*s", m->modules.release,
				   module_name_length(module->path), module->path);
	if (result < 0)
		return -1;
	tree_add_data(&m->in->tree, path, module->data.data, module->data.len, 0644);
	for (size_t i = order.count; i-- > 0;)
		buf_addf(dep, "%.*s%s", module_name_length(order.item[i]->path),
			 order.item[i]->path,
			 i + 1 == order.count ? ": "
			 : i		      ? " "
					      : "");
	buf_addstr(dep, "\n");
	return 0;
}

/* The modules and a modules.dep, so that modprobe works. */
static int add_root_modules(struct making *m, struct err *err)
{
	struct module_list all = {0};
	struct buf dep = BUF_INIT;
	char path[PATH_MAX];
	int result = path_make(path, err, "usr/lib/modules/%s/modules.dep", m->modules.release);

	for (size_t i = 0; i < m->root.count && result == 0; i++)
		result = modules_closure(&m->modules, m->root.item[i], &all, err);
	for (size_t i = 0; i < m->boot.count && result == 0; i++)
		result = modules_closure(&m->modules, m->boot.item[i], &all, err);
	for (size_t i = 0; i < all.count && result == 0; i++)
		result = add_root_module(m, all.item[i], &dep, err);
	if (result == 0)
		result = buf_check(&dep, err);
	if (result == 0)
		tree_add_text(&m->in->tree, path, buf_str(&dep));
	buf_release(&dep);
	return result;
}

/* The paths on the disk, in the order of loading, of what loads a module there. */
static int add_root_list(struct making *m, const char *list, const char *name, struct err *err)
{
	struct module_list order = {0};
	struct buf text = BUF_INIT;
	int result = modules_closure(&m->modules, name, &order, err);

	for (size_t i = 0; i < order.count; i++)
		buf_addf(&text, "/usr/lib/modules/%s/%.*s\n", m->modules.release,
			 module_name_length(order.item[i]->path), order.item[i]->path);
	if (result == 0)
		result = buf_check(&text, err);
	if (result == 0)
		tree_add_text(&m->in->tree, list, buf_str(&text));
	buf_release(&text);
	return result;
}

static int add_workload_modules(struct tree *t, const char *const *name, struct err *err)
{
	struct buf text = BUF_INIT;
	int result;

	for (; name && *name; name++)
		buf_addf(&text, "%s\n", *name);
	result = buf_check(&text, err);
	if (result == 0)
		tree_add_text(t, IMAGE_WORKLOAD_MODULES, buf_str(&text));
	buf_release(&text);
	return result;
}

static void add_names(struct names *n, const char *const *name, size_t count)
{
	for (size_t i = 0; i < count; i++)
		names_add(n, name[i]);
}

static int choose_modules(struct making *m, const struct image_config *config, struct err *err)
{
	if (modules_has(&m->modules, ext4_checksum))
		names_add(&m->boot, ext4_checksum);
	add_names(&m->boot, boot_modules, COUNT(boot_modules));
	add_names(&m->root, root_modules, COUNT(root_modules));
	for (const char *const *more = config->modules; more && *more; more++)
		names_add(&m->root, *more);
	if (config->with_xen) {
		add_names(&m->boot, xen_boot_modules, COUNT(xen_boot_modules));
		add_names(&m->root, xen_root_modules, COUNT(xen_root_modules));
	}
	return m->boot.failed || m->root.failed ? err_set(err, EXIT_INTERNAL, "out of memory") : 0;
}

/* Beside the kernel, as IMAGE_HYPERVISOR, and in the guests. */
static int add_xen(struct making *m, const char *dir, struct err *err)
{
	char root[PATH_MAX], hypervisor[PATH_MAX];

	if (path_make(root, err, "%s/xen", m->work) < 0 ||
	    path_make(hypervisor, err, "%s/" IMAGE_HYPERVISOR, dir) < 0)
		return -1;
	for (size_t i = 0; i < m->in->xen.count; i++)
		if (unpack_deb(m->in->xen.item[i], root, err) < 0)
			return -1;
	return xen_add(&m->in->tree, m->tools, root, hypervisor, err);
}

static int add_debs(struct making *m, struct err *err)
{
	char dir[PATH_MAX];

	for (size_t i = 0; i < m->in->debs.count; i++) {
		const char *deb = m->in->debs.item[i];

		if (path_make(dir, err, "%s/%s", m->work, file_name(deb)) < 0 ||
		    unpack_deb(deb, dir, err) < 0 || tree_add_below(&m->in->tree, dir, "", err) < 0)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

static void say(const struct image_config *config, const char *line)
{
	if (config->say)
		config->say(config->say_ctx, line);
}

/* The kernel and its modules, from a package or the user's own. */
static int open_kernel(struct making *m, char vmlinuz[PATH_MAX], struct err *err)
{
	char package[PATH_MAX];

	if (!m->in->kernel_deb) {
		str_copy(vmlinuz, PATH_MAX, m->in->vmlinuz);
		return modules_open(&m->modules, m->tools, m->in->modules, err);
	}
	if (path_make(package, err, "%s/kernel", m->work) < 0 ||
	    unpack_deb(m->in->kernel_deb, package, err) < 0 ||
	    kernel_find(package, vmlinuz, m->modules_dir, err) < 0)
		return -1;
	return modules_open(&m->modules, m->tools, m->modules_dir, err);
}

static int make_all(const struct image_config *config, struct making *m, const char *dir,
		    struct err *err)
{
	char vmlinuz[PATH_MAX], kernel[PATH_MAX], initramfs[PATH_MAX], root[PATH_MAX];
	struct tree *t = &m->in->tree;

	if (path_make(kernel, err, "%s/kernel", dir) < 0 ||
	    path_make(initramfs, err, "%s/initramfs", dir) < 0 ||
	    path_make(root, err, "%s/root.img", dir) < 0)
		return -1;
	say(config, "unpacking the kernel");
	if (open_kernel(m, vmlinuz, err) < 0 || choose_modules(m, config, err) < 0 ||
	    make_kernel(m->tools, vmlinuz, kernel, err) < 0 ||
	    make_initramfs(m, config, initramfs, err) < 0)
		return -1;
	tree_add_file(t, "boot/kernel", kernel);
	tree_add_file(t, "boot/initramfs", initramfs);
	if (m->in->debs.count)
		say(config, "unpacking the added packages");
	if ((config->with_xen && add_xen(m, dir, err) < 0) || add_debs(m, err) < 0 ||
	    add_root_modules(m, err) < 0 || add_workload_modules(t, config->modules, err) < 0 ||
	    add_root_list(m, "boot/modules.svm", root_modules[0], err) < 0 ||
	    add_root_list(m, "boot/modules.vmx", root_modules[1], err) < 0 ||
	    contents_add_busybox(t, err) < 0)
		return -1;
	say(config, "making the root disk");
	if (!(m->in->kernel_release = strdup(m->modules.release)))
		return err_set(err, EXIT_INTERNAL, "out of memory");
	return m->tools->make_ext4(t, root, err);
}

int image_make(const struct image_config *config, struct image_inputs *in, const char *dir,
	       struct err *err)
{
	struct making m = {.tools = image_tools_load(err), .in = in};
	struct err ignored;
	int result = -1;

	if (!m.tools || path_make(m.work, err, "%s/work", dir) < 0)
		return -1;
	if (file_make_dirs(m.work, err) == 0 && space_check(m.work, UNPACKED_KERNEL, err) == 0)
		result = make_all(config, &m, dir, err);
	modules_release(&m.modules);
	names_release(&m.boot);
	names_release(&m.root);
	if (file_remove_tree(m.work, result < 0 ? &ignored : err) < 0)
		result = -1;
	return result;
}

void inputs_release(struct image_inputs *in)
{
	tree_release(&in->tree);
	names_release(&in->debs);
	names_release(&in->xen);
	names_release(&in->packages);
	free(in->kernel_deb);
	free(in->vmlinuz);
	free(in->modules);
	free(in->kernel_release);
	*in = (struct image_inputs){0};
}
