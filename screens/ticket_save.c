/* Attachments and original messages, saved beside what is there: nothing is ever overwritten. */
#include "ticket.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

#define SAVES_MAX 64
#define NAME_MAX_BYTES 120
#define TRIES_MAX 1000

/* A stranger chose this name: no folder, no hidden file, nothing that a terminal would obey. */
static void put_safe_name(struct buf *ret, const char *name)
{
	struct arena a = {0};
	const char *clean = text_clean_dup(&a, name, TEXT_ONE_LINE);
	size_t pos = 0, from = 0, start = ret->len;
	int width;

	clean += strspn(clean, ". ");
	while (pos < NAME_MAX_BYTES && text_next(clean, strlen(clean), &pos, &width)) {
		if (strchr("/\\:*?\"<>|", clean[from]))
			buf_add_char(ret, '_');
		else
			buf_add(ret, clean + from, pos - from);
		from = pos;
	}
	if (ret->len == start)
		buf_add_str(ret, "attachment");
	arena_finish(&a);
}

static bool free_path(const struct desk *d, const char *name, struct buf *ret)
{
	struct buf safe = {0};
	const char *dot;
	bool found = false;

	put_safe_name(&safe, name);
	dot = strrchr(safe.data, '.');
	for (int i = 1; i <= TRIES_MAX && !found; i++) {
		buf_reset(ret);
		if (i == 1)
			buf_printf(ret, "%s/%s", d->downloads, safe.data);
		else if (dot && dot != safe.data)
			buf_printf(ret, "%s/%.*s (%d)%s", d->downloads, (int)(dot - safe.data),
				   safe.data, i, dot);
		else
			buf_printf(ret, "%s/%s (%d)", d->downloads, safe.data, i);
		found = access(ret->data, F_OK) != 0;
	}
	buf_finish(&safe);
	return found;
}

static void fetch(struct screen *s, enum port_kind kind, const char *id, const char *name)
{
	struct desk *d = parts_desk(s);
	struct buf path = {0};

	if (!free_path(d, name, &path)) {
		host_say(screen_host(s), STYLE_ERROR, _("There are too many files called %s."),
			 name);
	} else {
		port_to_sync(d->port, kind, id, 0, false, path.data);
		host_say(screen_host(s), STYLE_NORMAL,
			 d->link == LINK_ONLINE
				 ? _("Fetching %s …")
				 : _("%s is fetched as soon as there is a connection."),
			 path.data);
	}
	buf_finish(&path);
}

struct save {
	const char *id, *name, *hint;
};

static size_t list_message(const struct message *m, struct save *ret, size_t max, struct arena *a)
{
	struct fact *items = arena_alloc(a, SAVES_MAX * sizeof(*items));
	size_t count = facts_read(m->attachments, items, SAVES_MAX, a), n = 0;

	for (size_t i = 0; i < count && n < max; i++) {
		struct fact facts[8];
		size_t fields = facts_read(items[i].text, facts, 8, a);
		struct buf size = {0};

		parts_put_size(&size, fact_number(facts, fields, "size"));
		ret[n].id = fact_text(facts, fields, "id");
		ret[n].name = fact_text(facts, fields, "name");
		ret[n].hint = arena_strdup(a, size.data);
		if (ret[n].id[0])
			n++;
		buf_finish(&size);
	}
	return n;
}

static size_t list_all(const struct ticket_view *v, struct save *ret, size_t max, struct arena *a)
{
	size_t count = 0;

	for (size_t i = v->count; i-- > 0 && count < max;)
		if (v->rows[i].kind == TIMELINE_MESSAGE && v->rows[i].message.attachments)
			count += list_message(&v->rows[i].message, ret + count, max - count, a);
	return count;
}

void ticket_save_begin(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	struct arena a = {0};
	struct save saves[SAVES_MAX];
	struct choice rows[SAVES_MAX];
	size_t count = list_all(v, saves, SAVES_MAX, &a);

	if (count == 0)
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("This ticket has no attachments."));
	else if (count == 1)
		fetch(s, PORT_ATTACHMENT, saves[0].id, saves[0].name);
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct choice){saves[i].id, saves[i].name, saves[i].hint};
	if (count > 1)
		host_pick(s, ASK_ATTACHMENT, _("Save which attachment?"), rows, count, NULL);
	arena_finish(&a);
}

void ticket_save_answer(struct screen *s, const char *key)
{
	struct ticket_view *v = screen_state(s);
	struct arena a = {0};
	struct save saves[SAVES_MAX];
	size_t count = list_all(v, saves, SAVES_MAX, &a);

	for (size_t i = 0; key && i < count; i++) {
		if (strcmp(saves[i].id, key) == 0) {
			fetch(s, PORT_ATTACHMENT, saves[i].id, saves[i].name);
			break;
		}
	}
	arena_finish(&a);
}

void ticket_save_raw(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	const struct timeline_row *at = ticket_text_row(v);
	char name[64];

	if (!at || at->kind != TIMELINE_MESSAGE || !at->message.has_raw) {
		at = NULL;
		for (size_t i = v->count; i-- > 0 && !at;)
			if (v->rows[i].kind == TIMELINE_MESSAGE && v->rows[i].message.has_raw)
				at = &v->rows[i];
	}
	if (!at) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("No message here came in by mail."));
		return;
	}
	snprintf(name, sizeof(name), "%s.eml",
		 v->row.ticket.number ? v->row.ticket.number : "message");
	fetch(s, PORT_RAW, at->message.id, name);
}
