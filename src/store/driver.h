/* What an engine does for store.h, which store.c passes on. Nothing outside this room sees it. */
#pragma once
#include "balie/store.h"

struct store_driver {
	bool (*open)(struct store **ret, const char *url, const struct store_schema *schema,
		     unsigned flags, struct err *err);
	void (*close)(struct store *st);
	bool (*begin)(struct store *st, struct err *err);
	bool (*begin_read)(struct store *st, struct err *err);
	bool (*commit)(struct store *st, struct err *err);
	void (*rollback)(struct store *st);
	bool (*savepoint)(struct store *st, struct err *err);
	bool (*release)(struct store *st, struct err *err);
	void (*rollback_to)(struct store *st);
	bool (*in_transaction)(const struct store *st);

	struct store_query *(*query)(struct store *st, unsigned statement);
	void (*bind_text)(struct store_query *q, int i, const char *text);
	void (*bind_int)(struct store_query *q, int i, int64_t value);
	void (*bind_blob)(struct store_query *q, int i, const void *data, size_t len);
	void (*bind_null)(struct store_query *q, int i);
	enum store_step (*step)(struct store_query *q, struct err *err);
	void (*done)(struct store_query *q);
	const char *(*column_text)(struct store_query *q, int col);
	int64_t (*column_int)(struct store_query *q, int col);
	const void *(*column_blob)(struct store_query *q, int col, size_t *ret_len);
	enum store_type (*column_type)(struct store_query *q, int col);
	int (*column_count)(struct store_query *q);
	const char *(*column_name)(struct store_query *q, int col);

	int64_t (*changes)(const struct store *st);
	bool (*check)(struct store *st, struct err *err);
	bool (*backup)(struct store *st, const char *path, struct err *err);
	bool (*fill_begin)(struct store *st, struct err *err);
	bool (*fill_end)(struct store *st, struct err *err);
	int64_t (*data_version)(struct store *st);
	int64_t (*log_pages)(const struct store *st);	 /* NULL: it has none */
	bool (*tidy)(struct store *st, struct err *err); /* NULL: it need not */
	bool (*tell)(struct store *st, const char *text, struct err *err);
	bool (*hear)(struct store *st, struct buf *ret);
};

/* Each engine's own structs begin with these. */
struct store {
	const struct store_driver *driver;
	const struct store_schema *schema;
};
struct store_query {
	struct store *st;
};

extern const struct store_driver sqlite_driver, postgres_driver;
/* Makes an engine known to store_open(). */
void store_know(enum store_engine kind, const struct store_driver *driver);
