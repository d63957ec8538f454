/* The service's event stream: it only says that there is something new, and who looks where. */
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "room.h"

#define SILENCE_MS 65000 /* it sends a sign of life every 20 s */
#define DATA_MAX 262144

/* "Jan Claes\tlooks\n…", without ourselves. */
static void tell_presence(struct sync *s, const struct cJSON *json)
{
	const char *ticket = json_text(json, "ticket_id");
	const struct cJSON *who;
	struct buf text = {0};

	for (who = json_first(json_member(json, "who")); who != NULL; who = json_next(who)) {
		const char *id = json_text(who, "agent_id"), *name = json_text(who, "name");

		if (name == NULL || text_same(id, s->me))
			continue;
		text_clean(&text, name, strlen(name), TEXT_ONE_LINE);
		buf_add_str(&text, json_true(who, "typing") ? "\ttypes\n" : "\tlooks\n");
	}
	if (ticket != NULL && s->port != NULL)
		port_to_ui(s->port, PORT_OTHERS, ticket, 0, false,
			   text.data != NULL ? text.data : "");
	buf_finish(&text);
}

static void take_event(struct sync *s)
{
	struct stream *st = &s->stream;
	struct cJSON *json;

	st->spoke = true;
	if (strcmp(st->event, "upto") == 0) {
		s->bell = true;
	} else if (strcmp(st->event, "presence") == 0 && st->data.len > 0) {
		json = wire_parse(st->data.data, st->data.len, NULL);
		if (json != NULL)
			tell_presence(s, json);
		wire_free(json);
	}
	st->event[0] = '\0';
	buf_reset(&st->data);
}

static const char *field(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	return line[n + 1] == ' ' ? line + n + 2 : line + n + 1;
}

static void take_line(struct sync *s, const char *line)
{
	struct stream *st = &s->stream;
	const char *value;

	if (line[0] == '\0') {
		take_event(s);
	} else if ((value = field(line, "event")) != NULL) {
		snprintf(st->event, sizeof(st->event), "%.31s", value);
	} else if ((value = field(line, "data")) != NULL && st->data.len < DATA_MAX) {
		buf_add_str(&st->data, value);
	}
}

static bool take_piece(void *user, const char *data, size_t len)
{
	struct sync *s = user;
	struct stream *st = &s->stream;

	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n') {
			if (st->len > 0 && st->line[st->len - 1] == '\r')
				st->len--;
			st->line[st->len] = '\0';
			take_line(s, st->line);
			st->len = 0;
		} else if (st->len < sizeof(st->line) - 1) {
			st->line[st->len++] = data[i];
		}
	}
	return true;
}

static void ask_long_poll(struct sync *s)
{
	struct arena a = {0};
	const char *cursor = cache_get(s->cache, "cursor", &a);
	struct buf url = {0};

	buf_printf(&url, "/v1/changes?limit=500&wait=25&after=%s", cursor != NULL ? cursor : "");
	s->long_poll = http_start(&s->http, "GET", url.data, NULL, NULL);
	buf_finish(&url);
	arena_finish(&a);
}

void stream_start(struct sync *s)
{
	struct stream *st = &s->stream;

	st->len = 0;
	st->event[0] = '\0';
	st->spoke = false;
	buf_reset(&st->data);
	if (st->refused)
		ask_long_poll(s);
	else
		st->call = http_start_stream(&s->http, "/v1/changes", take_piece, s);
}

void stream_stop(struct sync *s)
{
	call_finish(s->stream.call);
	call_finish(s->long_poll);
	s->stream.call = NULL;
	s->long_poll = NULL;
}

static bool check_long_poll(struct sync *s, struct err *err)
{
	struct call *c = s->long_poll;
	bool ok;

	if (c == NULL || !c->done)
		return true;
	/* What it brought is asked for again by the one path that applies pages: simpler, and only
	 * for services without a stream. */
	ok = !call_failed(c, err);
	if (ok && c->status == 401) {
		answer_error(c, err);
		ok = false;
	} else if (ok && c->status >= 500) {
		answer_error(c, err);
		ok = false;
	}
	call_finish(c);
	s->long_poll = NULL;
	s->bell = true;
	return ok;
}

/* After the fetch that its bell brought, so that it starts from the new cursor. */
static void renew_long_poll(struct sync *s)
{
	if (s->stream.refused && s->long_poll == NULL && !s->bell)
		ask_long_poll(s);
}

bool stream_check(struct sync *s, struct err *err)
{
	struct stream *st = &s->stream;
	struct call *c = st->call;

	if (st->refused) {
		renew_long_poll(s);
		return check_long_poll(s, err);
	}
	if (c == NULL)
		return true;
	if (!c->done && clock_mono() - c->heard_at > SILENCE_MS) {
		err_set(err, ERR_NET, _("the service has fallen silent"));
		return false;
	}
	if (!c->done)
		return true;
	if (c->result == CURLE_OK && c->status == 401) {
		answer_error(c, err);
		return false;
	}
	if (c->result == CURLE_OK && c->status != 200 && c->status < 500 && c->status != 429) {
		st->refused = true;
		stream_stop(s);
		return true;
	}
	if (!call_failed(c, err))
		err_set(err, ERR_NET, _("the service has ended the connection"));
	return false;
}
