/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which modules must be loaded, in which order. Every module names its dependencies. libkmod would
 * need the lists that depmod makes when a kernel is installed, which a package does not have; to
 * make them, depmod reads, and unpacks, every module there is.
 */
#include <elf.h>
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "drivers/image/tools.h"
#include "lib/file.h"

enum { MODULE_LIMIT = 64 << 20, BUILTIN_LIMIT = 4 << 20, DEPTH_LIMIT = 32 };

int module_name_length(const char *name)
{
	static const char *const endings[] = {".ko", ".ko.xz", ".ko.zst", ".ko.gz"};
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT(endings); i++) {
		size_t tail = strlen(endings[i]);

		if (len > tail && strcmp(name + len - tail, endings[i]) == 0)
			return (int)(len - tail + 3);
	}
	return 0;
}

/* The dependencies of a module ("virtio,virtio_ring"; "" for none). NULL: not a module. */
static const char *module_depends(const struct buf *module)
{
	static const char key[] = "\0depends=";
	const char *found;

	if (module->len < SELFMAG || memcmp(module->data, ELFMAG, SELFMAG) != 0)
		return NULL;
	found = memmem(module->data, module->len, key, sizeof(key) - 1);
	return found ? found + sizeof(key) - 1 : NULL;
}

/* "kvm-amd" and "kvm_amd" are the same module. Whether path is …/NAME.ko for this name. */
static bool is_module(const char *path, size_t path_len, const char *name, size_t len)
{
	const char *base = memrchr(path, '/', path_len);

	base = base ? base + 1 : path;
	if (path_len - (size_t)(base - path) < len + 3 || memcmp(base + len, ".ko", 3) != 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((base[i] == '-' ? '_' : base[i]) != (name[i] == '-' ? '_' : name[i]))
			return false;
	return true;
}

bool module_is(const char *path, const char *name, size_t len)
{
	return is_module(path, strlen(path), name, len);
}

static struct module *find_module(const struct modules *m, const char *name, size_t len)
{
	for (size_t i = 0; i < m->file.count; i++)
		if (module_is(m->file.item[i], name, len))
			return &m->module[i];
	return NULL;
}

bool modules_has(const struct modules *m, const char *name)
{
	return find_module(m, name, strlen(name));
}

static bool is_builtin(const struct modules *m, const char *name, size_t len)
{
	const char *line = buf_str(&m->builtin);

	while (*line) {
		size_t n = strcspn(line, "\n");

		if (is_module(line, n, name, len))
			return true;
		line += n + (line[n] == '\n');
	}
	return false;
}

static int read_module(const struct modules *m, struct module *module, struct err *err)
{
	struct buf packed = BUF_INIT;
	int result = 0;

	if (module->data.len == 0)
		result = file_read(module->file, MODULE_LIMIT, &packed, err);
	if (packed.len && result == 0 &&
	    m->tools->unpack(packed.data, packed.len, MODULE_LIMIT, &module->data, err) < 0)
		result = err_context(err, "cannot unpack %s", module->file);
	buf_release(&packed);
	if (result == 0 && !module_depends(&module->data))
		result = err_set(err, EXIT_MACHINE, "%s is not a kernel module", module->file);
	return result;
}

static bool has(const struct module_list *order, const struct module *module)
{
	for (size_t i = 0; i < order->count; i++)
		if (order->item[i] == module)
			return true;
	return false;
}

static int closure(struct modules *m, const char *name, size_t len, int depth,
		   struct module_list *order, struct err *err)
{
	struct module *module = find_module(m, name, len);
	const char *depends;
	int result = 0;

	if (module ? has(order, module) : is_builtin(m, name, len))
		return 0;
	if (!module)
		return err_set(err, EXIT_MACHINE,
			       "the kernel %s has no module %.*s; another kernel package is needed",
			       m->release, (int)len, name);
	if (depth > DEPTH_LIMIT || order->count == COUNT(order->item))
		return err_set(err, EXIT_MACHINE,
			       "the modules of the kernel %s depend on each other in a circle",
			       m->release);
	if (read_module(m, module, err) < 0)
		return -1;
	for (depends = module_depends(&module->data); *depends && result == 0;) {
		size_t n = strcspn(depends, ",");

		if (n)
			result = closure(m, depends, n, depth + 1, order, err);
		depends += n + (depends[n] == ',');
	}
	if (result == 0)
		order->item[order->count++] = module;
	return result;
}

int modules_closure(struct modules *m, const char *name, struct module_list *order, struct err *err)
{
	return closure(m, name, strlen(name), 0, order, err);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Every module below dir. */
static int find_files(struct modules *m, const char *dir, struct err *err)
{
	char *const roots[] = {(char *)dir, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, by_name);
	FTSENT *f;

	if (!walk)
		return err_errno(err, EXIT_INTERNAL, "cannot read %s", dir);
	while ((f = fts_read(walk)))
		if (module_name_length(f->fts_name))
			names_add(&m->file, f->fts_path);
	fts_close(walk);
	m->module = calloc(m->file.count + 1, sizeof(*m->module));
	if (!m->module || m->file.failed)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < m->file.count; i++) {
		m->module[i].file = m->file.item[i];
		m->module[i].path = m->file.item[i] + strlen(dir) + 1;
	}
	return 0;
}

int modules_open(struct modules *m, const struct image_tools *tools, const char *dir,
		 struct err *err)
{
	char path[PATH_MAX];
	int result = path_make(path, err, "%s/modules.builtin", dir);

	*m = (struct modules){.tools = tools, .release = file_name(dir)};
	if (result == 0)
		result = file_read(path, BUILTIN_LIMIT, &m->builtin, err);
	return result < 0 ? -1 : find_files(m, dir, err);
}

void modules_release(struct modules *m)
{
	for (size_t i = 0; m->module && i < m->file.count; i++)
		buf_release(&m->module[i].data);
	free(m->module);
	names_release(&m->file);
	buf_release(&m->builtin);
	*m = (struct modules){0};
}
