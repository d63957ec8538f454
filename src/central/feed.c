/* Cursors and rows of the feed. */
#include "parts.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"

/* What decides a desk. When it changes, the reader's copy is of another desk and must begin anew. */
static void scope_make(const struct viewer *v, char ret[17])
{
	char text[3 * ID_TEXT];
	unsigned char hash[32];
	int i;

	snprintf(text, sizeof(text), "%s %s %d %d", v->agent_id, v->team_id, v->role, v->team_kind);
	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	for (i = 0; i < 8; i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

const char *cursor_make(const struct service *s, const struct viewer *v, int64_t seq,
			char ret[CURSOR_TEXT])
{
	char scope[17];

	scope_make(v, scope);
	snprintf(ret, CURSOR_TEXT, "%s.%lld.%s", s->epoch, (long long)seq, scope);
	return ret;
}

enum cursor_result cursor_read(const struct service *s, const struct viewer *v, const char *text,
			       int64_t *ret)
{
	char copy[CURSOR_TEXT], scope[17];
	char *first, *second;

	if (strlen(text) >= sizeof(copy))
		return CURSOR_BAD;
	strcpy(copy, text);
	first = strchr(copy, '.');
	second = first ? strchr(first + 1, '.') : NULL;
	if (!second)
		return CURSOR_BAD;
	*first = *second = '\0';
	if (!text_to_int(first + 1, 0, INT64_MAX, ret))
		return CURSOR_BAD;
	scope_make(v, scope);
	if (strcmp(copy, s->epoch) != 0 || strcmp(second + 1, scope) != 0)
		return CURSOR_GONE;
	return CURSOR_OK;
}

static void put_json_member(struct buf *ret, const char *name, const char *json)
{
	buf_printf(ret, ",\"%s\":", name);
	buf_add_str(ret, json ? json : "null");
}

void history_put(struct buf *ret, const struct change *c)
{
	char at[CLOCK_TEXT];

	buf_add_str(ret, ",\"operation\":");
	wire_put_text(ret, c->operation);
	buf_add_str(ret, ",\"action\":");
	wire_put_text(ret, c->action);
	buf_add_str(ret, ",\"agent_id\":");
	wire_put_text(ret, c->agent_id);
	buf_printf(ret, ",\"at\":\"%s\",\"ticket_id\":", clock_to_rfc3339(c->at, at));
	wire_put_text(ret, c->ticket_id);
	put_json_member(ret, "before", c->before);
	put_json_member(ret, "after", c->after);
}

void change_put(struct buf *ret, const struct change *c)
{
	buf_printf(ret, "{\"seq\":\"%lld\",\"type\":\"%s\",\"id\":\"%s\",\"version\":%lld",
		   (long long)c->seq, record_types[c->type].name, c->record_id,
		   (long long)c->version);
	history_put(ret, c);
	buf_add_char(ret, '}');
}
