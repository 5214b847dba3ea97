/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/guest_devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/agent/guest_modules.h"
#include "bench/agent/guest_net.h"
#include "bench/cleanup/owners.h"
#include "lib/clock.h"
#include "lib/json.h"

/* VMs side by side, at most. */
enum { SLOTS = 64 };

/* What must be put back on this machine for each assignment, where the reaper sees it too. */
struct assigned {
	bool used;
	struct net_link net;
	struct hostdev_state hostdev[HOSTDEV_MAX];
	int hostdevs;
	char note[256]; /* the file that says so as well, for when the reaper dies too */
};

static struct assigned own[SLOTS], *assigned = own;

int assignment_read_note(const char *work_dir, struct hostdev_state state[HOSTDEV_MAX],
			 struct err *err)
{
	char path[WORK_DIR + sizeof(HOSTDEV_NOTE) + 1];

	snprintf(path, sizeof(path), "%s/" HOSTDEV_NOTE, work_dir);
	return hostdev_read_note(path, state, err);
}

int assignment_survive(struct err *err)
{
	struct assigned *shared =
		mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return err_errno(err, EXIT_INTERNAL, "no memory to share with the reaper");
	assigned = shared;
	return 0;
}

static void give_back(struct assigned *a)
{
	bool all = a->hostdevs > 0;
	struct err err;

	net_link_remove(&a->net);
	for (int i = 0; i < a->hostdevs; i++)
		if (hostdev_restore("", &a->hostdev[i], &err) < 0) {
			fprintf(stderr, "nestbench: %s\n", err.text);
			all = false;
		}
	/* Else it tells `nestbench clean` what is still to be put back. */
	if (all)
		unlink(a->note);
	a->hostdevs = 0;
	a->used = false;
}

void assignment_after_death(void)
{
	for (int i = 0; i < SLOTS; i++)
		if (assigned[i].used)
			give_back(&assigned[i]);
}

/* ---- what is asked for ---- */

int device_request_parse(struct device_request *d, bool hugepages, const char *net,
			 const char *const *hostdev, size_t hostdevs, struct err *err)
{
	*d = (struct device_request){.hugepages = hugepages};
	if (net_kind_parse(net, &d->net, err) < 0)
		return err_context(err, "--net");
	if (hostdevs > HOSTDEV_MAX)
		return err_set(err, EXIT_USAGE, "--hostdev: at most %d devices", HOSTDEV_MAX);
	for (size_t i = 0; i < hostdevs; i++)
		if (hostdev_parse(hostdev[i], d->hostdev[d->hostdevs++], err) < 0)
			return err_context(err, "--hostdev");
	return 0;
}

/* VFIO pins all memory of a VM that has a device. */
static int check_locked_memory(const struct device_request *d, uint64_t memory_bytes,
			       struct err *err)
{
	struct rlimit limit;
	uint64_t need = memory_bytes + (UINT64_C(1) << 30);

	if (!d->hostdevs || geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= need)
		return 0;
	return err_set(
		err, EXIT_MACHINE,
		"a VM with a PCI device needs its memory locked: raise the limit with "
		"`ulimit -l %llu` (as root, or memlock in /etc/security/limits.conf), or run "
		"nestbench as root",
		(unsigned long long)(need / 1024));
}

int device_request_check(const struct device_request *d, uint64_t memory_bytes, struct err *err)
{
	uint64_t page_bytes;

	if (d->hugepages && hugepages_find("", memory_bytes, &page_bytes, err) < 0)
		return err_context(err, "--hugepages");
	if (d->net == NET_TAP && net_tap_check(err) < 0)
		return err_context(err, "--net tap");
	if (hostdev_check("", d->hostdev, d->hostdevs, geteuid() == 0, err) < 0 ||
	    check_locked_memory(d, memory_bytes, err) < 0)
		return err_context(err, "--hostdev");
	return 0;
}

int device_request_to_json(const struct device_request *d, uint32_t layer, json_t *request)
{
	json_t *devices = json_array();

	for (int i = 0; i < d->hostdevs && layer == 1; i++)
		devices = json_and(devices, json_string(d->hostdev[i]));
	if (json_object_set_new(request, "hugepages", json_boolean(d->hugepages)) < 0 ||
	    json_object_set_new(request, "balloon", json_boolean(d->balloon)) < 0 ||
	    json_object_set_new(request, "hpet", json_boolean(d->hpet)) < 0 ||
	    json_object_set_new(request, "net", json_string(net_kind_name(d->net))) < 0)
		return -1;
	return json_object_set_new(request, "hostdev", devices);
}

int device_request_from_json(const json_t *request, struct device_request *d, struct err *err)
{
	const json_t *devices = NULL, *device;
	const char *net = NULL;
	int hugepages = 0, balloon = 0, hpet = 0;
	json_error_t why;
	size_t i;

	if (json_unpack_ex((json_t *)request, &why, 0, "{s?b, s?b, s?b, s?s, s?o}", "hugepages",
			   &hugepages, "balloon", &balloon, "hpet", &hpet, "net", &net, "hostdev",
			   &devices) < 0)
		return err_set(err, EXIT_INTERNAL, "start_child: %s", why.text);
	*d = (struct device_request){.hugepages = hugepages, .balloon = balloon, .hpet = hpet};
	if (net && strcmp(net, "none") != 0 && net_kind_parse(net, &d->net, err) < 0)
		return -1;
	if ((devices && !json_is_array(devices)) || json_array_size(devices) > HOSTDEV_MAX)
		return err_set(err, EXIT_INTERNAL, "start_child: hostdev is no list, or too long");
	json_array_foreach(devices, i, device)
	{
		const char *text = json_string_value(device);

		if (hostdev_parse(text ? text : "", d->hostdev[d->hostdevs++], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- an assignment ---- */

/* /dev/vfio/vfio may be asked for before the module is loaded that makes it. */
static int assign_hostdevs(struct assigned *to, const struct device_request *d,
			   struct layer_spec *c, struct err *err)
{
	struct err ignored;

	if (!d->hostdevs)
		return 0;
	/* A module that is missing is reported by what needs it. */
	if (geteuid() == 0)
		(void)guest_module_load("vfio-pci", &ignored);
	for (int i = 0; i < d->hostdevs; i++) {
		hostdev_save("", d->hostdev[i], &to->hostdev[i]);
		memcpy(c->hostdev[i], d->hostdev[i], PCI_ADDRESS);
	}
	snprintf(to->note, sizeof(to->note), "%s/" HOSTDEV_NOTE, c->work_dir);
	if (hostdev_note(to->note, to->hostdev, d->hostdevs, err) < 0)
		return -1;
	c->hostdevs = to->hostdevs = d->hostdevs;
	return 0;
}

/* On the machine itself from what is reserved; in a guest the kernel is ours and reserves them. */
static void assign_hugepages(struct assignment *a, struct layer_spec *c, bool own_kernel)
{
	struct err err;

	if ((own_kernel && hugepages_reserve("", c->memory_bytes, &a->hugepages, &err) < 0) ||
	    hugepages_find("", c->memory_bytes, &c->hugepage_bytes, &err) < 0)
		snprintf(a->missed, sizeof(a->missed),
			 "L%d's memory is not in huge pages of L%d: %.400s.", c->depth,
			 c->depth - 1, err.text);
}

int assignment_make(struct assignment *a, const struct device_request *d, struct layer_spec *c,
		    bool own_kernel, struct err *err)
{
	struct assigned *to = assigned;
	struct err ignored;

	*a = (struct assignment)ASSIGNMENT_NONE;
	while (to < assigned + SLOTS && to->used)
		to++;
	if (to == assigned + SLOTS)
		return err_set(err, EXIT_MACHINE, "at most %d VMs side by side", SLOTS);
	if (d->net == NET_TAP && own_kernel) {
		/* A guest has no udev that would do it. */
		(void)guest_module_load("tun", &ignored);
		(void)guest_module_load("vhost_net", &ignored);
	}
	if (net_link_make(&to->net, d->net, err) < 0)
		return -1;
	to->used = true;
	a->slot = (int)(to - assigned) + 1;
	if (d->net != NET_NONE)
		c->net = &to->net;
	c->balloon = d->balloon;
	c->hpet = d->hpet;
	if (d->hugepages)
		assign_hugepages(a, c, own_kernel);
	return assign_hostdevs(to, d, c, err);
}

void assignment_tell(const struct assignment *a, struct facts *facts)
{
	const char *other = facts_get(facts, "not_honoured");
	char all[2048];

	if (!a->missed[0])
		return;
	snprintf(all, sizeof(all), "%s%s%s", other ? other : "", other ? " " : "", a->missed);
	facts_set(facts, "not_honoured", "%s", all);
}

int assignment_call(struct assignment *a, const struct facts *facts, struct err *err)
{
	const char *dial = facts_get(facts, "net_dial");

	return dial && !a->net_server.pid ? net_server_start(&a->net_server, dial, err) : 0;
}

void assignment_end(struct assignment *a)
{
	child_stop(&a->net_server, NS_PER_S);
	hugepages_put_back("", &a->hugepages);
	if (a->slot)
		give_back(&assigned[a->slot - 1]);
	*a = (struct assignment)ASSIGNMENT_NONE;
}
