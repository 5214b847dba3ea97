/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests of Xen without Xen: what is asked of xl, and what becomes of consoles that a test writes.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <pthread.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/image/image.h"
#include "drivers/xen/parts.h"
#include "lib/clock.h"
#include "lib/str.h"

extern const struct driver driver_pv, driver_pvh, driver_hvm, driver_fake;

/* ---- dom0, in whose place is this ---- */

static struct {
	int master;	     /* of the console's pseudo terminal; -1: none */
	const char *refuses; /* what xl then says; NULL: it works */
	char calls[512];     /* "create domid destroy:nestbench-r1-3" */
	const char *list;    /* what `xl list` prints; NULL: this is no dom0 */
	const char *guest;   /* what the guest prints */
	bool hangs_up;	     /* behind that */
} dom0;

int __wrap_dom0_prepare(struct err *err);
int __wrap_dom0_xl(const char *const argv[], struct buf *out, struct err *err);
int __wrap_dom0_console(const char *domain, char *path, size_t size, struct err *err);

bool __wrap_dom0_is_here(void);

bool __wrap_dom0_is_here(void)
{
	return dom0.list;
}

int __wrap_dom0_prepare(struct err *err)
{
	return 0;
}

int __wrap_dom0_xl(const char *const argv[], struct buf *out, struct err *err)
{
	str_addf(dom0.calls, sizeof(dom0.calls), "%s%s", dom0.calls[0] ? " " : "", argv[1]);
	if (strcmp(argv[1], "list") == 0 && !argv[2])
		buf_addstr(out, dom0.list);
	if (strcmp(argv[1], "destroy") == 0)
		str_addf(dom0.calls, sizeof(dom0.calls), ":%s", argv[2]);
	if (dom0.refuses && strcmp(argv[1], dom0.refuses) == 0)
		return err_set(err, EXIT_MACHINE, "xl ended with exit code 3: no memory");
	return 0;
}

int __wrap_dom0_console(const char *domain, char *path, size_t size, struct err *err)
{
	dom0.master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(dom0.master >= 0);
	assert_int_equal(grantpt(dom0.master), 0);
	assert_int_equal(unlockpt(dom0.master), 0);
	assert_int_equal(ptsname_r(dom0.master, path, size), 0);
	return 0;
}

static void *be_guest(void *ctx)
{
	/* Until the driver has opened its end a hang-up would be nothing new to it. */
	usleep(200000);
	if (write(dom0.master, dom0.guest, strlen(dom0.guest)) < 0)
		return NULL;
	if (dom0.hangs_up) {
		usleep(100000);
		close(dom0.master);
		dom0.master = -1;
	}
	return NULL;
}

static struct layer begin(const char *guest, const char *work_dir)
{
	struct layer layer = LAYER_INIT;

	dom0.master = -1;
	dom0.refuses = NULL;
	dom0.calls[0] = '\0';
	dom0.guest = guest;
	dom0.hangs_up = false;
	layer.driver = &driver_pv;
	layer.spec.depth = 2;
	layer.spec.layer = 3;
	layer.spec.vcpus = layer.spec.measured_vcpus = 1;
	layer.spec.memory_bytes = UINT64_C(640) << 20;
	layer.spec.run = "r1";
	layer.spec.work_dir = work_dir;
	layer.spec.kernel = "/boot/kernel";
	layer.spec.initrd = "/boot/initramfs";
	layer.spec.disk = "/dev/vda";
	layer.spec.boot_limit_ns = 5 * NS_PER_S;
	return layer;
}

/* Starts the layer while a thread is its guest. */
static int start(struct layer *layer, struct err *err)
{
	pthread_t guest;
	int done;

	/* The driver opens the console first. */
	assert_int_equal(pthread_create(&guest, NULL, be_guest, NULL), 0);
	done = layer->driver->start(layer, err);
	pthread_join(guest, NULL);
	return done;
}

static void end(struct layer *layer)
{
	layer->driver->stop(layer);
	layer->driver->stop(layer);
	assert_int_equal(layer->fd, -1);
	facts_release(&layer->facts);
	evidence_release(&layer->evidence);
	if (dom0.master >= 0)
		close(dom0.master);
}

static void assert_empty(const char *dir)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/nestbench-r1-3.cfg", dir);
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- tests ---- */

static void the_stream_begins_behind_the_line(void **state)
{
	char *dir = test_dir_make(), got[64];
	struct layer layer = begin("[    1.0] a word of the kernel\r\n" IMAGE_CONSOLE_PORT_LINE
				   "\n{\"is\":\"hello\"}\n",
				   dir);
	struct err err;

	(void)state;
	layer.spec.scratch = "/dev/vdb";
	assert_works(start(&layer, &err), err);
	assert_string_equal(dom0.calls, "create");
	assert_int_equal(read(layer.fd, got, sizeof(got)), 15);
	assert_memory_equal(got, "{\"is\":\"hello\"}\n", 15);
	assert_string_equal(facts_get(&layer.facts, "kind"), "pv");
	assert_string_equal(facts_get(&layer.facts, "isolation"), "paravirtual");
	assert_string_equal(facts_get(&layer.facts, "emulated"), "no");
	assert_string_equal(facts_get(&layer.facts, "domain"), "nestbench-r1-3");
	assert_string_equal(layer.inside.disk, "/dev/xvda");
	assert_string_equal(layer.inside.scratch, "/dev/xvdb");
	/* Nothing is changed on its way, and nothing comes back. */
	assert_int_equal(write(layer.fd, "a\r\x03\n", 4), 4);
	assert_int_equal(read(dom0.master, got, sizeof(got)), 4);
	assert_memory_equal(got, "a\r\x03\n", 4);
	layer.driver->examine(&layer);
	assert_non_null(strstr(buf_str(&layer.evidence.part[EVIDENCE_CONSOLE]), "a word of the"));
	end(&layer);
	assert_string_equal(dom0.calls, "create dmesg list domid destroy:nestbench-r1-3");
	assert_empty(dir);
	test_dir_remove(dir);
}

static void what_does_not_come_up_is_ended(void **state)
{
	char *dir = test_dir_make();
	struct layer layer = begin("no root disk\n", dir);
	struct err err;

	(void)state;
	dom0.hangs_up = true;
	assert_fails(start(&layer, &err), err, EXIT_MACHINE,
		     "ended before its agent said hello; the last words on its console: no root "
		     "disk");
	assert_true(layer.lost);
	assert_non_null(strstr(dom0.calls, "destroy"));
	assert_non_null(strstr(buf_str(&layer.evidence.part[EVIDENCE_CONSOLE]), "no root disk"));
	end(&layer);
	assert_empty(dir);

	layer = begin("", dir);
	layer.spec.boot_limit_ns = NS_PER_S;
	assert_fails(start(&layer, &err), err, EXIT_MACHINE, "its console stayed silent");
	assert_true(layer.lost);
	end(&layer);

	/* Only its init came so far. */
	layer = begin(IMAGE_CONSOLE_PORT_LINE "\n", dir);
	layer.spec.boot_limit_ns = NS_PER_S;
	assert_fails(start(&layer, &err), err, EXIT_MACHINE, "its agent said no hello");
	end(&layer);
	assert_empty(dir);
	test_dir_remove(dir);
}

static void xl_that_refuses_is_quoted(void **state)
{
	char *dir = test_dir_make();
	struct layer layer = begin("", dir);
	struct err err;

	(void)state;
	dom0.refuses = "create";
	assert_fails(layer.driver->start(&layer, &err), err, EXIT_MACHINE,
		     "xl cannot start the domain");
	assert_non_null(strstr(err.text, "no memory"));
	assert_false(layer.lost);
	/* It may have been half made. */
	assert_string_equal(dom0.calls, "create domid destroy:nestbench-r1-3");
	end(&layer);
	test_dir_remove(dir);
}

static void a_start_can_be_cancelled(void **state)
{
	char *dir = test_dir_make();
	struct layer layer = begin("", dir);
	int ends[2];
	struct err err;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	layer.spec.cancel_fd = ends[0];
	assert_fails(start(&layer, &err), err, EXIT_INTERRUPTED, "cancelled");
	assert_false(layer.lost);
	assert_non_null(strstr(dom0.calls, "destroy"));
	close(ends[0]);
	end(&layer);
	test_dir_remove(dir);
}

static void domains_of_a_dead_run_are_found(void **state)
{
	static const char prefix[] = "nestbench-r1-";
	struct buf said = BUF_INIT;

	(void)state;
	dom0.calls[0] = '\0';
	dom0.refuses = NULL;
	assert_int_equal(driver_pv.tidy(prefix, false, &said), 0);
	assert_string_equal(dom0.calls, "");
	dom0.list = "Name            ID   Mem VCPUs\tState\tTime(s)\n"
		    "Domain-0         0  1200     1     r-----      10.1\n"
		    "nestbench-r1-2   3   640     1     -b----       1.0\n"
		    "nestbench-r10-2  4   640     1     -b----       1.0\n"
		    "nestbench-r1-3   5   640     1     -b----       1.0\n";
	assert_int_equal(driver_pv.tidy(prefix, true, &said), 2);
	assert_string_equal(buf_str(&said), "nestbench-r1-2, nestbench-r1-3");
	assert_string_equal(dom0.calls, "list");
	assert_int_equal(driver_pv.tidy(prefix, false, &said), 2);
	assert_string_equal(dom0.calls, "list list destroy:nestbench-r1-2 destroy:nestbench-r1-3");
	dom0.list = NULL;
	buf_release(&said);
}

static void configurations(void **state)
{
	static const struct placement place = {.measured = {2, 3}, .measured_count = 2};
	struct layer layer = begin("", "/w");
	struct err err;
	char *text = domu_config(&layer.spec, DOMU_PV, "nestbench-r1-3", true, &err);

	(void)state;
	assert_golden("drivers/golden/pv.cfg", text);
	free(text);
	layer.spec.vcpus = 2;
	layer.spec.below = 1;
	layer.spec.scratch = "/dev/vdb";
	layer.spec.placement = &place;
	text = domu_config(&layer.spec, DOMU_PVH, "nestbench-r1-3", true, &err);
	assert_golden("drivers/golden/pvh.cfg", text);
	free(text);
	text = domu_config(&layer.spec, DOMU_PVH, "nestbench-r1-3", false, &err);
	assert_null(strstr(text, "cpus = [ "));
	free(text);
	layer.spec.disk = "/a,b\"c";
	assert_null(domu_config(&layer.spec, DOMU_PVH, "nestbench-r1-3", false, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "/a,b\"c"));
}

static void who_stands_where(void **state)
{
	const struct driver *outer[] = {&driver_bare, &driver_xen, &driver_pv};
	struct layer_spec spec = {.depth = 0, .outer = outer};
	struct err err;

	(void)state;
	assert_fails(driver_check(&driver_pv, &spec, &err), err, EXIT_USAGE, "parent layer");
	/* Only a look at the machine tells whether it is a dom0. */
	spec.depth = 1;
	assert_works(driver_check(&driver_pv, &spec, &err), err);
	spec.depth = 2;
	assert_works(driver_check(&driver_pvh, &spec, &err), err);
	assert_works(driver_check(&driver_fake, &spec, &err), err);
	outer[1] = &driver_fake;
	assert_fails(driver_check(&driver_pvh, &spec, &err), err, EXIT_USAGE, "L1 is of kind fake");
	spec.outer = NULL;
	assert_works(driver_check(&driver_pvh, &spec, &err), err);
}

static void no_hardware_virtualization_inside(void **state)
{
	const struct driver *outer[] = {&driver_bare, &driver_xen, &driver_pv};
	const struct text_list emulated = {.item = {"accel=tcg"}, .count = 1};
	struct layer_spec spec = {.depth = 2, .outer = outer};
	const struct driver *kvm;
	struct err err;

	(void)state;
	kvm = driver_find("kvm", &err);
	assert_non_null(kvm);
	assert_fails(driver_check(kvm, &spec, &err), err, EXIT_USAGE, "of kind xen");
	spec.options = &emulated;
	assert_works(driver_check(kvm, &spec, &err), err);
	spec.options = NULL;
	outer[1] = kvm;
	assert_works(driver_check(kvm, &spec, &err), err);
	assert_works(driver_check(&driver_xen, &spec, &err), err);
	spec.depth = 3;
	assert_fails(driver_check(&driver_xen, &spec, &err), err, EXIT_USAGE, "of kind pv");
}

static void several_cpus_and_their_clock(void **state)
{
	struct layer layer = begin("", "/w");

	(void)state;
	clock_warn(&layer, 1);
	assert_null(facts_get(&layer.facts, "warning"));
	facts_set(&layer.facts, "warning", "one more");
	clock_warn(&layer, 2);
	assert_non_null(strstr(facts_get(&layer.facts, "warning"), "one more. Xen's clock"));
	facts_release(&layer.facts);
}

static void hvm_is_refused(void **state)
{
	const struct driver *outer[] = {&driver_bare, &driver_xen};
	const struct layer_spec spec = {.depth = 2, .outer = outer};
	struct err err;

	(void)state;
	assert_fails(driver_check(&driver_hvm, &spec, &err), err, EXIT_USAGE, "pvh");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stream_begins_behind_the_line),
		cmocka_unit_test(what_does_not_come_up_is_ended),
		cmocka_unit_test(xl_that_refuses_is_quoted),
		cmocka_unit_test(a_start_can_be_cancelled),
		cmocka_unit_test(domains_of_a_dead_run_are_found),
		cmocka_unit_test(configurations),
		cmocka_unit_test(who_stands_where),
		cmocka_unit_test(no_hardware_virtualization_inside),
		cmocka_unit_test(several_cpus_and_their_clock),
		cmocka_unit_test(hvm_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
