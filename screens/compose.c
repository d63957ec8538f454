/* Writing an answer to the citizen, a mail to somebody outside, or a note for colleagues.
 *
 * Every change is on disk before it is on screen: a power cut, a closed window or a colleague who
 * takes the ticket over loses nothing. Nothing is locked: when a colleague writes or answers
 * meanwhile it is said, and what is written here stays. It loads again when the ticket, its timeline
 * or the presence of others change. */
#include "compose.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

#define QUOTED_MAX (256 * 1024) /* of a message that is sent on */

const char *const compose_kinds[] = {"answer", "forward", "note"};

bool compose_is_mail(const struct compose *v)
{
	return v->kind != COMPOSE_NOTE;
}

/* ---- keeping ---- */

static bool changed(struct compose *v)
{
	if (v->files_changed || editor_changes(v->body) != v->saved_changes)
		return true;
	for (int i = 0; compose_is_mail(v) && i < COMPOSE_LINES; i++)
		if (!text_same(line_text(v->lines[i]), v->saved[i]))
			return true;
	return false;
}

static void remember(struct compose *v)
{
	v->saved_changes = editor_changes(v->body);
	v->files_changed = false;
	for (int i = 0; compose_is_mail(v) && i < COMPOSE_LINES; i++) {
		free(v->saved[i]);
		v->saved[i] = xstrdup(line_text(v->lines[i]));
	}
}

/* On failure what was typed stays on screen and the next key tries again. */
void compose_keep(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct draft draft = {
		.ticket_id = v->id,
		.kind = compose_kinds[v->kind],
		.body = editor_text(v->body),
		.cursor = (int64_t)editor_cursor(v->body),
		.at = clock_now(),
		.envelope_id = v->envelope_id,
		.files = v->files,
		.message_id = v->message_id[0] ? v->message_id : NULL,
	};
	struct err err = {0};

	if (!changed(v))
		return;
	if (compose_is_mail(v)) {
		draft.to = line_text(v->lines[COMPOSE_TO]);
		draft.cc = line_text(v->lines[COMPOSE_CC]);
		draft.subject = line_text(v->lines[COMPOSE_SUBJECT]);
	}
	if (work_put_draft(parts_desk(s)->work, &draft, &err)) {
		remember(v);
		v->has_draft = true;
		v->trouble[0] = '\0';
	} else {
		snprintf(v->trouble, sizeof(v->trouble), _("NOT KEPT ON DISK: %.200s"), err.text);
	}
}

/* ---- opening ---- */

static bool make_fields(struct compose *v, const struct draft *draft, const char *to,
			const char *body, struct err *err)
{
	struct line_spec specs[COMPOSE_LINES] = {
		[COMPOSE_TO] = {.initial = draft->to ? draft->to : to},
		[COMPOSE_CC] = {.initial = draft->cc ? draft->cc : ""},
		[COMPOSE_SUBJECT] = {.initial = draft->subject ? draft->subject
							       : v->row.ticket.subject},
	};

	v->body = editor_create(draft->body ? draft->body : body);
	if (draft->cursor > 0 || body[0])
		editor_set_cursor(v->body, draft->cursor > 0 ? (size_t)draft->cursor : 0);
	v->question = textview_create();
	v->focus = v->kind == COMPOSE_FORWARD && !specs[COMPOSE_TO].initial[0] ? COMPOSE_TO
									       : COMPOSE_BODY;
	v->files = draft->files ? xstrdup(draft->files) : NULL;
	v->shows_cc = specs[COMPOSE_CC].initial[0] != '\0';
	for (int i = 0; compose_is_mail(v) && i < COMPOSE_LINES; i++)
		if (!(v->lines[i] = line_create(&specs[i], err)))
			return false;
	return true;
}

static void compose_close(struct screen *s)
{
	struct compose *v = screen_state(s);

	if (v->body)
		compose_files_stop(s);
	for (int i = 0; i < COMPOSE_LINES; i++) {
		line_destroy(v->lines[i]);
		free(v->saved[i]);
	}
	editor_destroy(v->body);
	textview_destroy(v->question);
	free(v->files);
	free(v->known);
	arena_finish(&v->arena);
}

/* What was begun on a ticket that was merged into this one since goes on here. */
static void adopt_draft(const struct compose *v, struct desk *d)
{
	struct arena a = {0};
	struct family_member *merged = arena_alloc(&a, FAMILY_MAX * sizeof(*merged));
	size_t count = cache_merged(d->cache, d->work, v->id, merged, FAMILY_MAX, &a);

	for (size_t i = 0; i < count; i++)
		work_move_draft(d->work, merged[i].id, v->id, compose_kinds[v->kind], NULL);
	arena_finish(&a);
}

/* "answer ID", "note ID" or "forward ID [MESSAGE] [ADDRESS]". */
static bool read_kind(struct compose *v, const char *args, const char **ref, const char **to)
{
	const char *at = strchr(args, ' ');

	v->kind = strncmp(args, "note", 4) == 0	     ? COMPOSE_NOTE
		  : strncmp(args, "forward", 7) == 0 ? COMPOSE_FORWARD
						     : COMPOSE_ANSWER;
	*to = "";
	if (!at || strlen(at + 1) < ID_TEXT - 1)
		return false;
	*ref = at + 1;
	at += ID_TEXT;
	if (v->kind != COMPOSE_FORWARD || !*at)
		return true;
	at += strspn(at, " ");
	if (strcspn(at, " ") == ID_TEXT - 1) {
		memcpy(v->message_id, at, ID_TEXT - 1);
		if (id_valid(v->message_id))
			at += ID_TEXT - 1;
		else
			v->message_id[0] = '\0';
	}
	*to = at + strspn(at, " ");
	return true;
}

static const struct timeline_row *find_message(const struct timeline_row *rows, size_t count,
					       const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].kind == TIMELINE_MESSAGE && text_same(rows[i].message.id, id))
			return &rows[i];
	return NULL;
}

/* Names of the files that the service sends along with it. */
static void read_along(struct compose *v, const struct timeline_row *row, struct arena *a)
{
	const struct message *m = row ? &row->message : NULL;
	struct fact items[MAIL_FILES_MAX], facts[8];
	size_t count =
		m && m->attachments ? facts_read(m->attachments, items, MAIL_FILES_MAX, a) : 0;
	struct buf names = {0}, cut = {0};

	for (size_t i = 0; i < count; i++)
		buf_printf(&names, "%s%s", i ? ", " : "",
			   fact_text(facts, facts_read(items[i].text, facts, 8, a), "name"));
	parts_put_start(&cut, names.data, sizeof(v->along) - 8);
	snprintf(v->along, sizeof(v->along), "%s", cut.data ? cut.data : "");
	buf_finish(&names);
	buf_finish(&cut);
}

/* What the text begins as: below it stands the message that is sent on. */
static const char *begin_forward(struct compose *v, const struct timeline_row *rows, size_t count,
				 const struct message *in, struct arena *a)
{
	const struct timeline_row *row = find_message(rows, count, v->message_id);
	struct buf text = {0};
	const char *ret;

	if (!row && in)
		row = find_message(rows, count, in->id);
	v->message_id[0] = '\0';
	if (!row)
		return "";
	snprintf(v->message_id, sizeof(v->message_id), "%s", row->message.id);
	compose_put_quote(&text, &row->message,
			  row->agent_name ? row->agent_name : v->row.ticket.party_name, true,
			  v->language);
	if (text.len > QUOTED_MAX)
		buf_reset(&text);
	ret = arena_strdup(a, text.data ? text.data : "");
	buf_finish(&text);
	return ret;
}

/* What stands in the fields: the draft, or what is known of the ticket. */
static bool fill(struct compose *v, struct desk *d, const char *to, struct arena *a,
		 struct err *err)
{
	struct timeline_row *rows = NULL;
	struct draft draft = {0};
	const struct message *in;
	const char *body = "";
	size_t count = 0;
	bool complete;

	v->has_draft = work_draft(d->work, v->id, compose_kinds[v->kind], &draft, a, NULL);
	if (draft.envelope_id && id_valid(draft.envelope_id))
		snprintf(v->envelope_id, sizeof(v->envelope_id), "%s", draft.envelope_id);
	else
		id_new(v->envelope_id);
	if (!cache_timeline(d->cache, d->work, v->id, &rows, &count, &complete, a, NULL))
		count = 0;
	in = compose_asked(d, v, rows, count, a);
	compose_find_language(v, d, in);
	compose_find_mailbox(v, d);
	if (v->has_draft)
		snprintf(v->message_id, sizeof(v->message_id), "%s",
			 draft.message_id ? draft.message_id : "");
	else if (v->kind == COMPOSE_FORWARD)
		body = begin_forward(v, rows, count, in, a);
	if (v->kind == COMPOSE_FORWARD)
		read_along(v, find_message(rows, count, v->message_id), a);
	if (!make_fields(v, &draft, v->kind == COMPOSE_ANSWER ? compose_receiver(d, v, in, a) : to,
			 body, err))
		return false;
	/* What a colleague did after the draft was begun is news too. */
	v->began = draft.at ? draft.at : clock_now();
	return true;
}

static bool compose_open(struct screen *s, const char *args, struct err *err)
{
	struct compose *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const char *ref = NULL, *to;
	char id[ID_TEXT] = "";
	struct arena a = {0};
	bool ok = false;

	if (!read_kind(v, args, &ref, &to) || !d->cache) {
		err_set(err, ERR_INPUT, _("open a ticket first, and answer from there"));
		return false;
	}
	memcpy(id, ref, ID_TEXT - 1);
	if (!cache_ticket(d->cache, d->work, id, &v->row, &v->arena, err))
		goto out;
	cache_survivor(d->cache, d->work, &v->row, &v->arena, NULL);
	snprintf(v->id, sizeof(v->id), "%s", v->row.ticket.id);
	adopt_draft(v, d);
	if (!fill(v, d, to, &a, err))
		goto out;
	remember(v);
	desk_presence(d, v->id, true);
	ok = true;
out:
	arena_finish(&a);
	if (!ok)
		compose_close(s);
	return ok;
}

static void compose_title(const struct screen *s, struct buf *ret)
{
	const struct compose *v = screen_state(s);

	buf_printf(ret,
		   v->kind == COMPOSE_ANSWER	? _("Answer to %s")
		   : v->kind == COMPOSE_FORWARD ? _("Mail to others about %s")
						: _("Note on %s"),
		   parts_number(&v->row.ticket));
	if (v->has_draft && !v->trouble[0])
		buf_printf(ret, ", %s", _("kept on this computer"));
}

/* ---- writing ---- */

static void move_focus(struct compose *v, int step)
{
	int at = (int)v->focus;

	if (!compose_is_mail(v))
		return;
	do
		at = (at + step + COMPOSE_BODY + 1) % (COMPOSE_BODY + 1);
	while (at == COMPOSE_CC && !v->shows_cc);
	v->focus = (enum compose_field)at;
}

/* Keys that mean something here whatever is typed in. */
static bool is_bound(const struct screen *s, const struct key *key)
{
	struct act act;
	bool pending = false;

	return key->ch == 0 && !key->paste &&
	       keymap_find(host_keymap(screen_host(s)), "compose", key->name, &act, &pending) &&
	       act.action->id != ACT_DOWN && act.action->id != ACT_UP;
}

/* The rest of an address that was written to before. */
static bool complete(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct line *line;
	const char *text, *known, *start;
	char *whole;

	if (v->focus != COMPOSE_CC && !(v->focus == COMPOSE_TO && v->kind == COMPOSE_FORWARD))
		return false;
	line = v->lines[v->focus];
	text = line_text(line);
	known = compose_known_address(v, parts_desk(s), text);
	if (!known)
		return false;
	start = strrchr(text, ',');
	start = start ? start + 1 : text;
	start += strspn(start, " ");
	whole = xasprintf("%.*s%s", (int)(start - text), text, known);
	line_set(line, whole);
	free(whole);
	return true;
}

static void type_in_line(struct compose *v, const struct key *key)
{
	if (strcmp(key->name, "Enter") == 0 || strcmp(key->name, "Down") == 0)
		move_focus(v, 1);
	else if (strcmp(key->name, "Up") == 0)
		move_focus(v, -1);
	else
		line_feed(v->lines[v->focus], key);
}

static bool compose_typed(struct screen *s, const struct key *key)
{
	struct compose *v = screen_state(s);
	bool taken = true;

	if (strcmp(key->name, "Tab") == 0) {
		if (!complete(s))
			move_focus(v, 1);
	} else if (strcmp(key->name, "Shift+Tab") == 0) {
		move_focus(v, -1);
	} else if (v->focus == COMPOSE_BODY) {
		taken = editor_feed(v->body, key);
	} else if (is_bound(s, key)) {
		return false;
	} else {
		type_in_line(v, key);
	}
	if (taken) {
		compose_keep(s);
		screen_redraw(s);
	}
	return taken;
}

/* ---- leaving ---- */

void compose_leave(struct screen *s)
{
	struct compose *v = screen_state(s);
	const char *below = host_below(screen_host(s));

	desk_presence(parts_desk(s), below && strcmp(below, "ticket") == 0 ? v->id : NULL, false);
	host_back(screen_host(s));
}

static void discard(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct err err = {0};

	compose_files_settle(s);
	if (!work_drop_draft(parts_desk(s)->work, v->id, compose_kinds[v->kind], &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	host_say(screen_host(s), STYLE_NORMAL, "%s", _("Thrown away."));
	host_changed(screen_host(s), WATCH_DRAFTS);
	compose_leave(s);
}

static void go_back(struct screen *s)
{
	struct compose *v = screen_state(s);

	compose_files_settle(s);
	compose_keep(s);
	if (v->has_draft)
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 v->kind == COMPOSE_FORWARD
				 ? _("What you wrote is kept: forward again goes on with it.")
				 : _("What you wrote is kept: answer or note again goes on with "
				     "it."));
	host_changed(screen_host(s), WATCH_DRAFTS);
	compose_leave(s);
}

static void show_cc(struct screen *s)
{
	struct compose *v = screen_state(s);

	v->shows_cc = true;
	v->focus = COMPOSE_CC;
	screen_redraw(s);
}

/* What a note has no use for. False: it is none of these. */
static bool act_mail(struct screen *s, const struct act *act)
{
	int id = act->action->id;

	if (id != ACT_CC && id != ACT_ATTACH && id != ACT_DETACH && id != ACT_QUOTE)
		return false;
	if (!compose_is_mail(screen_state(s)))
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 _("A note goes to colleagues, not by mail."));
	else if (id == ACT_CC)
		show_cc(s);
	else if (id == ACT_ATTACH)
		compose_attach(s, act->args);
	else if (id == ACT_DETACH)
		compose_detach(s, NULL);
	else
		compose_quote(s);
	return true;
}

static bool compose_act(struct screen *s, const struct act *act)
{
	struct compose *v = screen_state(s);

	switch (act->action->id) {
	case ACT_SEND:
		compose_send(s, false, false);
		return true;
	case ACT_SEND_NEXT:
		compose_send(s, true, false);
		return true;
	case ACT_TEMPLATE:
		compose_template(s, act->args, NULL);
		return true;
	case ACT_EDITOR:
		compose_edit_outside(s);
		return true;
	case ACT_DISCARD:
		if (v->has_draft || editor_text(v->body)[0])
			host_confirm(s, COMPOSE_ASK_DISCARD, _("Throw away what you wrote here?"));
		else
			compose_leave(s);
		return true;
	case ACT_BACK:
		go_back(s);
		return true;
	}
	return act_mail(s, act);
}

static void compose_answer(struct screen *s, int intent, const char *text)
{
	if (!text)
		return;
	switch (intent) {
	case COMPOSE_ASK_TEMPLATE:
		compose_template(s, "", text);
		break;
	case COMPOSE_ASK_DISCARD:
		discard(s);
		break;
	case COMPOSE_ASK_FILE:
		compose_attach(s, text);
		break;
	case COMPOSE_ASK_DETACH:
		compose_detach(s, text);
		break;
	default:
		compose_send(s, intent == COMPOSE_ASK_SEND_NEXT, true);
	}
}

static const int compose_offered[] = {
	ACT_SEND,   ACT_SEND_NEXT, ACT_TEMPLATE, ACT_ATTACH, ACT_QUOTE, ACT_CC,
	ACT_EDITOR, ACT_DISCARD,   ACT_BACK,	 ACT_DETACH, -1,
};

const struct screen_ops compose_screen = {
	.name = "compose",
	.label = N_("writing"),
	.state_size = sizeof(struct compose),
	.watches = WATCH_TICKETS | WATCH_TIMELINE | WATCH_PRESENCE | WATCH_REFERENCE,
	.takes_text = true,
	.offered = compose_offered,
	.open = compose_open,
	.load = compose_load,
	.title = compose_title,
	.draw = compose_draw,
	.act = compose_act,
	.typed = compose_typed,
	.answer = compose_answer,
	.close = compose_close,
};
