/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>

#include "bench/commands/command.h"
#include "bench/commands/top_domains.h"
#include "bench/top/follow.h"
#include "bench/top/screen.h"
#include "bench/top/view.h"
#include "lib/clock.h"
#include "lib/interrupt.h"
#include "lib/options.h"

#define RUNS "nestbench-runs"
/* How long --once waits for a service. */
#define ONCE_NS (30 * NS_PER_S)

struct options {
	const char *connect, *domain;
	uint64_t interval_ns;
	bool no_reasons, once, json, plain;
};

static const struct option options[] = {
	{"connect", OPT_TEXT, OFFSET(connect), "URI",
	 .help = "the VMs at this libvirt instead of a run: qemu:///system, qemu:///session, …"},
	{"domain", OPT_TEXT, OFFSET(domain), "NAME", .help = "with --connect: only this VM"},
	{"no-reasons", OPT_FLAG, OFFSET(no_reasons),
	 .help = "with --connect: not by reason, which makes each exit of every VM here take a "
		 "little longer"},
	{"interval", OPT_DURATION, OFFSET(interval_ns), "TIME", "1s", 100 * NS_PER_MS,
	 3600 * NS_PER_S, .help = "from one look to the next"},
	{"once", OPT_FLAG, OFFSET(once), .help = "one interval, then end"},
	{"json", OPT_FLAG, OFFSET(json), .help = "as JSON, one document for each interval"},
	{"plain", OPT_FLAG, OFFSET(plain),
	 .help = "texts behind each other, as where the output is no terminal"},
	{0},
};

const struct cli cli_top = {
	.name = "nestbench top",
	.examples = "  nestbench top                        the run that is under way\n"
		    "  nestbench top nestbench-runs/RUN     this one\n"
		    "  nestbench top --connect qemu:///system\n"
		    "  nestbench top --connect qemu:///system --domain web --once --json\n",
	.words = "[RUN]",
	.max_words = 1,
	.about = "Shows live how often VMs exit, per second and by reason, the most frequent "
		 "first. Of a run: each layer's exits as the run itself counts them in the parent "
		 "layer (exits.csv), which asks nothing more of it; by reason as in the last "
		 "round that counted them. With --connect: of any VM, by KVM's statistics, which "
		 "need no "
		 "root where libvirt can be reached without; for root also by reason, from the "
		 "kernel's tracepoints. q ends it.",
	.options = options,
	.word = VALUE_RUN,
};

struct top {
	const struct options *opt;
	struct screen screen;
	struct top_view view;
};

static int show(struct top *t, struct err *err)
{
	struct buf text = BUF_INIT;
	size_t width, height;
	int rc = 0;

	screen_size(&t->screen, &width, &height);
	if (t->opt->json)
		rc = top_json(&t->view, &text, err);
	else
		top_text(&t->view, width, height, &text);
	if (rc == 0)
		rc = buf_check(&text, err);
	if (rc == 0)
		rc = screen_show(&t->screen, &text, err);
	buf_release(&text);
	return rc;
}

static int show_run(struct top *t, struct follow *f, struct err *err)
{
	top_view_clear(&t->view);
	if (follow_show(f, clock_now(&clock_machine), &t->view, err) < 0)
		return -1;
	return show(t, err);
}

static int no_counts(const struct follow *f, const char *dir, struct err *err)
{
	return follow_has_counts(f)
		       ? 0
		       : err_set(err, EXIT_MACHINE,
				 "nothing was counted in %s so far: the layers are being started, "
				 "their parents cannot count, or it is a run with --count off",
				 dir);
}

/* One look, then another. */
static int run_once(struct top *t, struct follow *f, const char *dir, struct err *err)
{
	uint64_t now = clock_now(&clock_machine);
	int rc = follow_look(f, now, err);

	if (rc == 0 && !follow_has_ended(f))
		rc = screen_wait(&t->screen, -1, now + t->opt->interval_ns, err);
	if (rc == 0 && !follow_has_ended(f))
		rc = follow_look(f, clock_now(&clock_machine), err);
	if (rc == 0)
		rc = no_counts(f, dir, err);
	return rc < 0 ? -1 : show_run(t, f, err);
}

static int run_watch(struct top *t, struct follow *f, struct err *err)
{
	uint64_t next = clock_now(&clock_machine);
	int rc;

	do {
		if (follow_look(f, clock_now(&clock_machine), err) < 0 || show_run(t, f, err) < 0)
			return -1;
		next += t->opt->interval_ns;
		rc = follow_has_ended(f) ? 1 : screen_wait(&t->screen, -1, next, err);
	} while (rc == 0);
	if (rc < 0 || !t->screen.full || !follow_has_ended(f))
		return rc < 0 ? -1 : 0;
	/* What was last seen stays on the terminal. */
	screen_end(&t->screen);
	return show_run(t, f, err);
}

static int top_run(struct top *t, const char *dir, struct err *err)
{
	char newest[RUNDIR_PATH];
	struct follow *f;
	int rc;

	if (!dir && follow_find(RUNS, newest, err) < 0)
		return -1;
	f = follow_open(dir ? dir : newest, err);
	if (!f)
		return -1;
	rc = t->opt->once ? run_once(t, f, dir ? dir : newest, err) : run_watch(t, f, err);
	follow_close(f);
	return rc;
}

static int show_domains(struct top *t, struct top_domains *d, struct err *err)
{
	top_view_clear(&t->view);
	if (top_domains_show(d, clock_now(&clock_machine), &t->view, err) < 0)
		return -1;
	return show(t, err);
}

/* Waits until a time for the look that was asked for, and takes it. 0: there was none; 1: it was
 * taken; 2: q was typed. */
static int wait_answer(struct top *t, struct top_domains *d, uint64_t until_ns, struct err *err)
{
	struct libvirt_look look;
	int rc = screen_wait(&t->screen, d->stats.fd, until_ns, err);

	if (rc)
		return rc < 0 ? -1 : 2;
	rc = d->ops->stats_take(&d->stats, &look, err);
	if (rc > 0)
		top_domains_take(d, &look, clock_now(&clock_machine));
	return rc;
}

static int ask_and_wait(struct top *t, struct top_domains *d, struct err *err)
{
	int rc;

	d->ops->stats_ask(&d->stats);
	rc = wait_answer(t, d, clock_now(&clock_machine) + ONCE_NS, err);
	return rc ? rc
		  : err_set(err, EXIT_MACHINE, "%s did not answer within 30 s: is it stopped?",
			    d->uri);
}

static int domains_once(struct top *t, struct top_domains *d, struct err *err)
{
	int rc = ask_and_wait(t, d, err);

	if (rc == 1 && screen_wait(&t->screen, -1, d->answered_ns + t->opt->interval_ns, err) < 0)
		rc = -1;
	if (rc == 1)
		rc = ask_and_wait(t, d, err);
	if (rc < 0)
		return -1;
	if (d->domain && !d->count)
		return err_set(err, EXIT_MACHINE, "no VM \"%s\" is running at %s", d->domain,
			       d->uri);
	return show_domains(t, d, err);
}

static int domains_watch(struct top *t, struct top_domains *d, struct err *err)
{
	uint64_t next = clock_now(&clock_machine);
	int rc = 0, looks = 0;

	while (rc == 0) {
		d->ops->stats_ask(&d->stats);
		next += t->opt->interval_ns;
		/* The first look alone has no rates. */
		rc = wait_answer(t, d, next, err);
		looks += rc == 1;
		if (rc >= 0 && rc < 2 && (t->screen.full || looks != 1 || rc == 0) &&
		    show_domains(t, d, err) < 0)
			return -1;
		if (rc == 1)
			rc = screen_wait(&t->screen, -1, next, err);
	}
	return rc < 0 ? -1 : 0;
}

static int top_connect(struct top *t, struct err *err)
{
	struct top_domains d;
	int rc = top_domains_open(&d, t->opt->connect, t->opt->domain, !t->opt->no_reasons, err);

	if (rc == 0)
		rc = t->opt->once ? domains_once(t, &d, err) : domains_watch(t, &d, err);
	top_domains_close(&d);
	return rc;
}

int cmd_top(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct top top = {.opt = &opt};
	int done = options_parse(&cli_top, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (opt.domain && !opt.connect)
		return err_set(err, EXIT_USAGE, "--domain is of --connect URI");
	if (opt.connect && words.count)
		return err_set(err, EXIT_USAGE,
			       "a run and --connect cannot be looked at at the same time");
	if (interrupt_install(err) < 0)
		return -1;
	screen_begin(&top.screen, opt.once || opt.json || opt.plain);
	if (opt.connect)
		done = top_connect(&top, err);
	else
		done = top_run(&top, words.count ? words.item[0] : NULL, err);
	screen_end(&top.screen);
	top_view_release(&top.view);
	return done;
}
