/* balied team, balied topic: which teams and topics there are. */
#include "admin.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "central_sql.h"
#include "command.h"
#include "rule.h"

#define PAGE 500

struct admin {
	struct town town;
	struct arena arena;
	const struct settings *settings;
	enum record_kind kind;
	const char *name, *other; /* operands behind the verb */
};

typedef bool admin_fn(struct admin *m, struct err *err);

static int64_t version_of(struct town *t, enum record_kind kind, const char *id, struct arena *a)
{
	union any_record now;

	memset(&now, 0, sizeof(now));
	return town_read(t, kind, id, NULL, &now, a, NULL) ? now.head.version : 0;
}

bool command_do_admin(struct town *t, int action, const char *id, const struct args *args,
		      struct arena *a, struct err *err)
{
	struct envelope e = {.action = &actions.rows[action], .record = id, .args = *args};
	struct outcome out = {.arena = a, .now = clock_now()};
	struct viewer nobody = {0};
	char operation[ID_TEXT], record[ID_TEXT];

	e.id = id_new(operation);
	if (!id)
		e.record = arena_strdup(a, id_new(record));
	else
		e.base_version = version_of(t, (enum record_kind)e.action->about, id, a);
	if (!args_check(e.action, &e.args, err))
		return false;
	if (admin_run(t, &e, &nobody, &out))
		return true;
	if (out.fatal.kind != ERR_NONE)
		*err = out.fatal;
	else if (out.problem == PROBLEM_STATE)
		err_set(err, ERR_CONFLICT, _("there is one called \"%s\" already"),
			args->name ? args->name : "");
	else if (strcmp(language_now(), "nl") == 0)
		err_set(err, ERR_INPUT, "%s",
			out.detail_nl ? out.detail_nl : problem_rows[out.problem].title_nl);
	else
		err_set(err, ERR_INPUT, "%s",
			out.detail_en ? out.detail_en : problem_rows[out.problem].title_en);
	return false;
}

/* ---- verbs ---- */

static bool is_team(const struct admin *m)
{
	return m->kind == RECORD_TEAM;
}

static bool find(struct admin *m, const char **ret, struct err *err)
{
	return is_team(m) ? team_by_name(&m->town, m->name, ret, &m->arena, err)
			  : topic_by_name(&m->town, m->name, ret, &m->arena, err);
}

static bool change(struct admin *m, const struct args *args, struct err *err)
{
	const char *id;

	return find(m, &id, err) &&
	       command_do_admin(&m->town, is_team(m) ? ACT_TEAM_CHANGE : ACT_TOPIC_CHANGE, id, args,
				&m->arena, err);
}

/* What the options say of a topic. */
static bool read_topic(struct admin *m, struct args *args, struct err *err)
{
	const struct settings *s = m->settings;

	if (s->team && !team_by_name(&m->town, s->team, &args->team_id, &m->arena, err))
		return false;
	if (s->kind && (args->kind = word_parse(&ticket_kinds, s->kind, err)) < 0)
		return false;
	if (s->days == 0)
		args->deadline_basis = DEADLINE_NONE;
	else if (s->days > 0)
		args->deadline_days = s->days;
	return true;
}

static bool verb_add(struct admin *m, struct err *err)
{
	struct args args = args_none;

	args.name = m->name;
	if (is_team(m))
		args.team_kind = m->settings->outside ? TEAM_OUTSIDE : TEAM_INSIDE;
	else if (!read_topic(m, &args, err))
		return false;
	return command_do_admin(&m->town, is_team(m) ? ACT_TEAM_CREATE : ACT_TOPIC_CREATE, NULL,
				&args, &m->arena, err);
}

static bool verb_rename(struct admin *m, struct err *err)
{
	struct args args = args_none;

	args.name = m->other;
	return change(m, &args, err);
}

static bool verb_change(struct admin *m, struct err *err)
{
	const struct settings *s = m->settings;
	struct args args = args_none;

	if (!s->team && !s->kind && s->days < 0) {
		err_set(err, ERR_INPUT, _("say what changes: --team, --kind or --days"));
		return false;
	}
	return read_topic(m, &args, err) && change(m, &args, err);
}

static bool verb_disable(struct admin *m, struct err *err)
{
	struct args args = args_none;

	args.active = 0;
	return change(m, &args, err);
}

static bool verb_enable(struct admin *m, struct err *err)
{
	struct args args = args_none;

	args.active = 1;
	return change(m, &args, err);
}

static void print_topic(struct admin *m, const struct topic *t)
{
	struct team team = {0};

	if (t->team_id)
		town_read(&m->town, RECORD_TEAM, t->team_id, NULL, &team, &m->arena, NULL);
	printf("%s\t%s\t%s\t", t->name, _(words_label(&ticket_kinds, t->kind)),
	       team.name ? team.name : "");
	if (t->deadline_basis == DEADLINE_NONE)
		printf("%s", _("no deadline"));
	else
		printf(_("%lld days"), (long long)t->deadline_days);
	printf("\t%s\n", t->active ? _("active") : _("disabled"));
}

static void print_team(const struct team *t)
{
	printf("%s\t%s\t%s\n", t->name, _(words_label(&team_kinds, t->kind)),
	       t->active ? _("active") : _("disabled"));
}

static bool verb_list(struct admin *m, struct err *err)
{
	const struct record_type *type = &record_types[m->kind];
	char after[ID_TEXT] = "";
	enum store_step step;
	int got;

	do {
		struct store_query *q = store_query(
			m->town.store, is_team(m) ? CENTRAL_SQL_LIST_TEAM : CENTRAL_SQL_LIST_TOPIC);

		got = 0;
		store_bind_text(q, 1, NULL);
		store_bind_text(q, 2, after);
		store_bind_int(q, 3, PAGE);
		while ((step = store_step(q, err)) == STORE_ROW) {
			union any_record r;

			memset(&r, 0, sizeof(r));
			store_column_fields(q, 0, type->fields, type->field_count, &r, &m->arena);
			snprintf(after, sizeof(after), "%s", r.head.id);
			is_team(m) ? print_team(&r.team) : print_topic(m, &r.topic);
			got++;
		}
		store_done(q);
	} while (step == STORE_DONE && got == PAGE);
	return step == STORE_DONE;
}

/* ---- the commands ---- */

static const struct {
	const char *name;
	admin_fn *run;
	size_t operands; /* with the verb */
	bool topics_only;
} verbs[] = {
	{"add", verb_add, 2, false},	     {"change", verb_change, 2, true},
	{"disable", verb_disable, 2, false}, {"enable", verb_enable, 2, false},
	{"list", verb_list, 1, false},	     {"rename", verb_rename, 3, false},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool run_verb(struct admin *m, admin_fn *run, struct err *err)
{
	if (!town_begin(&m->town, err))
		return false;
	if (!run(m, err)) {
		town_rollback(&m->town);
		return false;
	}
	return town_commit(&m->town, err);
}

static int run(const struct settings *s, const struct option_list *operands, enum record_kind kind,
	       const char *usage, struct err *err)
{
	struct admin m = {.settings = s, .kind = kind};
	size_t i = 0;
	bool ok;

	while (operands->count > 0 && i < VERBS &&
	       (strcmp(operands->items[0], verbs[i].name) != 0 ||
		(verbs[i].topics_only && kind != RECORD_TOPIC)))
		i++;
	if (operands->count == 0 || i == VERBS || operands->count != verbs[i].operands) {
		err_set(err, ERR_INPUT, "%s", usage);
		return 2;
	}
	m.name = operands->count > 1 ? operands->items[1] : NULL;
	m.other = operands->count > 2 ? operands->items[2] : NULL;
	if (!town_open(&m.town, s->db, STORE_PREPARE, err))
		return 1;
	ok = run_verb(&m, verbs[i].run, err);
	town_close(&m.town);
	arena_finish(&m.arena);
	return ok ? 0 : 1;
}

int command_team(const struct settings *s, const struct option_list *operands, struct err *err)
{
	return run(s, operands, RECORD_TEAM,
		   _("say: team add NAME, rename NAME NEW, disable NAME, enable NAME or list"),
		   err);
}

int command_topic(const struct settings *s, const struct option_list *operands, struct err *err)
{
	return run(
		s, operands, RECORD_TOPIC,
		_("say: topic add NAME, change NAME, rename NAME NEW, disable NAME, enable NAME or "
		  "list"),
		err);
}
