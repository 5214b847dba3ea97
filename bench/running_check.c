/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is asked for: is it possible, and what does it come to? */
#include "bench/running.h"

#include <inttypes.h>
#include <stdio.h>

#include "bench/base/parse.h"
#include "bench/version.h"

/* Of each side of a pair, unless said otherwise: one boot tells nothing about how boots differ. */
enum { AB_BOOTS = 3 };

static uint64_t memory_available(void)
{
	char line[256];
	uint64_t kib = 0;
	FILE *f = fopen("/proc/meminfo", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib * 1024;
}

/* L1 holds all deeper layers, so what it takes is what the machine must have. */
static int check_memory(const struct run_options *opt, struct err *err)
{
	uint64_t have = memory_available(), need;
	char need_text[SIZE_TEXT], have_text[SIZE_TEXT];

	if (opt->depth == 0)
		return 0;
	if (opt->memory % (1 << 20))
		return err_set(err, EXIT_USAGE, "--memory: \"%s\" is not a whole number of MiB",
			       format_size(opt->memory, need_text));
	/* QEMU itself wants some, and the machine must not be driven into swap. Huge pages that are
	 * reserved do not count as available. */
	need = UINT64_C(256) << 20;
	if (!opt->hugepages)
		need += session_layer_memory(opt->memory, (uint32_t)opt->depth, 1);
	if (!have || need <= have)
		return 0;
	return err_set(
		err, EXIT_MACHINE,
		"%" PRIu64 " nested layers with --memory %s need %s, and %s are available here: "
		"choose a smaller --memory or --depth",
		opt->depth, format_size(opt->memory, need_text), format_size_short(need, have_text),
		format_size_short(have, (char[SIZE_TEXT]){0}));
}

static int choose_works(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;

	if (!o->command && (o->metric || o->metric_seconds))
		return err_set(err, EXIT_USAGE, "--metric needs --command LINE");
	if (o->metric && o->metric_seconds)
		return err_set(err, EXIT_USAGE, "--metric and --metric-seconds exclude each other");
	if ((!o->command || o->workloads.count) &&
	    work_list_make(&r->works, r->profile, &o->workloads, err) < 0)
		return -1;
	if (!o->command)
		return 0;
	r->command = (struct command_line){.line = o->command,
					   .metric = o->metric ? o->metric : o->metric_seconds,
					   .metric_is_time = o->metric_seconds != NULL};
	return work_list_add_command(&r->works, &r->command, err);
}

/* What layers are to be lent. */
static int check_lending(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;
	uint32_t depth = (uint32_t)o->depth;

	if (lend_wish_parse(&r->lend, o->hugepages, o->net ? o->net : "user", o->hostdev.item,
			    o->hostdev.count, err) < 0)
		return -1;
	return depth ? lend_check(&r->lend, session_layer_memory(o->memory, depth, 1), err) : 0;
}

/* The versions that were asked for: are they what they should be? */
static int check_versions(struct run *r, struct err *err)
{
	const struct run_options *o = &r->opt;

	if ((o->kernel || o->qemu || o->ab.item[0]) && o->depth == 0)
		return err_set(err, EXIT_USAGE,
			       "--kernel, --qemu and --ab are about VMs: they need --depth 1 or "
			       "more");
	if (o->ab.item[0] && adaptive_is_wanted(&o->size))
		return err_set(err, EXIT_USAGE,
			       "--ab takes --boots and --rounds, not --budget or --precision");
	if (o->kernel && image_kernel_check(o->kernel, err) < 0)
		return err_context(err, "--kernel");
	if (o->qemu && version_qemu(o->qemu, r->emulator, err) < 0)
		return err_context(err, "--qemu");
	return 0;
}

int run_check(struct run *r, struct err *err)
{
	r->profile = profile_find(r->opt.profile, err);
	if (!r->profile || accel_parse(r->opt.accel, &r->accel, err) < 0 ||
	    choose_works(r, err) < 0 || check_versions(r, err) < 0)
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
	return check_memory(&r->opt, err) < 0 ? -1 : check_lending(r, err);
}
