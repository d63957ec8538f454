/* balied check: the changes of each ticket, one after the other. What a change says was there before it
 * must be what the change before it left, and what the last ones left must be there now. A new ticket's
 * own values stand in no row of the journal, so a field that was never changed cannot be checked. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/wire.h"
#include "central_sql.h"
#include "journal.h"

#define TICKETS 1000
#define ROWS 4000
#define FIELDS_MAX 32

struct walk {
	struct inspection *check;
	/* The journal's rows, by ticket and number. */
	struct store_query *q;
	bool page, row; /* q gives rows; one is at hand */
	int64_t got, seq;
	char ticket[64], ask_ticket[64];
	int64_t ask_seq;
	unsigned char nothing[32]; /* hash of a payload without before and after */
	/* The ticket at hand. */
	struct arena arena;
	struct buf text;
	struct ticket record;
	bool is_open;
	int64_t version;
	const char *left[FIELDS_MAX]; /* what the journal left in each field; NULL: not known */
	uint64_t *followers;	      /* hashes of those that the journal says there are */
	size_t follower_count;
};

/* ---- rows ---- */

static bool next_row(struct walk *w, struct err *err)
{
	enum store_step step;

	for (;;) {
		if (!w->page) {
			memcpy(w->ask_ticket, w->ticket, sizeof(w->ask_ticket));
			w->ask_seq = w->seq;
			w->q = store_query(w->check->town.store, CENTRAL_SQL_CHECK_TICKET_ROWS);
			store_bind_int(w->q, 1, ROWS);
			store_bind_text(w->q, 2, w->ask_ticket);
			store_bind_int(w->q, 3, w->ask_seq);
			w->page = true;
			w->got = 0;
		}
		step = store_step(w->q, err);
		if (step != STORE_DONE)
			break;
		store_done(w->q);
		w->page = false;
		if (w->got < ROWS)
			break;
	}
	w->row = step == STORE_ROW;
	if (w->row) {
		w->got++;
		snprintf(w->ticket, sizeof(w->ticket), "%s", store_column_text(w->q, 0));
		w->seq = store_column_int(w->q, 1);
	}
	return step != STORE_FAILED;
}

/* ---- JSON as wire_put() wrote it: one level of names and values, compared as text ---- */

/* Behind the value that starts at s. */
static const char *skip_value(const char *s)
{
	int depth = 0;
	bool quoted = false;

	for (; *s != '\0'; s++) {
		if (quoted && *s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*s == '[' || *s == '{')
			depth++;
		else if (depth == 0 && (*s == ',' || *s == '}'))
			break;
		else if (*s == ']' || *s == '}')
			depth--;
	}
	return s;
}

struct member {
	int field; /* -1: no field of a ticket */
	const char *value;
	size_t len;
};

static int find_field(const char *name, size_t len)
{
	const struct record_type *type = &record_types[RECORD_TICKET];

	for (size_t i = 0; i < type->field_count; i++)
		if (strlen(type->fields[i].name) == len &&
		    memcmp(type->fields[i].name, name, len) == 0)
			return (int)i;
	return -1;
}

/* Reads the next member; *at starts at the '{'. False behind the last. */
static bool next_member(const char **at, struct member *ret)
{
	const char *name, *end;

	if (*at == NULL || (**at != '{' && **at != ',') || (*at)[1] != '"')
		return false;
	name = *at + 2;
	end = strchr(name, '"');
	if (end == NULL || end[1] != ':')
		return false;
	ret->field = find_field(name, (size_t)(end - name));
	ret->value = end + 2;
	*at = skip_value(ret->value);
	ret->len = (size_t)(*at - ret->value);
	return true;
}

/* ---- one ticket ---- */

/* What stands in a citizen's fields is not for a terminal. */
static bool differs(struct walk *w, int field, const char *is, const char *left, struct err *err)
{
	const struct field *f = &record_types[RECORD_TICKET].fields[field];

	if ((f->flags & FIELD_PERSONAL) != 0)
		err_set(err, ERR_CORRUPT, _("ticket %s: its %s is not what the journal says"),
			w->record.number, f->name);
	else
		err_set(err, ERR_CORRUPT, _("ticket %s: its %s is %s, but the journal says %s"),
			w->record.number, f->name, is, left);
	return false;
}

/* An undo of which nothing is left turned around what was. */
static void fold_follow(struct walk *w, enum check_row is, const char *agent_id)
{
	struct check_sum *sum = &w->check->follows_journal;
	uint64_t h = check_hash(w->check, w->record.id, agent_id != NULL ? agent_id : "", 0);
	size_t i = 0;

	while (i < w->follower_count && w->followers[i] != h)
		i++;
	if (i < w->follower_count && is != CHECK_FOLLOW) {
		w->followers[i] = w->followers[--w->follower_count];
		sum->records--;
		sum->sum -= h;
	} else if (i == w->follower_count && is != CHECK_UNFOLLOW) {
		w->followers = xrealloc(w->followers, (i + 1) * sizeof(*w->followers));
		w->followers[w->follower_count++] = h;
		sum->records++;
		sum->sum += h;
	}
}

static bool fold_row(struct walk *w, struct err *err)
{
	const char *before = store_column_text(w->q, 3), *after = store_column_text(w->q, 4);
	int64_t version = store_column_int(w->q, 2);
	struct member m;
	size_t len;
	const void *hash = store_column_blob(w->q, 5, &len);
	bool blank =
		before == NULL && after == NULL && len == 32 && memcmp(hash, w->nothing, 32) != 0;
	enum check_row is = check_row_kind(store_column_text(w->q, 6), after, blank);
	bool follows = is == CHECK_UNKNOWN ? version == w->version : is != CHECK_CHANGE;

	if (version != w->version + !follows) {
		err_set(err, ERR_CORRUPT,
			_("ticket %s: row %lld of the journal is of version %lld, behind %lld"),
			w->record.number, (long long)w->seq, (long long)version,
			(long long)w->version);
		return false;
	}
	w->version = version;
	if (follows) {
		fold_follow(w, is, store_column_text(w->q, 7));
		return true;
	}
	/* It may have changed any field. */
	if (blank)
		memset(w->left, 0, sizeof(w->left));
	while (next_member(&before, &m)) {
		const char *was = arena_strndup(&w->arena, m.value, m.len);

		if (m.field >= 0 && w->left[m.field] != NULL && strcmp(was, w->left[m.field]) != 0)
			return differs(w, m.field, was, w->left[m.field], err);
	}
	while (next_member(&after, &m))
		if (m.field >= 0)
			w->left[m.field] = arena_strndup(&w->arena, m.value, m.len);
	return true;
}

/* The field as it is now, as the journal would write it. */
static const char *value_now(struct walk *w, int field)
{
	struct member m = {0};
	const char *at;

	buf_reset(&w->text);
	wire_put(&w->text, &record_types[RECORD_TICKET].fields[field], 1, &w->record);
	at = w->text.data;
	return next_member(&at, &m) ? arena_strndup(&w->arena, m.value, m.len) : "";
}

static bool check_record(struct walk *w, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	const char *is;

	if (w->version != w->record.version) {
		err_set(err, ERR_CORRUPT,
			_("%s %s is of version %lld, but the journal left it at %lld"), type->name,
			w->record.number, (long long)w->record.version, (long long)w->version);
		return false;
	}
	for (int i = 0; i < (int)type->field_count; i++) {
		if (w->left[i] == NULL)
			continue;
		is = value_now(w, i);
		if (strcmp(is, w->left[i]) != 0)
			return differs(w, i, is, w->left[i], err);
	}
	if (w->is_open != state_is_open(w->record.state)) {
		err_set(err, ERR_CORRUPT,
			_("ticket %s is kept among the open ones or the others otherwise than its "
			  "state says"),
			w->record.number);
		return false;
	}
	w->check->open += w->is_open;
	return true;
}

static bool check_ticket(struct walk *w, struct err *err)
{
	w->version = 0;
	w->follower_count = 0;
	memset(w->left, 0, sizeof(w->left));
	/* A ticket that is only in the journal was found by the sums. */
	while (w->row && strcmp(w->ticket, w->record.id) < 0)
		if (!next_row(w, err))
			return false;
	while (w->row && strcmp(w->ticket, w->record.id) == 0)
		if (!fold_row(w, err) || !next_row(w, err))
			return false;
	return check_record(w, err);
}

static bool check_page(struct walk *w, char after[64], int64_t *got, struct err *err)
{
	const struct record_type *type = &record_types[RECORD_TICKET];
	struct store_query *q = store_query(w->check->town.store, CENTRAL_SQL_CHECK_TICKETS);
	size_t columns = type->field_count - 1; /* without followed */
	char last[64] = "";
	enum store_step step;

	store_bind_int(q, 1, TICKETS);
	store_bind_text(q, 2, after);
	for (*got = 0; (step = store_step(q, err)) == STORE_ROW; (*got)++) {
		arena_reset(&w->arena);
		memset(&w->record, 0, sizeof(w->record));
		store_column_fields(q, 0, type->fields, columns, &w->record, &w->arena);
		w->is_open = store_column_int(q, (int)columns) != 0;
		snprintf(last, sizeof(last), "%s", w->record.id);
		if (!check_ticket(w, err)) {
			step = STORE_FAILED;
			break;
		}
	}
	store_done(q);
	memcpy(after, last, sizeof(last));
	return step == STORE_DONE;
}

bool check_tickets(struct inspection *c, struct err *err)
{
	struct walk *w = xcalloc(1, sizeof(*w));
	char after[64] = "";
	int64_t got = TICKETS;
	bool ok;

	_Static_assert(FIELDS_MAX > 25, "one for each field of a ticket");
	w->check = c;
	journal_hash_payload(NULL, NULL, w->nothing);
	ok = next_row(w, err);
	while (ok && got == TICKETS)
		ok = check_page(w, after, &got, err);
	if (w->q != NULL)
		store_done(w->q);
	arena_finish(&w->arena);
	buf_finish(&w->text);
	free(w->followers);
	free(w);
	return ok;
}
