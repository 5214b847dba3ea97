/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A container: a layer that shares its parent layer's kernel and files, and has processes, a
 * network, IPC and temporary places of its own, so many CPUs, and so much memory.
 */
#include "drivers/container/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/container/ability.h"
#include "drivers/image/image.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/str.h"

#define TOOL_LIMIT_NS (10 * NS_PER_S)

static int check(const struct layer_spec *spec, struct err *err)
{
	enum container_by by;

	if (container_read_options(spec, &by, err) < 0)
		return -1;
	if (spec->depth > 0)
		return 0;
	return err_set(err, EXIT_USAGE, "a container needs a parent layer: the first is bare");
}

static void add_cpu(struct container *c, int cpu, int *count)
{
	for (int i = 0; i < *count; i++)
		if (c->cpu[i] == cpu)
			return;
	c->cpu[*count] = cpu;
	str_addf(c->cpus, sizeof(c->cpus), "%s%d", *count ? "," : "", cpu);
	(*count)++;
}

/* The measured CPUs, and so many of the room as the layer has more. */
static void choose_cpus(struct container *c, const struct layer_spec *spec)
{
	const struct placement *p = spec->placement;
	int count = 0;

	if (!p) {
		buf_addstr(&c->missed, "It may use all CPUs of its parent layer, since pinning is "
				       "refused there. ");
		return;
	}
	for (int i = 0; i < p->measured_count; i++)
		add_cpu(c, p->measured[i], &count);
	for (int i = 0; i < p->room_count && count < spec->vcpus; i++)
		add_cpu(c, p->room[i], &count);
	if (count < spec->measured_vcpus)
		buf_addf(&c->missed,
			 "It has as many CPUs as its parent layer (%d), not %d to be measured. ",
			 count, spec->measured_vcpus);
}

/* Only where the kernel is a guest's of this suite, which nobody else uses. */
static void load_fuse(void)
{
	static const char *const argv[] = {"modprobe", "fuse", NULL};
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct err err;

	if (file_text(&text, "/proc/cmdline") && strstr(buf_str(&text), IMAGE_HOSTS) &&
	    child_run(argv, NULL, NULL, TOOL_LIMIT_NS, &out, &err) < 0)
		fprintf(stderr, "nestbench: %s\n", err.text);
	buf_release(&text);
	buf_release(&out);
}

/* What makes it, and why: in lack, what stands in the way of libvirt. */
static int choose_maker(struct container *c, struct layer *layer, struct err *err)
{
	bool automatic = c->by == BY_AUTO;
	struct ability a;
	struct err lack;
	bool no_lxc;

	ability_read("", &a);
	if (c->by != BY_BWRAP && !a.fuse) {
		load_fuse();
		ability_read("", &a);
	}
	no_lxc = ability_lacks_lxc(&a, &lack);
	if (automatic)
		c->by = no_lxc ? BY_BWRAP : BY_LXC;
	if (c->by == BY_LXC && no_lxc)
		return err_set(err, EXIT_MACHINE, "layer %d, a container: %s", layer->spec.depth,
			       lack.text);
	if (c->by == BY_BWRAP && ability_lacks_bwrap(&a, err))
		return err_context(err, "layer %d, a container", layer->spec.depth);
	if (automatic && no_lxc)
		facts_set(&layer->facts, "accel_reason", "by bubblewrap: %s", lack.text);
	return 0;
}

static struct container *prepare(const struct layer_spec *spec, struct err *err)
{
	struct container *c = calloc(1, sizeof(*c));

	if (!c) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	snprintf(c->sub_dir, sizeof(c->sub_dir), "c%d-%d", spec->layer, spec->sibling);
	snprintf(c->name, sizeof(c->name), "nestbench-%.40s-%d-%d", spec->run, spec->layer,
		 spec->sibling);
	if (container_read_options(spec, &c->by, err) < 0 ||
	    view_make(&c->view, spec, c->sub_dir, err) < 0) {
		free(c);
		return NULL;
	}
	choose_cpus(c, spec);
	return c;
}

static void stop(struct layer *layer)
{
	struct container *c = layer->priv;

	if (!c)
		return;
	task_counts_release(&c->counts);
	if (c->by == BY_LXC)
		lxc_stop(layer, c);
	else
		bwrap_stop(layer, c);
	layer->priv = NULL;
	buf_release(&c->missed);
	free(c);
}

static int start(struct layer *layer, struct err *err)
{
	struct container *c = prepare(&layer->spec, err);

	layer->priv = c;
	if (!c)
		return -1;
	if (choose_maker(c, layer, err) < 0 ||
	    (c->by == BY_LXC ? lxc_start : bwrap_start)(layer, c, err) < 0) {
		stop(layer);
		return -1;
	}
	if (c->missed.len)
		facts_set(&layer->facts, "not_honoured", "%s", buf_str(&c->missed));
	facts_set(&layer->facts, "placement", "%s",
		  layer->spec.placement ? layer->spec.placement->text : "none");
	return 0;
}

static void count(struct layer *layer, enum counting how, struct counts *out)
{
	struct container *c = layer->priv;
	pid_t pid = c->by == BY_LXC ? lxc_pid(c) : bwrap_pid(c);

	if (pid > 0)
		task_counts_read(&c->counts, "", pid, how, out);
	else
		counts_remark(out,
			      "nothing is counted: libvirt keeps no process of the container "
			      "%s",
			      c->name);
}

static int tidy(const char *prefix, bool dry_run, struct buf *said)
{
	return memory_group_sweep("", prefix, dry_run, said) + lxc_tidy(prefix, dry_run, said);
}

static bool owns_program(const char *program)
{
	return strcmp(program, BWRAP) == 0 || strcmp(program, "libvirtd") == 0 ||
	       strcmp(program, "libvirt_lxc") == 0;
}

const struct driver driver_container = {
	.name = "container",
	.summary = "a container: namespaces and control groups, its parent layer's kernel",
	.caps = CAP_RESOURCES | CAP_SCRATCH | CAP_SIBLINGS | CAP_HOSTS | CAP_VIRT,
	.isolation = ISOLATION_CONTAINER,
	.options = container_options,
	.argument = "by",
	.check = check,
	.require = container_require,
	.probe = container_probe,
	.start = start,
	.examine = container_examine,
	.count = count,
	.stop = stop,
	.tidy = tidy,
	.owns_program = owns_program,
};
