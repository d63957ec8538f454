/* What became of a mail of ours. It is told in words, since an agent must never have to guess whether a
 * citizen got his answer. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "ticket.h"

#define RECALL_MS 15000 /* whatever the clocks say, no mail is held back longer */

static bool is_mail(const struct message *m)
{
	return m->direction == DIRECTION_OUT && m->channel == CHANNEL_MAIL;
}

/* How long it is still held back; 0: not any more. */
static int64_t held(const struct message *m)
{
	int64_t left = m->send_at - clock_now();

	if (!is_mail(m) || m->state != MESSAGE_QUEUED || left <= 0)
		return 0;
	return left < RECALL_MS ? left : RECALL_MS;
}

static void put_keys(const struct ticket_view *v, const struct message *m, struct buf *ret)
{
	struct buf again = {0}, settle = {0};

	parts_put_hint(&again, v->screen, "ticket", "send-again", "", "%s");
	parts_put_hint(&settle, v->screen, "ticket", "settle", "", "%s");
	if (m->state == MESSAGE_UNCERTAIN)
		buf_printf(ret,
			   _(" Look whether it came: %s says that it did, %s sends it once more."),
			   settle.data, again.data);
	else
		buf_printf(ret, _(" %s sends it once more."), again.data);
	buf_finish(&again);
	buf_finish(&settle);
}

static void put_held(const struct ticket_view *v, const struct message *m, struct buf *ret)
{
	struct buf undo = {0};

	parts_put_hint(&undo, v->screen, "ticket", "undo", "", "%s");
	buf_printf(ret, _("Goes out in %d s: %s takes it back"), (int)((held(m) + 999) / 1000),
		   undo.data);
	buf_finish(&undo);
}

static void put_reason(const struct message *m, struct buf *ret)
{
	if (!m->reason || !m->reason[0])
		return;
	buf_add_str(ret, ": ");
	reason_put(ret, m->reason);
}

static void put_settled(const struct ticket_view *v, const struct message *m, struct buf *ret,
			enum style *ret_style)
{
	switch ((enum message_state)m->state) {
	case MESSAGE_QUEUED:
		*ret_style = STYLE_PENDING;
		if (held(m) > 0)
			put_held(v, m, ret);
		else if (!m->reason || !m->reason[0])
			buf_add_str(ret, _("On its way to the mail server"));
		else
			buf_add_str(ret, _("Waits"));
		break;
	case MESSAGE_SENT:
		*ret_style = STYLE_DIM;
		/* That it went is told beside when; how that is known is more. */
		if (m->reason && m->reason[0])
			text_capital(ret, _("sent"));
		break;
	case MESSAGE_FAILED:
		buf_add_str(ret, _("NOT DELIVERED"));
		break;
	case MESSAGE_UNCERTAIN:
		buf_add_str(ret, _("NOT SURE whether it went out"));
		break;
	case MESSAGE_NOT_SENT:
		*ret_style = STYLE_WARNING;
		buf_add_str(ret, _("NOT SENT"));
		break;
	case MESSAGE_RECEIVED:
	case MESSAGE_SUSPECTED:
	case MESSAGE_DECLINED:
		break;
	}
}

void ticket_mail_put_state(const struct ticket_view *v, const struct message *m, struct buf *ret,
			   enum style *ret_style)
{
	*ret_style = STYLE_ERROR;
	if (is_mail(m)) {
		put_settled(v, m, ret, ret_style);
		put_reason(m, ret);
		if (m->state == MESSAGE_FAILED || m->state == MESSAGE_UNCERTAIN) {
			buf_add_char(ret, '.');
			put_keys(v, m, ret);
		}
		return;
	}
	if (m->state == MESSAGE_RECEIVED || m->state == MESSAGE_SENT)
		return;
	*ret_style = m->state == MESSAGE_QUEUED ? STYLE_PENDING : STYLE_WARNING;
	text_capital(ret, _(words_label(&message_states, m->state)));
	put_reason(m, ret);
}

static bool unsure(const struct timeline_row *row)
{
	return row && row->kind == TIMELINE_MESSAGE && is_mail(&row->message) &&
	       (row->message.state == MESSAGE_FAILED || row->message.state == MESSAGE_UNCERTAIN ||
		row->message.state == MESSAGE_NOT_SENT);
}

const char *ticket_mail_unsure(const struct ticket_view *v)
{
	const struct timeline_row *at = ticket_text_row(v);

	if (unsure(at))
		return at->message.id;
	for (size_t i = v->count; i-- > 0;)
		if (unsure(&v->rows[i]))
			return v->rows[i].message.id;
	return NULL;
}

int64_t ticket_mail_next_tick(const struct ticket_view *v)
{
	int64_t ret = -1;

	for (size_t i = v->count; i-- > 0;) {
		int64_t left = v->rows[i].kind == TIMELINE_MESSAGE && !v->rows[i].pending
				       ? held(&v->rows[i].message)
				       : 0;
		int64_t tick = left > 0 ? (left - 1) % 1000 + 1 : -1;

		if (tick > 0 && (ret < 0 || tick < ret))
			ret = tick;
	}
	return ret;
}
