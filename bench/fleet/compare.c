/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/compare.h"

#include "bench/commands/read_runs.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/parse.h"
#include "plots/plot.h"
#include "plots/report/report.h"
#include "results/fleet/compare.h"

static int print(const struct fleet_comparison *c, const struct fleet_compare_request *r,
		 struct err *err)
{
	struct buf out = BUF_INIT;
	int rc = 0;

	if (r->json)
		rc = fleet_compare_json(c, &out, err);
	else if (r->csv)
		fleet_compare_csv(c, &out);
	else if (r->prometheus)
		fleet_compare_prometheus(c, &out);
	else
		fleet_compare_text(c, r->all, &out);
	return answer_give(&out, NULL, rc, err);
}

/* The picture of a page lies beside the nodes, unless the user says where. */
static int report(const struct fleet_comparison *c, const struct fleet_compare_request *r,
		  struct err *err)
{
	struct buf page = BUF_INIT;
	char place[RUNDIR_PATH];
	struct err why;
	bool drawn;
	int rc = rundir_path(c->dir, PLOTS_DIR, place, err);

	if (rc < 0)
		return -1;
	drawn = r->plots || fleet_draw(place, c, &why) == 0;
	if (!drawn && why.code == EXIT_INTERRUPTED) {
		*err = why;
		return -1;
	}
	if (!drawn)
		fprintf(stderr, "nestbench fleet compare: no picture: %s\n", why.text);
	rc = report_fleet(c,
			  r->plots ? r->plots
			  : drawn  ? place
				   : NULL,
			  drawn ? NULL : why.text, &page, err);
	if (rc == 0)
		rc = file_write_whole(r->report, page.data, page.len, err);
	buf_release(&page);
	return rc;
}

int fleet_compare_print(const char *dir, const struct fleet_compare_request *r, struct err *err)
{
	struct fleet_compare_options how = {.workloads = r->workloads.item};
	struct fleet_comparison c;
	int rc;

	if (r->json + r->csv + r->prometheus > 1)
		return err_set(err, EXIT_USAGE,
			       "only one of --json, --csv and --prometheus is possible");
	if (parse_percent(r->same, "--same", 0, 1000, &how.same, err) < 0 ||
	    interrupt_install(err) < 0 || fleet_compare(dir, &how, &c, err) < 0)
		return -1;
	rc = print(&c, r, err);
	if (rc == 0 && r->plots)
		rc = fleet_draw(r->plots, &c, err);
	if (rc == 0 && r->report)
		rc = report(&c, r, err);
	if (rc == 0)
		rc = fleet_check_nodes(&c, err);
	fleet_comparison_release(&c);
	return rc;
}
