/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two runs in one: what is compared differs, and boots take turns. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/run/compatibility.h"
#include "bench/run/rerun_argv.h"
#include "bench/run/run_parts.h"
#include "bench/run/version.h"
#include "lib/interrupt.h"
#include "results/compare/compare.h"

/* ---- a pair of runs ---- */

/* Of a pair, what is cut off is only whole pairs: two boots are what is to come. */
int run_keep_limit(void *ctx, const struct session_stand *stand, struct session_size *size,
		   struct err *err)
{
	const struct run_limit *limit = ctx;
	uint64_t passed = clock_now(limit->clock) - stand->began_ns;
	uint64_t boot = passed / stand->all_rounds * size->rounds;

	if (stand->round == size->rounds && stand->boot < size->boots &&
	    passed + 2 * boot > limit->ns)
		size->boots = stand->boot;
	return 0;
}

static int open_side(struct run *r, const char *name, int which, struct err *err)
{
	const struct places_wanted want = {.out = r->opt.out,
					   .connect = r->opt.connect,
					   .alongside = which || r->opt.alongside};

	snprintf(r->manifest.run, sizeof(r->manifest.run), "%.38s-%c", name, 'a' + which);
	return places_open(&r->places, r->manifest.run, &want, err);
}

static int measure(struct run side[2], uint64_t limit_ns, struct err *err)
{
	struct run_limit limit = {.ns = limit_ns, .clock = &clock_machine};
	struct manifest *m[2] = {&side[0].manifest, &side[1].manifest};
	struct session_config c[2];
	struct err why = {0};
	uint32_t unreached = 0;
	int done;

	for (int i = 0; i < 2; i++) {
		run_configure(&side[i], &c[i]);
		if (limit_ns) {
			c[i].next = run_keep_limit;
			c[i].next_ctx = &limit;
		}
	}
	/* The same work, and the same blocks of the same disk. */
	c[1].works = c[0].works;
	c[1].seed = c[0].seed;
	c[1].scratch = c[0].scratch;
	done = session_run_ab(c, m, &side[0].progress, &unreached, &why, err);
	for (int i = 0; i < 2; i++)
		done = run_ended(&side[i], done, err);
	if (done == 0 && unreached)
		return err_set(err, EXIT_MACHINE, "%s (the outer layers were measured)", why.text);
	return done;
}

static int prepare(struct run side[2], struct err *err)
{
	char name[MANIFEST_NAME];

	places_name_run(name, side[0].manifest.host);
	memcpy(side[1].manifest.host, side[0].manifest.host, MANIFEST_NAME);
	for (int i = 0; i < 2; i++)
		if (open_side(&side[i], name, i, err) < 0)
			return -1;
	for (int i = 0; i < 2; i++) {
		facts_set(&side[i].manifest.more, "ab_side", "%c", 'a' + i);
		facts_set(&side[i].manifest.more, "ab_other", "%s", side[!i].manifest.run);
		if (run_prepare(&side[i], err) < 0)
			return -1;
	}
	return 0;
}

int run_pair(struct run side[2], uint64_t limit_ns, struct err *err)
{
	struct err closing;
	bool measured = false;
	int done = -1;

	for (int i = 0; i < 2; i++)
		if (compatibility_check(&side[i].stack, err) < 0)
			return -1;
	if (interrupt_install(err) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		progress_init(&side[i].progress, &clock_machine, side[i].opt.quiet);
	run_clean_before(&side[0]);
	if (prepare(side, err) == 0) {
		progress_note(&side[0].progress, "run directories: %s and %s (seed %llu)",
			      side[0].places.dir, side[1].places.dir,
			      (unsigned long long)side[0].opt.seed);
		measured = true;
		done = measure(side, limit_ns, err);
	}
	for (int i = 0; i < 2 && measured; i++)
		if (run_answer(&side[i], false, done < 0 ? &closing : err) < 0)
			done = -1;
	for (int i = 0; i < 2; i++)
		if (places_close(&side[i].places, done < 0 ? &closing : err) < 0)
			done = -1;
	return done;
}

/* ---- --ab ---- */

/* Which option the two words stand for. */
static const char *option_of(const struct run *r, struct err *err)
{
	enum version_kind kind[2], both;

	for (int i = 0; i < 2; i++)
		if (version_kind_of(r->opt.ab.item[i], &kind[i], err) < 0) {
			err_context(err, "--ab");
			return NULL;
		}
	both = kind[0] == VERSION_DEFAULT ? kind[1] : kind[0];
	if (kind[1] != VERSION_DEFAULT && kind[1] != both) {
		err_set(err, EXIT_USAGE,
			"--ab takes two kernels or two QEMUs, not one of each: %s %s",
			r->opt.ab.item[0], r->opt.ab.item[1]);
		return NULL;
	}
	if (both == VERSION_KERNEL ? r->opt.kernel != NULL : r->opt.emulator != NULL) {
		err_set(err, EXIT_USAGE, "--ab and --%s exclude each other",
			both == VERSION_KERNEL ? "kernel" : EMULATOR_OPTION);
		return NULL;
	}
	return both == VERSION_EMULATOR ? EMULATOR_OPTION : "kernel";
}

/* The command line that would make this side alone: for its manifest, so that rerun works. */
static int side_words(const struct run *r, const char *option, int which, const char *out,
		      struct words *w, struct err *err)
{
	const char *version = r->opt.ab.item[which];

	for (const char *const *word = r->argv; *word; word++) {
		if (strcmp(*word, "--ab") == 0)
			word += 2;
		else if (strncmp(*word, "--ab=", 5) == 0 || strcmp(*word, "--out") == 0)
			word++;
		else if (strncmp(*word, "--out=", 6) != 0 && words_add(w, err, "%s", *word) < 0)
			return -1;
	}
	if (strcmp(version, "default") != 0 && words_add(w, err, "--%s=%s", option, version) < 0)
		return -1;
	/* Both the same, and as many boots. */
	if (words_add(w, err, "--seed=%llu", (unsigned long long)r->opt.seed) < 0 ||
	    words_add(w, err, "--boots=%llu", (unsigned long long)r->opt.size.boots) < 0)
		return -1;
	return words_add(w, err, "--out=%s/%c", out, 'a' + which);
}

static int print_comparison(const struct run side[2], bool json, struct err *err)
{
	static const struct compare_options how = {.same = COMPARE_SAME};
	const char *const a[] = {side[0].places.dir, NULL}, *const b[] = {side[1].places.dir, NULL};
	struct comparison c = {0};
	struct buf out = BUF_INIT;
	int done = compare_runs(a, b, &how, true, &c, err);

	if (done == 0 && json)
		done = compare_format_json(&c, &out, err);
	else if (done == 0)
		compare_format(&c, false, &out);
	if (done == 0)
		done = buf_print(&out, stdout, err);
	buf_release(&out);
	comparison_release(&c);
	return done;
}

int run_ab(struct run *r, struct err *err)
{
	struct run side[2] = {RUN_INIT, RUN_INIT};
	struct words w[2] = {WORDS_INIT, WORDS_INIT};
	const char *option = option_of(r, err);
	char name[MANIFEST_NAME], host[MANIFEST_NAME], out[RUNDIR_PATH];
	struct err printing;
	int done = option ? 0 : -1;

	places_name_run(name, host);
	snprintf(out, sizeof(out), "nestbench-runs/%s", name);
	for (int i = 0; i < 2 && done == 0; i++) {
		done = side_words(r, option, i, r->opt.out ? r->opt.out : out, &w[i], err);
		if (done == 0)
			done = run_parse((int)w[i].count, w[i].item, &side[i], err);
	}
	if (done == 0) {
		done = run_pair(side, 0, err);
		/* Of no use when nothing was begun. */
		if (done < 0)
			rmdir(r->opt.out ? r->opt.out : out);
		if (access(side[1].places.dir, F_OK) == 0 && side[1].places.dir[0] &&
		    print_comparison(side, r->opt.json, done < 0 ? &printing : err) < 0)
			done = -1;
	}
	for (int i = 0; i < 2; i++) {
		run_release(&side[i]);
		words_release(&w[i]);
	}
	return done;
}
