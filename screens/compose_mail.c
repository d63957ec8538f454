/* What belongs to a mail: to whom, in which language, what is quoted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "compose.h"
#include "facts.h"

#define KNOWN "address" /* kind of what is kept in work.db */
#define KNOWN_MAX 150

/* ---- addresses ---- */

/* From text on the next address, without the spaces around it; *more: a comma stands behind it. NULL at
 * the end. */
static const char *next_piece(const char **text, size_t *len, bool *more)
{
	const char *start = *text + strspn(*text, " ,;"), *p = start, *end;
	bool quoted = false, angle = false;

	if (!*start)
		return NULL;
	for (; *p && (quoted || angle || (*p != ',' && *p != ';')); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == '<' || *p == '>'))
			angle = *p == '<';
	}
	*more = *p != '\0';
	*text = p;
	for (end = p; end > start && end[-1] == ' '; end--)
		;
	*len = (size_t)(end - start);
	return start;
}

/* The address itself in "An Claes <an@x.be>". */
static bool read_address(const char *piece, size_t len, char ret[255])
{
	char *copy = xasprintf("%.*s", (int)len, piece);
	const char *angle = strrchr(copy, '<');
	size_t space = strcspn(angle ? angle : copy, " ");
	bool ok = (angle || !(angle ? angle : copy)[space]) &&
		  email_parse(angle ? angle : copy, ret) == CHECK_OK;

	free(copy);
	return ok;
}

bool compose_addresses(const char *text, bool all, size_t *ret_count, struct err *err)
{
	char address[255];
	const char *piece;
	size_t len, count = 0;
	bool more;

	while ((piece = next_piece(&text, &len, &more))) {
		count++;
		if ((!all && !more) || read_address(piece, len, address))
			continue;
		err_set(err, ERR_INPUT, _("“%.*s” is no mail address"), (int)len, piece);
		return false;
	}
	*ret_count = count;
	return true;
}

bool compose_wrong(const struct compose *v, enum compose_field field, struct err *err)
{
	size_t count;

	if (!compose_is_mail(v) || (field != COMPOSE_TO && field != COMPOSE_CC))
		return false;
	return !compose_addresses(line_text(v->lines[field]), v->focus != field, &count, err);
}

/* A name with a comma is one name, not two addresses. */
static const char *quote_name(const char *from, struct arena *a)
{
	const char *angle = strrchr(from, '<');
	struct buf name = {0};
	const char *ret;

	if (!angle || angle == from || strchr(from, '"') || !strpbrk(from, ",;:()[]@\\") ||
	    strpbrk(from, ",;:()[]@\\") > angle)
		return from;
	while (angle > from && angle[-1] == ' ')
		angle--;
	buf_add_char(&name, '"');
	for (const char *p = from; p < angle; p++)
		if (*p != '\\')
			buf_add_char(&name, *p);
	buf_printf(&name, "\" %s", strrchr(from, '<'));
	ret = arena_strdup(a, name.data);
	buf_finish(&name);
	return ret;
}

static bool is_in(const struct timeline_row *row)
{
	/* A stranger's text is not answered before somebody said that it belongs here. */
	return row->kind == TIMELINE_MESSAGE && row->message.direction == DIRECTION_IN &&
	       row->message.state != MESSAGE_DECLINED && row->message.state != MESSAGE_SUSPECTED &&
	       row->message.sender == SENDER_PERSON;
}

/* Does a mail come from one of the addresses of the citizen? */
static bool is_of_party(const struct message *m, const struct party *party, struct arena *a)
{
	struct fact items[20], facts[8];
	char from[255];
	size_t count = facts_read(party->emails, items, 20, a);

	if (!m->from_text || !read_address(m->from_text, strlen(m->from_text), from))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(fact_text(facts, facts_read(items[i].text, facts, 8, a), "value"),
			       from) == 0)
			return true;
	return false;
}

/* Who wrote first is the citizen, and who writes from an address of his; others were asked something. */
static bool is_citizen(const struct message *m, const struct message *first,
		       const struct party *party, struct arena *a)
{
	return m->channel != CHANNEL_MAIL || !m->from_text ||
	       (first->from_text && strcasecmp(m->from_text, first->from_text) == 0) ||
	       (party && is_of_party(m, party, a));
}

const struct message *compose_asked(struct desk *d, const struct compose *v,
				    const struct timeline_row *rows, size_t count, struct arena *a)
{
	const struct message *first = NULL, *ret = NULL;
	struct party party;
	bool known = v->row.ticket.party_id &&
		     cache_party(d->cache, d->work, v->row.ticket.party_id, &party, a, NULL);

	for (size_t i = 0; i < count; i++) {
		if (!is_in(&rows[i]))
			continue;
		if (!first)
			first = &rows[i].message;
		if (v->kind == COMPOSE_FORWARD ||
		    is_citizen(&rows[i].message, first, known ? &party : NULL, a))
			ret = &rows[i].message;
	}
	return ret;
}

/* Where the answer goes: back to where the question came from, else to the first address we know of
 * the citizen. Left empty, the service looks for the reporter. */
const char *compose_receiver(struct desk *d, const struct compose *v, const struct message *in,
			     struct arena *a)
{
	struct party party;
	struct fact item, facts[8];

	if (in && in->from_text && strchr(in->from_text, '@'))
		return quote_name(in->from_text, a);
	if (!v->row.ticket.party_id ||
	    !cache_party(d->cache, d->work, v->row.ticket.party_id, &party, a, NULL))
		return "";
	if (facts_read(party.emails, &item, 1, a) == 0)
		return "";
	return fact_text(facts, facts_read(item.text, facts, 8, a), "value");
}

/* ---- addresses that were written to before ---- */

static void read_known(struct compose *v, struct desk *d)
{
	struct buf all = {0};
	struct kept *rows;
	struct arena a = {0};
	size_t count;

	if (work_kept_all(d->work, KNOWN, &rows, &count, &a, NULL))
		for (size_t i = 0; i < count; i++)
			buf_printf(&all, "%s\n", rows[i].name);
	v->known = buf_take(&all);
	arena_finish(&a);
}

static bool fits(const char *known, size_t len, const char *typed, size_t typed_len)
{
	const char *angle = memchr(known, '<', len);

	if (len > typed_len && strncasecmp(known, typed, typed_len) == 0)
		return true;
	return angle && (size_t)(known + len - angle) > typed_len &&
	       strncasecmp(angle + 1, typed, typed_len) == 0;
}

const char *compose_known_address(struct compose *v, struct desk *d, const char *text)
{
	static char ret[400];
	const char *piece, *last = NULL;
	size_t len, last_len = 0;
	bool more = true;

	while ((piece = next_piece(&text, &len, &more))) {
		last = piece;
		last_len = len;
	}
	if (!last || more)
		return NULL;
	if (!v->known)
		read_known(v, d);
	for (const char *p = v->known; *p; p += strcspn(p, "\n") + 1) {
		len = strcspn(p, "\n");
		if (len < sizeof(ret) && fits(p, len, last, last_len)) {
			snprintf(ret, sizeof(ret), "%.*s", (int)len, p);
			return ret;
		}
	}
	return NULL;
}

static void forget_oldest(struct work *w)
{
	struct kept *rows;
	struct arena a = {0};
	size_t count, oldest = 0;

	if (work_kept_all(w, KNOWN, &rows, &count, &a, NULL) && count >= KNOWN_MAX) {
		for (size_t i = 1; i < count; i++)
			if (strtoll(rows[i].value, NULL, 10) <
			    strtoll(rows[oldest].value, NULL, 10))
				oldest = i;
		work_forget(w, KNOWN, rows[oldest].name, NULL);
	}
	arena_finish(&a);
}

void compose_remember_addresses(struct desk *d, const char *text)
{
	const char *piece;
	char when[24];
	size_t len;
	bool more;

	snprintf(when, sizeof(when), "%lld", (long long)clock_now());
	while ((piece = next_piece(&text, &len, &more))) {
		char *name = xasprintf("%.*s", (int)len, piece);

		forget_oldest(d->work);
		if (len < 300)
			work_keep(d->work, KNOWN, name, when, NULL);
		free(name);
	}
}

/* ---- language and mailbox ---- */

void compose_find_language(struct compose *v, struct desk *d, const struct message *in)
{
	struct party party;
	struct arena a = {0};
	const char *language = NULL;

	if (v->row.ticket.party_id &&
	    cache_party(d->cache, d->work, v->row.ticket.party_id, &party, &a, NULL))
		language = party.language;
	if (!language || strlen(language) != 2)
		language = in ? in->language : NULL;
	snprintf(v->language, sizeof(v->language), "%s",
		 language && strlen(language) == 2 ? language : "nl");
	arena_finish(&a);
}

/* Which one it goes out from the service says; when there is only one, it is known here. */
void compose_find_mailbox(struct compose *v, struct desk *d)
{
	struct mailbox *rows;
	struct arena a = {0};
	size_t count, n = 0;

	v->from[0] = '\0';
	if (cache_mailboxes(d->cache, &rows, &count, &a, NULL)) {
		for (size_t i = 0; i < count; i++) {
			if (!rows[i].address || text_same(rows[i].reason, "not-configured"))
				continue;
			snprintf(v->from, sizeof(v->from), "%s", rows[i].address);
			n++;
		}
	}
	if (n > 1)
		snprintf(v->from, sizeof(v->from), "%s", _("the mailbox"));
	arena_finish(&a);
}

/* ---- quoting ---- */

/* In the language of who reads it, whatever that of the screen is. */
static void put_attribution(struct buf *ret, const struct message *m, const char *who,
			    const char *language)
{
	static const struct {
		const char *language, *words;
	} rows[] = {
		{"nl", "Op %02d/%02d/%d om %02d:%02d schreef %.*s:\n"},
		{"fr", "Le %02d/%02d/%d à %02d:%02d, %.*s a écrit :\n"},
		{"de", "Am %02d.%02d.%d um %02d:%02d schrieb %.*s:\n"},
		{"en", "On %02d/%02d/%d at %02d:%02d, %.*s wrote:\n"},
	};
	size_t len, row = 0;
	struct clock_local at;

	if (m->from_text && m->from_text[0])
		who = m->from_text;
	if (!who)
		who = "?";
	len = strcspn(who, "<");
	while (len && who[len - 1] == ' ')
		len--;
	if (!len)
		len = strlen(who);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].language, language) == 0)
			row = i;
	clock_local(m->created_at, &at);
	buf_printf(ret, rows[row].words, at.day, at.month, at.year, at.hour, at.minute, (int)len,
		   who);
}

static void put_quoted(struct buf *ret, const char *text, size_t len)
{
	const char *end = text + len;

	while (len && strchr(" \t\r\n", end[-1])) {
		end--;
		len--;
	}
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (!stop)
			stop = end;
		/* What is quoted already gets one sign more, and no space between. */
		buf_add_str(ret, *text == '>' ? ">" : text == stop ? ">" : "> ");
		buf_add(ret, text, (size_t)(stop - text));
		buf_add_char(ret, '\n');
		text = stop + (stop < end);
	}
}

void compose_put_quote(struct buf *ret, const struct message *m, const char *who, bool whole,
		       const char *language)
{
	const char *body = m->body ? m->body : "";
	size_t len = strlen(body);

	if (!whole && m->quoted_at > 0 && (size_t)m->quoted_at < len)
		len = (size_t)m->quoted_at;
	if (!whole && m->signature_at > 0 && (size_t)m->signature_at < len)
		len = (size_t)m->signature_at;
	buf_add_str(ret, "\n\n");
	put_attribution(ret, m, who, language);
	put_quoted(ret, body, len);
}

void compose_quote(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct timeline_row *rows = NULL;
	const struct message *in = NULL;
	struct arena a = {0};
	struct buf text = {0};
	size_t count = 0, cursor = editor_cursor(v->body);
	bool complete;

	if (cache_timeline(d->cache, d->work, v->id, &rows, &count, &complete, &a, NULL))
		in = compose_asked(d, v, rows, count, &a);
	if (!in) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("There is no message to quote."));
		goto out;
	}
	compose_put_quote(&text, in, v->row.ticket.party_name, false, v->language);
	if (strstr(editor_text(v->body), text.data + strspn(text.data, "\n"))) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("It is quoted already."));
		goto out;
	}
	/* Below what is written; the cursor stays where it was. As typed, so that it can be undone. */
	editor_set_cursor(v->body, strlen(editor_text(v->body)));
	editor_feed(v->body, &(struct key){.name = "Paste", .paste = text.data});
	editor_set_cursor(v->body, cursor);
	v->focus = COMPOSE_BODY;
	compose_keep(s);
	screen_redraw(s);
out:
	buf_finish(&text);
	arena_finish(&a);
}
