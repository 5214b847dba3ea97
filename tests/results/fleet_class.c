/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The class of a machine, from facts of its layers. */
#include "tests/check.h"

#include "results/fleet/classes.h"

#define HEADER LAYERS_HEADER "\n"
#define MACHINE                                                                                    \
	"r,1,0,cpu_model,EPYC 9\nr,1,0,hypervisor,none\nr,1,0,kvm,opens\nr,1,0,nested,on\n"        \
	"r,1,0,npt_ept,npt on\n"

static void read_class(const char *text, const struct layer_tree *tree, struct fleet_class *c)
{
	struct layers facts = {.tree = tree};
	struct damage damage = {0};
	struct err err;

	assert_works(layers_parse("layers.csv", text, strlen(text), &facts, &damage, &err), err);
	fleet_class_of(&facts, c);
	layers_release(&facts);
}

static void assert_class(const char *text, const char *name)
{
	char is[FLEET_CLASS_TEXT];
	struct fleet_class c;

	read_class(text, NULL, &c);
	assert_string_equal(fleet_class_name(&c, is), name);
}

static void test_names(void **state)
{
	(void)state;
	assert_class(HEADER MACHINE, "EPYC 9; bare metal, KVM, nested on, npt on");
	assert_class(HEADER "r,1,0,cpu_model,Xeon\nr,1,0,hypervisor,KVMKVMKVM\nr,1,0,kvm,no "
			    "device\nr,1,1,emulated,yes\nr,1,2,emulated,yes\n",
		     "Xeon; in a VM (KVMKVMKVM), KVM: no device, emulated from L1");
	assert_class(HEADER, "unknown CPU");
	assert_class(HEADER "r,1,0,cpu_model,\n", "unknown CPU");
	assert_class(HEADER "r,1,0,cpu_model,\xc2\xb5\n", "??");
}

/* What differs between nodes of one class. */
static void test_same(void **state)
{
	struct fleet_class a, b;

	(void)state;
	read_class(HEADER MACHINE "r,1,0,kernel,6.1\nr,1,0,memory_bytes,1\nr,1,1,emulated,no\n"
				  "r,1,2,emulated,no\n",
		   NULL, &a);
	read_class(HEADER MACHINE "r,1,0,kernel,6.12\nr,1,0,memory_bytes,2\nr,1,1,emulated,no\n",
		   NULL, &b);
	assert_int_equal(fleet_class_compare(&a, &b), 0);
	read_class(HEADER MACHINE "r,2,0,nested,off\n", NULL, &b);
	assert_int_equal(fleet_class_compare(&a, &b), 0); /* the first boot that says it counts */
}

static void test_different(void **state)
{
	static const char *const more[] = {"r,1,0,nested,off\n",
					   "r,1,0,npt_ept,npt off\n",
					   "r,1,0,cpu_model,EPYC 7\n",
					   "r,1,0,kvm,no permission\n",
					   "r,1,0,hypervisor,Microsoft Hv\n",
					   "r,1,2,emulated,yes\n"};
	struct fleet_class a, b;

	(void)state;
	read_class(HEADER MACHINE, NULL, &a);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s%s", HEADER MACHINE, more[i]);
		read_class(text, NULL, &b);
		assert_int_not_equal(fleet_class_compare(&a, &b), 0);
		assert_int_equal(fleet_class_compare(&a, &b) < 0, fleet_class_compare(&b, &a) > 0);
	}
}

/* In a tree the number of a layer is not its depth. */
static void test_tree(void **state)
{
	struct layer_tree tree = {0};
	struct fleet_class c;

	(void)state;
	layer_tree_add(&tree, LAYER_NO_PARENT, "");
	layer_tree_add(&tree, 0, "a");
	layer_tree_add(&tree, 1, "a/b");
	layer_tree_add(&tree, 0, "c");
	read_class(HEADER "r,1,0,cpu_model,X\nr,1,3,emulated,yes\nr,1,2,emulated,yes\n", &tree, &c);
	assert_string_equal(c.settings, "emulated from L1");
}

static void add(struct fleet_classes *all, const char *cpu, const char *settings)
{
	struct fleet_class c = {""};
	struct err err;

	snprintf(c.cpu, sizeof(c.cpu), "%s", cpu);
	snprintf(c.settings, sizeof(c.settings), "%s", settings);
	assert_works(fleet_classes_add(all, &c, &err), err);
}

/* The order in which nodes come does not matter. */
static void test_letters(void **state)
{
	struct fleet_class b = {"B", "KVM"}, other = {"D", ""};
	struct fleet_classes all = {0};
	char text[FLEET_LETTER];

	(void)state;
	fleet_classes_sort(&all);
	add(&all, "C", "");
	add(&all, "B", "nested off");
	add(&all, "B", "KVM");
	add(&all, "A", "");
	add(&all, "C", "");
	fleet_classes_sort(&all);
	assert_int_equal(all.count, 4);
	assert_string_equal(all.item[0].class.cpu, "C");
	assert_int_equal(all.item[0].nodes, 2);
	assert_string_equal(all.item[1].class.cpu, "A");
	assert_int_equal(fleet_classes_find(&all, &b), 2);
	assert_int_equal(fleet_classes_find(&all, &other), 4);
	assert_string_equal(fleet_letter(2, text), "C");
	assert_string_equal(fleet_letter(25, text), "Z");
	assert_string_equal(fleet_letter(26, text), "A1");
	fleet_classes_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	  cmocka_unit_test(test_same),
		cmocka_unit_test(test_different), cmocka_unit_test(test_tree),
		cmocka_unit_test(test_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
