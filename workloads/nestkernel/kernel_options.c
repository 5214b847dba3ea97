/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/nestkernel/kernel_options.h"

#include <stddef.h>

#include "lib/clock.h"
#include "lib/sample.h"
#include "workloads/lib/scratch.h"
#include "workloads/workload.h"

/* The most copies in all guests together. */
enum { PARTS_MAX = 1 << 16 };

#define AT(member) offsetof(struct nestkernel_options, member)

static const struct option options[] = {
	{"ops", OPT_COUNT, AT(ops), "N", NULL, 1, UINT64_C(1) << 60,
	 "operations in each batch, in place of --time"},
	{"time", OPT_DURATION, AT(time_ns), "TIME", "50ms", 1, 3600 * NS_PER_S,
	 "target duration of a batch"},
	{"batches", OPT_COUNT, AT(batches), "N", "10", 1, 1000000, "batches that are measured"},
	{"warm-up", OPT_COUNT, AT(warm_up), "N", "1", 0, 1000000,
	 "batches before them, printed and marked"},
	{"threads", OPT_COUNT, AT(threads), "N", NULL, 1, THREADS_MAX,
	 "threads at once, each on the next of the CPUs, sharing the operations"},
	{"cpus", OPT_TEXT, AT(cpus), "LIST", NULL, 0, 0, "run on these CPUs only: 0,2-3"},
	{"dir", OPT_TEXT, AT(dir), "PATH", NULL, 0, 0,
	 "work in this directory, where temporary files go too", .value = VALUE_DIR},
	{"scratch", OPT_TEXT, AT(scratch), "PATH", NULL, 0, 0,
	 "file or block device that io kernels overwrite", .value = VALUE_FILE},
	{"fill", OPT_SIZE, AT(fill), "SIZE", NULL, SCRATCH_MIN_BYTES, UINT64_C(1) << 50,
	 "make and fill the scratch first"},
	{"part", OPT_COUNT, AT(part), "N", NULL, 0, PARTS_MAX - 1,
	 "use only this one, counted from 0, of the scratch's --parts"},
	{"parts", OPT_COUNT, AT(parts), "N", "1", 1, PARTS_MAX, "copies that share the scratch"},
	{"seed", OPT_COUNT, AT(seed), "N", "1", 0, UINT64_MAX, "of the data and their order"},
	{"touch-limit", OPT_SIZE, AT(touch_limit), "SIZE", NULL, 1 << 20, UINT64_C(1) << 50,
	 "most memory that capacity kernels touch"},
	{"net-peer", OPT_TEXT, AT(net_peer), "HOST:PORT", NULL, 0, 0,
	 "the parent layer's peer for net kernels; KIND@FD: a socket to which it connects; "
	 "\"none\"; "
	 "default: loopback"},
	{"serve-net", OPT_TEXT, AT(serve_net), "HOST:PORT", NULL, 0, 0,
	 "be that peer; prints \"serving HOST:PORT\", ends with standard input"},
	{"call-net", OPT_TEXT, AT(call_net), "HOST:PORT", NULL, 0, 0,
	 "be that peer by connecting to a guest there; ends with standard input"},
	{"command", OPT_TEXT, AT(command), "LINE", NULL, 0, 0,
	 "what the workload `command` runs, in a shell"},
	{"metric", OPT_TEXT, AT(metric), "REGEX", NULL, 0, 0,
	 "use the rate that it prints, for a million of its units, in place of its wall time"},
	{"metric-seconds", OPT_TEXT, AT(metric_seconds), "REGEX", NULL, 0, 0,
	 "use the time that it prints, in seconds or with a unit after it"},
	{"probed", OPT_FLAG, AT(probed), NULL, NULL, 0, 0,
	 "skip the probe: it is known that it can run here"},
	{"lockstep", OPT_FLAG, AT(lockstep), NULL, NULL, 0, 0,
	 "print \"ready\", then wait for a line \"go\" before every batch"},
	{"calibrate", OPT_FLAG, AT(calibrate), NULL, NULL, 0, 0,
	 "one row: how many operations take --time"},
	{"list", OPT_FLAG, AT(list), NULL, NULL, 0, 0, "the workloads and their parameters"},
	{"version", OPT_FLAG, AT(version), NULL, NULL, 0, 0, "the version"},
	{0},
};

const struct cli cli_nestkernel = {
	.name = "nestkernel",
	.examples = "  nestkernel mem.chase size=64MiB --batches 10\n"
		    "  nestkernel cpu.int --ops 1000000 --cpus 1\n"
		    "  nestkernel mem.stream --threads 4 --cpus 0-3\n"
		    "  nestkernel io.randread --scratch /var/tmp/scratch --fill 256MiB\n"
		    "  nestkernel --list\n",
	.words = "WORKLOAD [NAME=VALUE…]",
	.max_words = 1 + PARAMS_MAX,
	.about = "Runs one workload and prints one row for each batch on stdout:\n"
		 "  " SAMPLE_LINE_HEADER "\n"
		 "A workload that cannot run here gives a row with the reason, and exit code 0.",
	.options = options,
	.word = VALUE_WORK_WORDS,
};
