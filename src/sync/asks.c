/* What an agent asks of the service: who somebody is, a card, a ticket that is not on the desk. One of a
 * kind at a time, and a new one takes the place of the one before it. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "room.h"

static void tell(struct sync *s, int64_t number, bool ok, const char *text)
{
	if (s->port != NULL)
		port_to_ui(s->port, PORT_ANSWER, NULL, number, ok, text);
}

static struct call *start_search(struct sync *s, const char *text)
{
	struct buf body = {0};
	struct call *c;

	buf_add_str(&body, "{\"q\":");
	wire_put_text(&body, text);
	buf_add_char(&body, '}');
	c = http_start(&s->http, "POST", "/v1/parties/search", body.data, NULL);
	buf_finish(&body);
	return c;
}

/* NULL when text cannot stand in an address. */
static struct call *start_get(struct sync *s, const char *text, const char *before,
			      const char *behind)
{
	struct buf url = {0};
	struct call *c;

	if (text[0] == '\0' || text[strspn(text, "0123456789abcdef-")] != '\0')
		return NULL;
	buf_printf(&url, "%s%s%s", before, text, behind);
	c = http_start(&s->http, "GET", url.data, NULL, NULL);
	buf_finish(&url);
	return c;
}

static struct call *start(struct sync *s, enum ask ask, const char *text)
{
	char number[TRACKING_TEXT];

	switch (ask) {
	case ASK_SEARCH:
	case ASK_LIKELY:
		return start_search(s, text);
	case ASK_PARTY:
		return start_get(s, text, "/v1/parties/", "/card");
	case ASK_TICKET:
		if (tracking_parse(text, number) == CHECK_OK)
			return start_get(s, number, "/v1/tickets/by-number/", "");
		return start_get(s, text, "/v1/tickets/", "");
	case ASK_TRY:
		return http_start(&s->http, "POST", "/v1/actions?dry_run=1", text, NULL);
	case ASKS:
		break;
	}
	return NULL;
}

void asks_start(struct sync *s, const struct port_message *m, bool online)
{
	enum ask ask = ASK_OF(m->number);

	call_finish(s->asks[ask]);
	s->asks[ask] = NULL;
	s->ask_numbers[ask] = m->number;
	if (!online) {
		tell(s, m->number, false, _("no connection with the service"));
		return;
	}
	s->asks[ask] = start(s, ask, m->text != NULL ? m->text : "");
	if (s->asks[ask] == NULL)
		tell(s, m->number, false, _("this cannot be asked of the service"));
	else
		http_poll(&s->http, 0);
}

/* A ticket goes into the mirror too: its screen reads it there. */
static bool keep_ticket(struct sync *s, const struct call *c, struct err *err)
{
	struct cJSON *json = apply_parse(c, err);
	int64_t fetched = s->report.fetched[RECORD_TICKET];
	bool ok = json != NULL && cache_begin(s->cache, err);

	if (ok) {
		ok = apply_record(s, RECORD_TICKET, json, err) && cache_commit(s->cache, err);
		if (!ok)
			cache_rollback(s->cache);
	}
	s->report.fetched[RECORD_TICKET] = fetched;
	wire_free(json);
	return ok;
}

static void answer(struct sync *s, enum ask ask, struct call *c)
{
	struct buf text = {0};
	struct err err = {0};

	if (call_failed(c, &err)) {
		tell(s, s->ask_numbers[ask], false, err.text);
	} else if (c->status == 404) {
		tell(s, s->ask_numbers[ask], false,
		     ask == ASK_TICKET ? _("the service has no such ticket for you")
				       : _("the service has nobody like that for you"));
	} else if (c->status != 200) {
		answer_error(c, &err);
		tell(s, s->ask_numbers[ask], false, err.text);
	} else if (ask != ASK_TICKET) {
		tell(s, s->ask_numbers[ask], true, c->body.len > 0 ? c->body.data : "");
	} else if (!keep_ticket(s, c, &err)) {
		tell(s, s->ask_numbers[ask], false, err.text);
	} else {
		buf_printf(&text, "{\"ticket\":%s}", c->body.data);
		tell(s, s->ask_numbers[ask], true, text.data);
	}
	buf_finish(&text);
}

void asks_check(struct sync *s, bool may_write)
{
	for (int i = 0; i < ASKS; i++) {
		struct call *c = s->asks[i];

		if (c == NULL || !c->done || (i == ASK_TICKET && !may_write))
			continue;
		s->asks[i] = NULL;
		answer(s, (enum ask)i, c);
		call_finish(c);
	}
}

void asks_stop(struct sync *s)
{
	for (int i = 0; i < ASKS; i++) {
		if (s->asks[i] == NULL)
			continue;
		call_finish(s->asks[i]);
		s->asks[i] = NULL;
		tell(s, s->ask_numbers[i], false, _("no connection with the service"));
	}
}
