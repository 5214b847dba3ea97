/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts that image.c combines; only drivers/image includes this. Errors are as everywhere: 0 or
 * -1 with an err; the caller releases what is returned through a pointer.
 */
#ifndef NB_IMAGE_PARTS_H
#define NB_IMAGE_PARTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/image/image.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sha256.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- tree.c: the contents of a file system that is to be made ---- */

/* A growing list of strings, for names and paths. */
struct names {
	char **item;
	size_t count;
	bool failed; /* memory ran out and something is missing */
};

void names_add(struct names *n, const char *text);
bool names_has(const struct names *n, const char *text);
void names_release(struct names *n);

/* Formats a path. -1: it is too long. */
int path_make(char path[PATH_MAX], struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether this many bytes can still be written to the file system of path. */
int space_check(const char *path, uint64_t need, struct err *err);

enum tree_kind { TREE_DIR, TREE_FILE, TREE_DATA, TREE_LINK };

struct tree_entry {
	/* Path in the guest, without leading '/', below usr/ for directories that Debian merged
	 * into it. */
	char *path;
	char *from;  /* a file here, the data, or a link's target; NULL: a directory */
	size_t size; /* of the data */
	enum tree_kind kind;
	mode_t mode;
};

struct tree {
	/* Sorted by path, so that parents are first; parents always exist. */
	struct tree_entry *entry;
	size_t count;
	bool failed;
};

/* The first addition of a path wins, so the most important files are added first. Follows links. */
void tree_add_dir(struct tree *t, const char *path);
void tree_add_file(struct tree *t, const char *path, const char *source);
/* Adds an executable file, whatever the mode of its source: an installer may clear that bit of a
 * module. */
void tree_add_program(struct tree *t, const char *path, const char *source);
/* Copies the data, with a NUL after them. */
void tree_add_data(struct tree *t, const char *path, const void *data, size_t size, mode_t mode);
void tree_add_text(struct tree *t, const char *path, const char *text);
void tree_add_link(struct tree *t, const char *path, const char *target);

const struct tree_entry *tree_find(const struct tree *t, const char *path);

/* Adds everything below dir, at the path `place` in the guest ("" for the root); links stay links,
 * and ballast is left out. */
int tree_add_below(struct tree *t, const char *dir, const char *place, struct err *err);

/* Adds a file from this machine unless it is ballast; a link stays a link. */
void tree_add_found(struct tree *t, const char *path, const char *source);

/*
 * Adds every path with its data, or with size and time of change of its file, to the hash. For the
 * files by_content the contents count: programs that are often rebuilt with the same result.
 */
int tree_hash(const struct tree *t, const struct names *by_content, struct sha256 *hash,
	      struct err *err);

/* Puts the bytes of a file or of data into out; other kinds have none. */
int tree_read(const struct tree_entry *e, struct buf *out, struct err *err);

void tree_release(struct tree *t);

/* ---- kernel.c: the kernel's file ---- */

struct image_tools;

/* Finds the kernel of an unpacked package, and its lib/modules/RELEASE. */
int kernel_find(const char *package, char vmlinuz[PATH_MAX], char modules[PATH_MAX],
		struct err *err);

/*
 * The kernel inside a bzImage as an ELF file with a PVH entry point, appended to out. Booting that
 * skips the guest's own unpacking, which is slow under emulation. Its segments end before their
 * trailing zeroes. 1: found; 0: this bzImage has no
 * such kernel (other compression, no PVH) and is booted as it is; -1: damaged.
 */
int kernel_unpack(const struct image_tools *tools, const void *bzimage, size_t len, struct buf *out,
		  struct err *err);

/* ---- modules.c: the kernel's modules ---- */

struct module {
	const char *file; /* its path, packed or not */
	const char *path; /* its part from "kernel/" on */
	struct buf data;  /* unpacked on first use */
};

struct modules {
	const struct image_tools *tools;
	const char *release;
	struct names file;
	struct module *module; /* of each file */
	struct buf builtin;    /* modules.builtin */
};

/* In the order of loading. */
struct module_list {
	struct module *item[128];
	size_t count;
};

/* The modules of a directory …/lib/modules/RELEASE, which is borrowed. To be released even after a
 * failure. */
int modules_open(struct modules *m, const struct image_tools *tools, const char *dir,
		 struct err *err);

/* Whether there is such a module, which may be packed. */
bool modules_has(const struct modules *m, const char *name);

/*
 * Appends to *order the modules that must be loaded for this one, itself last, without those
 * already in it. Nothing for a built-in module. A module that does not exist is an error.
 */
int modules_closure(struct modules *m, const char *name, struct module_list *order,
		    struct err *err);

/* The length of a module's file name without the suffix of its compression: that of "x.ko". */
int module_name_length(const char *name);

void modules_release(struct modules *m);

/* Whether path is …/NAME.ko for this name, in which dashes and underscores are the same. */
bool module_is(const char *path, const char *name, size_t len);

/* ---- module_params.c: parameters of modules ---- */

/* Of image_config.module_params: a line "options MODULE PARAMETER=VALUE" for each. */
void module_params_text(const char *const *params, struct buf *out);

/* EXIT_USAGE where a module is none of these, or has no such parameter. */
int module_params_fit(const struct modules *m, const struct module_list *all,
		      const char *const *params, struct err *err);

/* The file in the initramfs. */
#define MODULE_PARAMS_FILE "modules.options"

/* ---- apt.c: queries to apt ---- */

struct package_store {
	const char *dir;   /* where package files are kept */
	bool refresh;	   /* do not use kept answers */
	bool may_download; /* else missing packages are an error */
	void (*say)(void *ctx, const char *line);
	void *say_ctx;
};

/* Whether a name is valid for a Debian package. */
bool package_name_valid(const char *name);

/* Packages that only maintainer scripts need, which are never run here, and those that busybox
 * replaces. */
bool package_is_maintenance(const char *name);

/* The package names in the output of apt-get -s install, in its order. */
void apt_parse_simulation(const char *text, struct names *out);

/* Adds the real kernel package behind a meta package to out, which is empty. */
int apt_kernel_package(const char *meta, struct names *out, struct err *err);

/* The packages that the installation of a package adds: here, or on a machine without any
 * package. */
int apt_closure(const char *name, bool nothing_installed, struct names *out, struct err *err);

/* Downloads package files into a directory. */
int apt_download(const struct package_store *s, const char *dir, const struct names *packages,
		 struct err *err);

/* ---- packages.c: the package files that are kept ---- */

/* The path of the package file of a kernel package by its name, or of the one that a meta package
 * depends on; name NULL: Debian's cloud kernel. EXIT_USAGE: no such package. */
int packages_kernel(const struct package_store *s, const char *name, char **deb, struct err *err);

/* EXIT_USAGE: it cannot be the name of a kernel package. */
int package_kernel_name_check(const char *name, struct err *err);

/*
 * The closure of a package: paths of package files for what is not installed here (debs), names of
 * packages for what is (installed).
 */
int packages_with(const struct package_store *s, const char *name, struct names *debs,
		  struct names *installed, struct err *err);

/*
 * The package files of those packages of a meta package's closure that are wanted, whether they are
 * installed here or not.
 */
int packages_part(const struct package_store *s, const char *meta,
		  bool (*wanted)(const char *package), struct names *debs, struct err *err);

/* Adds the files of an installed package to the tree, ballast left out. */
int packages_add_installed(struct tree *t, const char *name, struct err *err);

/* ---- contents.c: the contents of the guest ---- */

/* Everything but the kernel and added packages. programs gets the paths of nestbench's own files.
 */
int contents_add(struct tree *t, const char *program_dir, struct names *programs, struct err *err);

/*
 * Adds the libraries that these files need, directly or not, and that are not in *libraries yet.
 * root: a directory with unpacked packages, in which they are looked for first; NULL: none.
 */
int contents_add_libraries(struct tree *t, const char *root, const struct names *files,
			   struct names *libraries, struct err *err);

/* Adds busybox under all its names: last, so that it only provides missing programs. */
int contents_add_busybox(struct tree *t, struct err *err);

/* The paths of the libraries in the output of ldd; the err names what ldd did not find. */
int ldd_parse(const char *text, struct names *out, struct err *err);

/* ---- xen.c: the hypervisor, and the programs of its first guest ---- */

/* Debian's kernel that can be that guest. */
#define XEN_KERNEL "linux-image-amd64"

/* The package files. */
int xen_packages(const struct package_store *s, struct names *debs, struct err *err);

/* Adds what is needed of the packages, unpacked in root, and writes the hypervisor to the file
 * `hypervisor`. */
int xen_add(struct tree *t, const struct image_tools *tools, const char *root,
	    const char *hypervisor, struct err *err);

/* ---- make.c: the files of an image ---- */

struct image_inputs {
	struct tree tree;
	struct names debs;     /* to be unpacked into the root disk */
	struct names xen;      /* package files of Xen, of which some files are taken */
	struct names packages; /* what was added, asked for or needed, for image.json */
	char *kernel_deb;      /* a package file; NULL: the two that follow */
	char *vmlinuz;	       /* a kernel of the user's own */
	char *modules;	       /* its lib/modules/RELEASE */
	char *kernel_release;  /* known once it was made */
	char hash[17];
};

void inputs_release(struct image_inputs *in);

/* Makes kernel, initramfs and root.img in dir, an existing directory. */
int image_make(const struct image_config *config, struct image_inputs *in, const char *dir,
	       struct err *err);

/* The guest's first program (init/init.c), and where it ends. */
extern const char guest_init[], guest_init_end[];

/* ---- choice.c: the kernel ---- */

/* Resolves a choice (image_config.kernel; NULL: the default), and downloads it if that is allowed:
 * into in->kernel_deb, or vmlinuz and modules. */
int kernel_choose(const struct package_store *s, const char *choice, struct image_inputs *in,
		  struct err *err);

/* ---- cache.c: where images are kept ---- */

/* The default from the environment. */
int cache_default_dir(char dir[PATH_MAX], struct err *err);

/* Waits until no other process builds in this cache. Returns a descriptor; closing it unlocks. */
int cache_lock(const char *cache, void (*say)(void *ctx, const char *line), void *ctx,
	       struct err *err);

/* 1: the image with this hash exists and now has a shared lock; 0: it does not exist. */
int cache_look(const char *cache, const char *hash, struct image *out, struct err *err);

/* Removes all images but the last used ones and those in use. */
void cache_prune(const char *cache);

#endif
