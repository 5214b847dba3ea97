/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libvirt fails, or hangs, at each call in turn. The driver runs at libvirt's mock hypervisor; the
 * linker puts the __wrap_ functions in between (see CMakeLists.txt), which also play QEMU's monitor
 * and its port, and count what is opened and closed.
 */
#include "tests/check.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/libvirt/ops.h"
#include "drivers/libvirt/watch.h"
#include "lib/clock.h"
#include "lib/file.h"

#define MOCK "test:///default"

extern const struct libvirt_ops nestbench_libvirt_ops;

static int calls, fail_at, hang_at; /* the call that fails, hangs; 0: none */
static const char *failed;	    /* its name */
static int connections, domains;    /* references that the driver holds */
static char socket_path[108];
static int listener = -1, agent = -1;

/* Counts a call; true: it is to fail, and libvirt gives no reason, as it sometimes does. */
static bool fails(const char *name)
{
	if (++calls == hang_at)
		pause();
	if (calls != fail_at)
		return false;
	failed = name;
	virResetLastError();
	return true;
}

#define REAL(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

REAL(void, libvirt_watch_limit, uint64_t ns)
{
	__real_libvirt_watch_limit(hang_at ? NS_PER_S : ns);
}

REAL(virConnectPtr, virConnectOpen, const char *uri)
{
	virConnectPtr c = fails("virConnectOpen") ? NULL : __real_virConnectOpen(uri);

	connections += c != NULL;
	return c;
}

REAL(int, virConnectClose, virConnectPtr c)
{
	connections--;
	return __real_virConnectClose(c);
}

REAL(int, virGetVersion, unsigned long *version, const char *type, unsigned long *of_type)
{
	return fails("virGetVersion") ? -1 : __real_virGetVersion(version, type, of_type);
}

REAL(char *, virConnectGetDomainCapabilities, virConnectPtr c, const char *emulator,
     const char *arch, const char *machine, const char *type, unsigned flags)
{
	return fails("virConnectGetDomainCapabilities")
		       ? NULL
		       : __real_virConnectGetDomainCapabilities(c, emulator, arch, machine, type,
								flags);
}

/* The agent says its first byte as soon as somebody connects. */
REAL(virDomainPtr, virDomainCreateXML, virConnectPtr c, const char *xml, unsigned flags)
{
	virDomainPtr d =
		fails("virDomainCreateXML") ? NULL : __real_virDomainCreateXML(c, xml, flags);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!d)
		return NULL;
	domains++;
	memcpy(address.sun_path, socket_path, sizeof(address.sun_path));
	unlink(socket_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	return d;
}

REAL(int, virDomainQemuMonitorCommand, virDomainPtr d, const char *command, char **said,
     unsigned flags)
{
	(void)d;
	(void)flags;
	if (fails("virDomainQemuMonitorCommand"))
		return -1;
	*said = strdup(strstr(command, "kvm")
			       ? "{\"return\":{\"enabled\":false,\"present\":true}}"
			       : "{\"return\":{\"qemu\":{\"micro\":1,\"minor\":2,\"major\":7}}}");
	return 0;
}

REAL(int, virDomainDestroy, virDomainPtr d)
{
	return fails("virDomainDestroy") ? -1 : __real_virDomainDestroy(d);
}

REAL(int, virDomainFree, virDomainPtr d)
{
	domains--;
	return __real_virDomainFree(d);
}

REAL(int, virConnectListAllDomains, virConnectPtr c, virDomainPtr **list, unsigned flags)
{
	int n = fails("virConnectListAllDomains") ? -1
						  : __real_virConnectListAllDomains(c, list, flags);

	domains += n > 0 ? n : 0;
	return n;
}

int __real_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	int rc = __real_connect(fd, to, len);

	if (rc == 0 && listener >= 0 &&
	    strcmp(((const struct sockaddr_un *)to)->sun_path, socket_path) == 0) {
		agent = accept(listener, NULL, NULL);
		assert_int_equal(write(agent, "{", 1), 1);
	}
	return rc;
}

struct place {
	char *dir;
	char disk[128];
	virConnectPtr watching; /* keeps the mock hypervisor alive, past what is tested */
};

static int make_place(void **state)
{
	static struct place p;
	FILE *f;

	p.dir = test_dir_make();
	snprintf(p.disk, sizeof(p.disk), "%s/disk", p.dir);
	f = fopen(p.disk, "w");
	assert_non_null(f);
	fclose(f);
	snprintf(socket_path, sizeof(socket_path), "%s/agent-1.sock", p.dir);
	p.watching = __real_virConnectOpen(MOCK);
	assert_non_null(p.watching);
	*state = &p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	__real_virConnectClose(p->watching);
	test_dir_remove(p->dir);
	return 0;
}

/* Domains of ours at the mock hypervisor; they are ended here. */
static int left_behind(const struct place *p)
{
	virDomainPtr *list = NULL;
	int n = __real_virConnectListAllDomains(p->watching, &list, 0), ours = 0;

	for (int i = 0; i < n; i++) {
		if (strncmp(virDomainGetName(list[i]), "nestbench-", 10) == 0) {
			ours++;
			__real_virDomainDestroy(list[i]);
		}
		__real_virDomainFree(list[i]);
	}
	free(list);
	return ours;
}

/* A layer's life; as driver->start. */
static int start_and_stop(const struct place *p, struct err *err)
{
	static const struct driver kind = {.name = "kvm", .isolation = ISOLATION_FULL};
	static const struct text_list options = {.item = {"accel=tcg", "uri=" MOCK}, .count = 2};
	struct layer layer = LAYER_INIT;
	int done;

	layer.driver = &kind;
	layer.spec = (struct layer_spec){.depth = 1,
					 .layer = 1,
					 .vcpus = 1,
					 .measured_vcpus = 1,
					 .memory_bytes = 64 << 20,
					 .options = &options,
					 .run = "faults",
					 .work_dir = p->dir,
					 .kernel = p->disk,
					 .initrd = p->disk,
					 .disk = p->disk,
					 .boot_limit_ns = 5 * NS_PER_S,
					 .cancel_fd = -1};
	failed = NULL;
	calls = 0;
	done = nestbench_libvirt_ops.start(&layer, &(struct libvirt_boot){.console = "ttyS0"}, err);
	nestbench_libvirt_ops.stop(&layer);
	facts_release(&layer.facts);
	evidence_release(&layer.evidence);
	if (listener >= 0)
		close(listener);
	if (agent >= 0)
		close(agent);
	listener = agent = -1;
	unlink(socket_path);
	return done;
}

static void each_call_fails(void **state)
{
	const struct place *p = *state;
	int all, errors = 0;
	struct err err;

	fail_at = 0;
	assert_works(start_and_stop(p, &err), err);
	all = calls;
	assert_true(all >= 6);
	assert_int_equal(left_behind(p), 0);
	for (int n = 1; n <= all; n++) {
		int done;

		fail_at = n;
		err = (struct err){0};
		done = start_and_stop(p, &err);
		fail_at = 0;
		assert_non_null(failed);
		assert_int_equal(connections, 0);
		assert_int_equal(domains, 0);
		/* A VM that cannot be ended is said on stderr, and is its reaper's. */
		assert_int_equal(left_behind(p), strcmp(failed, "virDomainDestroy") == 0);
		if (done < 0) {
			errors++;
			assert_int_equal(err.code, EXIT_MACHINE);
			assert_non_null(strstr(err.text, "libvirt gives no reason"));
		}
		/* And the next one works. */
		assert_works(start_and_stop(p, &err), err);
	}
	/* It goes on only where a version is not told, probing says nothing, or at the end. */
	assert_true(errors >= 3);
}

/* The sweep that ends what a killed run left at a system's libvirt. */
static void each_call_of_a_sweep_fails(void **state)
{
	static const char xml[] = "<domain type='test'><name>nestbench-faults-1</name>"
				  "<memory unit='KiB'>8192</memory><os><type>hvm</type></os>"
				  "</domain>";
	const struct place *p = *state;
	bool more = true;

	for (int n = 1; more; n++) {
		struct buf said = BUF_INIT;
		struct err err = {0};
		int done;

		__real_virDomainFree(__real_virDomainCreateXML(p->watching, xml, 0));
		calls = 0;
		failed = NULL;
		fail_at = n;
		done = nestbench_libvirt_ops.sweep(MOCK, "nestbench-faults-", false, &said, &err);
		fail_at = 0;
		more = failed != NULL;
		assert_int_equal(connections, 0);
		assert_int_equal(domains, 0);
		if (done < 0)
			assert_non_null(strstr(err.text, "libvirt gives no reason"));
		assert_int_equal(left_behind(p), done < 0);
		buf_release(&said);
	}
}

/* What a process says and how it ends when a call does not return. */
static void each_call_hangs(void **state)
{
	const struct place *p = *state;
	struct err err;
	int all;

	fail_at = 0;
	assert_works(start_and_stop(p, &err), err);
	all = calls;
	for (int n = 1; n <= all; n++) {
		int status, pipe_fd[2];
		char said[300] = "";
		size_t len = 0;
		ssize_t got;
		pid_t pid;

		assert_int_equal(pipe(pipe_fd), 0);
		pid = fork();
		if (pid == 0) {
			dup2(pipe_fd[1], 2);
			close(pipe_fd[0]);
			close(pipe_fd[1]);
			execl("/proc/self/exe", "hang", p->dir, p->disk,
			      (char[]){(char)('0' + n), 0}, (char *)NULL);
			_exit(99);
		}
		close(pipe_fd[1]);
		while ((got = read(pipe_fd[0], said + len, sizeof(said) - 1 - len)) > 0)
			len += (size_t)got;
		close(pipe_fd[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_MACHINE ||
		    !strstr(said, "did not return within 1 s"))
			fail_msg("call %d: status %d, \"%s\"", n, status, said);
		unlink(socket_path);
	}
}

/* The process above: `hang DIR DISK N`. */
static int hang(char **argv)
{
	struct place p = {.dir = argv[1]};
	struct err err;

	snprintf(p.disk, sizeof(p.disk), "%s", argv[2]);
	snprintf(socket_path, sizeof(socket_path), "%.80s/agent-1.sock", p.dir);
	hang_at = argv[3][0] - '0';
	start_and_stop(&p, &err);
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_fails),
		cmocka_unit_test(each_call_of_a_sweep_fails),
		cmocka_unit_test(each_call_hangs),
	};

	return argc == 4 ? hang(argv) : cmocka_run_group_tests(tests, make_place, remove_place);
}
