/* The board: who has how much open work, how much of it is late, and what nobody has.
 *
 * A supervisor sees the teams with what nobody has on top, goes into a team to see its colleagues, and
 * into a colleague, a team or what nobody has to see those tickets in a list, where marks and actions
 * work as everywhere. From here he hands out the most urgent of what nobody has, and hands all of one
 * colleague to others; both are shown before they are done. It loads again when tickets, names or the
 * outbox change. The first frame has the names; the counts follow at once. */
#include "assignment.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "bulk.h"
#include "marks.h"

enum { ASK_COUNT = 1 };
#define TAKE_MAX 10000
#define SLICE 3000 /* tickets counted at a time: some milliseconds */

/* ---- reading ---- */

static void add_row(struct board *v, enum board_kind kind, const char *id, const char *name,
		    const struct load *load)
{
	v->rows[v->count++] = (struct board_row){kind, id, name, load, false};
}

static void list_teams(struct board *v, const struct names *names, const struct workload *work)
{
	v->most = work->most_team;
	add_row(v, BOARD_POOL, NULL, _("nobody has it yet"), &work->pool);
	for (size_t i = 0; i < names->team_count; i++)
		if (names->teams[i].active || work->teams[i].open > 0)
			add_row(v, BOARD_TEAM, names->teams[i].id, names->teams[i].name,
				&work->teams[i]);
	if (work->none.open > 0)
		add_row(v, BOARD_NONE, NULL, _("of no team"), &work->none);
}

/* Who has most stands first. */
static int compare_loads(const void *a, const void *b)
{
	const struct board_row *left = a, *right = b;

	if (left->load->open != right->load->open)
		return left->load->open > right->load->open ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void list_agents(struct board *v, const struct names *names, const struct workload *work,
			struct arena *a)
{
	size_t first;

	v->team_name = "";
	v->most = work->most_agent;
	for (size_t i = 0; i < names->team_count; i++) {
		if (strcmp(names->teams[i].id, v->team_id) != 0)
			continue;
		v->team_name = names->teams[i].name;
		if (work->team_pools[i].open > v->most)
			v->most = work->team_pools[i].open;
		add_row(v, BOARD_TEAM_POOL, names->teams[i].id, _("nobody of the team yet"),
			&work->team_pools[i]);
	}
	first = v->count;
	for (size_t i = 0; i < names->agent_count; i++) {
		const struct agent *agent = &names->agents[i];
		const char *name = agent->display ? agent->display : agent->name;

		if (!text_same(agent->team_id, v->team_id) ||
		    (!agent->active && work->agents[i].open == 0))
			continue;
		if (!agent->active)
			name = arena_printf(a, _("%s (gone)"), name);
		add_row(v, BOARD_AGENT, agent->id, name, &work->agents[i]);
		v->rows[v->count - 1].away = !agent->active;
	}
	qsort(&v->rows[first], v->count - first, sizeof(*v->rows), compare_loads);
}

static const struct board_row *selected(const struct board *v)
{
	if (v->list.selected < 0 || v->list.selected >= (int64_t)v->count)
		return NULL;
	return &v->rows[v->list.selected];
}

static void select_id(struct board *v, const char *id)
{
	for (size_t i = 0; id[0] && i < v->count; i++)
		if (v->rows[i].id && strcmp(v->rows[i].id, id) == 0)
			v->list.selected = (int64_t)i;
}

/* With counts, or in the first frame without. */
static void build(struct screen *s, bool count)
{
	struct board *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct arena *a = &v->arenas[!v->arena_now];
	const struct board_row *row = selected(v);
	struct desk without = {0};
	struct workload *work;
	struct names *names;
	char id[ID_TEXT] = "";

	if (row && row->id)
		snprintf(id, sizeof(id), "%s", row->id);
	arena_reset(a);
	names = arena_alloc(a, sizeof(*names));
	work = arena_alloc(a, sizeof(*work));
	screens_names(d, names, a);
	v->counted = workload_read(count ? d : &without, names, SLICE, work, a);
	v->counting = work->more;
	v->rows = arena_alloc(a, (names->team_count + names->agent_count + 3) * sizeof(*v->rows));
	v->count = 0;
	v->arena_now = !v->arena_now;
	if (v->team_id[0])
		list_agents(v, names, work, a);
	else
		list_teams(v, names, work);
	list_set_count(&v->list, (int64_t)v->count);
	select_id(v, id);
}

static void count_now(void *user)
{
	struct screen *s = user;
	struct board *v = screen_state(s);

	build(s, true);
	if (v->counting)
		loop_set_timer(v->timer, 1);
	screen_redraw(s);
}

static bool board_open(struct screen *s, const char *args, struct err *err)
{
	struct board *v = screen_state(s);

	v->list.selected = -1;
	v->timer = loop_add_timer(parts_place(s)->loop, -1, count_now, s);
	return true;
}

static bool board_load(struct screen *s, struct err *err)
{
	struct board *v = screen_state(s);

	build(s, v->counted);
	if (!v->counted)
		loop_set_timer(v->timer, 1);
	return true;
}

static void board_close(struct screen *s)
{
	struct board *v = screen_state(s);

	loop_remove(v->timer);
	deed_finish(&v->deed);
	arena_finish(&v->arenas[0]);
	arena_finish(&v->arenas[1]);
}

static void board_title(const struct screen *s, struct buf *ret)
{
	const struct board *v = screen_state(s);

	if (v->team_id[0])
		buf_printf(ret, _("Workload of %s"), v->team_name);
	else
		buf_add_str(ret, _("Workload of the teams"));
}

/* ---- going in and out ---- */

static void go_into(struct screen *s, const char *team_id)
{
	struct board *v = screen_state(s);

	snprintf(v->team_id, sizeof(v->team_id), "%s", team_id);
	snprintf(v->was, sizeof(v->was), "%s", team_id);
	v->list.selected = -1;
	v->list.top = 0;
	build(s, true);
	screen_redraw(s);
}

static void go_out(struct screen *s)
{
	struct board *v = screen_state(s);

	v->team_id[0] = '\0';
	build(s, true);
	select_id(v, v->was);
	screen_redraw(s);
}

static void open_row(struct screen *s, const struct board_row *row)
{
	struct err err = {0};
	char args[120] = "";

	switch (row->kind) {
	case BOARD_TEAM:
		go_into(s, row->id);
		return;
	case BOARD_POOL:
		snprintf(args, sizeof(args), "unassigned");
		break;
	case BOARD_NONE:
		snprintf(args, sizeof(args), "all");
		break;
	case BOARD_TEAM_POOL:
		snprintf(args, sizeof(args), "team %s agent:none", row->id);
		break;
	case BOARD_AGENT:
		snprintf(args, sizeof(args), "mine %s", row->id);
		break;
	}
	if (!host_open(screen_host(s), "queue", args, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

/* ---- handing out and over ---- */

static void warn(struct screen *s, const char *text)
{
	host_say(screen_host(s), STYLE_WARNING, "%s", text);
}

/* The most urgent of what nobody of the team has; for a team, of what no team has. */
static void take(struct screen *s, const char *text)
{
	struct board *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct board_row *row = selected(v);
	struct queue_query query = {.sort = SORT_DUE, .now = clock_now(), .me = d->me.agent_id};
	struct filter filter;
	struct args args = args_none;
	struct marks marks = {0};
	struct arena a = {0};
	int64_t count;

	if (!row || !text_to_int(text, 1, TAKE_MAX, &count)) {
		warn(s, _("How many? A number from 1 to 10000."));
		return;
	}
	query.view = row->kind == BOARD_TEAM ? VIEW_UNASSIGNED : VIEW_TEAM;
	query.my_team = row->kind == BOARD_TEAM ? d->me.team_id : v->team_id;
	if (filter_parse(row->kind == BOARD_TEAM ? "team:none" : "agent:none", query.now, &filter,
			 &a, NULL))
		query.filter = &filter;
	marks_add_query(&marks, d, &query, (size_t)count);
	args.team_id = row->kind == BOARD_TEAM ? row->id : v->team_id;
	args.agent_id = row->kind == BOARD_TEAM ? NULL : row->id;
	if (marks.count > 0)
		bulk_show(s, &actions.rows[ACT_ASSIGN], &args, (const char(*)[ID_TEXT])marks.ids,
			  marks.count);
	else
		warn(s, row->kind == BOARD_TEAM
				? _("There is nothing that is of no team.")
				: _("There is nothing that nobody of the team has."));
	marks_clear(&marks);
	arena_finish(&a);
}

static void ask_take(struct screen *s, const char *text)
{
	const struct board_row *row = selected(screen_state(s));
	struct line_spec spec = {.initial = ""};

	if (!row || (row->kind != BOARD_TEAM && row->kind != BOARD_AGENT) || row->away) {
		warn(s, _("Choose a team or a colleague first: it gets what nobody has."));
		return;
	}
	if (text[0])
		take(s, text);
	else
		host_ask(s, ASK_COUNT, _("How many of the most urgent that nobody has: "), &spec);
}

/* All that the selected one has, to whom is asked. */
static void hand_over(struct screen *s, const struct act *act)
{
	struct board *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct board_row *row = selected(v);
	struct act assign = {&actions.rows[ACT_ASSIGN], act->args};
	struct queue_query query = {.sort = SORT_DUE, .now = clock_now()};
	struct filter filter;
	struct marks marks = {0};
	struct arena a = {0};

	if (!row)
		return;
	query.view = row->kind == BOARD_AGENT  ? VIEW_MINE
		     : row->kind == BOARD_POOL ? VIEW_UNASSIGNED
		     : row->kind == BOARD_NONE ? VIEW_ALL
					       : VIEW_TEAM;
	query.me = query.my_team = row->id;
	if ((row->kind == BOARD_TEAM_POOL || row->kind == BOARD_NONE) &&
	    filter_parse(row->kind == BOARD_NONE ? "team:none" : "agent:none", query.now, &filter,
			 &a, NULL))
		query.filter = &filter;
	marks_add_query(&marks, d, &query, MARKS_MAX);
	if (marks.count > 0)
		deed_begin(s, &v->deed, &assign, (const char(*)[ID_TEXT])marks.ids, marks.count);
	else
		warn(s, _("There is nothing open to hand over."));
	marks_clear(&marks);
	arena_finish(&a);
}

static bool board_act(struct screen *s, const struct act *act)
{
	struct board *v = screen_state(s);
	const struct board_row *row = selected(v);

	if (list_act(&v->list, act)) {
		screen_redraw(s);
		return true;
	}
	switch (act->action->id) {
	case ACT_OPEN:
		if (act->args[0] || !row)
			return false;
		open_row(s, row);
		return true;
	case ACT_RIGHT:
		if (row && row->kind == BOARD_TEAM)
			go_into(s, row->id);
		return true;
	case ACT_LEFT:
	case ACT_BACK:
		if (!v->team_id[0])
			return act->action->id == ACT_LEFT;
		go_out(s);
		return true;
	case ACT_TAKE:
		ask_take(s, act->args);
		return true;
	case ACT_HAND_OVER:
	case ACT_ASSIGN:
		hand_over(s, act);
		return true;
	case ACT_UNDO:
		return deed_begin(s, &v->deed, act, NULL, 0);
	}
	return false;
}

static void board_answer(struct screen *s, int intent, const char *text)
{
	struct board *v = screen_state(s);

	if (deed_answer(s, &v->deed, intent, text))
		return;
	if (intent == ASK_COUNT && text && text[0])
		take(s, text);
}

static const int board_offered[] = {
	ACT_OPEN, ACT_BACK, ACT_TAKE, ACT_HAND_OVER, ACT_UNDO, ACT_QUEUE, -1,
};

const struct screen_ops assignment_screen = {
	.name = "assignment",
	.label = N_("workload"),
	.state_size = sizeof(struct board),
	.watches = WATCH_TICKETS | WATCH_REFERENCE | WATCH_OUTBOX,
	.offered = board_offered,
	.open = board_open,
	.load = board_load,
	.title = board_title,
	.draw = board_draw,
	.act = board_act,
	.answer = board_answer,
	.close = board_close,
};
