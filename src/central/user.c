/* balied user: who may log in. */
#include "command.h"
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "admin.h"
#include "central_sql.h"
#include "tell.h"
#include "town.h"

struct user {
	struct town town;
	struct arena arena;
	struct mark mark;
	char operation[ID_TEXT];
	char hash[PASSWORD_TEXT]; /* of the password that was read */
	const struct settings *settings;
};

typedef bool user_fn(struct user *u, const char *name, struct err *err);

/* One line from the input; from a terminal without showing it. */
static bool read_password(char ret[PASSWORD_MAX + 2], struct err *err)
{
	struct termios old, quiet;
	bool tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
	bool got;

	if (tty) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fputs(_("Password: "), stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	got = fgets(ret, PASSWORD_MAX + 2, stdin) != NULL;
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	if (!got) {
		err_set(err, ERR_INPUT, _("no password on the input"));
		return false;
	}
	ret[strcspn(ret, "\r\n")] = '\0';
	if (strlen(ret) < PASSWORD_MIN || strlen(ret) > PASSWORD_MAX) {
		err_set(err, ERR_INPUT, _("a password has at least %d characters"), PASSWORD_MIN);
		return false;
	}
	return true;
}

/* Before the transaction: a person types slowly and others want to write. */
static bool take_password(struct user *u, struct err *err)
{
	char password[PASSWORD_MAX + 2];
	bool ok = read_password(password, err) && password_hash(password, u->hash, err);

	explicit_bzero(password, sizeof(password));
	return ok;
}

/* The team of the options, made when it is not there. */
static bool need_team(struct user *u, const char **ret, struct err *err)
{
	struct err own = {0};
	struct team team = {
		.name = u->settings->team,
		.kind = u->settings->outside ? TEAM_OUTSIDE : TEAM_INSIDE,
		.active = true,
	};
	char id[ID_TEXT];
	bool taken = false;

	if (!team.name) {
		err_set(err, ERR_INPUT, _("say of which team: --team NAME"));
		return false;
	}
	if (team_by_name(&u->town, team.name, ret, &u->arena, &own))
		return true;
	if (own.kind != ERR_NOT_FOUND) {
		*err = own;
		return false;
	}
	team.id = arena_strdup(&u->arena, id_new(id));
	if (!town_name_taken(&u->town, RECORD_TEAM, team.id, team.name, &taken, err))
		return false;
	if (taken) {
		err_set(err, ERR_CONFLICT,
			_("there is a team called \"%s\" already, but for capitals or spaces"),
			team.name);
		return false;
	}
	*ret = team.id;
	return town_insert(&u->town, RECORD_TEAM, &team, NULL, &u->mark, &u->arena, err);
}

/* *ret stays as it is when none is given. */
static bool read_role(const struct user *u, int *ret, struct err *err)
{
	int role = u->settings->role ? words_find(&roles, u->settings->role) : *ret;

	if (role < 0) {
		err_set(err, ERR_INPUT, _("there is no role \"%s\""), u->settings->role);
		return false;
	}
	*ret = role;
	return true;
}

static bool user_add(struct user *u, const char *name, struct err *err)
{
	struct agent agent = {.name = name, .active = true};
	char id[ID_TEXT];

	agent.display = u->settings->display ? u->settings->display : name;
	if (!read_role(u, &agent.role, err))
		return false;
	if (!command_name("team", u->settings->team, err) ||
	    !command_name("display", u->settings->display, err))
		return false;
	agent.id = id_new(id);
	if (!need_team(u, &agent.team_id, err))
		return false;
	if (!town_insert(&u->town, RECORD_AGENT, &agent, NULL, &u->mark, &u->arena, err)) {
		if (err->kind == ERR_CONFLICT)
			err_set(err, ERR_CONFLICT, _("there is an agent \"%s\" already"), name);
		return false;
	}
	return agent_set_password(&u->town, agent.id, u->hash, err);
}

static bool set_active(struct user *u, const char *name, bool active, struct err *err)
{
	struct agent before = {0}, after;
	const char *id;

	if (!agent_by_name(&u->town, name, &id, &u->arena, err) ||
	    !town_read(&u->town, RECORD_AGENT, id, NULL, &before, &u->arena, err))
		return false;
	after = before;
	after.active = active;
	if (!active &&
	    (!agent_set_password(&u->town, id, NULL, err) || !tell_agent(&u->town, id, err)))
		return false;
	return town_update(&u->town, RECORD_AGENT, &before, &after, &u->mark, err);
}

static bool user_disable(struct user *u, const char *name, struct err *err)
{
	return set_active(u, name, false, err);
}

static bool user_password(struct user *u, const char *name, struct err *err)
{
	const char *id;

	return agent_by_name(&u->town, name, &id, &u->arena, err) &&
	       agent_give_password(&u->town, id, u->hash, &u->mark, &u->arena, err);
}

static bool user_change(struct user *u, const char *name, struct err *err)
{
	const struct settings *s = u->settings;
	struct args args = args_none;
	const char *id;

	if (!s->role && !s->team && !s->display) {
		err_set(err, ERR_INPUT, _("say what changes: --role, --team or --display"));
		return false;
	}
	args.display = s->display;
	if (!command_name("display", s->display, err) || !read_role(u, &args.role, err) ||
	    (s->team && !team_by_name(&u->town, s->team, &args.team_id, &u->arena, err)) ||
	    !agent_by_name(&u->town, name, &id, &u->arena, err))
		return false;
	return command_do_admin(&u->town, ACT_AGENT_CHANGE, id, &args, &u->arena, err);
}

static bool user_enable(struct user *u, const char *name, struct err *err)
{
	return set_active(u, name, true, err) && user_password(u, name, err);
}

static bool user_list(struct user *u, const char *name, struct err *err)
{
	struct store_query *q = store_query(u->town.store, CENTRAL_SQL_AGENT_LIST);
	enum store_step step;

	(void)name;
	while ((step = store_step(q, err)) == STORE_ROW)
		printf("%s\t%s\t%s\t%s\t%s\n", store_column_text(q, 0), store_column_text(q, 1),
		       store_column_text(q, 2), store_column_text(q, 3),
		       !store_column_int(q, 4)	 ? _("disabled")
		       : !store_column_int(q, 5) ? _("no password")
						 : _("active"));
	store_done(q);
	return step == STORE_DONE;
}

static const struct {
	const char *name;
	user_fn *run;
	bool wants_name, wants_password;
} verbs[] = {
	{"add", user_add, true, true},		{"change", user_change, true, false},
	{"disable", user_disable, true, false}, {"enable", user_enable, true, true},
	{"list", user_list, false, false},	{"password", user_password, true, true},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool run_verb(struct user *u, size_t verb, const char *name, struct err *err)
{
	if (verbs[verb].wants_name && !agent_name_valid(name)) {
		err_set(err, ERR_INPUT,
			_("a login name has only small letters, digits and . - _ @"));
		return false;
	}
	if (!town_begin(&u->town, err))
		return false;
	if (!verbs[verb].run(u, name, err)) {
		town_rollback(&u->town);
		return false;
	}
	return town_commit(&u->town, err);
}

int command_user(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct user u = {.settings = s};
	size_t verb = VERBS;
	bool ok;

	while (operands->count > 0 && verb > 0 &&
	       strcmp(operands->items[0], verbs[verb - 1].name) != 0)
		verb--;
	if (operands->count == 0 || verb == 0 ||
	    operands->count != (verbs[verb - 1].wants_name ? 2u : 1u)) {
		err_set(err, ERR_INPUT,
			_("say: user add NAME, change NAME, list, disable NAME, enable NAME or "
			  "password NAME"));
		return 2;
	}
	if (verbs[verb - 1].wants_password && !take_password(&u, err))
		return 1;
	if (!town_open(&u.town, s->db, STORE_PREPARE, err))
		return 1;
	u.mark = (struct mark){
		.operation = id_new(u.operation), .action = "user", .at = clock_now()};
	ok = run_verb(&u, verb - 1, operands->count > 1 ? operands->items[1] : NULL, err);
	town_close(&u.town);
	arena_finish(&u.arena);
	return ok ? 0 : 1;
}
