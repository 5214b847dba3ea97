/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/adaptive.h"
#include "bench/base/interrupt.h"
#include "bench/base/parse.h"
#include "bench/channel.h"
#include "bench/command.h"
#include "bench/leftovers.h"
#include "bench/options.h"
#include "bench/places.h"
#include "bench/session.h"
#include "drivers/image.h"
#include "plots/plot.h"
#include "results/summary.h"
#include "results/table.h"
#include "workloads/scratch.h"

struct options {
	uint64_t depth, batch_ns, vcpus, memory, scratch, seed;
	const char *profile, *accel, *connect, *out, *command, *metric, *metric_seconds;
	struct adaptive_options size;
	struct text_list workloads, with;
	bool quiet, no_plots, with_opencl, alongside;
};

#define AT(member) offsetof(struct options, member)

static const struct option options[] = {
	{"depth", OPT_COUNT, AT(depth), "N", "2", 0, DEPTH_MAX, "the deepest layer"},
	{"profile", OPT_TEXT, AT(profile), "NAME", "quick", 0, 0, "quick, standard or full"},
	{"workloads", OPT_LIST, AT(workloads), "GLOB", NULL, 0, 0,
	 "only these; may be repeated; \"mem.chase size=1MiB\" sets parameters"},
	{"command", OPT_TEXT, AT(command), "LINE", NULL, 0, 0,
	 "measure this shell command in every layer (alone, unless --workloads adds to it)"},
	{"metric", OPT_TEXT, AT(metric), "REGEX", NULL, 0, 0,
	 "the rate that it prints, between the parentheses, in place of its wall time"},
	{"metric-seconds", OPT_TEXT, AT(metric_seconds), "REGEX", NULL, 0, 0,
	 "likewise, a time in seconds"},
	{"rounds", OPT_COUNT, AT(size.rounds), "N", NULL, 1, 100000,
	 "rounds (default: as the profile says)"},
	{"batches", OPT_COUNT, AT(size.batches), "N", NULL, 1, 100000,
	 "batches in each round (default: as the profile says)"},
	{"batch-time", OPT_DURATION, AT(batch_ns), "TIME", NULL, NS_PER_MS, 600 * NS_PER_S,
	 "what a batch takes on the slowest layer (default: as the profile says)"},
	{"boots", OPT_COUNT, AT(size.boots), "N", NULL, 1, 1000,
	 "start all layers so many times (default: 1)"},
	{"budget", OPT_DURATION, AT(size.budget_ns), "TIME", NULL, NS_PER_S,
	 UINT64_C(30) * 24 * 3600 * NS_PER_S,
	 "choose boots, rounds and batches for the narrowest intervals in that time, from a pilot"},
	{"precision", OPT_TEXT, AT(size.precision), "PERCENT", NULL, 0, 0,
	 "go on until every ratio's interval is within ± PERCENT (at most --budget, else 1 h)"},
	{"vcpus", OPT_COUNT, AT(vcpus), "N", "1", 1, 512,
	 "vCPUs that are measured, in every layer"},
	{"memory", OPT_SIZE, AT(memory), "SIZE", "512MiB", UINT64_C(256) << 20, UINT64_C(1) << 46,
	 "memory of the deepest layer; outer ones get room on top"},
	{"scratch", OPT_SIZE, AT(scratch), "SIZE", "256MiB", SCRATCH_MIN_BYTES, UINT64_C(1) << 46,
	 "size of the disk that io workloads use"},
	{"accel", OPT_TEXT, AT(accel), "NAME", "auto", 0, 0, "auto, kvm or tcg"},
	{"connect", OPT_TEXT, AT(connect), "URI", NULL, 0, 0,
	 "libvirt on this machine (default: the embedded QEMU driver)"},
	{"with", OPT_LIST, AT(with), "PACKAGE", NULL, 0, 0, "as of nestbench image"},
	{"with-opencl", OPT_FLAG, AT(with_opencl), NULL, NULL, 0, 0, "likewise"},
	{"seed", OPT_COUNT, AT(seed), "N", NULL, 1, INT64_MAX,
	 "makes order and data repeatable (default: from the clock)"},
	{"out", OPT_TEXT, AT(out), "DIR", NULL, 0, 0,
	 "the run directory (default: nestbench-runs/TIME-HOST)"},
	{"alongside", OPT_FLAG, AT(alongside), NULL, NULL, 0, 0,
	 "start although another run is under way; both will be disturbed"},
	{"quiet", OPT_FLAG, AT(quiet), NULL, NULL, 0, 0, "no progress line"},
	{"no-plots", OPT_FLAG, AT(no_plots), NULL, NULL, 0, 0, "do not draw"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench run",
	.examples =
		"  nestbench run                                 L0, L1 and L2, about two minutes\n"
		"  nestbench run --depth 3 --profile standard\n"
		"  nestbench run --depth 1 --workloads 'mem.*' --workloads cpu.int --rounds 20\n"
		"  nestbench run --budget 10m                    the narrowest intervals in that "
		"time\n"
		"  nestbench run --precision 2% --workloads 'cpu.*'\n"
		"  nestbench run --with fio --command 'fio --name=x --size=64M --rw=randread' "
		"--metric 'IOPS=([0-9.]+)'\n"
		"  nestbench run --connect qemu:///system --accel kvm --vcpus 4 --memory 8GiB\n",
	.about = "Starts all layers, measures the same work in each, interleaved, and prints which "
		 "share\n"
		 "of the machine is still usable in each layer. The run directory holds the raw "
		 "rows\n"
		 "(samples.csv), the environment (layers.csv), the summary and the plots.",
	.options = options,
};

struct run {
	struct options opt;
	const char *const *argv;
	const struct profile *profile;
	struct work_list works;
	struct command_line command;
	enum accel accel;
	struct image image;
	struct manifest manifest;
	struct progress progress;
	struct adaptive_config adaptive_config;
	struct adaptive adaptive;
	struct places places;
};

static void say(void *ctx, const char *line)
{
	progress_say(ctx, "%s", line);
}

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
static int check_memory(const struct options *opt, struct err *err)
{
	uint64_t have = memory_available(), need;
	char need_text[SIZE_TEXT], have_text[SIZE_TEXT];

	if (opt->depth == 0)
		return 0;
	if (opt->memory % (1 << 20))
		return err_set(err, EXIT_USAGE, "--memory: \"%s\" is not a whole number of MiB",
			       format_size(opt->memory, need_text));
	/* QEMU itself wants some, and the machine must not be driven into swap. */
	need = session_layer_memory(opt->memory, (uint32_t)opt->depth, 1) + (UINT64_C(256) << 20);
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
	const struct options *o = &r->opt;

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

/* Everything that can be wrong with what was asked is found here, before anything is started. */
static int check_options(struct run *r, struct err *err)
{
	r->profile = profile_find(r->opt.profile, err);
	if (!r->profile || accel_parse(r->opt.accel, &r->accel, err) < 0 ||
	    choose_works(r, err) < 0)
		return -1;
	if (adaptive_is_wanted(&r->opt.size) &&
	    adaptive_check(&r->opt.size, r->profile->batches, &r->adaptive_config, err) < 0)
		return -1;
	if (!r->opt.size.rounds)
		r->opt.size.rounds = r->profile->rounds;
	if (!r->opt.size.batches)
		r->opt.size.batches = r->profile->batches;
	if (!r->opt.size.boots)
		r->opt.size.boots = 1;
	if (!r->opt.batch_ns)
		r->opt.batch_ns = r->profile->batch_ns;
	if (!r->opt.seed)
		r->opt.seed = clock_now(&clock_machine) % INT64_MAX + 1;
	return check_memory(&r->opt, err);
}

static int make_image(struct run *r, struct err *err)
{
	const struct image_config config = {.with = r->opt.with.item,
					    .with_opencl = r->opt.with_opencl,
					    .say = say,
					    .say_ctx = &r->progress};

	return r->opt.depth ? image_build(&config, &r->image, err) : 0;
}

/* Disks are used by all of io, by some of app, and by a capacity. */
static bool needs_scratch(const struct work_list *works)
{
	for (uint32_t i = 0; i < works->count; i++) {
		enum workload_class class = works->item[i].workload->class;

		if (class == CLASS_IO || class == CLASS_APP || class == CLASS_CAPACITY)
			return true;
	}
	return false;
}

static int fill_manifest(struct run *r, struct err *err)
{
	struct manifest *m = &r->manifest;

	snprintf(m->profile, sizeof(m->profile), "%s", r->profile->name);
	strcpy(m->mode, "shape");
	manifest_now(m->started);
	m->state = RUN_RUNNING;
	m->seed = r->opt.seed;
	m->depth = (uint32_t)r->opt.depth;
	m->boots = (uint32_t)r->opt.size.boots;
	m->rounds = (uint32_t)r->opt.size.rounds;
	m->batches = (uint32_t)r->opt.size.batches;
	facts_set(&m->versions, "nestbench", "%s", NESTBENCH_VERSION);
	if (r->image.hash[0])
		facts_set(&m->hashes, "image", "%s", r->image.hash);
	if (manifest_set_command(m, r->argv, err) < 0)
		return -1;
	for (uint32_t i = 0; i < r->works.count; i++)
		if (manifest_add_job(m, r->works.item[i].workload->name, r->works.item[i].label,
				     r->works.item[i].threads, err) < 0)
			return -1;
	return manifest_save(r->places.dir, m, err);
}

/* A run that decides itself keeps in its manifest what it has decided. */
static int next(void *ctx, const struct session_stand *stand, struct session_size *size,
		struct err *err)
{
	const struct session_size before = *size;
	struct run *r = ctx;

	if (adaptive_next(&r->adaptive, stand, size, err) < 0)
		return -1;
	if (memcmp(&before, size, sizeof(before)) == 0)
		return 0;
	r->manifest.boots = size->boots;
	r->manifest.rounds = size->rounds;
	r->manifest.batches = (uint32_t)size->batches;
	return manifest_save(r->places.dir, &r->manifest, err);
}

static void let_decide(struct run *r, struct session_config *c)
{
	r->adaptive_config.dir = r->places.dir;
	r->adaptive_config.clock = c->clock;
	r->adaptive_config.progress = &r->progress;
	c->size = adaptive_start(&r->adaptive, &r->adaptive_config);
	c->next = next;
	c->next_ctx = r;
}

/* Runs the session and writes down how it ended. */
static int measure(struct run *r, struct err *err)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct session_config c = {
		.dir = r->places.dir,
		.run = r->manifest.run,
		.work_dir = r->places.claim.work_dir,
		.depth = (uint32_t)r->opt.depth,
		.size = {.boots = (uint32_t)r->opt.size.boots,
			 .rounds = (uint32_t)r->opt.size.rounds,
			 .batches = r->opt.size.batches},
		.warm_up = r->profile->warm_up,
		.batch_ns = r->opt.batch_ns,
		.seed = r->opt.seed,
		.vcpus = (uint32_t)r->opt.vcpus,
		.spare_vcpu = cpus > (long)r->opt.vcpus,
		.memory_bytes = r->opt.memory,
		.accel = r->accel,
		.connect = r->opt.connect,
		.scratch = r->places.scratch[0] ? r->places.scratch : NULL,
		.kernel = r->image.kernel,
		.initrd = r->image.initrd,
		.disk = r->image.disk,
		.works = &r->works,
		.driver = &driver_bare,
		.clock = &clock_machine,
		.interrupt_fd = interrupt_fd(),
	};
	struct err saving, why = {0};
	uint32_t unreached = 0;
	int done;

	if (adaptive_is_wanted(&r->opt.size))
		let_decide(r, &c);
	done = session_run(&c, &r->manifest, &r->progress, &unreached, &why, err);

	r->manifest.state = done == 0 ? RUN_COMPLETE : RUN_INTERRUPTED;
	manifest_now(r->manifest.ended);
	if (manifest_save(r->places.dir, &r->manifest, &saving) < 0 && done == 0) {
		*err = saving;
		return -1;
	}
	if (done == 0 && unreached)
		return err_set(err, EXIT_MACHINE, "%s (the layers above it were measured)",
			       why.text);
	return done == 0 ? adaptive_verdict(&r->adaptive, err) : done;
}

/* The answer: from the rows that are in the file, however the run ended. */
static int answer(struct run *r, struct err *err)
{
	struct summary summary = SUMMARY_INIT;
	struct buf table = BUF_INIT;
	struct err plotting;
	int done;

	if (summary_build(r->places.dir, &summary, err) < 0)
		return -1;
	table_format(&summary, &table);
	fputs(buf_str(&table), stdout);
	buf_release(&table);
	done = summary_write(r->places.dir, &summary, err);
	if (done == 0 && !r->opt.no_plots && plot_run(r->places.dir, &summary, &plotting) < 0)
		progress_say(&r->progress, "no plots: %s", plotting.text);
	summary_release(&summary);
	return done;
}

/* What a killed run left would disturb this one. It need not stop it. */
static void clean_up_before(struct run *r)
{
	struct cleaning c = {.say = say, .say_ctx = &r->progress};
	struct err err;

	if (leftovers_clean(&c, &err) < 0)
		progress_say(&r->progress, "%s", err.text);
}

static int prepare(struct run *r, struct err *err)
{
	if (make_image(r, err) < 0)
		return -1;
	if (needs_scratch(&r->works) &&
	    places_add_scratch(&r->places, r->opt.scratch, r->opt.connect, err) < 0)
		return -1;
	return fill_manifest(r, err);
}

static int run(struct run *r, struct err *err)
{
	const struct places_wanted want = {
		.out = r->opt.out, .connect = r->opt.connect, .alongside = r->opt.alongside};
	struct err answering;
	bool measured = false;
	int done = -1;

	if (interrupt_install(err) < 0)
		return -1;
	progress_init(&r->progress, &clock_machine, r->opt.quiet);
	clean_up_before(r);
	places_name_run(r->manifest.run, r->manifest.host);
	if (places_open(&r->places, r->manifest.run, &want, err) < 0)
		return -1;
	if (prepare(r, err) == 0) {
		progress_say(&r->progress, "run directory: %s (seed %" PRIu64 ")", r->places.dir,
			     r->opt.seed);
		measured = true;
		done = measure(r, err);
	}
	if (places_close(&r->places, done < 0 ? &answering : err) < 0)
		done = -1;
	if (measured && answer(r, done < 0 ? &answering : err) < 0)
		done = -1;
	return done;
}

int cmd_run(int argc, char **argv, struct err *err)
{
	struct run r = {
		.image = IMAGE_NONE, .places = PLACES_NONE, .argv = (const char *const *)argv};
	struct text_list words = {0};
	int done = options_parse(&cli, argc, argv, &r.opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	done = check_options(&r, err) < 0 ? -1 : run(&r, err);
	image_release(&r.image);
	manifest_release(&r.manifest);
	work_list_release(&r.works);
	return done;
}
