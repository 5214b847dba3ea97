/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "drivers/image/image.h"
#include "lib/interrupt.h"
#include "lib/json.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "workloads/workload.h"

struct options {
	struct text_list with, module_params;
	const char *kernel;
	bool refresh, with_opencl, with_xen, json;
};

static const struct option options[] = {
	{"with", OPT_LIST, OFFSET(with), "PACKAGE",
	 .help = "add a Debian package and what it depends on; may be repeated"},
	{"with-opencl", OPT_FLAG, OFFSET(with_opencl),
	 .help = "add PoCL, an OpenCL device for machines without a GPU (about 230 MB)"},
	{"with-xen", OPT_FLAG, OFFSET(with_xen),
	 .help = "add the hypervisor Xen, for layers of kinds xen, pv and pvh (about 8 MB, and "
		 "another kernel)"},
	{"kernel", OPT_TEXT, OFFSET(kernel), "KERNEL",
	 .help = "the guests' kernel (default: Debian's cloud kernel)", .value = VALUE_FILE},
	{"module-param", OPT_LIST, OFFSET(module_params), "MODULE.PARAMETER=VALUE",
	 .help = "set a parameter of a module of the guests' kernel in every guest, such as "
		 "kvm_amd.npt=0; may be repeated"},
	{"refresh", OPT_FLAG, OFFSET(refresh),
	 .help = "ask apt for newer packages than those in the cache"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object"},
	{0},
};

const struct cli cli_image = {
	.name = "nestbench image",
	.examples = "  nestbench image\n  nestbench image --with fio\n"
		    "  nestbench image --kernel linux-image-6.12-cloud-amd64\n"
		    "  nestbench image --module-param kvm_amd.npt=0\n",
	.about = "Builds the one image that all guests run from, or finds it in the cache. Needs "
		 "no root rights and installs nothing. Prints the directory, the size and how long "
		 "it took.\n\n"
		 "KERNEL is the name of a kernel package (downloaded, not installed), a .deb file, "
		 "a vmlinuz whose modules lie in ../lib/modules/RELEASE or /lib/modules/RELEASE, "
		 "or VMLINUZ:MODULES-DIR.",
	.options = options,
};

static void say(void *ctx, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static int print_json(const struct image *image, struct err *err)
{
	json_t *o = json_with(json_object(), "directory", json_bytes(image->dir));

	o = json_with(o, "kernel", json_bytes(image->kernel));
	o = json_with(o, "initrd", json_bytes(image->initrd));
	o = json_with(o, "disk", json_bytes(image->disk));
	o = json_with(o, "hash", json_string(image->hash));
	o = json_with(o, "size_bytes", json_integer((json_int_t)image->size_bytes));
	o = json_with(o, "build_ns", json_integer((json_int_t)image->build_ns));
	o = json_with(o, "was_built", json_boolean(image->fresh));
	return answer_json("image", 1, o, err);
}

static void print(const struct image *image)
{
	char size[SIZE_TEXT], time[SIZE_TEXT];

	printable_puts("%s", image->dir);
	printf("%s, built in %s%s\n", format_size_short(image->size_bytes, size),
	       format_duration_short((double)image->build_ns, time),
	       image->fresh ? "" : " (found in the cache)");
}

int cmd_image(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct image image = IMAGE_NONE;
	const char *modules[WORKLOAD_MODULES];
	int done = options_parse(&cli_image, argc, argv, &opt, &words, err);
	const struct image_config config = {.with = opt.with.item,
					    .modules = workload_modules(modules),
					    .with_opencl = opt.with_opencl,
					    .with_xen = opt.with_xen,
					    .kernel = opt.kernel,
					    .module_params = opt.module_params.item,
					    .refresh = opt.refresh,
					    .say = say};

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (image_module_params_check(opt.module_params.item, err) < 0 ||
	    interrupt_install(err) < 0 || image_build(&config, &image, err) < 0)
		return -1;
	done = EXIT_FINE;
	if (opt.json)
		done = print_json(&image, err);
	else
		print(&image);
	image_release(&image);
	return done;
}
