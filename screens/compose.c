/* Writing an answer to the citizen, or a note for colleagues.
 *
 * Every change is on disk before it is on screen: a power cut, a closed window or a colleague who
 * takes the ticket over loses nothing. Nothing is locked: when a colleague writes or answers
 * meanwhile it is said, and what is written here stays. It loads again when the ticket, its timeline
 * or the presence of others change. */
#include "compose.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/config.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

enum { ASK_DISCARD = 1, ASK_SEND, ASK_SEND_NEXT };

/* ---- keeping ---- */

static bool changed(struct compose *v)
{
	if (editor_changes(v->body) != v->saved_changes)
		return true;
	return v->answer && (!text_same(line_text(v->to), v->saved_to) ||
			     !text_same(line_text(v->subject), v->saved_subject));
}

static void remember(struct compose *v)
{
	v->saved_changes = editor_changes(v->body);
	if (!v->answer)
		return;
	free(v->saved_to);
	free(v->saved_subject);
	v->saved_to = xstrdup(line_text(v->to));
	v->saved_subject = xstrdup(line_text(v->subject));
}

/* On failure what was typed stays on screen and the next key tries again. */
void compose_keep(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct draft draft = {
		.ticket_id = v->id,
		.kind = v->answer ? "answer" : "note",
		.to = v->answer ? line_text(v->to) : NULL,
		.subject = v->answer ? line_text(v->subject) : NULL,
		.body = editor_text(v->body),
		.cursor = (int64_t)editor_cursor(v->body),
		.at = clock_now(),
		.envelope_id = v->envelope_id,
	};
	struct err err = {0};

	if (!changed(v))
		return;
	if (work_put_draft(parts_desk(s)->work, &draft, &err)) {
		remember(v);
		v->has_draft = true;
		v->trouble[0] = '\0';
	} else {
		snprintf(v->trouble, sizeof(v->trouble), _("NOT KEPT ON DISK: %.200s"), err.text);
	}
}

/* ---- opening ---- */

static const struct message *newest_in(const struct timeline_row *rows, size_t count)
{
	for (size_t i = count; i-- > 0;)
		if (rows[i].kind == TIMELINE_MESSAGE && rows[i].message.direction == DIRECTION_IN &&
		    rows[i].message.state != MESSAGE_DECLINED)
			return &rows[i].message;
	return NULL;
}

/* Where the answer goes: back to where the question came from, else to the first address we know of
 * the citizen. Left empty, the service looks for the reporter. */
static const char *receiver(struct desk *d, const struct compose *v, const struct message *in,
			    struct arena *a)
{
	struct party party;
	struct fact item, facts[8];

	if (in && in->from_text && strchr(in->from_text, '@'))
		return in->from_text;
	if (!v->row.ticket.party_id ||
	    !cache_party(d->cache, d->work, v->row.ticket.party_id, &party, a, NULL))
		return "";
	if (facts_read(party.emails, &item, 1, a) == 0)
		return "";
	return fact_text(facts, facts_read(item.text, facts, 8, a), "value");
}

static bool make_fields(struct compose *v, const struct draft *draft, const char *to,
			struct err *err)
{
	struct line_spec to_spec = {.initial = draft->to ? draft->to : to};
	struct line_spec subject_spec = {.initial = draft->subject ? draft->subject
								   : v->row.ticket.subject};

	v->body = editor_create(draft->body ? draft->body : "");
	if (draft->cursor > 0)
		editor_set_cursor(v->body, (size_t)draft->cursor);
	v->question = textview_create();
	v->focus = COMPOSE_BODY;
	if (!v->answer)
		return true;
	v->to = line_create(&to_spec, err);
	v->subject = v->to ? line_create(&subject_spec, err) : NULL;
	return v->subject != NULL;
}

static void compose_close(struct screen *s)
{
	struct compose *v = screen_state(s);

	line_destroy(v->to);
	line_destroy(v->subject);
	editor_destroy(v->body);
	textview_destroy(v->question);
	free(v->saved_to);
	free(v->saved_subject);
	arena_finish(&v->arena);
}

/* What was begun on a ticket that was merged into this one since goes on here. */
static void adopt_draft(const struct compose *v, struct desk *d)
{
	struct arena a = {0};
	struct family_member *merged = arena_alloc(&a, FAMILY_MAX * sizeof(*merged));
	size_t count = cache_merged(d->cache, d->work, v->id, merged, FAMILY_MAX, &a);

	for (size_t i = 0; i < count; i++)
		work_move_draft(d->work, merged[i].id, v->id, v->answer ? "answer" : "note", NULL);
	arena_finish(&a);
}

/* args: "answer ID" or "note ID". */
static bool compose_open(struct screen *s, const char *args, struct err *err)
{
	struct compose *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const char *ref = strchr(args, ' ');
	struct timeline_row *rows = NULL;
	struct draft draft = {0};
	const struct message *in;
	struct arena a = {0};
	size_t count = 0;
	bool complete, ok = false;

	v->answer = strncmp(args, "note", 4) != 0;
	if (!ref || !d->cache) {
		err_set(err, ERR_INPUT, _("open a ticket first, and answer from there"));
		return false;
	}
	if (!cache_ticket(d->cache, d->work, ref + 1, &v->row, &v->arena, err))
		goto out;
	cache_survivor(d->cache, d->work, &v->row, &v->arena, NULL);
	snprintf(v->id, sizeof(v->id), "%s", v->row.ticket.id);
	adopt_draft(v, d);
	v->has_draft = work_draft(d->work, v->id, v->answer ? "answer" : "note", &draft, &a, NULL);
	if (draft.envelope_id && id_valid(draft.envelope_id))
		snprintf(v->envelope_id, sizeof(v->envelope_id), "%s", draft.envelope_id);
	else
		id_new(v->envelope_id);
	if (!cache_timeline(d->cache, d->work, v->id, &rows, &count, &complete, &a, NULL))
		count = 0;
	in = newest_in(rows, count);
	if (!make_fields(v, &draft, receiver(d, v, in, &a), err))
		goto out;
	/* What a colleague did after the draft was begun is news too. */
	v->began = draft.at ? draft.at : clock_now();
	remember(v);
	desk_presence(d, v->id, true);
	ok = true;
out:
	arena_finish(&a);
	if (!ok)
		compose_close(s);
	return ok;
}

/* ---- what others do meanwhile ---- */

static void read_question(struct compose *v, const struct message *in)
{
	struct buf body = {0};

	textview_clear(v->question);
	textview_add(v->question, STYLE_STRONG, "",
		     v->row.ticket.subject ? v->row.ticket.subject : "", 0);
	if (in && in->body) {
		size_t len = strlen(in->body);
		size_t own = in->quoted_at > 0 && (size_t)in->quoted_at < len
				     ? (size_t)in->quoted_at
				     : len;

		buf_add(&body, in->body, own);
		textview_add(v->question, STYLE_NORMAL, "", body.data ? body.data : "", 0);
	}
	buf_finish(&body);
}

static void read_news(struct compose *v, const struct timeline_row *rows, size_t count,
		      const char *me)
{
	char when[48];

	v->notice[0] = '\0';
	for (size_t i = count; i-- > 0;) {
		const struct timeline_row *row = &rows[i];
		const char *by =
			row->kind == TIMELINE_MESSAGE ? row->message.agent_id : row->note.agent_id;

		if (row->kind == TIMELINE_CHANGE || row->pending || row->at <= v->began)
			continue;
		if (by && text_same(by, me))
			continue;
		clock_to_short(row->at, clock_now(), when, sizeof(when));
		if (row->kind == TIMELINE_NOTE)
			snprintf(v->notice, sizeof(v->notice),
				 _("%.80s wrote a note at %s, after you began."),
				 row->agent_name ? row->agent_name : "?", when);
		else if (row->message.direction == DIRECTION_IN)
			snprintf(v->notice, sizeof(v->notice),
				 _("The citizen wrote again at %s, after you began."), when);
		else
			snprintf(v->notice, sizeof(v->notice),
				 _("%.80s ANSWERED at %s, after you began. Read it before you "
				   "send."),
				 row->agent_name ? row->agent_name : "?", when);
		return;
	}
}

/* Nothing that is being typed is moved: it is sent under the ticket it was begun on, and the service takes
 * it where that one went. */
static void tell_merged(struct compose *v, struct desk *d, struct arena *a)
{
	struct queue_row row = v->row;

	if (v->row.ticket.merged_into && cache_survivor(d->cache, d->work, &row, a, NULL))
		snprintf(v->notice, sizeof(v->notice),
			 _("This ticket was merged into %s: what you write goes there."),
			 parts_number(&row.ticket));
}

static bool compose_load(struct screen *s, struct err *err)
{
	struct compose *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct timeline_row *rows = NULL;
	struct queue_row row;
	struct arena a = {0};
	struct buf others = {0};
	size_t count = 0;
	bool complete, left = true;

	/* A ticket that left the desk meanwhile can still be answered from what was known of it. Most
	 * often it left because a colleague answered it. */
	if (cache_ticket(d->cache, d->work, v->id, &row, &a, NULL)) {
		arena_finish(&v->arena);
		v->arena = a;
		v->row = row;
		memset(&a, 0, sizeof(a));
		left = false;
	}
	if (left) {
		snprintf(v->notice, sizeof(v->notice), "%s",
			 _("A colleague ANSWERED, closed or handed over this ticket after you "
			   "began."));
	} else if (cache_timeline(d->cache, d->work, v->id, &rows, &count, &complete, &a, NULL)) {
		read_question(v, newest_in(rows, count));
		read_news(v, rows, count, d->me.agent_id);
		tell_merged(v, d, &a);
	}
	v->typing[0] = '\0';
	if (parts_put_others(d, v->id, &others))
		snprintf(v->typing, sizeof(v->typing), "%s", others.data);
	buf_finish(&others);
	arena_finish(&a);
	return true;
}

static void compose_title(const struct screen *s, struct buf *ret)
{
	const struct compose *v = screen_state(s);

	buf_printf(ret, v->answer ? _("Answer to %s") : _("Note on %s"),
		   parts_number(&v->row.ticket));
	if (v->has_draft && !v->trouble[0])
		buf_printf(ret, ", %s", _("kept on this computer"));
}

/* ---- writing ---- */

static void move_focus(struct compose *v, int step)
{
	if (v->answer)
		v->focus = (enum compose_field)(((int)v->focus + step + 3) % 3);
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

static bool type_in_line(struct compose *v, const struct key *key)
{
	struct line *line = v->focus == COMPOSE_TO ? v->to : v->subject;

	if (strcmp(key->name, "Enter") == 0 || strcmp(key->name, "Down") == 0)
		move_focus(v, 1);
	else if (strcmp(key->name, "Up") == 0)
		move_focus(v, -1);
	else
		line_feed(line, key);
	return true;
}

static bool compose_typed(struct screen *s, const struct key *key)
{
	struct compose *v = screen_state(s);
	bool taken = true;

	if (strcmp(key->name, "Tab") == 0)
		move_focus(v, 1);
	else if (strcmp(key->name, "Shift+Tab") == 0)
		move_focus(v, -1);
	else if (v->focus == COMPOSE_BODY)
		taken = editor_feed(v->body, key);
	else if (is_bound(s, key))
		return false;
	else
		taken = type_in_line(v, key);
	if (taken) {
		compose_keep(s);
		screen_redraw(s);
	}
	return taken;
}

/* ---- an editor of one's own ---- */

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_back(const char *path, struct buf *ret, struct err *err)
{
	char bytes[4096];
	struct buf raw = {0};
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = false;

	if (fd < 0) {
		err_errno(err, _("cannot read what the editor wrote"));
		return false;
	}
	while (raw.len <= FIELD_LINES_MAX && (n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(&raw, bytes, (size_t)n);
	if (n < 0)
		err_errno(err, _("cannot read what the editor wrote"));
	else if (raw.len > FIELD_LINES_MAX)
		err_set(err, ERR_INPUT, _("the text is too long: at most %d bytes"),
			FIELD_LINES_MAX);
	else
		ok = true;
	if (ok && raw.len)
		text_clean(ret, raw.data, raw.len, TEXT_LINES);
	buf_finish(&raw);
	close(fd);
	return ok;
}

static bool run_editor(struct screen *s, const char *path, struct err *err)
{
	const char *program = env_get("VISUAL") ? env_get("VISUAL") : env_get("EDITOR");
	char *words = xstrdup(program ? program : "vi"), *save = NULL;
	char *argv[16];
	int argc = 0, status = 0;
	bool ok;

	for (char *p = strtok_r(words, " \t", &save); p && argc < 14;
	     p = strtok_r(NULL, " \t", &save))
		argv[argc++] = p;
	argv[argc++] = (char *)path;
	argv[argc] = NULL;
	ok = host_run_program(screen_host(s), argv, &status, err);
	if (ok && status != 0) {
		err_set(err, ERR_IO, _("the editor %s ended with an error; the text is as it was"),
			argv[0]);
		ok = false;
	}
	free(words);
	return ok;
}

static void edit_outside(struct screen *s)
{
	struct compose *v = screen_state(s);
	const char *text = editor_text(v->body);
	char *path = xasprintf("%s/balie-XXXXXX", parts_place(s)->run_dir);
	struct buf back = {0};
	struct err err = {0};
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0) {
		err_errno(&err, _("cannot make a file for the editor"));
		goto out;
	}
	if (!write_all(fd, text, strlen(text)))
		err_errno(&err, _("cannot write the file for the editor"));
	else if (run_editor(s, path, &err) && read_back(path, &back, &err))
		editor_set(v->body, back.data ? back.data : "");
	close(fd);
	unlink(path);
	compose_keep(s);
out:
	if (err.kind != ERR_NONE)
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	buf_finish(&back);
	free(path);
	screen_redraw(s);
}

/* ---- sending ---- */

static void leave(struct screen *s)
{
	struct compose *v = screen_state(s);
	const char *below = host_below(screen_host(s));

	desk_presence(parts_desk(s), below && strcmp(below, "ticket") == 0 ? v->id : NULL, false);
	host_back(screen_host(s));
}

static void send_now(struct screen *s, bool next)
{
	struct compose *v = screen_state(s);
	struct host *h = screen_host(s);
	struct args args = args_none;
	struct act go = {&actions.rows[ACT_NEXT_TICKET], ""};
	struct err err = {0};
	const char *to, *subject;

	compose_keep(s);
	to = v->answer ? line_text(v->to) : "";
	subject = v->answer ? line_text(v->subject) : "";
	args.body = editor_text(v->body);
	args.to = to[0] ? to : NULL;
	args.subject = subject[0] ? subject : NULL;
	if (!desk_do(parts_desk(s), v->answer ? ACT_ANSWER : ACT_NOTE, &v->row.ticket, &args, NULL,
		     &err)) {
		host_say(h, STYLE_ERROR, "%s", err.text);
		return;
	}
	host_say(h, STYLE_GOOD,
		 !v->answer ? _("Your note on %s is kept.")
		 : parts_desk(s)->link == LINK_ONLINE
			 ? _("Your answer to %s is in the ticket.")
			 : _("Your answer to %s is kept here until there is a connection."),
		 parts_number(&v->row.ticket));
	host_changed(h, WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX | WATCH_DRAFTS);
	leave(s);
	if (next)
		host_run_act(h, &go);
}

static void begin_send(struct screen *s, bool next)
{
	struct compose *v = screen_state(s);
	const char *text = editor_text(v->body);

	if (!text[strspn(text, " \t\r\n")]) {
		host_say(screen_host(s), STYLE_WARNING, "%s", _("There is no text to send yet."));
		return;
	}
	/* What it is about stands above in full: here it would be cut. */
	if (v->answer && v->notice[0]) {
		host_confirm(s, next ? ASK_SEND_NEXT : ASK_SEND,
			     _("Read the line above first. Send yours now?"));
		return;
	}
	send_now(s, next);
}

static void discard(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct err err = {0};

	if (!work_drop_draft(parts_desk(s)->work, v->id, v->answer ? "answer" : "note", &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	host_say(screen_host(s), STYLE_NORMAL, "%s", _("Thrown away."));
	host_changed(screen_host(s), WATCH_DRAFTS);
	leave(s);
}

static bool compose_act(struct screen *s, const struct act *act)
{
	struct compose *v = screen_state(s);

	switch (act->action->id) {
	case ACT_SEND:
		begin_send(s, false);
		return true;
	case ACT_SEND_NEXT:
		begin_send(s, true);
		return true;
	case ACT_TEMPLATE:
		compose_template(s, act->args, NULL);
		return true;
	case ACT_EDITOR:
		edit_outside(s);
		return true;
	case ACT_DISCARD:
		if (v->has_draft || editor_text(v->body)[0])
			host_confirm(s, ASK_DISCARD, _("Throw away what you wrote here?"));
		else
			leave(s);
		return true;
	case ACT_BACK:
		compose_keep(s);
		if (v->has_draft)
			host_say(
				screen_host(s), STYLE_NORMAL, "%s",
				_("What you wrote is kept: answer or note again goes on with it."));
		leave(s);
		return true;
	}
	return false;
}

static void compose_answer(struct screen *s, int intent, const char *text)
{
	if (!text)
		return;
	if (intent == COMPOSE_ASK_TEMPLATE)
		compose_template(s, "", text);
	else if (intent == ASK_DISCARD)
		discard(s);
	else
		send_now(s, intent == ASK_SEND_NEXT);
}

static const int compose_offered[] = {
	ACT_SEND, ACT_SEND_NEXT, ACT_TEMPLATE, ACT_EDITOR, ACT_DISCARD, ACT_BACK, -1,
};

const struct screen_ops compose_screen = {
	.name = "compose",
	.label = N_("writing"),
	.state_size = sizeof(struct compose),
	.watches = WATCH_TICKETS | WATCH_TIMELINE | WATCH_PRESENCE,
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
