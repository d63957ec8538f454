/* Which other ticket is meant: chosen from those that are likely, or by its number. */
#include "relate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"

#define BY_NUMBER "number"

void relate_put_age(struct buf *ret, const struct ticket *t)
{
	int64_t days =
		(clock_day_start(clock_now()) - clock_day_start(t->created_at) + CLOCK_DAY_MS / 2) /
		CLOCK_DAY_MS;

	if (days <= 0)
		buf_add_str(ret, _("today"));
	else
		buf_printf(ret, _("%lld d"), (long long)days);
}

static bool is_one_of(const struct deed *d, const char *id)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->ids[i], id) == 0)
			return true;
	return false;
}

/* Why it stands so high in the list. */
static const char *why(const struct ticket *t, const struct ticket *than)
{
	if (t->party_id && text_same(t->party_id, than->party_id))
		return _("same citizen");
	if (t->topic_id && text_same(t->topic_id, than->topic_id))
		return _("same topic");
	return parts_who(t);
}

static struct choice row_of(const struct queue_row *row, const struct ticket *than, struct arena *a)
{
	struct buf hint = {0};
	struct choice ret = {
		.key = row->ticket.id,
		.label = arena_printf(a, "%s  %s", parts_number(&row->ticket), row->ticket.subject),
	};

	buf_printf(&hint, "%s, ", why(&row->ticket, than));
	relate_put_age(&hint, &row->ticket);
	ret.hint = arena_strdup(a, hint.data);
	buf_finish(&hint);
	return ret;
}

static int oldest_first(const void *a, const void *b)
{
	const struct queue_row *x = a, *y = b;

	if (x->ticket.created_at != y->ticket.created_at)
		return x->ticket.created_at < y->ticket.created_at ? -1 : 1;
	return strcmp(x->ticket.id, y->ticket.id);
}

/* Of several that are marked one stays, and most often that is the oldest. */
static size_t list_marked(struct desk *desk, const struct deed *d, struct queue_row *rows,
			  struct arena *a)
{
	size_t count = 0;

	for (size_t i = 0; d->count > 1 && i < d->count; i++)
		if (cache_ticket(desk->cache, desk->work, d->ids[i], &rows[count], a, NULL))
			count++;
	if (count > 1)
		qsort(rows, count, sizeof(*rows), oldest_first);
	return count;
}

static void pick_ticket(struct screen *s, struct deed *d, const char *title)
{
	struct desk *desk = parts_desk(s);
	struct arena a = {0};
	struct queue_row first = {0}, *alike = NULL;
	struct queue_row *marked = arena_alloc(&a, (d->count + 1) * sizeof(*marked));
	struct choice *rows;
	size_t marks = list_marked(desk, d, marked, &a), found = 0, count = 0;

	if (!cache_ticket(desk->cache, desk->work, d->ids[0], &first, &a, NULL) ||
	    !cache_alike(desk->cache, desk->work, &first.ticket, &alike, &found, &a, NULL))
		found = 0;
	rows = arena_alloc(&a, (marks + found + 1) * sizeof(*rows));
	for (size_t i = 0; d->action->id == ACT_MERGE && i < marks; i++)
		rows[count++] = row_of(&marked[i], &first.ticket, &a);
	for (size_t i = 0; i < found; i++)
		if (!is_one_of(d, alike[i].ticket.id))
			rows[count++] = row_of(&alike[i], &first.ticket, &a);
	rows[count++] = (struct choice){BY_NUMBER, _("Another one, by its number"), NULL};
	host_pick(s, DEED_CHOICE, title, rows, count, NULL);
	arena_finish(&a);
}

static void say_none(struct screen *s, struct deed *d, const char *text)
{
	host_say(screen_host(s), STYLE_WARNING, "%s", text);
	d->action = NULL;
}

/* True: asked, or told that there is none. The only one is taken without asking. */
static bool pick_link(struct screen *s, struct deed *d)
{
	struct desk *desk = parts_desk(s);
	struct ticket_link links[LINKS_MAX];
	struct choice rows[LINKS_MAX];
	struct queue_row row;
	size_t count = 0;

	if (cache_ticket(desk->cache, desk->work, d->ids[0], &row, &d->arena, NULL))
		count = links_read(row.ticket.links, links, LINKS_MAX, &d->arena);
	if (count == 0) {
		say_none(s, d, _("This ticket is linked to no other one."));
		return true;
	}
	if (count == 1) {
		d->args.other_id = links[0].id;
		return false;
	}
	for (size_t i = 0; i < count; i++)
		rows[i] =
			(struct choice){links[i].id, links[i].number ? links[i].number : "?", NULL};
	host_pick(s, DEED_CHOICE, _("No longer linked to"), rows, count, NULL);
	return true;
}

static void ask_subject(struct screen *s, struct deed *d)
{
	struct desk *desk = parts_desk(s);
	struct queue_row row;
	struct line_spec spec = {.initial = ""};

	if (cache_ticket(desk->cache, desk->work, d->ids[0], &row, &d->arena, NULL))
		spec.initial = row.ticket.subject;
	host_ask(s, DEED_TEXT, _("Subject of the new ticket: "), &spec);
}

bool relate_ask(struct screen *s, struct deed *d)
{
	switch (d->action->id) {
	case ACT_MERGE:
		if (d->args.into_id)
			return false;
		pick_ticket(s, d, d->count > 1 ? _("Which one stays?") : _("Goes into which one?"));
		return true;
	case ACT_LINK:
		if (d->args.other_id)
			return false;
		pick_ticket(s, d, _("Link to"));
		return true;
	case ACT_UNLINK:
		return !d->args.other_id && pick_link(s, d);
	case ACT_SPLIT:
		if (!d->args.message_id)
			say_none(s, d, _("Open the ticket and go to the message that has to go."));
		else if (!d->args.subject)
			ask_subject(s, d);
		else
			return false;
		return true;
	}
	return false;
}

static void ask_number(struct screen *s)
{
	struct line_spec spec = {.initial = "", .history = "number"};

	host_ask(s, DEED_TEXT, _("Number of the other ticket: "), &spec);
}

bool relate_asks(const struct deed *d, int intent, const char *text)
{
	return intent == DEED_CHOICE && (d->action->id == ACT_MERGE || d->action->id == ACT_LINK) &&
	       strcmp(text, BY_NUMBER) == 0;
}

bool relate_take(struct screen *s, struct deed *d, const char *text, struct err *err)
{
	struct desk *desk = parts_desk(s);
	struct queue_row row;

	if (d->action->id == ACT_SPLIT) {
		d->args.subject = arena_strdup(&d->arena, text);
		return true;
	}
	if (strcmp(text, BY_NUMBER) == 0) {
		ask_number(s);
		return true;
	}
	if (d->action->id == ACT_UNLINK) {
		d->args.other_id = arena_strdup(&d->arena, text);
		return true;
	}
	if (!screens_find_ticket(desk, text, &row, &d->arena, err) ||
	    !cache_survivor(desk->cache, desk->work, &row, &d->arena, err))
		return false;
	if (d->action->id == ACT_MERGE)
		d->args.into_id = row.ticket.id;
	else
		d->args.other_id = row.ticket.id;
	return true;
}
