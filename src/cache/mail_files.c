/* Files that go along with a mail, until the service has them and nothing here refers to them. */
#include <string.h>
#include "balie/cache.h"
#include "balie/i18n.h"
#include "balie/wire.h"
#include "room.h"
#include "work_sql.h"

#define KEEP_MS (INT64_C(60) * 60 * 1000) /* a mail that is taken back wants its files again */

bool work_file_begin(struct work *w, int64_t now, char ret_id[ID_TEXT], struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_BEGIN);

	store_bind_text(q, 1, id_new(ret_id));
	store_bind_int(q, 2, now);
	return store_run(q, err);
}

bool work_file_add(struct work *w, const char *id, int part, const void *data, size_t len,
		   struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_ADD);

	store_bind_text(q, 1, id);
	store_bind_int(q, 2, part);
	store_bind_blob(q, 3, data, len);
	return store_run(q, err);
}

static bool drop(struct work *w, const char *id, struct err *err)
{
	static const unsigned statements[] = {WORK_SQL_FILE_DROP_PARTS, WORK_SQL_FILE_DROP};

	for (int i = 0; i < 2; i++) {
		struct store_query *q = store_query(w->store, statements[i]);

		store_bind_text(q, 1, id);
		if (!store_run(q, err))
			return false;
	}
	return true;
}

/* The file of a hash; *id stays as it was when there is none. */
static bool find(struct work *w, const char *sha256, char id[ID_TEXT], struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_GET);
	enum store_step step;

	store_bind_text(q, 1, sha256);
	step = store_step(q, err);
	if (step == STORE_ROW && strlen(store_column_text(q, 0)) == ID_TEXT - 1)
		memcpy(id, store_column_text(q, 0), ID_TEXT);
	store_done(q);
	return step != STORE_FAILED;
}

static bool end(struct work *w, const char *id, const char *sha256, int64_t size, int64_t now,
		struct err *err)
{
	char there[ID_TEXT] = "";
	struct store_query *q;

	if (!find(w, sha256, there, err))
		return false;
	/* It is here already: that one stays, and counts as put just now. */
	if (there[0] != '\0' && strcmp(there, id) != 0 && !drop(w, id, err))
		return false;
	q = store_query(w->store, WORK_SQL_FILE_END);
	store_bind_text(q, 1, there[0] != '\0' ? there : id);
	store_bind_text(q, 2, sha256);
	store_bind_int(q, 3, size);
	store_bind_int(q, 4, now);
	return store_run(q, err);
}

bool work_file_end(struct work *w, const char *id, const char *sha256, int64_t size, int64_t now,
		   struct err *err)
{
	bool ok = store_begin(w->store, err) && end(w, id, sha256, size, now, err) &&
		  store_commit(w->store, err);

	if (!ok)
		store_rollback(w->store);
	return ok;
}

bool work_file_drop(struct work *w, const char *id, struct err *err)
{
	bool ok = store_begin(w->store, err) && drop(w, id, err) && store_commit(w->store, err);

	if (!ok)
		store_rollback(w->store);
	return ok;
}

bool work_file_read(struct work *w, const char *sha256, struct buf *ret, struct err *err)
{
	char id[ID_TEXT] = "";
	struct store_query *q;
	enum store_step step;
	size_t len;

	if (!find(w, sha256, id, err))
		return false;
	if (id[0] == '\0') {
		err_set(err, ERR_NOT_FOUND, _("the file is not here any more"));
		return false;
	}
	q = store_query(w->store, WORK_SQL_FILE_PARTS);
	store_bind_text(q, 1, id);
	while ((step = store_step(q, err)) == STORE_ROW) {
		const void *bytes = store_column_blob(q, 0, &len);

		buf_add(ret, bytes, len);
	}
	store_done(q);
	return step != STORE_FAILED;
}

bool work_file_to_send(struct work *w, char ret_sha256[HASH_TEXT], struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_TO_SEND);
	enum store_step step = store_step(q, err);

	if (step == STORE_ROW)
		memcpy(ret_sha256, store_column_text(q, 0), HASH_TEXT);
	else if (step == STORE_DONE)
		err_set(err, ERR_NOT_FOUND, "no file waits");
	store_done(q);
	return step == STORE_ROW;
}

bool work_file_sent(struct work *w, const char *sha256, int64_t now, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_SENT);

	store_bind_text(q, 1, sha256);
	store_bind_int(q, 2, now);
	return store_run(q, err);
}

bool work_file_refused(struct work *w, const char *sha256, const char *reason, struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_REFUSED);

	store_bind_text(q, 1, sha256);
	store_bind_text(q, 2, reason);
	w->writes++;
	return store_run(q, err);
}

/* One of those that nothing refers to; "" when there is none. */
static bool find_unused(struct work *w, int64_t before, char id[ID_TEXT], struct err *err)
{
	struct store_query *q = store_query(w->store, WORK_SQL_FILE_UNUSED);
	enum store_step step;

	id[0] = '\0';
	store_bind_int(q, 1, before);
	step = store_step(q, err);
	if (step == STORE_ROW)
		memcpy(id, store_column_text(q, 0), ID_TEXT);
	store_done(q);
	return step != STORE_FAILED;
}

bool work_files_prune(struct work *w, int64_t now, struct err *err)
{
	char id[ID_TEXT];
	bool ok;

	while ((ok = find_unused(w, now - KEEP_MS, id, err)) && id[0] != '\0')
		if (!work_file_drop(w, id, err))
			return false;
	return ok;
}

void mail_files_put(struct buf *ret, const struct mail_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_str(ret, i > 0 ? ",{\"sha256\":" : "[{\"sha256\":");
		wire_put_text(ret, files[i].sha256);
		buf_add_str(ret, ",\"name\":");
		wire_put_text(ret, files[i].name);
		buf_add_str(ret, ",\"type\":");
		wire_put_text(ret, files[i].type);
		buf_printf(ret, ",\"size\":%lld}", (long long)files[i].size);
	}
	if (n > 0)
		buf_add_char(ret, ']');
}
