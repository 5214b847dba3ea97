/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/guest_devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/agent/guest_net.h"
#include "bench/cleanup/owners.h"
#include "lib/clock.h"
#include "lib/json.h"

/* VMs side by side, at most. */
enum { SLOTS = 64 };

/* What must be put back on this machine for each loan, where the reaper sees it too. */
struct lent {
	bool used;
	struct net_link net;
	struct hostdev_state hostdev[HOSTDEV_MAX];
	int hostdevs;
	char note[256]; /* the file that says so as well, for when the reaper dies too */
};

static struct lent own[SLOTS], *lent = own;

int lend_read_note(const char *work_dir, struct hostdev_state state[HOSTDEV_MAX], struct err *err)
{
	char path[WORK_DIR + sizeof(HOSTDEV_NOTE) + 1];

	snprintf(path, sizeof(path), "%s/" HOSTDEV_NOTE, work_dir);
	return hostdev_read_note(path, state, err);
}

int lend_survive(struct err *err)
{
	struct lent *shared =
		mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return err_errno(err, EXIT_INTERNAL, "no memory to share with the reaper");
	lent = shared;
	return 0;
}

static void give_back(struct lent *l)
{
	bool all = l->hostdevs > 0;
	struct err err;

	net_link_remove(&l->net);
	for (int i = 0; i < l->hostdevs; i++)
		if (hostdev_restore("", &l->hostdev[i], &err) < 0) {
			fprintf(stderr, "nestbench: %s\n", err.text);
			all = false;
		}
	/* Else it tells who comes later what is still to be put back. */
	if (all)
		unlink(l->note);
	l->hostdevs = 0;
	l->used = false;
}

void lend_after_death(void)
{
	for (int i = 0; i < SLOTS; i++)
		if (lent[i].used)
			give_back(&lent[i]);
}

/* ---- what is asked for ---- */

int lend_wish_parse(struct lend_wish *w, bool hugepages, const char *net,
		    const char *const *hostdev, size_t hostdevs, struct err *err)
{
	*w = (struct lend_wish){.hugepages = hugepages};
	if (net_kind_parse(net, &w->net, err) < 0)
		return err_context(err, "--net");
	if (hostdevs > HOSTDEV_MAX)
		return err_set(err, EXIT_USAGE, "--hostdev: at most %d devices", HOSTDEV_MAX);
	for (size_t i = 0; i < hostdevs; i++)
		if (hostdev_parse(hostdev[i], w->hostdev[w->hostdevs++], err) < 0)
			return err_context(err, "--hostdev");
	return 0;
}

/* VFIO pins all memory of a VM that has a device. */
static int check_locked_memory(const struct lend_wish *w, uint64_t memory_bytes, struct err *err)
{
	struct rlimit limit;
	uint64_t need = memory_bytes + (UINT64_C(1) << 30);

	if (!w->hostdevs || geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 ||
	    limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= need)
		return 0;
	return err_set(
		err, EXIT_MACHINE,
		"a VM with a PCI device needs its memory locked: raise the limit with "
		"`ulimit -l %llu` (as root, or memlock in /etc/security/limits.conf), or run "
		"nestbench as root",
		(unsigned long long)(need / 1024));
}

int lend_check(const struct lend_wish *w, uint64_t memory_bytes, struct err *err)
{
	uint64_t page_bytes;

	if (w->hugepages && hugepages_find("", memory_bytes, &page_bytes, err) < 0)
		return err_context(err, "--hugepages");
	if (w->net == NET_TAP && net_tap_check(err) < 0)
		return err_context(err, "--net tap");
	if (hostdev_check("", w->hostdev, w->hostdevs, geteuid() == 0, err) < 0 ||
	    check_locked_memory(w, memory_bytes, err) < 0)
		return err_context(err, "--hostdev");
	return 0;
}

int lend_wish_to_json(const struct lend_wish *w, uint32_t layer, json_t *request)
{
	json_t *devices = json_array();

	for (int i = 0; i < w->hostdevs && layer == 1; i++)
		devices = json_and(devices, json_string(w->hostdev[i]));
	if (json_object_set_new(request, "hugepages", json_boolean(w->hugepages)) < 0 ||
	    json_object_set_new(request, "net", json_string(net_kind_name(w->net))) < 0)
		return -1;
	return json_object_set_new(request, "hostdev", devices);
}

int lend_wish_from_json(const json_t *request, struct lend_wish *w, struct err *err)
{
	const char *net = json_string_value(json_object_get(request, "net"));
	const json_t *devices = json_object_get(request, "hostdev"), *device;
	size_t i;

	*w = (struct lend_wish){.hugepages = json_is_true(json_object_get(request, "hugepages"))};
	if (net && strcmp(net, "none") != 0 && net_kind_parse(net, &w->net, err) < 0)
		return -1;
	if (json_array_size(devices) > HOSTDEV_MAX)
		return err_set(err, EXIT_INTERNAL, "start_child: too many devices");
	json_array_foreach(devices, i, device)
	{
		const char *text = json_string_value(device);

		if (hostdev_parse(text ? text : "", w->hostdev[w->hostdevs++], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- a loan ---- */

/* What is missing then is said by who needs it. */
static void load_module(const char *module)
{
	const char *const argv[] = {"modprobe", module, NULL};
	struct buf said = BUF_INIT;
	struct err ignored;

	(void)child_run(argv, NULL, NULL, 20 * NS_PER_S, &said, &ignored);
	buf_release(&said);
}

/* /dev/vfio/vfio may be asked for before the module is loaded that makes it. */
static int lend_hostdevs(struct lent *to, const struct lend_wish *w, struct layer_spec *c,
			 struct err *err)
{
	if (!w->hostdevs)
		return 0;
	if (geteuid() == 0)
		load_module("vfio-pci");
	for (int i = 0; i < w->hostdevs; i++) {
		hostdev_save("", w->hostdev[i], &to->hostdev[i]);
		memcpy(c->hostdev[i], w->hostdev[i], PCI_ADDRESS);
	}
	snprintf(to->note, sizeof(to->note), "%s/" HOSTDEV_NOTE, c->work_dir);
	if (hostdev_note(to->note, to->hostdev, w->hostdevs, err) < 0)
		return -1;
	c->hostdevs = to->hostdevs = w->hostdevs;
	return 0;
}

/* On the machine itself from what is reserved; in a guest the kernel is ours and reserves them. */
static void lend_hugepages(struct loan *l, struct layer_spec *c, bool own_kernel)
{
	struct err err;

	if ((own_kernel && hugepages_reserve("", c->memory_bytes, &l->hugepages, &err) < 0) ||
	    hugepages_find("", c->memory_bytes, &c->hugepage_bytes, &err) < 0)
		snprintf(l->missed, sizeof(l->missed),
			 "L%d's memory is not in huge pages of L%d: %.400s.", c->depth,
			 c->depth - 1, err.text);
}

int loan_make(struct loan *l, const struct lend_wish *w, struct layer_spec *c, bool own_kernel,
	      struct err *err)
{
	struct lent *to = lent;

	*l = (struct loan)LOAN_NONE;
	while (to < lent + SLOTS && to->used)
		to++;
	if (to == lent + SLOTS)
		return err_set(err, EXIT_MACHINE, "at most %d VMs side by side", SLOTS);
	if (w->net == NET_TAP && own_kernel) {
		/* A guest has no udev that would do it. */
		load_module("tun");
		load_module("vhost_net");
	}
	if (net_link_make(&to->net, w->net, err) < 0)
		return -1;
	to->used = true;
	l->slot = (int)(to - lent) + 1;
	if (w->net != NET_NONE)
		c->net = &to->net;
	if (w->hugepages)
		lend_hugepages(l, c, own_kernel);
	return lend_hostdevs(to, w, c, err);
}

void loan_tell(const struct loan *l, struct facts *facts)
{
	const char *other = facts_get(facts, "not_honoured");
	char all[2048];

	if (!l->missed[0])
		return;
	snprintf(all, sizeof(all), "%s%s%s", other ? other : "", other ? " " : "", l->missed);
	facts_set(facts, "not_honoured", "%s", all);
}

int loan_call(struct loan *l, const struct facts *facts, struct err *err)
{
	const char *dial = facts_get(facts, "net_dial");

	return dial && !l->net_server.pid ? net_server_start(&l->net_server, dial, err) : 0;
}

void loan_end(struct loan *l)
{
	child_stop(&l->net_server, NS_PER_S);
	hugepages_put_back("", &l->hugepages);
	if (l->slot)
		give_back(&lent[l->slot - 1]);
	*l = (struct loan)LOAN_NONE;
}
