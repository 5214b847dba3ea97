/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the gate, an INI file. */
#include "tests/fuzz/fuzz.h"

#include "results/compare/gate.h"

static void use(const struct gate_rules *rules)
{
	const char *const names[] = {"mem.chase", "io.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", ""};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct gate_policy p =
			gate_policy_of(rules, &(struct compare_item){.workload = names[i],
								     .class = "mem",
								     .params = "size=64MiB"});

		must(p.threshold >= 0 && p.threshold <= 1000);
		must(p.check <= GATE_CHECK_EXITS);
		p = gate_policy_of(rules, &(struct compare_item){.workload = names[i],
								 .class = "exit",
								 .params = "",
								 .reason = "cpuid",
								 .source = "kvm_exit"});
		must(p.threshold == p.exits && p.exits >= 0 && p.exits <= 1000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gate_rules rules = {0};
	struct err err = {0};
	FILE *file = fuzz_file(data, size);

	if (!file)
		return 0;
	if (gate_rules_parse(file, "rules.ini", &rules, &err) == 0)
		use(&rules);
	else
		must_explain(&err);
	fclose(file);
	gate_rules_release(&rules);
	return 0;
}
