/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The image for real, with a stand-in for nestbench in it: built, found, interrupted, booted.
 * Skipped where there is neither a downloaded kernel nor a network.
 */
#include "tests/check.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/image/parts.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/interrupt.h"

static char *dir, *cache, *programs, *kernel_deb;
static struct image_config config;

static char *in_dir(const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

/* The kernel package: what the user's cache has, else downloaded. false: not to be had. */
static bool get_kernel(struct err *err)
{
	char user[PATH_MAX], packages[PATH_MAX], *kept = in_dir("kept");
	struct package_store store = {.dir = packages};
	bool have;

	assert_works(cache_default_dir(user, err), *err);
	assert_works(path_make(packages, err, "%s/packages", user), *err);
	have = packages_kernel(&store, NULL, &kernel_deb, err) == 0;
	store = (struct package_store){.dir = kept, .may_download = true};
	if (!have && file_make_dirs(kept, err) == 0)
		have = packages_kernel(&store, NULL, &kernel_deb, err) == 0;
	free(kept);
	return have;
}

/* Four names for the stand-ins, as links. */
static void put_programs(void)
{
	static const char *const names[] = {"nestbench", "nestbench-agent", "nestkernel",
					    "nestbench_libvirt.so"};
	static const char *const files[] = {IMAGE_STANDIN, IMAGE_STANDIN, IMAGE_STANDIN,
					    IMAGE_STANDIN_MODULE};
	struct err err = {0};

	assert_works(file_make_dirs(programs, &err), err);
	for (int i = 0; i < 4; i++) {
		char *path = NULL;

		assert_true(asprintf(&path, "%s/%s", programs, names[i]) > 0);
		assert_int_equal(symlink(files[i], path), 0);
		free(path);
	}
}

static int fresh_cache(void **state)
{
	(void)state;
	cache = in_dir("cache");
	config = (struct image_config){
		.cache_dir = cache, .program_dir = programs, .kernel = kernel_deb};
	return 0;
}

static int drop_cache(void **state)
{
	struct err err = {0};

	(void)state;
	assert_works(file_remove_tree(cache, &err), err);
	free(cache);
	return 0;
}

/* Images in the cache; whatever else is there except the lock and the packages is counted as
 * litter. */
static int count_images(int *litter)
{
	struct dirent *e;
	DIR *d = opendir(cache);
	int images = 0;

	*litter = 0;
	while (d && (e = readdir(d))) {
		if (strlen(e->d_name) == 16)
			images++;
		else if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
			 strcmp(e->d_name, "lock") != 0 && strcmp(e->d_name, "packages") != 0)
			(*litter)++;
	}
	if (d)
		closedir(d);
	return images;
}

static void assert_cache(int images)
{
	int litter;

	assert_int_equal(count_images(&litter), images);
	assert_int_equal(litter, 0);
}

/* Runs a guest to its end and returns what it wrote to its console; its port goes to a file. */
static void boot(const struct image *image, const char *words, const char *port,
		 struct buf *console)
{
	struct buf drive = BUF_INIT, chardev = BUF_INIT, append = BUF_INIT;
	struct err err = {0};

	buf_addf(&drive, "file=%s,format=raw,if=virtio,readonly=on", image->disk);
	buf_addf(&chardev, "file,id=port,path=%s", port);
	buf_addf(&append, "console=ttyS0 quiet panic=-1 " IMAGE_FAST_BOOT " %s", words);

	const char *const argv[] = {"qemu-system-x86_64",
				    "-nodefaults",
				    "-display",
				    "none",
				    "-no-reboot",
				    "-machine",
				    "q35",
				    "-accel",
				    "tcg",
				    "-cpu",
				    "max",
				    "-m",
				    "384",
				    "-serial",
				    "stdio",
				    "-kernel",
				    image->kernel,
				    "-initrd",
				    image->initrd,
				    "-append",
				    buf_str(&append),
				    "-drive",
				    buf_str(&drive),
				    "-device",
				    "virtio-serial-pci",
				    "-chardev",
				    buf_str(&chardev),
				    "-device",
				    "virtserialport,chardev=port,name=" IMAGE_PORT,
				    NULL};

	assert_works(child_run(argv, NULL, NULL, 90 * NS_PER_S, console, &err), err);
	buf_release(&drive);
	buf_release(&chardev);
	buf_release(&append);
}

static void guests_boot_and_end(void **state)
{
	struct image image = IMAGE_NONE;
	struct buf console = BUF_INIT, said = BUF_INIT;
	char *port = in_dir("port");
	struct err err = {0};

	(void)state;
	assert_works(image_build(&config, &image, &err), err);
	boot(&image, "", port, &console);
	assert_works(file_read(port, 4096, &said, &err), err);
	if (!strstr(buf_str(&said), "agent --port /dev/vport0p1\n"))
		fail_msg("the port said \"%s\", the console \"%s\"", buf_str(&said),
			 buf_str(&console));
	buf_clear(&console);
	boot(&image, "nestbench.probe", port, &console);
	assert_non_null(strstr(buf_str(&console), IMAGE_PROBE_LINE));
	image_release(&image);
	buf_release(&console);
	buf_release(&said);
	free(port);
}

/* From the disk: before the agent where layers are to be started, when it wants it elsewhere. */
static void kvm_is_loaded(void **state)
{
	struct image image = IMAGE_NONE;
	struct buf console = BUF_INIT, said = BUF_INIT;
	char *port = in_dir("port");
	struct err err = {0};
	struct stat st;

	(void)state;
	assert_works(image_build(&config, &image, &err), err);
	/* It would be unpacked at every start. */
	assert_int_equal(stat(image.initrd, &st), 0);
	assert_in_range(st.st_size, 1, 2 << 20);
	boot(&image, IMAGE_HOSTS, port, &console);
	assert_works(file_read(port, 4096, &said, &err), err);
	if (!strstr(buf_str(&said), "kvm 1 1\n"))
		fail_msg("the port said \"%s\", the console \"%s\"", buf_str(&said),
			 buf_str(&console));
	buf_clear(&said);
	boot(&image, "", port, &console);
	assert_works(file_read(port, 4096, &said, &err), err);
	assert_non_null(strstr(buf_str(&said), "kvm 0 1\n"));
	image_release(&image);
	buf_release(&console);
	buf_release(&said);
	free(port);
}

static void an_image_is_built_once(void **state)
{
	struct image first = IMAGE_NONE, second = IMAGE_NONE;
	struct err err = {0};
	struct stat st;

	(void)state;
	assert_fails(image_find(&config, &first, &err), err, EXIT_MACHINE, "run nestbench image");
	assert_int_equal(access(cache, F_OK), -1); /* looking leaves no trace */
	assert_works(image_build(&config, &first, &err), err);
	assert_true(first.fresh);
	assert_true(first.build_ns > 0);
	assert_in_range(first.size_bytes, 32 << 20, 250 << 20);
	assert_int_equal(stat(first.disk, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(stat(first.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_works(image_build(&config, &second, &err), err);
	assert_false(second.fresh);
	assert_string_equal(first.hash, second.hash);
	assert_int_equal(first.size_bytes, second.size_bytes);
	image_release(&second);
	assert_works(image_find(&config, &second, &err), err);
	assert_string_equal(first.dir, second.dir);
	image_release(&second);
	image_release(&first);
	image_release(&first);
	assert_cache(1);
}

/* In a process of its own: 0 or the exit code of the error. */
static pid_t start_builder(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct image image = IMAGE_NONE;
		struct err err = {0};
		int failed = interrupt_install(&err) < 0 || image_build(&config, &image, &err) < 0;

		image_release(&image);
		_exit(failed ? (int)err.code : 0);
	}
	assert_true(pid > 0);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void two_builders_do_not_collide(void **state)
{
	pid_t one = start_builder(), two = start_builder();

	(void)state;
	assert_int_equal(end_of(one), 0);
	assert_int_equal(end_of(two), 0);
	assert_cache(1);
}

/* Waits until a builder is in the middle of it. */
static void wait_for_building(void)
{
	char *aside = in_dir("cache/.building/work");

	for (int i = 0; i < 2000 && access(aside, F_OK) < 0; i++)
		usleep(10000);
	assert_int_equal(access(aside, F_OK), 0);
	free(aside);
}

static void interrupted_builds_leave_nothing(void **state)
{
	struct image image = IMAGE_NONE;
	struct err err = {0};
	pid_t pid = start_builder();

	(void)state;
	wait_for_building();
	kill(pid, SIGTERM);
	assert_int_equal(end_of(pid), EXIT_INTERRUPTED);
	assert_cache(0);
	/* One that could not clean up is cleaned up after. */
	pid = start_builder();
	wait_for_building();
	kill(pid, SIGKILL);
	assert_int_equal(end_of(pid), -SIGKILL);
	assert_works(image_build(&config, &image, &err), err);
	image_release(&image);
	assert_cache(1);
}

/* Puts an empty entry of some age into the cache. */
static void put_entry(const char *hash, time_t age)
{
	const struct timespec then[2] = {{.tv_sec = age}, {.tv_sec = age}};
	struct err err = {0};
	char *path = NULL, *json = NULL, text[80];

	assert_true(asprintf(&path, "%s/%s", cache, hash) > 0);
	assert_works(file_make_dirs(path, &err), err);
	assert_true(asprintf(&json, "%s/image.json", path) > 0);
	snprintf(text, sizeof(text), "{\"hash\": \"%s\", \"size_bytes\": 1, \"build_ns\": 2}",
		 hash);
	assert_works(file_write_whole(json, text, strlen(text), &err), err);
	assert_int_equal(utimensat(-1, path, then, 0), 0);
	free(json);
	free(path);
}

static void old_images_make_room(void **state)
{
	struct image used = IMAGE_NONE, image = IMAGE_NONE;
	char *json = in_dir("cache/0000000000000006/image.json");
	struct err err = {0};

	(void)state;
	put_entry("0000000000000001", 1000);
	put_entry("0000000000000002", 2000);
	put_entry("0000000000000003", 3000);
	put_entry("0000000000000004", 4000);
	put_entry("0000000000000005", 5000);
	/* One whose removing was cut short. */
	put_entry("0000000000000006", 500);
	assert_int_equal(unlink(json), 0);
	assert_int_equal(cache_look(cache, "0000000000000001", &used, &err), 1);
	cache_prune(cache);
	assert_cache(4); /* the newest three, and the one in use */
	assert_int_equal(cache_look(cache, "0000000000000002", &image, &err), 0);
	assert_int_equal(cache_look(cache, "0000000000000003", &image, &err), 1);
	assert_int_equal(image.build_ns, 2);
	image_release(&image);
	image_release(&used);
	cache_prune(cache);
	assert_cache(3);
	assert_int_equal(cache_look(cache, "0000000000000001", &image, &err), 0);
	free(json);
}

static void what_is_missing_is_said(void **state)
{
	struct image image = IMAGE_NONE;
	const char *const bad[] = {"no such package", NULL};
	struct err err = {0};
	char *file = in_dir("file");

	(void)state;
	config.program_dir = dir;
	assert_fails(image_build(&config, &image, &err), err, EXIT_MACHINE, "nestbench is missing");
	config.program_dir = programs;
	config.kernel = "/nonexistent.deb";
	assert_fails(image_build(&config, &image, &err), err, EXIT_USAGE, "/nonexistent.deb");
	config.kernel = IMAGE_STANDIN;
	assert_fails(image_build(&config, &image, &err), err, EXIT_USAGE,
		     "is neither a Debian package");
	assert_works(file_write_whole(file, "!<arch>\n", 8, &err), err);
	config.kernel = file;
	assert_fails(image_build(&config, &image, &err), err, EXIT_MACHINE, "cannot unpack");
	assert_cache(0);
	config.kernel = kernel_deb;
	config.with = bad;
	assert_fails(image_build(&config, &image, &err), err, EXIT_USAGE, "\"no such package\"");
	config.with = NULL;
	assert_works(file_write_whole(file, "", 0, &err), err);
	config.cache_dir = file;
	assert_fails(image_build(&config, &image, &err), err, EXIT_USAGE,
		     "XDG_CACHE_HOME names another place");
	assert_fails(image_find(&config, &image, &err), err, EXIT_MACHINE, "run nestbench image");
	assert_null(image.dir);
	free(file);
}

static void damaged_entries_are_named(void **state)
{
	struct image image = IMAGE_NONE;
	struct err err = {0};
	char *json = in_dir("cache/0000000000000001/image.json");

	(void)state;
	put_entry("0000000000000001", 1000);
	assert_works(file_write_whole(json, "{", 1, &err), err);
	assert_fails(cache_look(cache, "0000000000000001", &image, &err), err, EXIT_MACHINE,
		     "is damaged");
	assert_null(image.dir);
	free(json);
}

static void a_copy_is_taken_as_it_is(void **state)
{
	struct image made = IMAGE_NONE, taken = IMAGE_NONE;
	char *copy = in_dir("copy"), *disk = in_dir("copy/root.img");
	const char *argv[] = {"cp", "-r", NULL, copy, NULL};
	struct buf none = BUF_INIT;
	struct err err = {0};

	(void)state;
	assert_works(image_build(&config, &made, &err), err);
	argv[2] = made.dir;
	assert_works(child_run(argv, NULL, NULL, 60 * NS_PER_S, &none, &err), err);
	assert_works(image_open(copy, &taken, &err), err);
	assert_string_equal(taken.disk, disk);
	assert_string_equal(taken.hash, made.hash);
	assert_int_equal(taken.size_bytes, made.size_bytes);
	assert_false(taken.fresh);
	image_release(&taken);
	assert_int_equal(truncate(disk, 4096), 0);
	assert_fails(image_open(copy, &taken, &err), err, EXIT_USAGE, "copy the directory again");
	assert_int_equal(unlink(disk), 0);
	assert_fails(image_open(copy, &taken, &err), err, EXIT_USAGE, "the image lacks");
	assert_works(file_remove_tree(copy, &err), err);
	assert_fails(image_open(copy, &taken, &err), err, EXIT_USAGE, "is no guest image");
	assert_fails(image_open(programs, &taken, &err), err, EXIT_USAGE, "is no guest image");
	assert_null(taken.dir);
	image_release(&made);
	buf_release(&none);
	free(copy);
	free(disk);
}

#define WITH_CACHE(test) cmocka_unit_test_setup_teardown(test, fresh_cache, drop_cache)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CACHE(an_image_is_built_once),
		WITH_CACHE(guests_boot_and_end),
		WITH_CACHE(kvm_is_loaded),
		WITH_CACHE(two_builders_do_not_collide),
		WITH_CACHE(interrupted_builds_leave_nothing),
		WITH_CACHE(old_images_make_room),
		WITH_CACHE(what_is_missing_is_said),
		WITH_CACHE(damaged_entries_are_named),
		WITH_CACHE(a_copy_is_taken_as_it_is),
	};
	struct err err = {0};
	int failed;

	dir = test_dir_make();
	programs = in_dir("programs");
	if (!get_kernel(&err)) {
		printf("skipped: %s\n", err.text);
		test_dir_remove(dir);
		return 77;
	}
	put_programs();
	failed = cmocka_run_group_tests_name("image", tests, NULL, NULL);
	free(programs);
	free(kernel_deb);
	test_dir_remove(dir);
	return failed;
}
