/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a node needs to run nestbench: the program with its modules and libraries (as a layer of
 * kind ssh gets them), and the guest image where layers are to be started. Chosen once, hashed
 * once, copied once to each node or once to a file system that all share, and verified there by
 * these hashes.
 */
#ifndef NB_FLEET_FILES_H
#define NB_FLEET_FILES_H

#include "drivers/image/image.h"
#include "drivers/ssh/payload.h"
#include "drivers/ssh/script.h"
#include "lib/buf.h"
#include "lib/facts.h"
#include "lib/sha256.h"

/* In the directory of the fleet, for nodes that share its file system. */
#define FLEET_FILES ".files"
/* Below the directory on a node: the image is a directory that run takes as --image. */
#define FLEET_PROGRAM "nestbench"
#define FLEET_IMAGE "image"
/* Beside the files that fleet_files_place makes: what `sha256sum -c` takes. */
#define FLEET_SUMS SCRIPT_SUMS

struct fleet_files {
	struct payload payload;
	char sha256[PAYLOAD_MAX][SHA256_HEX];
	char image[32]; /* the hash by which runs know the image; "": there is none */
};

/* image: NULL where no layer needs one. *f is empty before. EXIT_MACHINE. */
int fleet_files_choose(struct fleet_files *f, const struct image *image, struct err *err);

/* Appends the lines of FLEET_SUMS. */
void fleet_files_sums(const struct fleet_files *f, struct buf *out);

/* The SHA-256 of these. */
int fleet_files_hash(const struct fleet_files *f, char hash[SHA256_HEX], struct err *err);

/* Adds the hashes by which results are checked, by the names that manifests use for them, and that
 * of nestbench. */
int fleet_files_facts(const struct fleet_files *f, struct facts *hashes, struct err *err);

/* Copies all of them, and at last FLEET_SUMS, below dir, which is made. Where the same FLEET_SUMS
 * is there it is done. */
int fleet_files_place(const struct fleet_files *f, const char *dir, struct err *err);

#endif
