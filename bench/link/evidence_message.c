/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link/evidence_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"
#include "results/rundir/rundir.h"

/* Of a layer in one boot. */
enum { KEPT_MAX = 16 };

/* Whatever a guest printed: lines of printable ASCII. Returns its new length. */
static size_t clean(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '\r')
			continue;
		text[n++] = (c >= ' ' && c <= '~') || c == '\n' || c == '\t' ? c : '?';
	}
	return n;
}

json_t *evidence_to_json(const struct evidence *e)
{
	char why[EVIDENCE_WHY];
	json_t *json = json_object();

	snprintf(why, sizeof(why), "%s", e->why);
	clean(why, strlen(why));
	json_object_set_new(json, "why", json_string(why));
	for (int i = 0; i < EVIDENCE_PARTS; i++) {
		struct evidence copy = EVIDENCE_NONE;
		struct buf *part = &copy.part[i];

		evidence_set(&copy, (enum evidence_part)i, buf_str(&e->part[i]), e->part[i].len);
		if (part->len && !part->failed)
			json_object_set_new(json, evidence_name((enum evidence_part)i),
					    json_stringn(part->data, clean(part->data, part->len)));
		evidence_release(&copy);
	}
	return json;
}

void evidence_from_json(const json_t *json, struct evidence *e)
{
	const char *why = json_string_value(json_object_get(json, "why"));

	snprintf(e->why, sizeof(e->why), "%s", why ? why : "");
	e->why[clean(e->why, strcspn(e->why, "\n"))] = '\0';
	for (int i = 0; i < EVIDENCE_PARTS; i++) {
		const json_t *part = json_object_get(json, evidence_name((enum evidence_part)i));
		struct buf *to = &e->part[i];

		if (!json_is_string(part))
			continue;
		evidence_set(e, (enum evidence_part)i, json_string_value(part),
			     json_string_length(part));
		if (to->len)
			to->len = clean(to->data, to->len);
	}
}

/* Makes the first directory of that name that is not there yet. */
static int make_dir(const char *dir, uint32_t boot, uint32_t layer, char name[EVIDENCE_NAME],
		    char path[RUNDIR_PATH], struct err *err)
{
	for (int i = 1; i <= KEPT_MAX; i++) {
		snprintf(name, EVIDENCE_NAME, EVIDENCE_DIR "/boot-%" PRIu32 "-L%" PRIu32, boot,
			 layer);
		if (i > 1)
			str_addf(name, EVIDENCE_NAME, "-%d", i);
		if (rundir_path(dir, name, path, err) < 0)
			return -1;
		if (access(path, F_OK) < 0)
			break;
	}
	/* Beyond, the last takes the place of the one before. */
	return file_make_dirs(path, err);
}

static int write_part(const char *path, const char *name, const char *text, size_t len,
		      struct err *err)
{
	char file[RUNDIR_PATH];

	if (!len)
		return 0;
	return rundir_path(path, name, file, err) < 0 ? -1
						      : file_write_private(file, text, len, err);
}

int evidence_keep(const struct evidence *e, const char *dir, uint32_t boot, uint32_t layer,
		  const char *reason, char name[EVIDENCE_NAME], struct err *err)
{
	struct buf text = BUF_INIT;
	char path[RUNDIR_PATH];
	int done = make_dir(dir, boot, layer, name, path, err);

	buf_addf(&text, "%s\n%s%s", reason, e->why, e->why[0] ? "\n" : "");
	if (done == 0)
		done = buf_check(&text, err);
	if (done == 0)
		done = write_part(path, "reason.txt", buf_str(&text), text.len, err);
	for (int i = 0; i < EVIDENCE_PARTS && done == 0; i++)
		done = write_part(path, evidence_name((enum evidence_part)i), buf_str(&e->part[i]),
				  e->part[i].len, err);
	buf_release(&text);
	return done;
}
