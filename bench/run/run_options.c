/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "bench/link/channel.h"
#include "bench/plan/vm_size.h"
#include "bench/run/run.h"
#include "bench/session/disturbance.h"
#include "drivers/host/net_link.h"
#include "drivers/libvirt/options.h"
#include "lib/clock.h"
#include "workloads/lib/scratch.h"

#define AT(member) offsetof(struct run_options, member)

static const struct option options[] = {
	{"depth", OPT_COUNT, AT(depth), "N", NULL, 0, DEPTH_MAX,
	 "the deepest layer: so many VMs, each in the one before (default: 2)", .group = "Layers"},
	{"layers", OPT_LIST, AT(layers), "KINDS", NULL, 0, 0,
	 "in place of --depth: the kind of each layer, from the machine itself on, which may be "
	 "left "
	 "out; bare/kvm/kvm is --depth 2, bare/fake/fake a control without VMs; kvm:accel=tcg sets "
	 "an option of one layer; may be repeated: all are up and compared in the same rounds",
	 .value = VALUE_LAYERS},
	{"profile", OPT_TEXT, AT(profile), "NAME", NULL, 0, 0,
	 "smoke (does it work at all?), quick, standard, full, or kinds, which without --layers "
	 "compares all kinds that can be started here (default: quick; smoke where no layer is "
	 "isolated from the machine)",
	 .group = "What to measure", .value = VALUE_PROFILE},
	{"workloads", OPT_LIST, AT(workloads), "GLOB", NULL, 0, 0,
	 "only these; may be repeated; \"mem.chase size=1MiB\" or \"gpu.* backend=opencl\" sets "
	 "parameters",
	 .value = VALUE_WORK},
	{"copies", OPT_LIST, AT(copies), "N", NULL, 0, 0,
	 "also with so many copies at once in each layer; may be repeated"},
	{"guests", OPT_LIST, AT(guests), "N", NULL, 0, 0,
	 "also with so many VMs at once at the deepest layer; may be repeated"},
	{"command", OPT_TEXT, AT(command), "LINE", NULL, 0, 0,
	 "measure this shell command in every layer (alone, unless --workloads adds to it); its "
	 "directory, also TMPDIR, is fresh, and removed afterwards"},
	{"metric", OPT_TEXT, AT(metric), "REGEX", NULL, 0, 0,
	 "the rate that it prints, between the parentheses, in place of its wall time"},
	{"metric-seconds", OPT_TEXT, AT(metric_seconds), "REGEX", NULL, 0, 0,
	 "likewise, a time in seconds that it prints, in place of its wall time"},
	{"rounds", OPT_COUNT, AT(size.rounds), "N", NULL, 1, 100000,
	 "rounds (default: as the profile says)", .group = "How long"},
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
	 "vCPUs that are measured, in every layer; with 1, cpu.futex and cpu.ctxsw place=apart are "
	 "skipped and cpu.scale is one thread",
	 .group = "Size of the layers"},
	{"memory", OPT_SIZE, AT(memory), "SIZE", NULL, VM_LEAST_BYTES, UINT64_C(1) << 46,
	 "of each layer, outer ones beside what their guests have (default: 640MiB)"},
	{"mode", OPT_TEXT, AT(mode), "NAME", "shape", 0, 0,
	 "shape: every measured layer is the same; share: each passes on what it does not need, "
	 "beginning with all CPUs and --memory (what is free, if not given)",
	 .choices = mode_names},
	{"keep-vcpus", OPT_COUNT, AT(keep_vcpus), "N", "0", 0, 512,
	 "--mode share: CPUs that a layer keeps from the one in it"},
	{"keep-memory", OPT_SIZE, AT(keep_memory), "SIZE", "384MiB", UINT64_C(128) << 20,
	 UINT64_C(1) << 40, "--mode share: likewise memory"},
	{"scratch", OPT_SIZE, AT(scratch), "SIZE", "256MiB", SCRATCH_MIN_BYTES, UINT64_C(1) << 46,
	 "size of the disk that io workloads use, for each of the most copies and guests"},
	{"accel", OPT_TEXT, AT(accel), "NAME", "auto", 0, 0, "auto, kvm or tcg",
	 .group = "What the layers are made of", .choices = accel_names},
	{"kernel", OPT_TEXT, AT(kernel), "KERNEL", NULL, 0, 0,
	 "the guests' kernel, as of nestbench image", .value = VALUE_FILE},
	{"image", OPT_TEXT, AT(image), "DIR", NULL, 0, 0,
	 "the guest image that nestbench image made on another machine, where none can be made "
	 "here: the directory it printed, or a copy; L0 must run that machine's nestkernel and "
	 "nestkernel-dl",
	 .value = VALUE_DIR},
	{"qemu", OPT_TEXT, AT(emulator), "PATH", NULL, 0, 0,
	 "the QEMU that runs L1 (default: the one libvirt finds)", .value = VALUE_FILE},
	{"ab", OPT_PAIR, AT(ab), "A B", NULL, 0, 0,
	 "two kernels, or two QEMUs: their boots take turns, --boots of each (default: 3); "
	 "\"default\" stands for what is used without",
	 .value = VALUE_FILE},
	{"connect", OPT_TEXT, AT(connect), "URI", NULL, 0, 0,
	 "libvirt on this machine (default: the embedded QEMU driver)"},
	{"net", OPT_TEXT, AT(net), "KIND", "user", 0, 0,
	 "what carries net workloads: user, or tap (needs root; vhost where the machine has it)",
	 .choices = net_choices},
	{"hugepages", OPT_FLAG, AT(hugepages), NULL, NULL, 0, 0,
	 "memory of layers in huge pages (reserved beforehand on the machine itself)"},
	{"hostdev", OPT_LIST, AT(hostdev), "PCI-ADDRESS", NULL, 0, 0,
	 "hand this device (a GPU) to L1 by VFIO; may be repeated"},
	{"with", OPT_LIST, AT(with), "PACKAGE", NULL, 0, 0,
	 "as of nestbench image: into the image of the VMs; the machine itself (L0) must have it"},
	{"with-opencl", OPT_FLAG, AT(with_opencl), NULL, NULL, 0, 0, "likewise"},
	{"module-param", OPT_LIST, AT(module_params), "MODULE.PARAMETER=VALUE", NULL, 0, 0,
	 "as of nestbench image"},
	{"count", OPT_COUNT, AT(count_batches), "N", "4", 0, 1000,
	 "count what each layer makes its parent layer do, exits of VMs and system calls of "
	 "containers (exits.csv), by reason in so many batches of a round of its own; 0: not at "
	 "all",
	 .group = "How it is measured"},
	{"seed", OPT_COUNT, AT(seed), "N", NULL, 1, INT64_MAX,
	 "makes order and data repeatable (default: from the clock)"},
	{"noise-limit", OPT_TEXT, AT(noise_limit), "PERCENT", DISTURBANCE_LIMIT, 0, 0,
	 "repeat a round once when other work, or steal, took more of the CPUs; 0%: never"},
	{"restarts", OPT_COUNT, AT(restarts), "N", "3", 0, 100,
	 "start lost layers again, at most N times before the first round of each boot and N times "
	 "in all rounds; 0: never"},
	{"boot-limit", OPT_DURATION, AT(boot_limit_ns), "TIME", NULL, NS_PER_S, 3600 * NS_PER_S,
	 "give a VM up that is not up after this time (default: from what the layers took, not "
	 "counting waits for a CPU, and longer while it makes progress)"},
	{"alongside", OPT_FLAG, AT(alongside), NULL, NULL, 0, 0,
	 "start although another run is under way; both will be disturbed"},
	{"out", OPT_TEXT, AT(out), "DIR", NULL, 0, 0,
	 "the run directory (default: nestbench-runs/TIME-HOST)", .group = "Output",
	 .value = VALUE_DIR},
	{"quiet", OPT_FLAG, AT(quiet), NULL, NULL, 0, 0,
	 "say only what goes wrong, and the answer"},
	{"no-plots", OPT_FLAG, AT(no_plots), NULL, NULL, 0, 0, "do not draw"},
	{"json", OPT_FLAG, AT(json), NULL, NULL, 0, 0,
	 "print the answer as one JSON object, as of nestbench summary (with --ab: compare)"},
	{0},
};

/* What chooses how much is measured, or what, in different ways. */
static const char *const rivals[] = {"depth",	  "layers", "metric", "metric-seconds", "budget",
				     "rounds",	  "budget", "boots",  "precision",	"rounds",
				     "precision", "boots",  "ab",     "budget",		"ab",
				     "precision", NULL};

const struct cli cli_run = {
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
		"  nestbench run --ab linux-image-6.1.0-50-cloud-amd64 "
		"linux-image-6.12-cloud-amd64\n"
		"  nestbench run --connect qemu:///system --accel kvm --vcpus 4 --memory 8GiB\n",
	.about =
		"Starts all layers, measures the same work in each, interleaved, and prints which "
		"share\n"
		"of the machine is still usable in each layer. The run directory holds the raw "
		"rows\n"
		"(samples.csv), the environment (layers.csv), the summary and the plots.\n"
		"A layer that is lost is started again (--restarts), in the rounds as a new boot "
		"that makes the\n"
		"round again; what is known of the loss is kept in evidence/. One that cannot be "
		"started, or is\n"
		"lost for good, leaves rows that say why; the others are measured, and the exit "
		"code is 3.\n"
		"It is 3 too when a workload failed in a layer and has no figure there, or was "
		"named "
		"and\n"
		"skipped in every layer.\n"
		"\n"
		"With --ab there are two, DIR/a and DIR/b, for compare and gate; the comparison is "
		"printed.",
	.options = options,
	.rivals = rivals,
};

int run_parse(int argc, char **argv, struct run *r, struct err *err)
{
	struct text_list words = {0};
	int done = options_parse(&cli_run, argc, argv, &r->opt, &words, err);

	r->argv = (const char *const *)argv;
	return done ? done : run_check(r, err);
}
