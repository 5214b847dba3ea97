/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds pv and pvh: guests of Xen (domUs), by xl, which needs no service beside Xen's own, and
 * no table of CPUs. The agent's port is the guest's console, a pseudo terminal of dom0; what the
 * guest prints there before its init leaves it to the agent is kept for those who look for causes.
 *
 * Facts beside those of every kind: xen (version), domain (name), create_ns (xl create), prepare_ns
 * (until Xen's services ran), boot_limit_ns.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/host/kvm_host.h"
#include "drivers/image/image.h"
#include "drivers/xen/parts.h"
#include "lib/clock.h"
#include "lib/cpu_signature.h"
#include "lib/file.h"
#include "lib/str.h"

/* Far more than a boot takes, as its CPU may be emulated and shared. */
#define BOOT_NS (180 * NS_PER_S)
enum { LOOK_MS = 500, CONSOLE_MAX = 256 << 10, TAIL = 300 };

struct domu {
	char name[80], config[PATH_MAX];
	bool created;  /* or half so */
	bool emulated; /* as far as dom0 can see */
	int vcpus;
	const struct placement *pinned; /* NULL: it is not */
	struct buf console;
	struct xen_counter *counter; /* NULL: it is not up */
	uint64_t started_ns, create_ns, limit_ns;
};

/* ---- may it be? ---- */

static int check(const struct layer_spec *spec, struct err *err)
{
	const struct driver *parent =
		spec->outer && spec->depth > 0 ? spec->outer[spec->depth - 1] : NULL;

	if (spec->depth == 0)
		return err_set(err, EXIT_USAGE, "a domain of Xen needs a parent layer: xen");
	if (spec->depth > 1 && parent && parent != &driver_xen)
		return err_set(err, EXIT_USAGE,
			       "a domain of Xen is started by Xen's dom0, and L%d is of kind %s: "
			       "write --layers xen/pv",
			       spec->depth - 1, parent->name);
	return 0;
}

/* ---- the domain ---- */

static void choose(struct domu *d, const struct layer_spec *spec)
{
	char hypervisor[HYPERVISOR_NAME];

	snprintf(d->name, sizeof(d->name), "nestbench-%.40s-%d", spec->run, spec->layer);
	if (spec->sibling)
		str_addf(d->name, sizeof(d->name), "-%d", spec->sibling);
	snprintf(d->config, sizeof(d->config), "%s/%s.cfg", spec->work_dir, d->name);
	d->pinned = dom0_is_ours() ? spec->placement : NULL;
	d->emulated =
		hypervisor_read(hypervisor) && cpu_signature(hypervisor) == SIGNATURE_EMULATED;
	d->vcpus = d->emulated ? spec->measured_vcpus : spec->vcpus;
}

static int write_config(struct domu *d, const struct layer_spec *spec, enum domu_type type,
			struct err *err)
{
	struct layer_spec given = *spec;
	char *text;
	int done;

	choose(d, spec);
	given.vcpus = d->vcpus;
	text = domu_config(&given, type, d->name, d->pinned != NULL, err);
	if (!text)
		return -1;
	done = file_write_whole(d->config, text, strlen(text), err);
	free(text);
	return done;
}

static int create(struct domu *d, struct err *err)
{
	const char *const argv[] = {"xl", "create", d->config, NULL};
	struct buf out = BUF_INIT;
	uint64_t begin = clock_now(&clock_machine);
	int done;

	d->created = true;
	done = dom0_xl(argv, &out, err);
	d->create_ns = clock_now(&clock_machine) - begin;
	if (done < 0)
		err_context(err, "xl cannot start the domain");
	buf_release(&out);
	return done;
}

static int open_console(struct layer *layer, const struct domu *d, struct err *err)
{
	char path[64];
	struct termios t;

	if (dom0_console(d->name, path, sizeof(path), err) < 0)
		return -1;
	layer->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (layer->fd < 0 || tcgetattr(layer->fd, &t) < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open the domain's console %s", path);
	cfmakeraw(&t);
	tcsetattr(layer->fd, TCSANOW, &t);
	return 0;
}

/* ---- until its agent says hello ---- */

/* What stands last on its console, in one line. */
static int explain(const struct domu *d, const char *what, struct err *err)
{
	const char *text = buf_str(&d->console);
	char tail[TAIL];
	size_t n = 0;

	for (text += d->console.len < TAIL ? 0 : d->console.len - TAIL + 1; *text; text++)
		if (*text >= ' ' && *text <= '~')
			tail[n++] = *text;
		else if (n && tail[n - 1] != '|')
			tail[n++] = '|';
	tail[n] = '\0';
	return err_set(err, EXIT_MACHINE, "%s; %s%s", what,
		       n ? "the last words on its console: " : "its console stayed silent", tail);
}

/* Waits until the console can be read. */
static int wait_readable(const struct layer *layer, const struct domu *d, struct err *err)
{
	const struct layer_spec *c = &layer->spec;
	char what[96];

	for (;;) {
		struct pollfd p[2] = {{.fd = layer->fd, .events = POLLIN}, {.fd = c->cancel_fd}};
		uint64_t used = clock_now(&clock_machine) - d->started_ns;

		if (used >= d->limit_ns) {
			snprintf(what, sizeof(what),
				 "the domain runs, but after %.1f s its agent said no hello",
				 (double)used / (double)NS_PER_S);
			return explain(d, what, err);
		}
		if (poll(p, 2, LOOK_MS) < 0 && errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait for the domain");
		if (p[1].revents & (POLLHUP | POLLERR | POLLNVAL))
			return err_set(err, EXIT_INTERRUPTED, "starting the domain was cancelled");
		if (p[0].revents & POLLIN)
			return 0;
		if (p[0].revents)
			return explain(d, "the domain ended before its agent said hello", err);
	}
}

/* Byte by byte, as what comes behind the line is the agent's. */
static int wait_for_port(struct layer *layer, struct domu *d, struct err *err)
{
	static const char line[] = IMAGE_CONSOLE_PORT_LINE "\n";
	const size_t len = sizeof(line) - 1;

	while (wait_readable(layer, d, err) == 0) {
		ssize_t got;
		char byte;

		while ((got = read(layer->fd, &byte, 1)) == 1) {
			if (d->console.len < CONSOLE_MAX)
				buf_add(&d->console, &byte, 1);
			if (d->console.len >= len &&
			    memcmp(d->console.data + d->console.len - len, line, len) == 0)
				return 0;
		}
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return explain(d, "the domain ended before its agent said hello", err);
	}
	return -1;
}

static void tell(struct layer *layer, const struct domu *d, enum domu_type type)
{
	const struct layer_spec *c = &layer->spec;
	struct facts *f = &layer->facts;
	char version[64];

	dom0_version(version, sizeof(version));
	layer_tell_kind(layer, "no");
	facts_set(f, "accel", "%s", type == DOMU_PV ? "xen-pv" : "xen-pvh");
	facts_set(f, "xen", "%s", version);
	facts_set(f, "starter", "Xen %s, xl", version);
	facts_set(f, "domain", "%s", d->name);
	facts_set(f, "create_ns", "%" PRIu64, d->create_ns);
	facts_set(f, "boot_ns", "%" PRIu64, clock_now(&clock_machine) - d->started_ns);
	facts_set(f, "boot_limit_ns", "%" PRIu64, d->limit_ns);
	facts_set(f, "placement", "%s", d->pinned ? d->pinned->text : "none");
	if (c->placement && !d->pinned)
		facts_set(f, "not_honoured",
			  "The domain is not pinned: dom0's CPUs are not the machine's. ");
	facts_set(f, "memory_backing", "ordinary pages");
	facts_set(f, "net", "none");
	if (d->emulated)
		clock_warn(layer, d->vcpus);
	if (d->vcpus < c->vcpus)
		facts_set(f, "room_reason",
			  "no vCPU beside the measured ones: with several, Xen's clock can stand "
			  "still where the CPU is emulated");
	layer->inside = (struct layer_inside){.work_dir = "/run/nb",
					      .scratch = c->scratch ? "/dev/xvdb" : NULL,
					      .kernel = "/boot/kernel",
					      .initrd = "/boot/initramfs",
					      .disk = "/dev/xvda"};
}

static void waits_for(const struct layer *layer, const char *what)
{
	if (layer->spec.waits_for)
		layer->spec.waits_for(layer->spec.waits_ctx, what);
}

static void keep_evidence(struct layer *layer, const struct domu *d)
{
	static const char *const log[] = {"xl", "dmesg", NULL};
	const char *const state[] = {"xl", "list", d->name, NULL};
	struct buf out = BUF_INIT;
	struct err ignored;

	evidence_set(&layer->evidence, EVIDENCE_CONSOLE, buf_str(&d->console), d->console.len);
	if (dom0_xl(log, &out, &ignored) == 0)
		evidence_set(&layer->evidence, EVIDENCE_LOG, buf_str(&out), out.len);
	buf_clear(&out);
	if (dom0_xl(state, &out, &ignored) == 0)
		evidence_set(&layer->evidence, EVIDENCE_EVENTS, buf_str(&out), out.len);
	else
		str_copy(layer->evidence.why, sizeof(layer->evidence.why),
			 "Xen has no such domain any more");
	buf_release(&out);
}

static void examine(struct layer *layer)
{
	if (layer->priv)
		keep_evidence(layer, layer->priv);
}

static void count(struct layer *layer, enum counting how, struct counts *out)
{
	struct domu *d = layer->priv;

	if (d->counter)
		xen_counter_read(d->counter, d->name, how, out);
	else
		counts_remark(out, "nothing is counted: out of memory");
}

/* On a machine that is a dom0 itself domains outlive who started them. */
static int tidy(const char *prefix, bool dry_run, struct buf *said)
{
	static const char *const list[] = {"xl", "list", NULL};
	struct buf out = BUF_INIT, ignored = BUF_INIT;
	struct err err;
	char name[80];
	int found = 0;

	if (!dom0_is_here() || dom0_xl(list, &out, &err) < 0)
		goto cleanup;
	for (const char *line = buf_str(&out); line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, prefix, strlen(prefix)) != 0 || sscanf(line, "%79s", name) != 1)
			continue;
		buf_addf(said, "%s%s", said->len ? ", " : "", name);
		found++;
		if (!dry_run &&
		    dom0_xl((const char *const[]){"xl", "destroy", name, NULL}, &ignored, &err) < 0)
			fprintf(stderr, "nestbench: %s\n", err.text);
	}
cleanup:
	buf_release(&out);
	buf_release(&ignored);
	return found;
}

static void stop(struct layer *layer)
{
	struct domu *d = layer->priv;
	struct buf out = BUF_INIT;
	struct err err;

	if (layer->fd >= 0)
		close(layer->fd);
	layer->fd = -1;
	layer->priv = NULL;
	if (!d)
		return;
	xen_counter_release(d->counter);
	/* One that has ended by itself is fine. */
	if (d->created &&
	    dom0_xl((const char *const[]){"xl", "domid", d->name, NULL}, &out, &err) == 0 &&
	    dom0_xl((const char *const[]){"xl", "destroy", d->name, NULL}, &out, &err) < 0)
		fprintf(stderr, "nestbench: %s\n", err.text);
	if (d->config[0])
		unlink(d->config);
	buf_release(&out);
	buf_release(&d->console);
	free(d);
}

static int bring_up(struct layer *layer, struct domu *d, enum domu_type type, struct err *err)
{
	waits_for(layer, "Xen's services");
	if (dom0_prepare(err) < 0 || write_config(d, &layer->spec, type, err) < 0)
		return -1;
	waits_for(layer, "xl create");
	d->started_ns = clock_now(&clock_machine);
	if (create(d, err) < 0)
		return -1;
	waits_for(layer, "the hello of the domain's agent");
	if (open_console(layer, d, err) == 0 && wait_for_port(layer, d, err) == 0 &&
	    wait_readable(layer, d, err) == 0)
		return 0;
	layer->lost = err->code != EXIT_INTERRUPTED;
	if (layer->lost)
		keep_evidence(layer, d);
	return -1;
}

static int start(struct layer *layer, enum domu_type type, struct err *err)
{
	struct domu *d = calloc(1, sizeof(*d));

	if (!d)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	layer->priv = d;
	layer->fd = -1;
	layer->lost = false;
	d->limit_ns = layer->spec.boot_limit_ns ? layer->spec.boot_limit_ns : BOOT_NS;
	if (bring_up(layer, d, type, err) < 0) {
		stop(layer);
		return -1;
	}
	d->counter = xen_counter_make(layer->spec.work_dir);
	tell(layer, d, type);
	return 0;
}

static int start_pv(struct layer *layer, struct err *err)
{
	return start(layer, DOMU_PV, err);
}

static int start_pvh(struct layer *layer, struct err *err)
{
	return start(layer, DOMU_PVH, err);
}

static struct start_cost start_cost(const struct layer_spec *spec)
{
	/* Services and xl before the boot. */
	return (struct start_cost){
		.attempt_ns = BOOT_NS + 60 * NS_PER_S,
		.attempts = 1,
	};
}

#define DOMU_CAPS                                                                                  \
	(CAP_OWN_KERNEL | CAP_RESOURCES | CAP_SCRATCH | CAP_SIBLINGS | CAP_HOSTS | CAP_HYPERVISOR)

const struct driver driver_pv = {
	.name = "pv",
	.summary = "a paravirtual guest of Xen: its kernel asks the hypervisor for all that is "
		   "privileged",
	.caps = DOMU_CAPS,
	.isolation = ISOLATION_PARAVIRTUAL,
	.check = check,
	.require = pv_require,
	.probe = domu_probe,
	.start = start_pv,
	.start_cost = start_cost,
	.examine = examine,
	.count = count,
	.stop = stop,
	.tidy = tidy,
};

const struct driver driver_pvh = {
	.name = "pvh",
	.summary = "a guest of Xen on the CPU's virtualization, without emulated devices",
	.caps = DOMU_CAPS,
	.isolation = ISOLATION_FULL,
	.check = check,
	.require = pvh_require,
	.start = start_pvh,
	.start_cost = start_cost,
	.examine = examine,
	.count = count,
	.stop = stop,
};
