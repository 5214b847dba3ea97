/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/kvm_debugfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/libvirt/counts.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/str.h"

enum { FILES_MAX = 128, PATH = 300, NUMBER = 32 };

/* Its files can be read once after each open, and hold the VM while they are. */
struct kvm_debugfs {
	int dir;
	struct {
		enum count_source source;
		char name[COUNT_REASON];
	} file[FILES_MAX];
	int files;
};

static void add_file(struct kvm_debugfs *d, const char *name)
{
	enum count_source source;

	if (d->files == FILES_MAX || strlen(name) >= COUNT_REASON ||
	    !libvirt_counted(name, &source) || faccessat(d->dir, name, R_OK, 0) < 0)
		return;
	d->file[d->files].source = source;
	str_copy(d->file[d->files++].name, COUNT_REASON, name);
}

/* "PID-FD" of the first VM of the process; "": there is none. */
static void find_vm(const char *root, pid_t pid, char dir[PATH])
{
	DIR *all = file_dir("%s/sys/kernel/debug/kvm", root);
	char prefix[NUMBER];
	const char *name;

	snprintf(prefix, sizeof(prefix), "%d-", (int)pid);
	dir[0] = '\0';
	while ((name = file_dir_next(all)))
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			snprintf(dir, PATH, "%s/sys/kernel/debug/kvm/%s", root, name);
	file_dir_close(all);
}

struct kvm_debugfs *kvm_debugfs_open(const char *root, pid_t pid)
{
	struct kvm_debugfs *d;
	char dir[PATH];
	const char *name;
	DIR *files;

	find_vm(root, pid, dir);
	d = dir[0] ? calloc(1, sizeof(*d)) : NULL;
	if (!d)
		return NULL;
	d->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir >= 0)
		add_file(d, "exits");
	files = d->files ? file_dir("%s", dir) : NULL;
	while ((name = file_dir_next(files)))
		if (strcmp(name, "exits") != 0)
			add_file(d, name);
	file_dir_close(files);
	if (d->files)
		return d;
	kvm_debugfs_close(d);
	return NULL;
}

static bool read_number(const struct kvm_debugfs *d, int which, uint64_t *n)
{
	int fd = openat(d->dir, d->file[which].name, O_RDONLY | O_CLOEXEC);
	char text[NUMBER];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	struct err ignored;

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, d->file[which].name, 0, UINT64_MAX, n, &ignored) == 0;
}

bool kvm_debugfs_read(const struct kvm_debugfs *d, struct counts *out)
{
	for (int i = 0; i < d->files; i++) {
		uint64_t n;

		if (!read_number(d, i, &n))
			return false;
		counts_add(out, d->file[i].source, d->file[i].name, n);
	}
	return true;
}

uint64_t kvm_debugfs_exits(const struct kvm_debugfs *d)
{
	uint64_t n;

	return read_number(d, 0, &n) ? n : 0;
}

void kvm_debugfs_close(struct kvm_debugfs *d)
{
	if (d && d->dir >= 0)
		close(d->dir);
	free(d);
}
