/* Passes each call on to the engine of its connection. */
#include <string.h>
#include <strings.h>
#include "driver.h"
#include "balie/i18n.h"

static const struct store_driver *drivers[STORE_ENGINES] = {[STORE_SQLITE] = &sqlite_driver};

void store_know(enum store_engine kind, const struct store_driver *driver)
{
	drivers[kind] = driver;
}

enum store_engine store_engine_of(const char *url)
{
	/* In any case of letters: otherwise a slip would make a file of that name. */
	if (strncasecmp(url, "postgres:", 9) == 0 || strncasecmp(url, "postgresql:", 11) == 0)
		return STORE_POSTGRES;
	return STORE_SQLITE;
}

/* A word and ':' in front, or '=': an address, perhaps misspelt and with a password in it, never the
 * name of a file. */
static bool is_address(const char *url)
{
	size_t word = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+.-");

	return strncmp(url, "sqlite:", 7) != 0 &&
	       ((word > 0 && url[word] == ':') || strchr(url, '=') != NULL);
}

/* Adds "key=value", without the value when it may be a password: a key may also be written with %XX. */
static void show_parameter(const char *text, size_t len, struct buf *ret)
{
	const char *equals = memchr(text, '=', len);
	size_t key = equals ? (size_t)(equals - text) : len;

	if (equals && !memchr(text, '%', key) && !memmem(text, key, "pass", 4))
		key = len;
	buf_add(ret, text, key);
	if (key < len)
		buf_add_str(ret, "=...");
}

/* A password stands between the first ':' behind "://" and the last '@' (it may hold '/', '?' and '@'
 * that nobody wrote as %XX), or in a parameter. Rather too little is shown than too much. */
void store_show_url(const char *url, struct buf *ret)
{
	const char *slashes = strstr(url, "://"), *at, *colon;
	size_t len;

	if (store_engine_of(url) == STORE_SQLITE) {
		buf_add_str(ret, is_address(url) ? "..." : url);
		return;
	}
	/* Not an address of libpq's: who knows what stands in it. */
	if (!slashes || slashes > strchr(url, ':')) {
		buf_add(ret, url, (size_t)(strchr(url, ':') + 1 - url));
		buf_add_str(ret, "...");
		return;
	}
	url = slashes + 3;
	buf_add_str(ret, "postgresql://");
	at = strrchr(url, '@');
	colon = at ? memchr(url, ':', (size_t)(at - url)) : NULL;
	if (colon) {
		buf_add(ret, url, (size_t)(colon - url));
		url = at;
	}
	len = strcspn(url, "?");
	buf_add(ret, url, len);
	for (url += len; *url; url += len) {
		buf_add_char(ret, *url++);
		len = strcspn(url, "&");
		show_parameter(url, len, ret);
	}
}

bool store_open(struct store **ret, const char *url, const struct store_schema *schema,
		unsigned flags, struct err *err)
{
	enum store_engine kind = store_engine_of(url);

	if (kind == STORE_SQLITE && is_address(url)) {
		/* Nor here. */
		err_set(err, ERR_INPUT,
			_("this is no address of a database; write sqlite:PATH or "
			  "postgresql://..."));
		return false;
	}
	if (!drivers[kind] || !schema->dialects[kind].statements) {
		/* Without the words of the URL: there may be a password in it. */
		err_set(err, ERR_INPUT, _("this program knows no other databases than SQLite"));
		return false;
	}
	return drivers[kind]->open(ret, url, schema, flags, err);
}

void store_close(struct store *st)
{
	if (st)
		st->driver->close(st);
}

/* ---- transactions ---- */

static bool begin(struct store *st, bool (*how)(struct store *, struct err *), struct err *err)
{
	if (store_in_transaction(st)) {
		err_set(err, ERR_INTERNAL, "%s: a transaction within a transaction",
			st->schema->what);
		return false;
	}
	return how(st, err);
}

bool store_begin(struct store *st, struct err *err)
{
	return begin(st, st->driver->begin, err);
}

bool store_begin_read(struct store *st, struct err *err)
{
	return begin(st, st->driver->begin_read, err);
}

bool store_commit(struct store *st, struct err *err)
{
	return st->driver->commit(st, err);
}

void store_rollback(struct store *st)
{
	st->driver->rollback(st);
}

bool store_savepoint(struct store *st, struct err *err)
{
	if (!store_in_transaction(st)) {
		err_set(err, ERR_INTERNAL, "%s: a savepoint outside a transaction",
			st->schema->what);
		return false;
	}
	return st->driver->savepoint(st, err);
}

bool store_release(struct store *st, struct err *err)
{
	return st->driver->release(st, err);
}

void store_rollback_to(struct store *st)
{
	if (store_in_transaction(st))
		st->driver->rollback_to(st);
}

bool store_in_transaction(const struct store *st)
{
	return st->driver->in_transaction(st);
}

/* ---- statements ---- */

struct store_query *store_query(struct store *st, unsigned statement)
{
	return st->driver->query(st, statement);
}

void store_bind_text(struct store_query *q, int i, const char *text)
{
	if (text)
		q->st->driver->bind_text(q, i, text);
	else
		q->st->driver->bind_null(q, i);
}

void store_bind_int(struct store_query *q, int i, int64_t value)
{
	q->st->driver->bind_int(q, i, value);
}

void store_bind_int_or_null(struct store_query *q, int i, int64_t value)
{
	if (value == 0)
		q->st->driver->bind_null(q, i);
	else
		q->st->driver->bind_int(q, i, value);
}

void store_bind_blob(struct store_query *q, int i, const void *data, size_t len)
{
	/* An empty blob is not null. */
	q->st->driver->bind_blob(q, i, data ? data : "", data ? len : 0);
}

void store_bind_null(struct store_query *q, int i)
{
	q->st->driver->bind_null(q, i);
}

enum store_step store_step(struct store_query *q, struct err *err)
{
	return q->st->driver->step(q, err);
}

bool store_run(struct store_query *q, struct err *err)
{
	enum store_step step;

	do {
		step = store_step(q, err);
	} while (step == STORE_ROW);
	return step == STORE_DONE;
}

void store_done(struct store_query *q)
{
	q->st->driver->done(q);
}

const char *store_column_text(struct store_query *q, int col)
{
	return q->st->driver->column_text(q, col);
}

int64_t store_column_int(struct store_query *q, int col)
{
	return q->st->driver->column_int(q, col);
}

const void *store_column_blob(struct store_query *q, int col, size_t *ret_len)
{
	return q->st->driver->column_blob(q, col, ret_len);
}

enum store_type store_column_type(struct store_query *q, int col)
{
	return q->st->driver->column_type(q, col);
}

bool store_column_null(struct store_query *q, int col)
{
	return store_column_type(q, col) == STORE_NULL;
}

int store_column_count(struct store_query *q)
{
	return q->st->driver->column_count(q);
}

const char *store_column_name(struct store_query *q, int col)
{
	return q->st->driver->column_name(q, col);
}

/* ---- what else there is to know ---- */

int64_t store_changes(const struct store *st)
{
	return st->driver->changes(st);
}

bool store_check(struct store *st, struct err *err)
{
	return st->driver->check(st, err);
}

bool store_backup(struct store *st, const char *path, struct err *err)
{
	return st->driver->backup(st, path, err);
}

bool store_fill_begin(struct store *st, struct err *err)
{
	return st->driver->fill_begin(st, err);
}

bool store_fill_end(struct store *st, struct err *err)
{
	return st->driver->fill_end(st, err);
}

int64_t store_data_version(struct store *st)
{
	return st->driver->data_version(st);
}

int64_t store_log_pages(const struct store *st)
{
	return st->driver->log_pages != NULL ? st->driver->log_pages(st) : 0;
}

bool store_tidy(struct store *st, struct err *err)
{
	return st->driver->tidy == NULL || st->driver->tidy(st, err);
}

bool store_tell(struct store *st, const char *text, struct err *err)
{
	return st->driver->tell(st, text, err);
}

bool store_hear(struct store *st, struct buf *ret)
{
	return st->driver->hear(st, ret);
}
