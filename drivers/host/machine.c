/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/host/machine.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "drivers/host/cpu_quota.h"
#include "drivers/host/kvm_host.h"
#include "drivers/host/placement.h"
#include "lib/affinity.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/cpu_signature.h"
#include "lib/environment.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/proc.h"

enum { LINE = 512 };

/* Facts that are the first line of one file. */
static const struct {
	const char *key, *path;
} one_liners[] = {
	{"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
	{"halt_poll_ns", "/sys/module/kvm/parameters/halt_poll_ns"},
	{"governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
	{"smt", "/sys/devices/system/cpu/smt/control"},
	{"isolated_cpus", "/sys/devices/system/cpu/isolated"},
	{"product", "/sys/class/dmi/id/product_name"},
};

/* CPU features that change what nesting costs. */
#define INTERESTING_FLAGS                                                                          \
	"svm vmx npt ept vpid vgif avic nrip_save flushbyasid tsc_scale decodeassists x2apic "     \
	"tsc_deadline_timer constant_tsc nonstop_tsc pdpe1gb pcid invpcid la57 aes avx fma bmi2 "  \
	"avx2 avx512f sha_ni erms hypervisor"

static void add_one_liners(const char *root, struct facts *facts)
{
	char line[LINE];

	for (size_t i = 0; i < sizeof(one_liners) / sizeof(one_liners[0]); i++) {
		file_line(line, sizeof(line), "%s%s", root, one_liners[i].path);
		if (line[0])
			facts_set(facts, one_liners[i].key, "%s", line);
	}
}

static void add_value(const char *text, const char *name, const char *key, struct facts *facts)
{
	char value[LINE];

	if (proc_value(text, name, value, sizeof(value)))
		facts_set(facts, key, "%s", value);
}

static void add_flags(const char *text, struct facts *facts)
{
	struct buf found = BUF_INIT;
	char all[8000], words[] = INTERESTING_FLAGS, *rest;

	if (!proc_value(text, "flags", all, sizeof(all)))
		return;
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (parse_has_word(all, NULL, word))
			buf_addf(&found, "%s%s", found.len ? " " : "", word);
	if (found.len && !found.failed)
		facts_set(facts, "cpu_flags", "%s", buf_str(&found));
	buf_release(&found);
}

static void add_cpu(const char *root, struct facts *facts)
{
	struct buf text = BUF_INIT;

	file_text(&text, "%s/proc/cpuinfo", root);
	add_value(buf_str(&text), "model name", "cpu_model", facts);
	add_value(buf_str(&text), "microcode", "microcode", facts);
	add_flags(buf_str(&text), facts);
	buf_release(&text);
}

static void add_kib(const char *text, const char *name, const char *key, struct facts *facts)
{
	char value[64];
	uint64_t kib;

	if (proc_value(text, name, value, sizeof(value)) &&
	    sscanf(value, "%" SCNu64 " kB", &kib) == 1)
		facts_set(facts, key, "%" PRIu64, kib * 1024);
}

static void add_memory(const char *root, struct facts *facts)
{
	struct buf text = BUF_INIT;
	char pages[64], size[64];

	file_text(&text, "%s/proc/meminfo", root);
	add_kib(buf_str(&text), "MemTotal", "memory_bytes", facts);
	add_kib(buf_str(&text), "MemAvailable", "memory_available_bytes", facts);
	if (proc_value(buf_str(&text), "HugePages_Total", pages, sizeof(pages)) &&
	    proc_value(buf_str(&text), "Hugepagesize", size, sizeof(size)))
		facts_set(facts, "hugepages", "%s of %s", pages, size);
	buf_release(&text);
}

/* "always [madvise] never" -> "madvise" */
static void add_thp(const char *root, struct facts *facts)
{
	char line[LINE], *open, *close;

	file_line(line, sizeof(line), "%s/sys/kernel/mm/transparent_hugepage/enabled", root);
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		facts_set(facts, "thp", "%.*s", (int)(close - open - 1), open + 1);
}

/* "on", "off" or "unknown" for the value of a switch of the kernel; `on` and `off` are its
 * letters. */
static const char *switch_name(const char *said, const char *on, const char *off)
{
	return strchr(on, said[0]) ? "on" : strchr(off, said[0]) ? "off" : "unknown";
}

static void add_kvm(const char *root, struct facts *facts)
{
	struct kvm_host k;

	kvm_host_read(root, &k);
	facts_set(facts, "kvm", "%s", k.opens ? "opens" : k.exists ? "no permission" : "no device");
	if (k.nested[0])
		facts_set(facts, "nested", "%s", switch_name(k.nested, "Yy1", "Nn0"));
	if (k.paging[0])
		facts_set(facts, "npt_ept", "%s %s", k.paging_name,
			  switch_name(k.paging, "Y1", "N0"));
}

/* What a guest of Xen knows of itself: "PV", "PVH", "HVM". */
static void add_guest_type(const char *root, struct facts *facts)
{
	char line[LINE];

	file_line(line, sizeof(line), "%s/sys/hypervisor/guest_type", root);
	if (line[0])
		facts_set(facts, "xen_guest", "%s", line);
}

/* cpufreq has a switch for boost; intel_pstate has one for no boost. */
static void add_turbo(const char *root, struct facts *facts)
{
	char boost[LINE], no_turbo[LINE];

	file_line(boost, sizeof(boost), "%s/sys/devices/system/cpu/cpufreq/boost", root);
	file_line(no_turbo, sizeof(no_turbo), "%s/sys/devices/system/cpu/intel_pstate/no_turbo",
		  root);
	if (boost[0])
		facts_set(facts, "turbo", "%s", switch_name(boost, "1", "0"));
	else if (no_turbo[0])
		facts_set(facts, "turbo", "%s", switch_name(no_turbo, "0", "1"));
}

/* The CPU's vulnerabilities and their mitigations in one line: "spectre_v2: Mitigation: Retpolines,
 * …" */
static void add_mitigations(const char *root, struct facts *facts)
{
	char path[512], line[LINE];
	struct buf all = BUF_INIT;
	struct dirent **entry;
	int n;

	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/vulnerabilities", root);
	n = scandir(path, &entry, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		file_line(line, sizeof(line), "%s/%s", path, entry[i]->d_name);
		if (line[0] && strcmp(line, "Not affected") != 0)
			buf_addf(&all, "%s%s: %.*s", all.len ? ", " : "", entry[i]->d_name,
				 (int)strcspn(line, ";"), line);
		free(entry[i]);
	}
	if (n >= 0) {
		free(entry);
		facts_set(facts, "mitigations", "%s", all.len ? buf_str(&all) : "none needed");
	}
	buf_release(&all);
}

static void add_numa(const char *root, struct facts *facts)
{
	DIR *dir = file_dir("%s/sys/devices/system/node", root);
	const char *name;
	char line[LINE];
	int nodes = 0;

	while ((name = file_dir_next(dir)))
		nodes += strncmp(name, "node", 4) == 0 && isdigit((unsigned char)name[4]);
	file_dir_close(dir);
	if (nodes)
		facts_set(facts, "numa_nodes", "%d", nodes);
	file_line(line, sizeof(line), "%s/proc/loadavg", root);
	line[strcspn(line, " ")] = '\0';
	if (line[0])
		facts_set(facts, "load1", "%s", line);
}

void machine_describe_files(const char *root, struct facts *facts)
{
	add_cpu(root, facts);
	add_memory(root, facts);
	add_one_liners(root, facts);
	add_thp(root, facts);
	add_kvm(root, facts);
	add_guest_type(root, facts);
	add_turbo(root, facts);
	add_mitigations(root, facts);
	add_numa(root, facts);
	cpu_quota_describe(root, facts);
}

/* The hypervisor of this layer, and what its signature says about the CPU. */
static void add_hypervisor(struct facts *facts)
{
	char name[HYPERVISOR_NAME];
	const char *shown = hypervisor_read(name) ? name : "none";

	shown = shown[0] ? shown : "unnamed";
	facts_set(facts, "hypervisor", "%s", shown);
	facts_set(facts, "emulated", "%s", cpu_signature_emulated(shown));
}

static void add_environment(struct facts *facts)
{
	struct buf all = BUF_INIT;

	environment_add_recorded(&all);
	facts_set(facts, "environment", "%s", all.len ? buf_str(&all) : "none");
	buf_release(&all);
}

/* The CPUs that may be used: in a container the kernel shows all of the machine's. */
static void add_cpu_count(struct facts *facts)
{
	struct affinity mine = {0};
	struct err ignored;

	if (affinity_read(&mine, &ignored) == 0)
		facts_set(facts, "vcpus", "%d", affinity_count(&mine));
	affinity_release(&mine);
}

void machine_describe(struct facts *facts)
{
	struct clock_quality clock = clock_measure(&clock_machine);
	char topology[PLACEMENT_TEXT];
	struct utsname u;
	struct err ignored;

	add_hypervisor(facts);
	if (uname(&u) == 0)
		facts_set(facts, "kernel", "%s", u.release);
	add_cpu_count(facts);
	facts_set(facts, "clock_ns", "%" PRIu64, clock.cost_ns);
	facts_set(facts, "clock_resolution_ns", "%" PRIu64, clock.resolution_ns);
	if (placement_topology(NULL, topology, &ignored) == 0)
		facts_set(facts, "topology", "%s", topology);
	add_environment(facts);
	machine_describe_files("", facts);
}
