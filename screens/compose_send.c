/* What was written goes to the outbox. */
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "compose.h"

static const int acts[] = {ACT_ANSWER, ACT_FORWARD, ACT_NOTE};

/* What became of it, with the key that takes it back while that can be. */
static void tell_sent(struct screen *s)
{
	struct compose *v = screen_state(s);
	bool online = parts_desk(s)->link == LINK_ONLINE;
	struct buf hint = {0}, text = {0};

	buf_printf(&text,
		   v->kind == COMPOSE_NOTE ? _("Your note on %s is kept.")
		   : !online && v->kind == COMPOSE_ANSWER
			   ? _("Your answer to %s is kept here until there is a connection.")
		   : !online ? _("Your mail about %s is kept here until there is a connection.")
		   : v->kind == COMPOSE_FORWARD ? _("Your mail about %s goes out in a moment.")
		   : v->from[0]			? _("Your answer to %s goes out in a moment.")
						: _("Your answer to %s is in the ticket."),
		   parts_number(&v->row.ticket));
	if (compose_is_mail(v) && (v->from[0] || !online))
		parts_put_hint(&hint, s, "ticket", "undo", "", _(" %s takes it back."));
	host_say(screen_host(s), STYLE_GOOD, "%s%s", text.data, hint.data ? hint.data : "");
	buf_finish(&hint);
	buf_finish(&text);
}

static void send_now(struct screen *s, bool next)
{
	struct compose *v = screen_state(s);
	struct host *h = screen_host(s);
	struct args args = args_none;
	struct act go = {&actions.rows[ACT_NEXT_TICKET], ""};
	const char *texts[COMPOSE_LINES] = {0};
	struct err err = {0};

	compose_keep(s);
	for (int i = 0; compose_is_mail(v) && i < COMPOSE_LINES; i++)
		if (line_text(v->lines[i])[0])
			texts[i] = line_text(v->lines[i]);
	args.body = editor_text(v->body);
	args.to = texts[COMPOSE_TO];
	args.cc = texts[COMPOSE_CC];
	args.subject = texts[COMPOSE_SUBJECT];
	args.attachments = v->files;
	if (v->kind == COMPOSE_FORWARD && v->message_id[0])
		args.message_id = v->message_id;
	if (!desk_do(parts_desk(s), acts[v->kind], &v->row.ticket, &args, NULL, &err)) {
		host_say(h, STYLE_ERROR, "%s", err.text);
		return;
	}
	if (v->kind == COMPOSE_FORWARD)
		compose_remember_addresses(parts_desk(s), args.to);
	if (args.cc)
		compose_remember_addresses(parts_desk(s), args.cc);
	tell_sent(s);
	host_changed(h, WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX | WATCH_DRAFTS);
	compose_leave(s);
	if (next)
		host_run_act(h, &go);
}

/* Says what is in the way, and goes there. */
static bool may_go(struct screen *s)
{
	struct compose *v = screen_state(s);
	const char *text = editor_text(v->body);
	struct err err = {0};
	size_t count = 0;

	if (!text[strspn(text, " \t\r\n")])
		err_set(&err, ERR_INPUT, "%s", _("There is no text to send yet."));
	for (int i = COMPOSE_TO; compose_is_mail(v) && err.kind == ERR_NONE && i <= COMPOSE_CC;
	     i++) {
		const char *line = line_text(v->lines[i]);

		if (compose_addresses(line, true, &count, &err) &&
		    (count > 0 || i == COMPOSE_CC || v->kind == COMPOSE_ANSWER))
			continue;
		if (err.kind == ERR_NONE)
			err_set(&err, ERR_INPUT, "%s", _("To whom? Type a mail address."));
		v->focus = (enum compose_field)i;
		v->shows_cc |= i == COMPOSE_CC;
	}
	if (err.kind == ERR_NONE)
		return compose_files_settle(s);
	host_say(screen_host(s), STYLE_WARNING, "%s", err.text);
	screen_redraw(s);
	return false;
}

/* Does the text still hold a field that nobody filled in, such as {name}? The citizen would read that. */
static bool has_field(const char *text)
{
	static const struct template_values nothing = {0};
	struct buf out = {0};
	bool ret = template_expand(text, &nothing, &out) > 0;

	buf_finish(&out);
	return ret;
}

void compose_send(struct screen *s, bool next, bool sure)
{
	struct compose *v = screen_state(s);

	if (!may_go(s))
		return;
	/* What it is about stands above in full: here it would be cut. */
	if (compose_is_mail(v) && v->notice[0] && !sure) {
		host_confirm(s, next ? COMPOSE_ASK_SEND_NEXT : COMPOSE_ASK_SEND,
			     _("Read the line above first. Send yours now?"));
		return;
	}
	if (compose_is_mail(v) && !sure && has_field(editor_text(v->body))) {
		host_confirm(s, next ? COMPOSE_ASK_SEND_NEXT : COMPOSE_ASK_SEND,
			     _("Something still stands in { }. Send it like that?"));
		return;
	}
	send_now(s, next);
}
