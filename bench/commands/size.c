/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/damage.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "results/size/size.h"

struct size_options {
	struct size_demand demand;
	const char *headroom;
	bool json;
};

#define AT(member) .offset = offsetof(struct size_options, member)
#define MEMORY_MAX (UINT64_C(1) << 50)

static const struct option options[] = {
	{.name = "guests",
	 .kind = OPT_COUNT,
	 AT(demand.guests),
	 .arg = "N",
	 .fallback = "1",
	 .min = 1,
	 .max = 1000000,
	 .help = "how many guests the fleet has"},
	{.name = "vcpus",
	 .kind = OPT_COUNT,
	 AT(demand.vcpus),
	 .arg = "N",
	 .fallback = "1",
	 .min = 1,
	 .max = 4096,
	 .help = "CPUs whose work each guest must do"},
	{.name = "memory",
	 .kind = OPT_SIZE,
	 AT(demand.memory_bytes),
	 .arg = "SIZE",
	 .fallback = "1GiB",
	 .min = 1 << 20,
	 .max = MEMORY_MAX,
	 .help = "memory of each guest"},
	{.name = "iops",
	 .kind = OPT_COUNT,
	 AT(demand.iops),
	 .arg = "N",
	 .fallback = "0",
	 .max = 1000000000,
	 .help = "requests per second of each guest; 0: none asked"},
	{.name = "headroom",
	 .kind = OPT_TEXT,
	 AT(headroom),
	 .arg = "PERCENT",
	 .fallback = "20%",
	 .help = "part of the host that stays free"},
	{.name = "like",
	 .kind = OPT_TEXT,
	 AT(demand.like),
	 .arg = "NAME",
	 .fallback = "cpu",
	 .help = "class or workload that the guests' work resembles"},
	{.name = "host-vcpus",
	 .kind = OPT_COUNT,
	 AT(demand.host_vcpus),
	 .arg = "N",
	 .min = 1,
	 .max = 1000000,
	 .help = "how many guests fit on a host with so many CPUs"},
	{.name = "host-memory",
	 .kind = OPT_SIZE,
	 AT(demand.host_memory_bytes),
	 .arg = "SIZE",
	 .min = 1 << 20,
	 .max = MEMORY_MAX,
	 .help = "and so much memory"},
	{.name = "host-iops",
	 .kind = OPT_COUNT,
	 AT(demand.host_iops),
	 .arg = "N",
	 .min = 1,
	 .max = 1000000000,
	 .help = "and storage that serves so many requests per second"},
	{.name = "guest-overhead",
	 .kind = OPT_SIZE,
	 AT(demand.overhead_bytes),
	 .arg = "SIZE",
	 .fallback = "128MiB",
	 .max = MEMORY_MAX,
	 .help = "QEMU's own memory for each VM; assumed"},
	{.name = "json", .kind = OPT_FLAG, AT(json), .help = "print one JSON object"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench size",
	.examples = "  nestbench size RUN --guests 20 --vcpus 4 --memory 8GiB --iops 2000 "
		    "--headroom 20%\n"
		    "  nestbench size RUN --vcpus 4 --memory 8GiB --host-vcpus 64 --host-memory "
		    "512GiB\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about = "Says how much host and which L1 a fleet of nested guests needs, from the shares, "
		 "capacities and\n"
		 "concurrency that a run measured, beside the same fleet in L1 and on bare metal. "
		 "Plan with the\n"
		 "pessimistic figures: they take the bad end of each interval. results/size/size.h "
		 "describes the model.",
	.options = options,
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

static int answer(const struct size_options *o, const struct summary *s,
		  const struct layers *layers, struct err *err)
{
	struct size_answer a;
	struct buf out = BUF_INIT;
	int rc = -1;

	if (size_answer_make(s, layers, &o->demand, &a, err) < 0)
		return -1;
	if (o->json && size_answer_json(&a, &out, err) < 0)
		goto cleanup;
	if (!o->json)
		size_answer_text(&a, &out);
	rc = buf_print(&out, stdout, err);
cleanup:
	buf_release(&out);
	size_answer_release(&a);
	return rc;
}

int cmd_size(int argc, char **argv, struct err *err)
{
	struct size_options o = {0};
	struct text_list words = {0};
	struct summary summary = SUMMARY_INIT;
	struct layers layers = LAYERS_INIT;
	struct damage damage = {0}; /* counted by the summary already */
	int done = options_parse(&cli, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (parse_headroom(o.headroom, &o.demand.headroom, err) < 0 ||
	    summary_build(words.item[0], &summary, err) < 0)
		return -1;
	done = damage_tell(cli.name, &summary, 1, err);
	if (done == 0)
		done = layers_read(words.item[0], &layers, &damage, err);
	if (done == 0)
		done = answer(&o, &summary, &layers, err);
	layers_release(&layers);
	summary_release(&summary);
	return done;
}
