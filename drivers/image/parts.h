/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts that image.c puts together; nobody else includes this. Errors are as everywhere: 0 or
 * -1 with an err, and what is returned through a pointer is the caller's to release.
 */
#ifndef NB_IMAGE_PARTS_H
#define NB_IMAGE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/image/image.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sha256.h"

/* A growing list of strings, for names and paths. */
struct names {
	char **item;
	size_t count;
	bool failed; /* memory ran out and something is missing */
};

void names_add(struct names *n, const char *text);
bool names_has(const struct names *n, const char *text);
void names_release(struct names *n);

/* ---- image_tree.c: what the root disk holds, before it exists ---- */

enum tree_kind { TREE_DIR, TREE_FILE, TREE_TEXT, TREE_LINK };

struct tree_entry {
	char *path; /* in the guest, without leading '/', below usr/ where that is where it really
		       is */
	char *from; /* a file here, the text itself, or where a link points; NULL for a directory */
	enum tree_kind kind;
	mode_t mode;
};

struct tree {
	struct tree_entry
		*entry; /* sorted by path, so that parents come first; parents are always there */
	size_t count, cap;
	bool failed;
};

/* The first to add a path wins, so what matters most is added first. Links here are followed. */
void tree_add_dir(struct tree *t, const char *path, mode_t mode);
void tree_add_file(struct tree *t, const char *path, const char *source);
/* One that may be run, whatever its source may: who installs a module may take that right from it.
 */
void tree_add_program(struct tree *t, const char *path, const char *source);
void tree_add_text(struct tree *t, const char *path, const char *text, mode_t mode);
void tree_add_link(struct tree *t, const char *path, const char *target);

const struct tree_entry *tree_find(const struct tree *t, const char *path);

/*
 * Adds what lies below dir, under the path place in the guest ("" for the root); links stay links,
 * and ballast is left out.
 */
int tree_add_below(struct tree *t, const char *dir, const char *place, struct err *err);

/* Whether a guest has no use for this path: manuals, translations and the like. */
bool tree_is_ballast(const char *path);

/*
 * Adds every path with its text, or with size and time of change of its file, to the hash. Of the
 * files by_content the contents count: programs that are built again and again, often with the same
 * result.
 */
int tree_hash(const struct tree *t, const struct names *by_content, struct sha256 *hash,
	      struct err *err);

/* What a file system for it needs: blocks of 4 KiB for contents and directories. */
int tree_blocks(const struct tree *t, uint64_t *blocks, struct err *err);

/* Makes the tree below an existing directory; everything readable by everyone. */
int tree_write(const struct tree *t, const char *dir, struct err *err);

void tree_release(struct tree *t);

/* ---- image_ext4.c: the root disk ---- */

/* Every file gets this time (2020-01-01), so that the same inputs give the same file system. */
enum { IMAGE_TIME = 1577836800 };

/* Whether so many bytes can still be written below dir. */
int space_check(const char *dir, uint64_t need, struct err *err);

/* Makes the file system TO of a tree; work is a directory for what is in between. */
int ext4_make(const struct tree *t, const char *work, const char *to, struct err *err);

/* ---- image_cpio.c: the archive that the kernel unpacks ("newc") ---- */

struct cpio {
	struct buf data;
	uint32_t entries;
};

void cpio_add(struct cpio *c, const char *path, mode_t mode, const void *data, size_t len);
void cpio_add_device(struct cpio *c, const char *path, mode_t mode, unsigned int major,
		     unsigned int minor);
int cpio_add_file(struct cpio *c, const char *path, mode_t mode, const char *source,
		  struct err *err);
int cpio_finish(struct cpio *c, struct err *err);
void cpio_release(struct cpio *c);

/* ---- image_kernel.c: the kernel's file ---- */

/*
 * The kernel inside a bzImage as an ELF file with a PVH entry point, appended to out. Booting that
 * skips the guest's own unpacking, which is slow under emulation. 1: there it is; 0: this bzImage
 * has no such kernel inside (other compression, no PVH) and is booted as it is; -1: damaged.
 */
int kernel_unpack(const void *bzimage, size_t len, struct buf *out, struct err *err);

/* Decodes the "legacy" LZ4 format; the result is cut off with an error beyond limit bytes. */
int lz4_unpack(const uint8_t *in, size_t len, size_t limit, struct buf *out, struct err *err);

/* Writes a file, leaving holes where the data are zero; mode 0644. */
int write_sparse(const char *path, const void *data, size_t len, struct err *err);

/* ---- image_modules.c: the kernel's modules ---- */

struct modules {
	char *dir;  /* …/lib/modules/RELEASE */
	char *work; /* existing directory, for what has to be unpacked */
	char *release;
	struct names path;  /* "kernel/fs/…/x.ko", also of what is packed (x.ko.xz) */
	struct buf builtin; /* modules.builtin */
};

/* Finds the one lib/modules/RELEASE below an unpacked kernel package. work: an existing directory.
 */
int modules_open(struct modules *m, const char *package_dir, const char *work, struct err *err);

/* Where a module of m->path lies, unpacked if need be; to be freed. NULL with an err. */
char *modules_file(const struct modules *m, const char *path, struct err *err);

/*
 * Appends to *order what must be loaded for this module, itself last, as paths below m->dir,
 * without what is in it already. Nothing for a module that is built in. A module that does not
 * exist is an error.
 */
int modules_closure(const struct modules *m, const char *name, struct names *order,
		    struct err *err);

/* What a module says it depends on ("virtio,virtio_ring"; "" for nothing). NULL: this is no module.
 */
const char *module_depends(const void *data, size_t len);

void modules_release(struct modules *m);

/* ---- image_apt.c: what is asked of apt ---- */

struct package_store {
	const char *dir;   /* where package files are kept */
	bool refresh;	   /* do not use what is there */
	bool may_download; /* else what is missing is an error */
	void (*say)(void *ctx, const char *line);
	void *say_ctx;
};

/* Whether a name is one that Debian allows for a package. */
bool package_name_valid(const char *name);

/* What only maintainer scripts need, which are never run here, and what busybox stands in for. */
bool package_is_maintenance(const char *name);

/* The name after "Depends:" that starts with prefix in the output of apt-cache depends; NULL: none.
 */
char *apt_parse_depends(const char *text, const char *prefix);

/* The package names in the output of apt-get -s install, in its order. */
void apt_parse_simulation(const char *text, struct names *out);

/* The real kernel package behind a meta package. */
int apt_kernel_package(const char *meta, char **package, struct err *err);

/* What an installation of a package would install: here, or on a machine where nothing is
 * installed. */
int apt_closure(const char *name, bool nothing_installed, struct names *out, struct err *err);

/* Downloads package files into a directory. */
int apt_download(const struct package_store *s, const char *dir, const struct names *packages,
		 struct err *err);

/* ---- image_packages.c: the package files that are kept ---- */

/* The path of the package file of Debian's cloud kernel. */
int packages_kernel(const struct package_store *s, char **deb, struct err *err);

/* Likewise of a kernel package by its name, or the one that a meta package depends on. EXIT_USAGE:
 * it cannot be the name of one, or there is none. */
int packages_kernel_named(const struct package_store *s, const char *name, char **deb,
			  struct err *err);

/*
 * What a package brings along: paths of package files for what is not installed here (debs), names
 * of packages for what is (installed).
 */
int packages_with(const struct package_store *s, const char *name, struct names *debs,
		  struct names *installed, struct err *err);

/* Adds the files of an installed package to the tree, ballast left out. */
int packages_add_installed(struct tree *t, const char *name, struct err *err);

/* ---- image_contents.c: what belongs into the guest ---- */

#define BUSYBOX "/bin/busybox"

/* Everything but the kernel and added packages. programs gets the paths of nestbench's own files.
 */
int contents_add(struct tree *t, const char *program_dir, struct names *programs, struct err *err);

/* Adds busybox under all its names: last, so that it stands in only for what is not there. */
int contents_add_busybox(struct tree *t, struct err *err);

/* The paths of the libraries in the output of ldd; the err names what ldd did not find. */
int ldd_parse(const char *text, struct names *out, struct err *err);

/* ---- image_make.c: the files of an image ---- */

struct image_inputs {
	struct tree tree;
	struct names debs;     /* to be unpacked into the root disk */
	struct names packages; /* what was added, asked for or needed, for image.json */
	char *kernel_deb;      /* a package file; NULL: the two that follow */
	char *vmlinuz;	       /* a kernel of the user's own */
	char *modules;	       /* its lib/modules/RELEASE */
	char *kernel_release;  /* known once it was made */
	char hash[17];
};

/* Makes kernel, initramfs and root.img in dir, an existing directory. */
int image_make(const struct image_config *config, struct image_inputs *in, const char *dir,
	       struct err *err);

/* ---- image_choice.c: which kernel ---- */

/* Finds what a choice (image_config.kernel; NULL: the default) means, and downloads it if that is
 * allowed: in->kernel_deb, or vmlinuz and modules. */
int kernel_choose(const struct package_store *s, const char *choice, struct image_inputs *in,
		  struct err *err);

/* The release that a bzImage says it is ("6.1.0-9-cloud-amd64"); to be freed. NULL with an err that
 * names path. */
char *kernel_release_of(const char *path, struct err *err);

/* ---- image_cache.c: where images are kept ---- */

/* By the environment; to be freed. */
char *cache_default_dir(struct err *err);

/* Waits until nobody else builds in this cache. A descriptor; closing it unlocks. */
int cache_lock(const char *cache, void (*say)(void *ctx, const char *line), void *ctx,
	       struct err *err);

/* 1: the image with this hash is there and locked as used; 0: it is not. */
int cache_look(const char *cache, const char *hash, struct image *out, struct err *err);

/* Removes all but the images used last, and those that are in use. */
void cache_prune(const char *cache);

/* ---- image_guest.c ---- */

/* The guest's first program (guest/init.c), and where it ends. */
extern const char guest_init[], guest_init_end[];

#endif
