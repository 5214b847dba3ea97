/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "results/fleet/nodes.h"
#include "results/size/size_fleet.h"

struct options {
	struct size_demand demand;
	const char *headroom, *prices;
	bool json;
};

#define MEMORY_MAX (UINT64_C(1) << 50)

static const struct option options[] = {
	{"guests", OPT_COUNT, OFFSET(demand.guests), "N", "1", 1, 1000000,
	 "how many guests the fleet has"},
	{"vcpus", OPT_COUNT, OFFSET(demand.vcpus), "N", "1", 1, 4096,
	 "CPUs whose work each guest must do"},
	{"memory", OPT_SIZE, OFFSET(demand.memory_bytes), "SIZE", "1GiB", 1 << 20, MEMORY_MAX,
	 "memory of each guest"},
	{"iops", OPT_COUNT, OFFSET(demand.iops), "N", "0", 0, 1000000000,
	 "requests per second of each guest; 0: none asked"},
	{"headroom", OPT_TEXT, OFFSET(headroom), "PERCENT", "20%",
	 .help = "part of the host that stays free"},
	{"like", OPT_TEXT, OFFSET(demand.like), "NAME", "cpu",
	 .help = "class or workload that the guests' work resembles", .value = VALUE_WORKLOAD},
	{"layer", OPT_TEXT, OFFSET(demand.layer), "NAME",
	 .help = "the layer of the guests, as summary names it (default: the deepest)"},
	{"host-vcpus", OPT_COUNT, OFFSET(demand.host_vcpus), "N", NULL, 1, 1000000,
	 "how many guests fit on a host with so many CPUs"},
	{"host-memory", OPT_SIZE, OFFSET(demand.host_memory_bytes), "SIZE", NULL, 1 << 20,
	 MEMORY_MAX, "and so much memory"},
	{"host-iops", OPT_COUNT, OFFSET(demand.host_iops), "N", NULL, 1, 1000000000,
	 "and storage that serves so many requests per second"},
	{"guest-overhead", OPT_SIZE, OFFSET(demand.overhead_bytes), "SIZE", "128MiB", 0, MEMORY_MAX,
	 "QEMU's own memory for each VM; assumed"},
	{"prices", OPT_TEXT, OFFSET(prices), "FILE",
	 .help = "of a fleet: what hosts cost, for the cheapest mix", .value = VALUE_FILE},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object"},
	{0},
};

const struct cli cli_size = {
	.name = "nestbench size",
	.examples = "  nestbench size RUN --guests 20 --vcpus 4 --memory 8GiB --iops 2000 "
		    "--headroom 20%\n"
		    "  nestbench size RUN --vcpus 4 --memory 8GiB --host-vcpus 64 --host-memory "
		    "512GiB\n"
		    "  nestbench size FLEET --guests 200 --vcpus 4 --memory 8GiB --prices "
		    "prices.ini\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about =
		"Says how much host and which L1 a fleet of nested guests needs, from the shares, "
		"capacities and concurrency that a run measured, beside the same fleet in L1 and "
		"on bare metal. Plan with the pessimistic figures: they take the bad end of each "
		"interval. results/size/size.h describes the model. Of a fleet, a directory of run "
		"directories, it says how many hosts of each kind the guests need, and with "
		"--prices the cheapest mix; exit code 3 when it is impossible.",
	.options = options,
	.word = VALUE_RUN,
};

/* "20%" or "20". */
static int parse_headroom(const char *text, double *part, struct err *err)
{
	char number[32];
	size_t len = strlen(text);

	if (len && text[len - 1] == '%')
		len--;
	if (len >= sizeof(number))
		return err_set(err, EXIT_USAGE,
			       "--headroom: \"%.64s\" is no percentage, such as 20%%", text);
	memcpy(number, text, len);
	number[len] = '\0';
	if (parse_double(number, "--headroom", 0, 95, part, err) < 0)
		return -1;
	*part /= 100;
	return 0;
}

static int answer(const struct options *o, const struct summary *s, struct err *err)
{
	struct size_answer a;
	struct buf out = BUF_INIT;
	int rc = 0;

	if (size_answer_make(s, &o->demand, &a, err) < 0)
		return -1;
	if (o->json)
		rc = size_answer_json(&a, &out, err);
	else
		size_answer_text(&a, &out);
	rc = answer_give(&out, NULL, rc, err);
	size_answer_release(&a);
	return rc;
}

/* Of a fleet, the hosts are the nodes. */
static int check_for_fleet(const struct options *o, struct err *err)
{
	const char *name = o->demand.host_vcpus		 ? "--host-vcpus"
			   : o->demand.host_memory_bytes ? "--host-memory"
							 : NULL;

	if (name)
		return err_set(err, EXIT_USAGE,
			       "%s: the hosts of a fleet are as large as its nodes; leave it out",
			       name);
	return 0;
}

/* Where the guests' layer cannot hold them, the answer is given all the same. */
static int answer_fleet(const struct options *o, const char *dir, const struct prices *prices,
			struct err *err)
{
	struct size_fleet f;
	struct buf out = BUF_INIT;
	int rc = size_fleet_make(dir, &o->demand, prices, &f, err);

	if (rc == 0)
		rc = buf_print(&f.damage, stderr, err);
	if (rc == 0 && o->json)
		rc = size_fleet_json(&f, &out, err);
	else if (rc == 0)
		size_fleet_text(&f, &out);
	rc = answer_give(&out, NULL, rc, err);
	if (rc == 0)
		rc = size_fleet_check(&f, err);
	size_fleet_release(&f);
	return rc;
}

static int size_a_fleet(const struct options *o, const char *dir, struct err *err)
{
	struct prices prices = {0};
	int rc = check_for_fleet(o, err);

	if (rc == 0 && o->prices)
		rc = prices_read(o->prices, &prices, err);
	if (rc == 0)
		rc = answer_fleet(o, dir, o->prices ? &prices : NULL, err);
	prices_release(&prices);
	return rc;
}

static int size_a_run(const struct options *o, const struct text_list *words, struct err *err)
{
	struct run_list runs;
	int done;

	if (o->prices)
		return err_set(err, EXIT_USAGE,
			       "--prices: expected a directory of run directories, one a node; %s "
			       "is no such",
			       words->item[0]);
	done = runs_read(cli_size.name, words, &runs, err);
	if (done == 0)
		done = answer(o, runs.item, err);
	runs_release(&runs);
	return done;
}

int cmd_size(int argc, char **argv, struct err *err)
{
	struct options o = {0};
	struct text_list words = {0};
	int done = options_parse(&cli_size, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (parse_headroom(o.headroom, &o.demand.headroom, err) < 0)
		return -1;
	return fleet_has_nodes(words.item[0]) ? size_a_fleet(&o, words.item[0], err)
					      : size_a_run(&o, &words, err);
}
