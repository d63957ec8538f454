/* Teams, topics and colleagues: made and changed by what is typed at the prompt or behind balie do. They
 * are changed too seldom for a screen of their own. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/screens.h"
#include "balie/text.h"

struct admin {
	struct desk *desk;
	const struct action *action;
	struct names names;
	struct args args;
	struct arena a;
	/* of what is changed */
	const char *id, *name;
	int64_t version;
};

bool screens_is_admin(const struct action *action)
{
	return action->kind == ACTION_SENT &&
	       (action->about == RECORD_TEAM || action->about == RECORD_TOPIC ||
		action->about == RECORD_AGENT || action->about == RECORD_TEMPLATE ||
		action->about == RECORD_MAILBOX);
}

static bool makes(const struct action *action)
{
	return action->id == ACT_TEAM_CREATE || action->id == ACT_TOPIC_CREATE ||
	       action->id == ACT_AGENT_CREATE || action->id == ACT_TEMPLATE_CREATE;
}

/* ---- what it is done to ---- */

static bool is_called(struct admin *m, const char *name, const char *folded)
{
	return name && strcmp(text_fold_dup(&m->a, name), folded) == 0;
}

static void keep(struct admin *m, const char *id, int64_t version, const char *name)
{
	m->id = id;
	m->version = version;
	m->name = name;
}

/* Of the ready texts only those in use are here. */
static void find_template(struct admin *m, const char *folded)
{
	struct template *rows;
	size_t count;

	if (!m->desk->cache ||
	    !cache_templates(m->desk->cache, NULL, NULL, &rows, &count, &m->a, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		if (is_called(m, rows[i].name, folded))
			keep(m, rows[i].id, rows[i].version, rows[i].name);
}

static void find_mailbox(struct admin *m, const char *folded)
{
	struct mailbox *rows;
	size_t count;

	if (!m->desk->cache || !cache_mailboxes(m->desk->cache, &rows, &count, &m->a, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		if (is_called(m, rows[i].name, folded) || is_called(m, rows[i].address, folded))
			keep(m, rows[i].id, rows[i].version, rows[i].name);
}

/* Also one that is out of use: it is put in use again here. */
static bool find(struct admin *m, const char *name, struct err *err)
{
	const struct names *n = &m->names;
	const char *folded = text_fold_dup(&m->a, name);

	for (size_t i = 0; m->action->about == RECORD_TEAM && i < n->team_count; i++)
		if (is_called(m, n->teams[i].name, folded))
			keep(m, n->teams[i].id, n->teams[i].version, n->teams[i].name);
	for (size_t i = 0; m->action->about == RECORD_TOPIC && i < n->topic_count; i++)
		if (is_called(m, n->topics[i].name, folded))
			keep(m, n->topics[i].id, n->topics[i].version, n->topics[i].name);
	for (size_t i = 0; m->action->about == RECORD_AGENT && i < n->agent_count; i++)
		if (is_called(m, n->agents[i].name, folded) ||
		    is_called(m, n->agents[i].display, folded))
			keep(m, n->agents[i].id, n->agents[i].version, n->agents[i].display);
	if (m->action->about == RECORD_TEMPLATE)
		find_template(m, folded);
	if (m->action->about == RECORD_MAILBOX)
		find_mailbox(m, folded);
	if (!m->id)
		err_set(err, ERR_NOT_FOUND, _("nothing here is called “%s”"), name);
	return m->id != NULL;
}

/* ---- the words behind it ---- */

/* The field of a word "name=…", or NULL. "team=" is one by its name, "team_id=" by its id. */
static const struct field *field_of(const struct admin *m, const char *word, size_t len)
{
	char name[32];

	if (len >= sizeof(name))
		return NULL;
	memcpy(name, word, len);
	name[len] = '\0';
	return field_find(m->action->fields, m->action->field_count,
			  strcmp(name, "team") == 0 ? "team_id" : name);
}

/* Where the next "name=" of a field begins, or the end. */
static const char *next_field(const struct admin *m, const char *at)
{
	const char *word = at;

	while (*word) {
		size_t len = strcspn(word, " ="), all = strcspn(word, " ");

		if (word[len] == '=' && field_of(m, word, len))
			return word;
		word += all;
		word += strspn(word, " ");
	}
	return word;
}

static const char *trimmed(struct admin *m, const char *from, const char *to)
{
	from += strspn(from, " ");
	while (to > from && to[-1] == ' ')
		to--;
	return arena_strndup(&m->a, from, to > from ? (size_t)(to - from) : 0);
}

static bool set_team(struct admin *m, const char *value, struct err *err)
{
	struct args found = args_none;

	if (id_valid(value)) {
		m->args.team_id = value;
		return true;
	}
	if (!screens_read_args(m->desk, &m->names, &actions.rows[ACT_ASSIGN], value, &found, &m->a,
			       err))
		return false;
	m->args.team_id = found.team_id;
	return true;
}

static bool set_field(struct admin *m, const struct field *f, const char *value, struct err *err)
{
	void *at = (char *)&m->args + f->offset;

	if (f->type == FIELD_ID)
		return set_team(m, value, err);
	if (f->type == FIELD_WORD) {
		*(int *)at = word_parse(f->words, value, err);
		return *(int *)at >= 0;
	}
	if (f->type != FIELD_INT) {
		*(const char **)at = value;
		return true;
	}
	if (text_to_int(value, 0, f->max, at))
		return true;
	err_set(err, ERR_INPUT, _("%s must be a number"), f->name);
	return false;
}

/* "NAME field=value …": a value goes on until the next field. */
static bool read(struct admin *m, const char *text, struct err *err)
{
	const char *at = next_field(m, text);
	const char *name = trimmed(m, text, at);

	if (makes(m->action))
		m->args.name = m->name = name;
	else if (!find(m, name, err))
		return false;
	while (*at) {
		size_t len = strcspn(at, "=");
		const struct field *f = field_of(m, at, len);
		const char *end = next_field(m, at + len + 1);

		if (!set_field(m, f, trimmed(m, at + len + 1, end), err))
			return false;
		at = end;
	}
	return true;
}

bool screens_do_admin(struct desk *d, const struct action *action, const char *text,
		      char ret_envelope_id[37], struct buf *told, struct err *err)
{
	struct admin m = {.desk = d, .action = action, .args = args_none};
	struct envelope e = {.action = action};
	char id[ID_TEXT];
	bool ok = false;

	screens_names(d, &m.names, &m.a);
	text += strspn(text, " ");
	if (!*text) {
		err_set(err, ERR_INPUT, _("write: %s %s"), action->name, action->usage);
		goto out;
	}
	if (!read(&m, text, err))
		goto out;
	if (!m.id)
		m.id = id_new(id);
	ok = desk_do_reference(d, action->id, m.id, m.version, m.name, &m.args, ret_envelope_id,
			       err);
	if (ok && told) {
		e.args = m.args;
		if (!e.args.name)
			e.args.name = m.name;
		screens_put_envelope(&m.names, &e, told);
	}
out:
	arena_finish(&m.a);
	return ok;
}
