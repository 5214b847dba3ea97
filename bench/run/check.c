/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is asked for: is it possible, and what does it come to? */
#include "bench/run/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/run/compatibility.h"
#include "bench/run/version.h"
#include "bench/session/disturbance.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/proc.h"
#include "lib/utf8.h"
#include "workloads/command/metric.h"

/* Of each side of a pair, unless said otherwise: one boot tells nothing about how boots differ. */
enum { AB_BOOTS = 3, DEPTH_DEFAULT = 2 };

static uint64_t memory_available(void)
{
	struct buf text = BUF_INIT;
	char kib[32] = "0";

	if (file_text(&text, "/proc/meminfo"))
		(void)proc_value(buf_str(&text), "MemAvailable", kib, sizeof(kib));
	buf_release(&text);
	return strtoull(kib, NULL, 10) * 1024;
}

/* Whether the layer takes its memory from this machine: what it takes holds all layers in it. */
static bool takes_memory(const struct stack *s, uint32_t layer)
{
	const struct driver *outer[DEPTH_MAX + 1];

	if (!(s->driver[layer]->caps & CAP_RESOURCES))
		return false;
	stack_outer(s, layer, outer);
	for (uint32_t i = 0; i < s->tree.layer[layer].depth; i++)
		if (outer[i]->caps & (CAP_RESOURCES | CAP_ATTACHED))
			return false;
	return true;
}

/* What the machine must have for all layers together. */
static int check_memory(const struct run *r, struct err *err)
{
	const struct vm_size_config *c = &r->vm_size;
	uint64_t have = memory_available(), need = 0;
	char asked[SIZE_TEXT], need_text[SIZE_TEXT], have_text[SIZE_TEXT];
	struct vm_size size;

	if (c->memory_bytes % (1 << 20))
		return err_set(err, EXIT_USAGE, "--memory: \"%s\" is not a whole number of MiB",
			       format_size(c->memory_bytes, asked));
	if (r->elsewhere)
		return 0;
	for (uint32_t layer = 1; layer < r->stack.tree.count; layer++) {
		if (!takes_memory(&r->stack, layer))
			continue;
		if (vm_size_of(c, layer, &size, err) < 0)
			return -1;
		need += size.memory_bytes;
	}
	if (!need)
		return 0;
	/* Huge pages that are reserved do not count as available. */
	need = VM_HOST_BYTES + (r->opt.hugepages ? 0 : need);
	if (!have || need <= have)
		return 0;
	return err_set(err, EXIT_MACHINE,
		       "%" PRIu32 " nested layers with --memory %s and %" PRIu32
		       " VMs in the deepest need "
		       "%s, and %s are available here: choose a smaller --memory or --depth",
		       r->stack.tree.count - 1, format_size(c->memory_bytes, asked), c->guests,
		       format_size_short(need, need_text), format_size_short(have, have_text));
}

/* What every layer gets. The works are known. */
static int choose_vm_size(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;
	struct vm_size_config *c = &r->vm_size;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t have = memory_available();

	*c = (struct vm_size_config){
		.depth = layer_tree_depth(&r->stack.tree),
		.tree = layer_tree_is_chain(&r->stack.tree) ? NULL : &r->stack.tree,
		.guests = r->stack.tree.count > 1 ? work_list_guests(&r->works) : 1,
		.host_cpus = cpus > 0 ? (uint32_t)cpus : 1,
		.vcpus = (uint32_t)o->vcpus,
		.memory_bytes = o->memory,
		.keep_vcpus = (uint32_t)o->keep_vcpus,
		.keep_bytes = o->keep_memory,
	};
	if (o->mode && mode_parse(o->mode, &c->mode, err) < 0)
		return -1;
	if (!c->memory_bytes && c->mode == MODE_SHARE && have > VM_HOST_BYTES)
		c->memory_bytes = (have - VM_HOST_BYTES) * 9 / 10 >> 20 << 20;
	else if (!c->memory_bytes)
		c->memory_bytes = VM_DEFAULT_BYTES;
	return check_memory(r, err);
}

/* What nestkernel would refuse in every layer. NULL: none. */
static int check_metric(const char *pattern, struct err *err)
{
	struct metric metric = {0};
	int bad = pattern ? metric_compile(&metric, pattern, err) : 0;

	metric_release(&metric);
	return bad;
}

static int choose_works(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;

	if (!o->command && (o->metric || o->metric_seconds))
		return err_set(err, EXIT_USAGE, "--metric needs --command LINE");
	if (o->metric && o->metric_seconds)
		return err_set(err, EXIT_USAGE, "--metric and --metric-seconds exclude each other");
	if (check_metric(o->metric ? o->metric : o->metric_seconds, err) < 0)
		return -1;
	if ((!o->command || o->workloads.count) &&
	    work_list_make(&r->works, r->profile, &o->workloads, err) < 0)
		return -1;
	if (!o->command)
		return work_list_multiply(&r->works, &o->copies, &o->guests, err);
	r->command = (struct command_line){.line = o->command,
					   .metric = o->metric ? o->metric : o->metric_seconds,
					   .metric_is_time = o->metric_seconds != NULL};
	if (work_list_add_command(&r->works, &r->command, err) < 0)
		return -1;
	return work_list_multiply(&r->works, &o->copies, &o->guests, err);
}

/* What layers are to be assigned: most by this machine, to the first that has memory of its own. */
static int check_devices(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;
	struct vm_size size;
	uint32_t first = 1;

	if (device_request_parse(&r->devices, o->hugepages, o->net ? o->net : "user",
				 o->hostdev.item, o->hostdev.count, err) < 0)
		return -1;
	if (r->elsewhere || !stack_any(&r->stack, CAP_RESOURCES))
		return 0;
	while (!(r->stack.driver[first]->caps & CAP_RESOURCES))
		first++;
	return vm_size_of(&r->vm_size, first, &size, err) < 0
		       ? -1
		       : device_request_check(&r->devices, size.memory_bytes, err);
}

/* An image that exists is what it is. */
static int check_image(const struct run_options *o, struct err *err)
{
	if (!o->image || !(o->kernel || o->with.count || o->with_opencl || o->module_params.count ||
			   o->ab.item[0]))
		return 0;
	return err_set(err, EXIT_USAGE,
		       "--image takes an image as it is, without --kernel, --ab, --with, "
		       "--with-opencl or --module-param: give these to nestbench image");
}

/* The versions that were asked for: are they what they should be? */
static int check_versions(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;

	if (o->ab.item[0] && adaptive_is_wanted(&o->size))
		return err_set(err, EXIT_USAGE,
			       "--ab takes --boots and --rounds, not --budget or --precision");
	if (check_image(o, err) < 0 || image_module_params_check(o->module_params.item, err) < 0)
		return -1;
	if (o->kernel && image_kernel_check(o->kernel, err) < 0)
		return err_context(err, "--kernel");
	if (o->emulator && version_emulator(o->emulator, r->emulator, err) < 0)
		return err_context(err, "--" EMULATOR_OPTION);
	/* Both are handed on in XML. */
	if (utf8_check(r->emulator, "--" EMULATOR_OPTION, err) < 0)
		return -1;
	return o->connect ? utf8_check(o->connect, "--connect", err) : 0;
}

/* What L1 says of itself in --layers is as good as the option of the run, which more depends on. */
static int adopt(const struct stack *s, const char *name, const char *flag, const char **value,
		 struct err *err)
{
	const char *own = NULL;

	for (uint32_t layer = 1; layer < s->tree.count && !own; layer++)
		if (s->tree.layer[layer].depth == 1)
			own = stack_option(s, layer, name);
	if (own && *value)
		return err_set(err, EXIT_USAGE, "%s and L1's %s= in --layers exclude each other",
			       flag, name);
	if (own)
		*value = own;
	return 0;
}

/* The profile for comparing kinds chooses them, where nothing is said of layers. */
static bool compares_kinds(const struct run_options *o)
{
	return o->profile && strcmp(o->profile, "kinds") == 0 && !o->layers.count &&
	       o->depth == RUN_DEPTH_UNSET;
}

/* The layers that were asked for. */
static int choose_layers(struct run *r, struct err *err)
{
	struct run_options *o = &r->opt;
	uint32_t depth = o->depth == RUN_DEPTH_UNSET ? DEPTH_DEFAULT : (uint32_t)o->depth;
	struct stack *s = &r->stack;

	if (o->layers.count && o->depth != RUN_DEPTH_UNSET)
		return err_set(err, EXIT_USAGE, "--layers and --depth exclude each other");
	r->chose_layers = compares_kinds(o);
	if (r->chose_layers && compatibility_kinds(&o->layers, err) < 0)
		return -1;
	if ((o->layers.count ? stack_parse(s, &o->layers, err) : stack_of_vms(s, depth, err)) < 0)
		return -1;
	return adopt(s, "uri", "--connect", &o->connect, err) < 0
		       ? -1
		       : adopt(s, "emulator", "--" EMULATOR_OPTION, &o->emulator, err);
}

/* Whether a layer that this machine starts has the option. */
static bool is_taken(const struct stack *s, const char *name)
{
	for (uint32_t layer = 1; layer < s->tree.count; layer++)
		if (s->tree.layer[layer].depth == 1 && stack_option(s, layer, name))
			return true;
	return s->tree.count == 1;
}

/* The options that are the user's for all layers of a kind, or for those that this machine starts.
 */
static int add_options(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;
	struct stack *s = &r->stack;

	if (o->accel && stack_add_option(s, 1, DEPTH_MAX, "accel", o->accel, err) < 0)
		return -1;
	if (o->connect && stack_add_option(s, 1, 1, "uri", o->connect, err) < 0)
		return -1;
	if (o->connect && !is_taken(s, "uri"))
		return err_set(err, EXIT_USAGE,
			       "--connect: no layer that this machine starts is one of libvirt's");
	return r->emulator[0] ? stack_add_option(s, 1, 1, "emulator", r->emulator, err) : 0;
}

/* Where nothing is isolated there is no cost to be measured, unless that is asked for. */
static int choose_profile(struct run *r, struct err *err)
{
	bool isolated = r->stack.tree.count == 1;

	for (uint32_t layer = 1; layer < r->stack.tree.count; layer++)
		isolated |= r->stack.driver[layer]->isolation != ISOLATION_NONE;
	r->profile = profile_find(r->opt.profile ? r->opt.profile
				  : isolated	 ? "quick"
						 : "smoke",
				  err);
	return r->profile ? 0 : -1;
}

/* What is asked of the last layer of a chain that only that can have. */
static int check_guests(const struct run *r, struct err *err)
{
	const struct stack *s = &r->stack;
	const struct driver *last = s->driver[s->tree.count - 1];

	if (work_list_guests(&r->works) <= 1)
		return 0;
	if (s->tree.count == 1)
		return err_set(err, EXIT_USAGE,
			       "--guests: there are no VMs with --depth 0 (--copies N runs so many "
			       "at once on the machine itself)");
	if (!layer_tree_is_chain(&s->tree))
		return err_set(err, EXIT_USAGE,
			       "--guests: of several --layers none is the deepest: give one");
	if (!(last->caps & CAP_SIBLINGS))
		return err_set(err, EXIT_USAGE, "--guests: layers of kind %s stand alone",
			       last->name);
	return 0;
}

/* What is asked of layers that cannot have it. */
static int check_caps(const struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;
	const struct stack *s = &r->stack;
	bool chain = layer_tree_is_chain(&s->tree), child = s->tree.count > 1;

	if (check_guests(r, err) < 0)
		return -1;
	if ((o->kernel || o->image || o->emulator || o->ab.item[0]) &&
	    !stack_any(s, CAP_OWN_KERNEL))
		return err_set(err, EXIT_USAGE,
			       "--kernel, --image, --qemu and --ab are about VMs: they need "
			       "--depth 1 or more");
	if (o->hostdev.count && !chain)
		return err_set(err, EXIT_USAGE,
			       "--hostdev: a device goes to one layer, and there are several");
	if (o->hostdev.count && child && !(s->driver[1]->caps & CAP_DEVICES))
		return err_set(err, EXIT_USAGE, "--hostdev: a layer of kind %s takes no devices",
			       s->driver[1]->name);
	if (o->hugepages && child && !stack_any(s, CAP_RESOURCES))
		return err_set(err, EXIT_USAGE, "--hugepages: no layer has memory of its own");
	if (r->vm_size.mode == MODE_SHARE && !(chain && stack_all(s, CAP_RESOURCES)))
		return err_set(err, EXIT_USAGE,
			       "--mode share: every layer must have CPUs and memory of its own, "
			       "each in the one before");
	return 0;
}

int run_check(struct run *r, struct err *err)
{
	if (choose_layers(r, err) < 0 || check_versions(r, err) < 0 || add_options(r, err) < 0 ||
	    choose_profile(r, err) < 0 || choose_works(r, err) < 0 || choose_vm_size(r, err) < 0 ||
	    check_caps(r, err) < 0)
		return -1;
	if (parse_percent(r->opt.noise_limit ? r->opt.noise_limit : DISTURBANCE_LIMIT,
			  "--noise-limit", 0, 100, &r->noise_limit, err) < 0)
		return -1;
	if (adaptive_is_wanted(&r->opt.size) &&
	    adaptive_check(&r->opt.size, r->profile->batches, &r->adaptive_config, err) < 0)
		return -1;
	if (!r->opt.size.rounds)
		r->opt.size.rounds = r->profile->rounds;
	if (!r->opt.size.batches)
		r->opt.size.batches = r->profile->batches;
	if (!r->opt.size.boots)
		r->opt.size.boots = r->opt.ab.item[0] ? AB_BOOTS : 1;
	if (!r->opt.batch_ns)
		r->opt.batch_ns = r->profile->batch_ns;
	if (!r->opt.seed)
		r->opt.seed = clock_now(&clock_machine) % INT64_MAX + 1;
	return check_devices(r, err);
}
