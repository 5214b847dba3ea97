/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/kvm_host.h"

#include <cpuid.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/proc.h"

static const struct {
	const char *flag, *module, *paging;
} vendors[] = {
	{"svm", "kvm_amd", "npt"},
	{"vmx", "kvm_intel", "ept"},
};

/* Leaf 1 says whether there is a hypervisor; its leaf 0x40000000 holds its signature. */
bool hypervisor_read(char name[HYPERVISOR_NAME])
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return false;
	__cpuid(0x40000000, a, b, c, d);
	memcpy(name, &b, 4);
	memcpy(name + 4, &c, 4);
	memcpy(name + 8, &d, 4);
	name[12] = '\0';
	return true;
}

/* The first CPU's flags stand for all. */
static void read_flag(const char *root, struct kvm_host *k)
{
	struct buf text = BUF_INIT;
	char flags[8000];

	if (file_text(&text, "%s/proc/cpuinfo", root) &&
	    proc_value(buf_str(&text), "flags", flags, sizeof(flags)))
		for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
			if (parse_has_word(flags, NULL, vendors[i].flag)) {
				k->flag = vendors[i].flag;
				k->module = vendors[i].module;
				k->paging_name = vendors[i].paging;
			}
	buf_release(&text);
}

void kvm_host_read(const char *root, struct kvm_host *k)
{
	char path[512];
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
	file_line(k->nested, sizeof(k->nested), "%s/sys/module/%s/parameters/nested", root,
		  k->module);
	k->nested_on = k->nested[0] == 'Y' || k->nested[0] == 'y' || k->nested[0] == '1';
	file_line(k->paging, sizeof(k->paging), "%s/sys/module/%s/parameters/%s", root, k->module,
		  k->paging_name);
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
