/* Arguments against the table of their action. */
#include "balie/model.h"
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

const struct args args_none = {.state = -1,
			       .kind = -1,
			       .channel = -1,
			       .priority = -1,
			       .direction = -1,
			       .party_kind = -1,
			       .team_kind = -1,
			       .deadline_basis = -1,
			       .role = -1,
			       .active = -1,
			       .purpose = -1};

static const char *text_at(const struct field *f, const struct args *args)
{
	const char *s = *(const char *const *)(const void *)((const char *)args + f->offset);

	return s && s[0] ? s : NULL;
}

static bool check_text(const struct field *f, const char *s, struct err *err)
{
	size_t own = f->type == FIELD_LINES ? FIELD_LINES_MAX : FIELD_TEXT_MAX;
	size_t max = f->max ? (size_t)f->max : own;
	size_t len = strlen(s);

	if (len > max) {
		err_set(err, ERR_INPUT, _("%s is too long: at most %zu bytes"), f->name, max);
		return false;
	}
	if (!text_valid(s, len)) {
		err_set(err, ERR_INPUT, _("%s is not valid text"), f->name);
		return false;
	}
	/* As the reader of an envelope says: what it refuses could not even be taken from an outbox. */
	if (f->type == FIELD_TEXT && !text_plain(s, false)) {
		err_set(err, ERR_INPUT, _("%s must be one line"), f->name);
		return false;
	}
	if (f->type == FIELD_LINES && !text_plain(s, true)) {
		err_set(err, ERR_INPUT, "%s %s", f->name, _("holds control characters"));
		return false;
	}
	if (f->type == FIELD_ID && !id_valid(s)) {
		err_set(err, ERR_INPUT, _("%s is not an identifier"), f->name);
		return false;
	}
	return true;
}

/* *ret_there says whether the argument was given at all. */
static bool check_one(const struct field *f, const struct args *args, bool *ret_there,
		      struct err *err)
{
	const char *at = (const char *)args + f->offset;
	const char *s;
	int word;

	*ret_there = true;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		s = text_at(f, args);
		*ret_there = s != NULL;
		return !s || check_text(f, s, err);
	case FIELD_TIME:
		*ret_there = *(const int64_t *)(const void *)at != 0;
		return true;
	case FIELD_WORD:
		word = *(const int *)(const void *)at;
		*ret_there = word != -1;
		if (word >= -1 && word < f->words->count)
			return true;
		err_set(err, ERR_INPUT, _("%s has a value that does not exist"), f->name);
		return false;
	case FIELD_INT:
		if (*(const int64_t *)(const void *)at >= 0 &&
		    (!f->max || *(const int64_t *)(const void *)at <= f->max))
			return true;
		err_set(err, ERR_INPUT, _("%s must be from 0 to %lld"), f->name, (long long)f->max);
		return false;
	case FIELD_BOOL:
		return true;
	}
	return true;
}

/* Spaces alone would pass as a subject or an answer. */
static bool is_blank(const struct field *f, const struct args *args)
{
	const char *s;

	if (!(f->flags & FIELD_REQUIRED) || (f->type != FIELD_TEXT && f->type != FIELD_LINES))
		return false;
	s = text_at(f, args);
	return !s || s[strspn(s, " \t\r\n")] == '\0';
}

/* What the table cannot say. */
static bool check_state(const struct args *args, const char **field, struct err *err)
{
	if (args->state == STATE_PLANNED && args->until == 0) {
		*field = "until";
		err_set(err, ERR_INPUT, _("until is missing: a planned ticket needs a day"));
		return false;
	}
	if (args->state == STATE_NEW || args->state == STATE_MERGED) {
		*field = "state";
		err_set(err, ERR_INPUT, _("state cannot be set to %s"),
			words_code(&ticket_states, args->state));
		return false;
	}
	return true;
}

bool args_check_field(const struct action *action, const struct args *args, const char **field,
		      struct err *err)
{
	size_t i;
	bool there;

	for (i = 0; i < action->field_count; i++) {
		const struct field *f = &action->fields[i];

		*field = f->name;
		if (!check_one(f, args, &there, err))
			return false;
		if (!there && (f->flags & FIELD_REQUIRED)) {
			err_set(err, ERR_INPUT, _("%s is missing"), f->name);
			return false;
		}
		if (is_blank(f, args)) {
			err_set(err, ERR_INPUT, _("%s is empty"), f->name);
			return false;
		}
	}
	return action->id != ACT_STATE || check_state(args, field, err);
}

bool args_check(const struct action *action, const struct args *args, struct err *err)
{
	const char *field;

	return args_check_field(action, args, &field, err);
}
