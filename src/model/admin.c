/* What an administrator makes and changes: teams, topics, agents. What an envelope does not name stays
 * as it is. */
#include <ctype.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/model.h"

#define NAME_MAX_BYTES 64

static bool is_given(const char *text)
{
	return text && text[0];
}

/* Spaces alone would be a name that nobody sees. */
static bool take_name(const char *given, const char **name, struct err *err)
{
	if (!is_given(given))
		return true;
	if (given[strspn(given, " \t")] == '\0') {
		err_set(err, ERR_INPUT, _("%s is empty"), "name");
		return false;
	}
	*name = given;
	return true;
}

static void take_word(int given, int *word)
{
	if (given >= 0)
		*word = given;
}

static void take_active(int given, bool *active)
{
	if (given >= 0)
		*active = given == 1;
}

bool team_apply(struct team *t, const struct envelope *e, struct err *err)
{
	struct team next = *t;

	if (e->action->id == ACT_TEAM_CREATE)
		next = (struct team){.id = e->record, .kind = TEAM_INSIDE, .active = true};
	if (!take_name(e->args.name, &next.name, err))
		return false;
	take_word(e->args.team_kind, &next.kind);
	take_active(e->args.active, &next.active);
	*t = next;
	return true;
}

/* Days without a word on how they are counted are calendar days. */
static bool take_deadline(const struct args *args, struct topic *t, struct err *err)
{
	take_word(args->deadline_basis, &t->deadline_basis);
	if (args->deadline_days > 0) {
		t->deadline_days = args->deadline_days;
		if (args->deadline_basis < 0)
			t->deadline_basis = DEADLINE_CALENDAR_DAYS;
	}
	if (t->deadline_basis == DEADLINE_NONE) {
		t->deadline_days = 0;
	} else if (t->deadline_days == 0) {
		err_set(err, ERR_INPUT, _("a deadline needs a number of days: deadline_days"));
		return false;
	}
	return true;
}

bool topic_apply(struct topic *t, const struct envelope *e, struct err *err)
{
	struct topic next = *t;

	if (e->action->id == ACT_TOPIC_CREATE)
		next = (struct topic){.id = e->record, .kind = KIND_QUESTION, .active = true};
	if (!take_name(e->args.name, &next.name, err) || !take_deadline(&e->args, &next, err))
		return false;
	take_word(e->args.kind, &next.kind);
	if (is_given(e->args.team_id))
		next.team_id = e->args.team_id;
	take_active(e->args.active, &next.active);
	*t = next;
	return true;
}

bool template_apply(struct template *t, const struct envelope *e, struct err *err)
{
	struct template next = *t;
	const struct args *args = &e->args;

	if (e->action->id == ACT_TEMPLATE_CREATE)
		next = (struct template){.id = e->record, .language = "nl", .active = true};
	if (!take_name(args->name, &next.name, err))
		return false;
	if (is_given(args->language)) {
		if (!language_known(args->language)) {
			err_set(err, ERR_INPUT, _("the language is nl, fr, en or de"));
			return false;
		}
		next.language = args->language;
	}
	if (is_given(args->body))
		next.body = args->body;
	if (is_given(args->topic_id))
		next.topic_id = args->topic_id;
	take_active(args->active, &next.active);
	take_word(args->purpose, &next.purpose);
	*t = next;
	return true;
}

bool mailbox_apply(struct mailbox *t, const struct envelope *e, struct err *err)
{
	(void)err;
	take_active(e->args.active, &t->active);
	return true;
}

bool agent_name_valid(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) &&
		    !strchr(".-_@", *p))
			return false;
	return p > name && p - name <= NAME_MAX_BYTES;
}

bool agent_apply(struct agent *t, const struct envelope *e, struct err *err)
{
	struct agent next = *t;

	if (e->action->id == ACT_AGENT_CREATE) {
		next = (struct agent){.id = e->record,
				      .name = e->args.name,
				      .display = e->args.name,
				      .role = ROLE_AGENT,
				      .active = true};
		if (!is_given(next.name) || !agent_name_valid(next.name)) {
			err_set(err, ERR_INPUT,
				_("a login name has only small letters, digits and . - _ @"));
			return false;
		}
	}
	if (!take_name(e->args.display, &next.display, err))
		return false;
	take_word(e->args.role, &next.role);
	if (is_given(e->args.team_id))
		next.team_id = e->args.team_id;
	take_active(e->args.active, &next.active);
	*t = next;
	return true;
}
