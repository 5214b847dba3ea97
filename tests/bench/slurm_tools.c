/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Slurm's commands print, with commands in their place. */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/fleet/slurm_step.h"
#include "bench/fleet/slurm_tools.h"
#include "lib/str.h"

static char top[] = "/tmp/nbt-slurm-XXXXXX";

/* A command of this name, a script. */
static void put(const char *name, const char *text)
{
	char path[128];
	struct buf script = BUF_INIT;
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	buf_addf(&script, "#!/bin/sh\n%s\n", text);
	assert_works(file_write_whole(path, script.data, script.len, &err), err);
	assert_int_equal(chmod(path, 0755), 0);
	buf_release(&script);
}

static int set_up(void **state)
{
	char path[256];

	(void)state;
	if (!mkdtemp(top))
		return -1;
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", top);
	return setenv("PATH", path, 1);
}

static int tear_down(void **state)
{
	struct err ignored;

	(void)state;
	return file_remove_tree(top, &ignored);
}

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		enum slurm_phase phase;
	} good[] = {
		{"nestbench-job|12_3|15|PENDING|Resources|UNLIMITED|nestbench-0-n1\n", SLURM_WAITS},
		{"nestbench-job|12_3|15|CONFIGURING|None|1:00:00|nestbench-0-n1", SLURM_WAITS},
		{"nestbench-job|12_3|15|RUNNING|None|1-00:00:00|nestbench-0-n1", SLURM_RUNS},
		{"nestbench-job|12_3|15|COMPLETING|None|1:00|nestbench-0-n1", SLURM_RUNS},
		{"nestbench-job|12_3|15|NODE_FAIL|NodeDown|1:00|nestbench-0-n1", SLURM_ENDED},
		{"nestbench-job|12_3|15|SOMETHING_NEW|None|1:00|nestbench-0-n1", SLURM_ENDED},
	};
	static const char *const bad[] = {
		"",
		"slurm_load_jobs error: Unable to contact slurm controller",
		"nestbench-job|",
		"nestbench-job|12_3|15|RUNNING|None",
		"nestbench-job|x_3|15|RUNNING|None|1:00|n",
		"nestbench-job|12_N/A|15|RUNNING|None|1:00|n",
		"nestbench-job|12|15|RUNNING|None|1:00|n",
		"nestbench-job|12_3|x|RUNNING|None|1:00|n",
		"nestbench-job|12_3||RUNNING|None|1:00|n",
		"nestbench-job|0_3|15|RUNNING|None|1:00|n",
		"nestbench-job|99999999999_3|15|RUNNING|None|1:00|n",
		("nestbench-job|12_3|15|"
		 "ASTATEOFMORETHANSIXTYFOURLETTERSASTATEOFMORETHANSIXTYFOURLETTERS|"
		 "None|1:00|n"),
	};
	struct slurm_job job;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(slurm_job_parse(good[i].line, &job));
		assert_int_equal(job.phase, good[i].phase);
		assert_int_equal(job.id.array, 12);
		assert_int_equal(job.id.task, 3);
		assert_int_equal(job.number, 15);
		assert_string_equal(job.name, "nestbench-0-n1");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(slurm_job_parse(bad[i], &job));
}

/* Slurm writes all nodes that are away behind some reasons. */
static void test_long_reason(void **state)
{
	struct buf line = BUF_INIT;
	struct slurm_job job;

	(void)state;
	buf_addstr(&line, "nestbench-job|12_3|15|PENDING|ReqNodeNotAvail, UnavailableNodes:n1");
	for (int i = 2; i < 200; i++)
		buf_addf(&line, ",n%d", i);
	buf_addstr(&line, "|1:00|nestbench-0\n");
	assert_true(slurm_job_parse(buf_str(&line), &job));
	assert_true(strncmp(job.reason, "ReqNodeNotAvail, Un", 19) == 0);
	assert_string_equal(job.name, "nestbench-0");
	buf_release(&line);
}

static void test_ids(void **state)
{
	static const char *const bad[] = {"",	 "12",	    "12_",     "_3",	 "12_x",
					  "0_3", "../12_3", "12_3/..", "12_3_4", "12_-3"};
	struct slurm_id id = {7, 8}, again = {7, 8};
	char text[SLURM_ID];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(slurm_id_parse(bad[i], &id));
		assert_true(slurm_id_same(&id, &again));
	}
	assert_true(slurm_id_parse("4294967295_0", &id));
	assert_int_equal(id.array, UINT32_MAX);
	assert_string_equal(slurm_id_format(&id, text), "4294967295_0");
	assert_false(slurm_id_same(&id, &again));
	assert_string_equal(slurm_id_format(&(struct slurm_id){0, 3}, text), "");
}

static void test_blocked(void **state)
{
	static const char *const blocked[] = {"JobHeldUser", "JobHeldAdmin",
					      "launch failed requeued held"};
	static const char *const others[] = {
		"None",	     "Resources", "Priority",
		"BeginTime", "",	  "ReqNodeNotAvail, May be reserved for other job"};

	(void)state;
	put("sinfo", "case $4 in *=n2) echo 'drained*' ;; *=gone) ;; *) echo idle ;; esac");
	for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		assert_true(slurm_is_blocked(blocked[i], "n1"));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(slurm_is_blocked(others[i], "n1"));
	assert_true(slurm_is_blocked("ReqNodeNotAvail, UnavailableNodes:n2", "n2"));
	assert_true(slurm_is_blocked("ReqNodeNotAvail, May be reserved for other job", "n2"));
	assert_true(slurm_is_blocked("ReqNodeNotAvail, May be reserved for other job", "gone"));
	assert_true(slurm_is_blocked("Nodes required for job are DOWN, DRAINED or reserved", "n2"));
	assert_false(
		slurm_is_blocked("Nodes required for job are DOWN, DRAINED or reserved", "n1"));
	assert_false(slurm_is_blocked("Resources", "n2"));
}

static void count(void *ctx, const struct slurm_job *job)
{
	*(uint32_t *)ctx = *(uint32_t *)ctx * 10 + job->id.array;
}

static void test_queue(void **state)
{
	uint32_t seen = 0;
	struct err err;

	(void)state;
	put("squeue", "echo a line of some wrapper\n"
		      "echo 'nestbench-job|1_0|4|RUNNING|None|1:00|nestbench-aa-0-n1'\n"
		      "echo 'nestbench-job|2_0|5|RUNNING|None|1:00|nestbench-bb-0-n1'\n"
		      "echo 'nestbench-job|3_1|6|PENDING|Resources|1:00|nestbench-aa-1-n2'");
	assert_works(slurm_queue("nestbench-aa-", count, &seen, &err), err);
	assert_int_equal(seen, 13);
	put("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller'; exit 1");
	assert_fails(slurm_queue("nestbench-aa-", count, &seen, &err), err, EXIT_INTERNAL,
		     "Unable to contact slurm controller");
}

static void test_submit(void **state)
{
	static const struct {
		const char *script, *says;
		bool away;
	} bad[] = {
		{"echo 'sbatch: error: Batch job submission failed: Invalid node name specified'; "
		 "exit 1",
		 "Invalid node name", false},
		{"echo 'sbatch: error: Batch job submission failed: Unable to contact slurm "
		 "controller (connect failure)'; exit 1",
		 "Unable to contact", true},
		{"echo welcome", "no job id: welcome", false},
	};
	struct words w = WORDS_INIT;
	uint32_t id = 0;
	bool away;
	struct err err;

	(void)state;
	assert_works(words_add(&w, &err, "two words"), err);
	put("sbatch", "test \"$1$2\" = '--parsabletwo words' && echo 'sbatch: warning: slow'; echo "
		      "'17;far'");
	assert_works(slurm_submit(&w, &id, &away, &err), err);
	assert_int_equal(id, 17);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("sbatch", bad[i].script);
		assert_fails(slurm_submit(&w, &id, &away, &err), err, EXIT_MACHINE, bad[i].says);
		assert_int_equal(away, bad[i].away);
	}
	words_release(&w);
}

static void test_let_begin(void **state)
{
	struct slurm_id id = {12, 3};
	struct err err;
	bool away;

	(void)state;
	put("scontrol", "echo \"$*\" >>\"${0%/*}/asked\"");
	assert_works(slurm_let_begin(&id, "n1", &away, &err), err);
	{
		struct buf asked = BUF_INIT;

		file_text(&asked, "%s/asked", top);
		assert_string_equal(buf_str(&asked),
				    "update JobId=12_3 ReqNodeList=n1\nrelease 12_3\n");
		buf_release(&asked);
	}
	put("scontrol", "echo '12_3: Invalid node name specified'; exit 1");
	assert_fails(slurm_let_begin(&id, "n1", &away, &err), err, EXIT_MACHINE,
		     "Invalid node name");
	assert_false(away);
	put("scontrol", "test $1 = update && exit; echo 'Unable to contact slurm controller'; "
			"exit 1");
	assert_fails(slurm_let_begin(&id, "n1", &away, &err), err, EXIT_MACHINE,
		     "Unable to contact");
	assert_true(away);
}

static void test_cluster(void **state)
{
	struct words idle = WORDS_INIT;
	uint32_t room;
	struct err err;

	(void)state;
	put("sinfo", "printf 'idle|n1\nidle*|n2\nidle~|n3\nmix|n4\nidle|n1\n'");
	assert_works(slurm_idle(&idle, &err), err);
	assert_int_equal(idle.count, 2);
	assert_string_equal(idle.item[0], "n1");
	assert_string_equal(idle.item[1], "n3");
	words_release(&idle);
	put("scontrol", "printf 'MailProg = x\nMaxArraySize            = 1001\n'");
	assert_works(slurm_room(&room, &err), err);
	assert_int_equal(room, 1001);
	put("scontrol", "printf 'MaxArraySize            = 0\n'");
	assert_fails(slurm_room(&room, &err), err, EXIT_MACHINE, "arrays of jobs");
}

static void test_nodes(void **state)
{
	struct words names = WORDS_INIT;
	struct err err;

	(void)state;
	put("sinfo", "case \"$*\" in *partition=none*) ;;\n"
		     "*) printf 'all*|n1\\nbig|n1\\nbig|n2\\nall*|n3\\nall*|n1\\n' ;; esac");
	assert_works(slurm_nodes(NULL, NULL, &names, &err), err);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.item[0], "n1");
	assert_string_equal(names.item[1], "n3");
	words_release(&names);
	assert_fails(slurm_nodes("none", NULL, &names, &err), err, EXIT_USAGE,
		     "no node in partition none");
	put("scontrol", "test \"$1 $2 $3\" = 'show hostnames n[1-2]' && printf 'n1\\nn2\\n'");
	assert_works(slurm_nodes("big", "n[1-2]", &names, &err), err);
	assert_int_equal(names.count, 2);
	words_release(&names);
	put("scontrol", "exit 0");
	assert_fails(slurm_nodes("big", "@none", &names, &err), err, EXIT_USAGE, "names no node");
	put("scontrol", "echo 'fatal: Could not establish a configuration source'; exit 1");
	assert_fails(slurm_nodes("big", "n[1-2]", &names, &err), err, EXIT_MACHINE,
		     "no Slurm that answers");
	put("sinfo", "echo 'slurm_load_partitions: Unable to contact slurm controller'; exit 1");
	assert_fails(slurm_nodes(NULL, NULL, &names, &err), err, EXIT_MACHINE,
		     "no Slurm that answers");
}

/* ---- a step ---- */

static void test_step_refused(void **state)
{
	const struct remote_way *way = &slurm_step_way;
	struct slurm_step s = {.node = "n2", .job = {.id = {12, 3}, .number = 15}};
	struct err err;

	(void)state;
	assert_fails(way->refuse(&s, "node n7", &err), err, EXIT_MACHINE,
		     "n2: Slurm ran it on n7, though it was for n2");
	assert_int_equal(way->refuse(&s, "unpack tar: no", &err), 0);
	assert_int_equal(s.refusal, SLURM_NOT_REFUSED);
	assert_int_equal(way->refuse(&s, "not-yet", &err), -1);
	assert_int_equal(s.refusal, SLURM_NOT_YET);
	assert_int_equal(way->refuse(&s, "of-another", &err), -1);
	assert_int_equal(s.refusal, SLURM_OF_ANOTHER);
}

static void test_step_ended(void **state)
{
	const struct remote_way *way = &slurm_step_way;
	struct slurm_step s = {
		.node = "n2",
		.job = {.id = {12, 3}, .number = 15, .state = "RUNNING", .limit = "10:00"}};
	const char *argv[REMOTE_ARGS];
	struct err err;

	(void)state;
	assert_fails(way->stopped(&s, "srun: x\n" SLURM_STEP_WHY "limit\n", &err), err,
		     EXIT_MACHINE, "n2: job 12_3 came to its time limit (10:00)");
	assert_fails(way->stopped(&s, SLURM_STEP_WHY "signal\n", &err), err, EXIT_MACHINE,
		     "n2: job 12_3 was told to end (RUNNING)");
	assert_fails(way->explain(&s, "srun: error: Node failure on n2\n", &err), err, EXIT_MACHINE,
		     "the last it said was: srun: error: Node failure on n2");
	way->arguments(&s, "command", argv);
	assert_string_equal(argv[0], "srun");
	assert_true(str_is_one_of("--jobid=15", argv));
	assert_true(str_is_one_of("command", argv));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	   cmocka_unit_test(test_long_reason),
		cmocka_unit_test(test_ids),	   cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_queue),	   cmocka_unit_test(test_submit),
		cmocka_unit_test(test_let_begin),  cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_cluster),	   cmocka_unit_test(test_step_refused),
		cmocka_unit_test(test_step_ended),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
