/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/kvm_host.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/parse.h"

enum { CPUINFO_LIMIT = 16 << 20, PATH_SIZE = 512 };

static const struct {
	const char *flag, *module, *paging;
} vendors[] = {
	{"svm", "kvm_amd", "npt"},
	{"vmx", "kvm_intel", "ept"},
};

/* The first CPU's flags speak for all. */
static void read_flag(const char *root, struct kvm_host *k)
{
	struct buf text = BUF_INIT;
	char path[PATH_SIZE];
	struct err ignored;
	const char *line, *end;

	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	if (file_read(path, CPUINFO_LIMIT, &text, &ignored) < 0)
		goto out;
	line = strstr(buf_str(&text), "\nflags");
	if (!line)
		goto out;
	end = strchrnul(line + 1, '\n');
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (parse_has_word(line, end, vendors[i].flag)) {
			k->flag = vendors[i].flag;
			k->module = vendors[i].module;
			k->paging_name = vendors[i].paging;
		}
out:
	buf_release(&text);
}

void kvm_host_read(const char *root, struct kvm_host *k)
{
	char path[PATH_SIZE];
	int fd;

	*k = (struct kvm_host){0};
	read_flag(root, k);
	snprintf(path, sizeof(path), "%s/dev/kvm", root);
	k->exists = access(path, F_OK) == 0;
	fd = open(path, O_RDWR | O_CLOEXEC);
	k->opens = fd >= 0;
	if (fd >= 0)
		close(fd);
	if (!k->module)
		return;
	snprintf(path, sizeof(path), "%s/sys/module/%s/parameters/nested", root, k->module);
	file_first_line(path, k->nested, sizeof(k->nested));
	k->nested_on = k->nested[0] == 'Y' || k->nested[0] == 'y' || k->nested[0] == '1';
	snprintf(path, sizeof(path), "%s/sys/module/%s/parameters/%s", root, k->module,
		 k->paging_name);
	file_first_line(path, k->paging, sizeof(k->paging));
}

bool kvm_host_usable(const struct kvm_host *k, int below, char *why, size_t size)
{
	if (!k->flag)
		snprintf(why, size,
			 "the CPU shows neither svm nor vmx%s; switch virtualization on in the "
			 "firmware "
			 "or, in a VM, ask its host for nested virtualization",
			 k->exists ? ", so that /dev/kvm is not trusted" : "");
	else if (!k->exists)
		snprintf(why, size, "there is no /dev/kvm: load the module with `modprobe %s`",
			 k->module);
	else if (!k->opens)
		snprintf(why, size,
			 "/dev/kvm cannot be opened for reading and writing: add your user to its "
			 "group "
			 "(`adduser USER kvm`, then log in again)");
	else if (below > 0 && !k->nested_on)
		snprintf(why, size,
			 "the parameter nested of %s is %s, and the layer has to run VMs itself: "
			 "reload "
			 "the module with nested=1",
			 k->module, k->nested[0] ? k->nested : "not there");
	else
		return true;
	return false;
}
