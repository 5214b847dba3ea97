/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/size/mix.h"

#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/printable.h"
#include "lib/str.h"

enum { MEMORY_MIB = 512, LIMIT_MS = 3000 };

/* Rows of the problem: that all guests are held, then the stocks, then the most that may be paid.
 */
enum { ROW_GUESTS = 1, ROW_STOCKS };

/* Rounding of sums of prices. */
static const double TOLERANCE = 1e-9;

struct solver {
	const struct mix_problem *p;
	glp_prob *lp;
	uint64_t *hosts;
	struct mix *mix;
	jmp_buf gave_up;
	char said[200];	   /* GLPK's first line of what it gave up for; "" */
	uint64_t fewest[]; /* as hosts */
};

/* ---- what can be said without GLPK ---- */

/* The most guests that the hosts of a stock hold. */
static uint64_t stock_holds(const struct mix_problem *p, size_t stock)
{
	uint64_t best = 0;

	for (size_t k = 0; k < p->kinds; k++)
		if (p->kind[k].stock == stock && p->kind[k].holds > best)
			best = p->kind[k].holds;
	return best && p->stock[stock] > UINT64_MAX / best ? UINT64_MAX : best * p->stock[stock];
}

static uint64_t most_guests(const struct mix_problem *p)
{
	uint64_t most = 0;

	for (size_t k = 0; k < p->kinds; k++)
		if (p->kind[k].stock == MIX_NO_STOCK && p->kind[k].holds)
			return UINT64_MAX;
	for (size_t s = 0; s < p->stocks; s++) {
		uint64_t holds = stock_holds(p, s);

		most = holds > UINT64_MAX - most ? UINT64_MAX : most + holds;
	}
	return most;
}

/* More hosts of a kind are never needed. */
static uint64_t most_hosts(const struct mix_problem *p, const struct mix_kind *kind)
{
	uint64_t need = kind->holds ? (p->guests - 1) / kind->holds + 1 : 0;
	bool bounded = kind->stock != MIX_NO_STOCK && p->stock[kind->stock] < need;

	return bounded ? p->stock[kind->stock] : need;
}

/* ---- GLPK ---- */

/* Instead of on the terminal. */
static int keep_said(void *info, const char *text)
{
	struct solver *s = info;
	size_t len = strcspn(text, "\n");

	if (len && !s->said[0]) {
		str_copy(s->said, len < sizeof(s->said) ? len + 1 : sizeof(s->said), text);
		printable(s->said);
	}
	return 1;
}

/* Instead of abort(). */
static void give_up(void *info)
{
	longjmp(((struct solver *)info)->gave_up, 1);
}

static void set_bounds(glp_prob *lp, void (*set)(glp_prob *, int, int, double, double), int at,
		       uint64_t most)
{
	set(lp, at, most ? GLP_DB : GLP_FX, 0, (double)most);
}

static void add_hosts(struct solver *s)
{
	const struct mix_problem *p = s->p;

	glp_add_cols(s->lp, (int)p->kinds);
	for (size_t k = 0; k < p->kinds; k++) {
		const struct mix_kind *kind = &p->kind[k];
		uint64_t holds = kind->holds < p->guests ? kind->holds : p->guests;
		int row[3] = {0, ROW_GUESTS};
		double value[3] = {0, (double)holds, 1};

		if (kind->stock != MIX_NO_STOCK)
			row[2] = ROW_STOCKS + (int)kind->stock;
		glp_set_col_kind(s->lp, (int)k + 1, GLP_IV);
		set_bounds(s->lp, glp_set_col_bnds, (int)k + 1, most_hosts(p, kind));
		glp_set_mat_col(s->lp, (int)k + 1, row[2] ? 2 : 1, row, value);
	}
}

static void make_problem(struct solver *s)
{
	s->lp = glp_create_prob();
	glp_set_obj_dir(s->lp, GLP_MIN);
	glp_add_rows(s->lp, ROW_GUESTS + (int)s->p->stocks);
	glp_set_row_bnds(s->lp, ROW_GUESTS, GLP_LO, (double)s->p->guests, 0);
	for (size_t i = 0; i < s->p->stocks; i++)
		set_bounds(s->lp, glp_set_row_bnds, ROW_STOCKS + (int)i, s->p->stock[i]);
	add_hosts(s);
}

/* The dearest host costs 1, so that tolerances are the same in each currency. */
static double price_unit(const struct mix_problem *p)
{
	double most = 0;

	for (size_t k = 0; k < p->kinds; k++)
		most = fmax(most, p->kind[k].price);
	return most > 0 ? most : 1;
}

static double price_of(const struct mix_problem *p, const uint64_t *hosts)
{
	double sum = 0;

	for (size_t k = 0; k < p->kinds; k++)
		sum += p->kind[k].price * (double)hosts[k];
	return sum;
}

/* Fewest hosts, of mixes that cost no more than the cheapest. */
static void ask_for_fewest(struct solver *s)
{
	double unit = price_unit(s->p), most = s->mix->price / unit;
	int row = glp_add_rows(s->lp, 1);

	for (size_t k = 0; k < s->p->kinds; k++) {
		int index[4], at = (int)k + 1, len;
		double value[4];

		len = glp_get_mat_col(s->lp, at, index, value);
		index[len + 1] = row;
		value[len + 1] = s->p->kind[k].price / unit;
		glp_set_mat_col(s->lp, at, len + 1, index, value);
		glp_set_obj_coef(s->lp, at, 1);
	}
	glp_set_row_bnds(s->lp, row, GLP_UP, 0, most + TOLERANCE * fmax(1, most));
}

/* The whole numbers that GLPK found, into hosts. Whether they are a mix. */
static bool take_hosts(const struct solver *s, uint64_t *hosts, uint64_t *holds)
{
	const struct mix_problem *p = s->p;
	uint64_t guests = 0;

	for (size_t k = 0; k < p->kinds; k++) {
		double x = round(glp_mip_col_val(s->lp, (int)k + 1));

		if (!(x >= 0 && x <= (double)most_hosts(p, &p->kind[k])))
			return false;
		hosts[k] = (uint64_t)x;
		guests += hosts[k] * p->kind[k].holds;
	}
	for (size_t i = 0; i < p->stocks; i++) {
		uint64_t taken = 0;

		for (size_t k = 0; k < p->kinds; k++)
			taken += p->kind[k].stock == i ? hosts[k] : 0;
		if (taken > p->stock[i])
			return false;
	}
	*holds = guests;
	return guests >= p->guests;
}

/* 0, or what GLPK returned; at_least is the bound of the problem without whole numbers. */
static int optimise(struct solver *s, double *at_least)
{
	glp_smcp simplex;
	glp_iocp whole;
	int failed;

	glp_init_smcp(&simplex);
	simplex.msg_lev = GLP_MSG_OFF;
	simplex.tm_lim = s->p->limit_ms ? (int)s->p->limit_ms : LIMIT_MS;
	failed = glp_simplex(s->lp, &simplex);
	if (failed || glp_get_status(s->lp) != GLP_OPT)
		return failed ? failed : GLP_EFAIL;
	*at_least = glp_get_obj_val(s->lp);
	glp_init_iocp(&whole);
	whole.msg_lev = GLP_MSG_OFF;
	whole.tm_lim = simplex.tm_lim;
	whole.gmi_cuts = whole.mir_cuts = GLP_ON;
	return glp_intopt(s->lp, &whole);
}

static bool has_found(const struct solver *s)
{
	int status = glp_mip_status(s->lp);

	return status == GLP_OPT || status == GLP_FEAS;
}

/* Keeps the cheapest mix where its rival, of fewer hosts, proves to cost more. */
static void take_fewest(struct solver *s)
{
	const struct mix_problem *p = s->p;
	double ignored, price, most = s->mix->price + TOLERANCE * price_unit(p);
	uint64_t holds;

	ask_for_fewest(s);
	if (optimise(s, &ignored) != 0 || !has_found(s) || !take_hosts(s, s->fewest, &holds))
		return;
	price = price_of(p, s->fewest);
	if (price > most)
		return;
	memcpy(s->hosts, s->fewest, p->kinds * sizeof(*s->hosts));
	s->mix->price = price;
	s->mix->holds = holds;
}

static int refuse(const struct solver *s, const char *why, struct err *err)
{
	return err_set(err, EXIT_INTERNAL, "GLPK found no cheapest mix of %zu kinds of hosts: %s",
		       s->p->kinds, why);
}

static int solve(struct solver *s, struct err *err)
{
	double unit = price_unit(s->p), at_least = 0;
	int failed;

	make_problem(s);
	for (size_t k = 0; k < s->p->kinds; k++)
		glp_set_obj_coef(s->lp, (int)k + 1, s->p->kind[k].price / unit);
	failed = optimise(s, &at_least);
	if (failed == GLP_ETMLIM && !has_found(s))
		return err_set(err, EXIT_INCONCLUSIVE, "GLPK found no mix of hosts in its time");
	if (failed && failed != GLP_ETMLIM)
		return refuse(s, s->said[0] ? s->said : "its solver failed", err);
	if (!has_found(s) || !take_hosts(s, s->hosts, &s->mix->holds))
		return refuse(s, "its answer does not hold the guests", err);
	s->mix->price = price_of(s->p, s->hosts);
	s->mix->proven = failed == 0;
	s->mix->at_least = s->mix->proven ? s->mix->price : at_least * unit;
	if (s->mix->proven)
		take_fewest(s);
	return 0;
}

/* GLPK ends the process where it finds a mistake or lacks memory, unless it is left by a jump. */
static int solve_guarded(struct solver *s, struct err *err)
{
	int rc;

	if (glp_init_env() != 0)
		return refuse(s, "it does not start", err);
	glp_term_hook(keep_said, s);
	glp_error_hook(give_up, s);
	glp_mem_limit(s->p->memory_mib ? (int)s->p->memory_mib : MEMORY_MIB);
	if (setjmp(s->gave_up) == 0)
		rc = solve(s, err);
	else
		rc = refuse(s, s->said[0] ? s->said : "it gave up", err);
	glp_free_env();
	return rc;
}

int mix_solve(const struct mix_problem *p, uint64_t *hosts, struct mix *m, struct err *err)
{
	struct solver *s;
	int rc;

	*m = (struct mix){.most = most_guests(p)};
	memset(hosts, 0, p->kinds * sizeof(*hosts));
	if (m->most < p->guests)
		return 0;
	s = calloc(1, sizeof(*s) + p->kinds * sizeof(s->fewest[0]));
	if (!s)
		return err_set(err, EXIT_INTERNAL, "out of memory for a mix of hosts");
	*s = (struct solver){.p = p, .hosts = hosts, .mix = m};
	rc = solve_guarded(s, err);
	free(s);
	return rc;
}
