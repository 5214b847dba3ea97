/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/reasons.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/libvirt/count.h"
#include "drivers/libvirt/guest.h"
#include "lib/array.h"
#include "lib/file.h"
#include "lib/str.h"

static void remark(struct libvirt_reasons *r, const char *why)
{
	if (!r->remark[0])
		str_copy(r->remark, sizeof(r->remark), why);
}

/* A URI without a host; of another machine's VMs the processes are not here. */
static bool is_local(const char *uri)
{
	const char *host = strstr(uri, "://");

	return host && host[3] == '/';
}

/* The process of the VM, which has its UUID among its arguments; 0: not known. */
static pid_t find_process(const struct libvirt_session *s, const char *name, const char *uuid)
{
	pid_t pid = is_local(s->uri) ? libvirt_vm_pid(s, name) : 0;
	struct buf arguments = BUF_INIT;
	bool found = pid && file_text(&arguments, "/proc/%d/cmdline", (int)pid) &&
		     memmem(arguments.data, arguments.len, uuid, strlen(uuid));

	buf_release(&arguments);
	return found ? pid : 0;
}

static struct exit_trace *begin(struct libvirt_reasons *r, const struct libvirt_session *s,
				const char *name, const char *uuid)
{
	pid_t pid = find_process(s, name, uuid);
	struct exit_trace *trace = NULL;
	struct err err;

	if (!pid && geteuid() == 0) {
		remark(r, "exits by reason: the process of a VM is not known here");
		return NULL;
	}
	trace = exit_trace_open(NULL, pid, libvirt_runs_cpu, &err);
	if (trace && exit_trace_arm(trace, &err) == 0)
		return trace;
	exit_trace_close(trace);
	remark(r, err.text);
	return NULL;
}

static struct libvirt_reasons_vm *find(struct libvirt_reasons *r, const char *uuid)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->vm[i].uuid, uuid) == 0)
			return &r->vm[i];
	return NULL;
}

void libvirt_reasons_add(struct libvirt_reasons *r, const struct libvirt_session *s,
			 const char *name, const char *uuid, struct counts *out)
{
	struct libvirt_reasons_vm *vm = find(r, uuid), *grown;

	if (!vm) {
		grown = array_grow(r->vm, r->count, sizeof(*grown));
		if (!grown)
			return;
		r->vm = grown;
		vm = &r->vm[r->count++];
		*vm = (struct libvirt_reasons_vm){.trace = begin(r, s, name, uuid)};
		str_copy(vm->uuid, sizeof(vm->uuid), uuid);
	}
	vm->seen = true;
	if (vm->trace)
		exit_trace_read(vm->trace, out);
}

void libvirt_reasons_forget(struct libvirt_reasons *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct libvirt_reasons_vm vm = r->vm[i];

		if (vm.seen) {
			vm.seen = false;
			r->vm[kept++] = vm;
		} else {
			exit_trace_close(vm.trace);
		}
	}
	r->count = kept;
}

void libvirt_reasons_close(struct libvirt_reasons *r)
{
	for (size_t i = 0; i < r->count; i++)
		exit_trace_close(r->vm[i].trace);
	free(r->vm);
	*r = (struct libvirt_reasons){0};
}
