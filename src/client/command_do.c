/* balie do: one action without a screen, through the same outbox, so that it happens once. */
#include "client.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

/* "body=-" reads the input: a text of several lines, from a file or a program. */
static bool read_input(const char **ret, struct arena *a, struct err *err)
{
	struct buf text = {0};
	char bytes[4096];
	ssize_t n;

	while (text.len <= FIELD_LINES_MAX && (n = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_errno(err, _("cannot read the input"));
			buf_finish(&text);
			return false;
		}
		buf_add(&text, bytes, (size_t)n);
	}
	*ret = arena_strndup(a, text.data ? text.data : "", text.len);
	buf_finish(&text);
	return true;
}

static bool set_flag(const char *value, bool *ret, struct err *err)
{
	bool yes =
		strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
	bool no =
		strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "0") == 0;

	if (!yes && !no) {
		err_set(err, ERR_INPUT, _("“%s” is neither yes nor no"), value);
		return false;
	}
	*ret = yes;
	return true;
}

static bool set_field(const struct field *field, const char *value, struct args *args,
		      struct arena *a, struct err *err)
{
	void *at = (char *)args + field->offset;
	int word;

	switch (field->type) {
	case FIELD_LINES:
		if (strcmp(value, "-") == 0)
			return read_input(at, a, err);
		*(const char **)at = arena_strdup(a, value);
		return true;
	case FIELD_TEXT:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		*(const char **)at = arena_strdup(a, value);
		return true;
	case FIELD_INT:
		if (text_to_int(value, 0, INT64_MAX, at))
			return true;
		err_set(err, ERR_INPUT, _("%s must be a number"), field->name);
		return false;
	case FIELD_BOOL:
		return set_flag(value, at, err);
	case FIELD_TIME:
		if (clock_from_rfc3339(value, at) || screens_read_day(value, clock_now(), at))
			return true;
		err_set(err, ERR_INPUT, _("“%s” is no day: write 1/12, 5d or 2026-12-01"), value);
		return false;
	case FIELD_WORD:
		word = words_find(field->words, value);
		if (word < 0) {
			err_set(err, ERR_INPUT, _("“%s” is no value of %s"), value, field->name);
			return false;
		}
		*(int *)at = word;
		return true;
	}
	return false;
}

/* "team=wegen" and "topic=afval" by name, beside "team_id=…". */
static bool set_by_name(const struct desk *d, const struct names *names, const char *name,
			const char *value, struct args *args, struct arena *a, struct err *err)
{
	struct args found = args_none;
	int action = strcmp(name, "topic") == 0 ? ACT_TOPIC : ACT_ASSIGN;

	if (!screens_read_args(d, names, &actions.rows[action], value, &found, a, err))
		return false;
	if (found.topic_id)
		args->topic_id = found.topic_id;
	if (found.team_id)
		args->team_id = found.team_id;
	if (found.agent_id)
		args->agent_id = found.agent_id;
	return true;
}

bool command_read_args(struct session *s, const struct action *action,
		       const struct option_list *operands, size_t first, struct args *args,
		       struct arena *a, struct err *err)
{
	struct desk *d = &s->place.desk;
	struct buf rest = {0};
	struct names names;
	bool ok = true;

	screens_names(d, &names, a);
	for (size_t i = first; ok && i < operands->count; i++) {
		const char *word = operands->items[i], *equals = strchr(word, '=');
		const char *name = equals ? arena_strndup(a, word, (size_t)(equals - word)) : NULL;
		const struct field *field =
			name ? field_find(action->fields, action->field_count, name) : NULL;

		if (field)
			ok = set_field(field, equals + 1, args, a, err);
		else if (name && (strcmp(name, "team") == 0 || strcmp(name, "agent") == 0 ||
				  strcmp(name, "topic") == 0))
			ok = set_by_name(d, &names, name, equals + 1, args, a, err);
		else
			buf_printf(&rest, "%s%s", rest.len ? " " : "", word);
	}
	if (ok && rest.len)
		ok = screens_read_args(d, &names, action, rest.data, args, a, err);
	buf_finish(&rest);
	return ok;
}

/* True when an action on the same ticket, done before this one, waits for a decision. */
static bool held_up(const struct outbox_row *rows, size_t count, const struct outbox_row *row)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].seq < row->seq &&
		    (rows[i].state == OUTBOX_CONFLICT || rows[i].state == OUTBOX_REFUSED) &&
		    !strcmp(rows[i].envelope.record, row->envelope.record))
			return true;
	return false;
}

/* What became of the envelope: said in a sentence. */
static int report(struct session *s, const char *id, struct err *err)
{
	struct arena a = {0};
	struct outbox_row *rows;
	size_t count;
	int code = EXIT_FINE;

	if (!work_outbox(s->place.desk.work, 1000, &rows, &count, &a, err)) {
		arena_finish(&a);
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].envelope.id, id) != 0)
			continue;
		switch (rows[i].state) {
		case OUTBOX_DONE:
			printf("%s\n", _("Done."));
			break;
		case OUTBOX_WAITING:
		case OUTBOX_SENDING:
			printf("%s\n",
			       held_up(rows, count, &rows[i])
				       ? _("Kept: it waits until you decide about what you did on "
					   "this ticket before (outbox).")
				       : _("Kept: it is sent as soon as there is a connection."));
			break;
		case OUTBOX_CONFLICT:
			err_set(err, ERR_CONFLICT,
				_("a colleague changed the same first: open balie and choose "
				  "(outbox)"));
			code = EXIT_TROUBLE;
			break;
		case OUTBOX_REFUSED:
			err_set(err, ERR_DENIED, _("the service refused it: %s"),
				rows[i].reason ? rows[i].reason : "?");
			code = EXIT_TROUBLE;
			break;
		}
	}
	arena_finish(&a);
	return code;
}

bool command_send(struct session *s)
{
	struct sync_report sent;
	struct sync_spec spec = session_sync(s, NULL);
	struct err why = {0};

	if (!session_lock(s, NULL)) {
		printf("%s\n", _("Kept: the balie that is open here sends it."));
		return false;
	}
	if (!sync_once(&spec, &sent, &why) && why.kind == ERR_AUTH &&
	    login_when_needed(s, true, &why))
		sync_once(&spec, &sent, &why);
	return true;
}

static int send_all(struct session *s, const char *id, struct err *err)
{
	return command_send(s) ? report(s, id, err) : EXIT_FINE;
}

static bool undo_last(struct session *s, struct err *err)
{
	struct buf told = {0};
	bool ok = desk_undo(&s->place.desk, NULL, &told, err);

	if (ok)
		printf("%s\n", told.data ? told.data : "");
	buf_finish(&told);
	return ok;
}

static const struct action *find_action(const char *name, struct err *err)
{
	const struct action *action = action_find(&actions, name);
	const char *near;

	if (action && action->kind == ACTION_SENT)
		return action;
	near = action ? NULL : action_nearest(&actions, name);
	if (action)
		err_set(err, ERR_INPUT, _("“%s” changes only the screen: there is nothing to do"),
			name);
	else if (near)
		err_set(err, ERR_INPUT, _("there is no action “%s”; did you mean “%s”?"), name,
			near);
	else
		err_set(err, ERR_INPUT, _("there is no action “%s”"), name);
	return NULL;
}

/* balie do team-change Wegen name=Openbaar domein: words as at the prompt. */
static int do_admin(struct session *s, const struct action *action,
		    const struct option_list *operands, struct err *err)
{
	struct buf text = {0};
	char id[ID_TEXT] = "";
	int code = EXIT_TROUBLE;

	buf_add_str(&text, "");
	for (size_t i = 2; i < operands->count; i++)
		buf_printf(&text, "%s%s", i > 2 ? " " : "", operands->items[i]);
	if (screens_do_admin(&s->place.desk, action, text.data ? text.data : "", id, NULL, err))
		code = send_all(s, id, err);
	buf_finish(&text);
	return code;
}

int command_do(struct session *s, const struct option_list *operands, struct err *err)
{
	struct desk *d = &s->place.desk;
	const struct action *action;
	struct args args = args_none;
	struct queue_row row;
	struct arena a = {0};
	char id[ID_TEXT] = "";
	bool creates;
	int code = EXIT_USAGE;

	if (operands->count < 2) {
		err_set(err, ERR_INPUT, _("do needs an action, and the ticket it is about"));
		return EXIT_USAGE;
	}
	action = find_action(operands->items[1], err);
	if (!action)
		return EXIT_USAGE;
	creates = action->id == ACT_CREATE;
	if (!session_read(s)) {
		err_set(err, ERR_NOT_FOUND,
			_("nothing was fetched on this computer yet: do “balie sync” first"));
		return EXIT_TROUBLE;
	}
	if (s->settings->dry_run && !s->settings->filter) {
		err_set(err, ERR_INPUT, _("--dry-run goes with --filter"));
		return EXIT_USAGE;
	}
	if (s->settings->filter)
		return command_do_many(s, action, operands, err);
	if (screens_is_admin(action))
		return do_admin(s, action, operands, err);
	if (action->id == ACT_UNDO && operands->count == 2)
		return undo_last(s, err) ? send_all(s, "", err) : EXIT_TROUBLE;
	if (!creates && operands->count < 3) {
		err_set(err, ERR_INPUT, _("which ticket? balie do %s TICKET %s"), action->name,
			action->usage);
		return EXIT_USAGE;
	}
	if (!creates && !screens_find_ticket(d, operands->items[2], &row, &a, err)) {
		code = EXIT_TROUBLE;
		goto out;
	}
	if (!command_read_args(s, action, operands, creates ? 2 : 3, &args, &a, err))
		goto out;
	code = EXIT_TROUBLE;
	if (desk_do(d, action->id, creates ? NULL : &row.ticket, &args, id, err))
		code = send_all(s, id, err);
out:
	arena_finish(&a);
	return code;
}
