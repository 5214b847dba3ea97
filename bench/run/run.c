/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/run/run_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/agent/programs.h"
#include "bench/run/compatibility.h"
#include "bench/run/leftovers.h"
#include "bench/run/proofs.h"
#include "bench/run/version.h"
#include "bench/session/disturbance.h"
#include "lib/buf.h"
#include "lib/environment.h"
#include "lib/interrupt.h"
#include "plots/plot.h"
#include "results/export/export.h"
#include "results/summary/summary.h"
#include "results/table/table.h"
#include "workloads/workload.h"

static void say(void *ctx, const char *line)
{
	progress_say(ctx, "%s", line);
}

int run_make_image(struct run *r, struct err *err)
{
	const char *modules[WORKLOAD_MODULES];
	const struct image_config config = {.kernel = r->opt.kernel,
					    .modules = workload_modules(modules),
					    .with = r->opt.with.item,
					    .module_params = r->opt.module_params.item,
					    .with_opencl = r->opt.with_opencl,
					    .with_xen = stack_any(&r->stack, CAP_HYPERVISOR),
					    .say = say,
					    .say_ctx = &r->progress};

	if (!stack_any(&r->stack, CAP_OWN_KERNEL))
		return 0;
	return r->opt.image ? image_open(r->opt.image, &r->image, err)
			    : image_build(&config, &r->image, err);
}

static void keep_facts(struct run *r)
{
	for (size_t i = 0; r->purpose && i < r->purpose->facts.count; i++)
		facts_set(&r->manifest.more, r->purpose->facts.item[i].key, "%s",
			  r->purpose->facts.item[i].value);
}

/* What the user set and nothing of this run obeys. */
static void keep_removed(struct run *r)
{
	struct buf names = BUF_INIT;

	environment_add_removed(&names);
	if (names.len) {
		facts_set(&r->manifest.more, "environment_removed", "%s", buf_str(&names));
		progress_say(
			&r->progress,
			"not handed on to any layer, so that all have the same environment: %s",
			buf_str(&names));
	}
	buf_release(&names);
}

/* The layers that this machine could start are as if they had been asked for, so that whoever
 * resumes or repeats the run starts the same ones. */
static int keep_command(struct run *r, struct err *err)
{
	const char **all;
	size_t count = 0;
	int done;

	if (!r->chose_layers)
		return manifest_set_command(&r->manifest, r->argv, err);
	while (r->argv[count])
		count++;
	all = calloc(count + 2 * r->opt.layers.count + 1, sizeof(*all));
	if (!all)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	for (size_t i = 0; i < count; i++)
		all[i] = r->argv[i];
	for (size_t i = 0; i < r->opt.layers.count; i++) {
		all[count++] = "--layers";
		all[count++] = r->opt.layers.item[i];
	}
	done = manifest_set_command(&r->manifest, all, err);
	free(all);
	return done;
}

static void keep_module_params(struct run *r)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < r->opt.module_params.count; i++)
		buf_addf(&text, "%s%s", i ? " " : "", r->opt.module_params.item[i]);
	if (text.len)
		facts_set(&r->manifest.more, "module_params", "%s", buf_str(&text));
	buf_release(&text);
}

static int fill_manifest(struct run *r, struct err *err)
{
	struct manifest *m = &r->manifest;
	char sha[SHA256_HEX];
	struct err none;

	snprintf(m->profile, sizeof(m->profile), "%s", r->profile->name);
	snprintf(m->mode, sizeof(m->mode), "%s", mode_name(r->vm_size.mode));
	manifest_now(m->started);
	m->state = RUN_RUNNING;
	m->seed = r->opt.seed;
	m->depth = layer_tree_depth(&r->stack.tree);
	m->layers = r->stack.tree;
	m->boots = (uint32_t)r->opt.size.boots;
	m->rounds = (uint32_t)r->opt.size.rounds;
	m->batches = (uint32_t)r->opt.size.batches;
	facts_set(&m->versions, "nestbench", "%s", NESTBENCH_VERSION);
	if (r->image.hash[0])
		facts_set(&m->hashes, "image", "%s", r->image.hash);
	keep_facts(r);
	keep_removed(r);
	keep_module_params(r);
	if (program_hash("nestkernel", sha, err) < 0)
		return -1;
	facts_set(&m->hashes, "nestkernel_sha256", "%s", sha);
	if (program_hash("nestkernel-dl", sha, &none) == 0)
		facts_set(&m->hashes, "nestkernel_dl_sha256", "%s", sha);
	if (r->emulator[0] && file_sha256(r->emulator, sha, err) < 0)
		return err_context(err, "--" EMULATOR_OPTION);
	if (r->emulator[0])
		facts_set(&m->hashes, EMULATOR_SHA256, "%s", sha);
	if (keep_command(r, err) < 0)
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

static bool may_remeasure(void *ctx, const struct session_stand *stand)
{
	const struct run *r = ctx;

	return adaptive_has_time(&r->adaptive, stand);
}

static void let_decide(struct run *r, struct session_config *c)
{
	r->adaptive_config.dir = r->places.dir;
	r->adaptive_config.clock = c->clock;
	r->adaptive_config.progress = &r->progress;
	c->size = adaptive_start(&r->adaptive, &r->adaptive_config);
	c->next = next;
	c->next_ctx = r;
	c->may_remeasure = may_remeasure;
}

void run_configure(struct run *r, struct session_config *c)
{
	*c = (struct session_config){
		.dir = r->places.dir,
		.run = r->manifest.run,
		.work_dir = r->places.claim.work_dir,
		.vm_size = r->vm_size,
		.stack = &r->stack,
		.size = {.boots = (uint32_t)r->opt.size.boots,
			 .rounds = (uint32_t)r->opt.size.rounds,
			 .batches = r->opt.size.batches},
		.warm_up = r->profile->warm_up,
		.touch_bytes = r->profile->touch_bytes,
		.count_batches = (uint32_t)r->opt.count_batches,
		.batch_ns = r->opt.batch_ns,
		.seed = r->opt.seed,
		.restarts = (uint32_t)r->opt.restarts,
		.boot_limit_ns = r->opt.boot_limit_ns,
		.devices = r->devices,
		.noise_limit = r->noise_limit,
		.scratch = r->places.scratch[0] ? r->places.scratch : NULL,
		.kernel = r->image.kernel,
		.initrd = r->image.initrd,
		.disk = r->image.disk,
		.works = &r->works,
		.resume_state = r->resume_state,
		.clock = &clock_machine,
		.interrupt_fd = interrupt_fd(),
	};
}

int run_ended(struct run *r, int done, struct err *err)
{
	struct err ignored;

	r->manifest.state = done == 0 ? RUN_COMPLETE : RUN_INTERRUPTED;
	manifest_now(r->manifest.ended);
	if (manifest_save(r->places.dir, &r->manifest, done < 0 ? &ignored : err) < 0)
		return -1;
	return done;
}

/* Runs the session and writes down how it ended. */
static int measure(struct run *r, struct err *err)
{
	struct session_config c;
	struct err why = {0};
	uint32_t unreached = 0;
	int done;

	run_configure(r, &c);
	if (adaptive_is_wanted(&r->opt.size))
		let_decide(r, &c);
	if (r->purpose) {
		c.next = r->purpose->next;
		c.next_ctx = r->purpose->next_ctx;
		/* Such a command counts its rounds itself. */
		c.noise_limit = 0;
	}
	done = session_run(&c, &r->manifest, &r->progress, &unreached, &why, err);
	proofs_add(r->places.dir, &r->stack);
	keep_facts(r);
	done = run_ended(r, done, err);
	if (done == 0 && unreached)
		return err_set(err, EXIT_MACHINE, "%s (the outer layers were measured)", why.text);
	return done == 0 ? adaptive_verdict(&r->adaptive, err) : done;
}

/* The answer: from the rows that are in the file, however the run ended. */
int run_answer(struct run *r, bool print, struct err *err)
{
	struct summary summary = {0};
	struct buf table = BUF_INIT;
	struct err plotting;
	int done = 0;

	if (summary_build(r->places.dir, &summary, err) < 0)
		return -1;
	if (print && r->opt.json)
		done = export_json(&summary, &table, err);
	else if (print)
		table_format(&summary, &table);
	if (done == 0)
		done = buf_print(&table, stdout, err);
	buf_release(&table);
	if (done == 0)
		done = summary_write(r->places.dir, &summary, err);
	if (done == 0 && !r->opt.no_plots && plot_run(r->places.dir, &summary, &plotting) < 0)
		progress_say(&r->progress, "no plots: %s", plotting.text);
	if (done == 0 && !r->purpose)
		done = unmeasured_check(&summary, r->opt.workloads.count || r->opt.command, err);
	summary_release(&summary);
	return done;
}

static void warn_of_load(struct run *r)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	double load;

	if (getloadavg(&load, 1) == 1 && disturbance_load_is_high(load, cpus))
		progress_say(&r->progress,
			     "the load is %.2f on %ld CPUs: something else is running and will be "
			     "in the figures",
			     load, cpus);
}

/* What a killed run left would disturb this one. It need not stop it. */
void run_clean_before(struct run *r)
{
	struct cleaning c = {.say = say, .say_ctx = &r->progress};
	struct err err;

	if (leftovers_clean(&c, &err) < 0)
		progress_say(&r->progress, "%s", err.text);
	warn_of_load(r);
}

/* The manifest continues where it ended; what it was measured with must be the same. */
static int take_up(struct run *r, struct err *err)
{
	struct manifest *m = &r->manifest;
	char key[32], now[MANIFEST_TIME];

	if (r->image.hash[0] && resume_state_same("the guest image", facts_get(&m->hashes, "image"),
						  r->image.hash, err) < 0)
		return -1;
	r->resume_state = resume_state_read(r->places.dir, m->run, &r->works, err);
	if (!r->resume_state)
		return -1;
	for (int i = 1; i < 1000; i++) {
		snprintf(key, sizeof(key), "resumed.%d", i);
		if (!facts_get(&m->more, key))
			break;
	}
	manifest_now(now);
	facts_set(&m->more, key, "%s", now);
	m->ended[0] = '\0';
	m->state = RUN_RUNNING;
	return manifest_save(r->places.dir, m, err);
}

int run_prepare(struct run *r, struct err *err)
{
	if (run_make_image(r, err) < 0)
		return -1;
	if (work_list_needs(&r->works, NEEDS_SCRATCH) &&
	    places_add_scratch(&r->places, r->opt.scratch * work_list_copies(&r->works),
			       r->opt.connect, err) < 0)
		return -1;
	/* That is said before anything is measured. */
	if (stack_check(&r->stack, r->places.scratch, err) < 0)
		return -1;
	return r->resumed_dir ? take_up(r, err) : fill_manifest(r, err);
}

int run_execute(struct run *r, struct err *err)
{
	const struct places_wanted want = {.out = r->resumed_dir ? r->resumed_dir : r->opt.out,
					   .connect = r->opt.connect,
					   .old = r->resumed_dir != NULL,
					   .alongside = r->opt.alongside};
	struct err answering;
	int done = -1;

	if (compatibility_check(&r->stack, err) < 0 || interrupt_install(err) < 0)
		return -1;
	progress_init(&r->progress, &clock_machine, r->opt.quiet);
	run_clean_before(r);
	if (!r->resumed_dir)
		places_name_run(r->manifest.run, r->manifest.host);
	else if (manifest_load(r->resumed_dir, &r->manifest, err) < 0)
		return -1;
	if (places_open(&r->places, r->manifest.run, &want, err) < 0)
		return -1;
	if (run_prepare(r, err) == 0) {
		progress_note(&r->progress, "run directory: %s (seed %" PRIu64 ")", r->places.dir,
			      r->opt.seed);
		r->measured = true;
		done = measure(r, err);
	}
	/* Before its places are given up, so that what is half written is found if it is killed. */
	if (r->measured && !r->purpose && run_answer(r, true, done < 0 ? &answering : err) < 0)
		done = -1;
	if (places_close(&r->places, done < 0 ? &answering : err) < 0)
		done = -1;
	return done;
}

void run_release(struct run *r)
{
	image_release(&r->image);
	manifest_release(&r->manifest);
	work_list_release(&r->works);
	stack_release(&r->stack);
	resume_state_free(r->resume_state);
}
