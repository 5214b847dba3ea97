/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "tests/workloads/drive.h"
#include "workloads/gpu/backend.h"

static void test_commands_in_order(void **state)
{
	enum { N = 3000 };
	static uint32_t x[N], y[N], out[N];
	struct err err = {0};
	struct gpu_device *d = gpu_stub.open(&err);
	struct gpu_program program = {.count = N};

	(void)state;
	assert_non_null(d);
	assert_string_equal(gpu_stub.device_name(d), "software stub device");
	assert_works(gpu_stub.alloc(d, sizeof(x), &program.x, &err), err);
	assert_works(gpu_stub.alloc(d, sizeof(y), &program.y, &err), err);
	for (uint32_t i = 0; i < N; i++) {
		x[i] = i;
		y[i] = 7;
	}
	assert_works(gpu_stub.copy_to(d, program.x, x, sizeof(x), &err), err);
	assert_works(gpu_stub.copy_to(d, program.y, y, sizeof(y), &err), err);
	for (program.a = 1; program.a <= 3; program.a++)
		assert_works(gpu_stub.launch(d, &program, &err), err);
	assert_works(gpu_stub.copy_from(d, out, program.y, sizeof(out), &err), err);
	assert_works(gpu_stub.wait(d, &err), err);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(out[i], 7 + 6 * i);
	gpu_stub.close(d);
}

static void test_limits(void **state)
{
	uint32_t word = 0;
	struct err err = {0};
	struct gpu_device *d = gpu_stub.open(&err);
	gpu_buffer b = 0, more;
	struct gpu_program program = {.count = 2};
	int failed = 0;

	(void)state;
	assert_non_null(d);
	assert_works(gpu_stub.alloc(d, 4, &b, &err), err);
	assert_fails(gpu_stub.copy_to(d, b, &word, 5, &err), err, EXIT_INTERNAL,
		     "outside buffer 0");
	assert_fails(gpu_stub.copy_from(d, &word, 1, 4, &err), err, EXIT_INTERNAL,
		     "outside buffer 1");
	assert_fails(gpu_stub.launch(d, &program, &err), err, EXIT_INTERNAL, "outside buffer 0");
	for (int i = 0; i < 8 && !failed; i++)
		failed = gpu_stub.alloc(d, 4, &more, &err);
	assert_int_equal(failed, -1);
	assert_non_null(strstr(err.text, "no more than 8 buffers"));
	gpu_stub.close(d);
	gpu_stub.close(NULL);
}

/* Commands without a wait() are done before the device is closed. */
static void test_close_while_busy(void **state)
{
	static uint32_t out[1 << 18];

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct err err = {0};
		struct gpu_device *d = gpu_stub.open(&err);
		gpu_buffer b;

		assert_non_null(d);
		assert_works(gpu_stub.alloc(d, sizeof(out), &b, &err), err);
		out[0] = 1;
		for (int i = 0; i < 10; i++)
			assert_works(gpu_stub.copy_from(d, out, b, sizeof(out), &err), err);
		gpu_stub.close(d);
		assert_int_equal(out[0], 0);
	}
}

/* Queues until there is no room any more. */
static void fill_queue(struct gpu_device *d, uint32_t *out, gpu_buffer b, uint64_t bytes)
{
	struct err err = {0};
	int failed = 0;

	for (int i = 0; i < 100000 && !failed; i++)
		failed = gpu_stub.copy_from(d, out, b, bytes, &err);
	assert_int_equal(failed, -1);
	assert_non_null(strstr(err.text, "is full: wait after 63 commands"));
}

/* With a full queue one can still wait, or close the device. */
static void test_full_queue(void **state)
{
	static uint32_t out[1 << 18];
	struct err err;

	(void)state;
	for (int waits = 0; waits < 2; waits++) {
		struct gpu_device *d = gpu_stub.open(&err);
		gpu_buffer b;

		assert_non_null(d);
		assert_works(gpu_stub.alloc(d, sizeof(out), &b, &err), err);
		out[0] = 1;
		fill_queue(d, out, b, sizeof(out));
		if (waits)
			assert_works(gpu_stub.wait(d, &err), err);
		gpu_stub.close(d);
		assert_int_equal(out[0], 0);
	}
}

static void test_note_names_the_device(void **state)
{
	const struct workload *w = workload_find("gpu.offload");
	const struct workload_env env = {.seed = 1};
	void *offload = drive_begin(w, "size=4097", &env); /* rounded down to whole words */
	uint64_t arg[PARAMS_MAX];
	struct err err;

	(void)state;
	drive_params(w, "size=4097", arg);
	assert_int_equal(w->bytes_per_op(arg), 8192);
	assert_works(w->run(offload, 3, &err), err);
	assert_string_equal(drive_note, "stub: software stub device");
	drive_end(w, offload);
}

/* A real device, or PoCL, does the same work bit by bit. */
static void test_backends_agree(void **state)
{
	static const struct {
		const char *name, *stub, *opencl;
	} cases[] = {
		{"gpu.offload", "size=5000", "size=5000 backend=opencl"},
		{"gpu.launch", "", "backend=opencl"},
		{"gpu.copy", "size=5000", "size=5000 backend=opencl"},
		{"gpu.copy", "size=5000 direction=from", "size=5000 direction=from backend=opencl"},
		{"gpu.saxpy", "size=5000", "size=5000 backend=opencl"},
		{"gpu.matmul", "rows=48", "rows=48 backend=opencl"},
	};
	const struct workload_env env = {.seed = 5};
	struct err err;

	(void)state;
	if (gpu_opencl.probe(&err) < 0) {
		print_message("%s\n", err.text);
		skip();
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct workload *w = workload_find(cases[i].name);

		assert_true(drive(w, cases[i].stub, &env, 1, 20) ==
			    drive(w, cases[i].opencl, &env, 2, 10));
	}
}

static void test_matmul_multiplies(void **state)
{
	enum { N = 2 * GPU_TILE };
	static float x[N * N], y[N * N], z[N * N];
	struct err err = {0};
	struct gpu_device *d = gpu_stub.open(&err);
	struct gpu_program program = {.kind = GPU_MATMUL, .count = N};

	(void)state;
	assert_non_null(d);
	for (uint32_t i = 0; i < N * N; i++) {
		x[i] = (float)(i % 7);
		y[i] = (float)(i % 5) - 2;
	}
	assert_works(gpu_stub.alloc(d, sizeof(x), &program.x, &err), err);
	assert_works(gpu_stub.alloc(d, sizeof(y), &program.y, &err), err);
	assert_works(gpu_stub.copy_to(d, program.x, x, sizeof(x), &err), err);
	assert_works(gpu_stub.copy_to(d, program.y, y, sizeof(y), &err), err);
	program.z = 2;
	assert_fails(gpu_stub.launch(d, &program, &err), err, EXIT_INTERNAL, "outside buffer 2");
	assert_works(gpu_stub.alloc(d, sizeof(z), &program.z, &err), err);
	assert_works(gpu_stub.launch(d, &program, &err), err);
	assert_works(gpu_stub.copy_from(d, z, program.z, sizeof(z), &err), err);
	assert_works(gpu_stub.wait(d, &err), err);
	for (int i = 0; i < N * N; i++) {
		float want = 0;

		for (int k = 0; k < N; k++)
			want += x[i / N * N + k] * y[k * N + i % N];
		assert_true(z[i] == want);
	}
	gpu_stub.close(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_in_order),     cmocka_unit_test(test_limits),
		cmocka_unit_test(test_close_while_busy),      cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_note_names_the_device), cmocka_unit_test(test_backends_agree),
		cmocka_unit_test(test_matmul_multiplies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
