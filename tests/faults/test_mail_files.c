/* Files in work.db that go along with a mail: the mail waits for them, and nothing refers to one that goes. */
#include "fixture.h"
#include <string.h>
#include "balie/id.h"

#define TICKET "00000000-0000-7000-8000-000000000001"
#define OTHER "00000000-0000-7000-8000-000000000002"

struct world {
	char *dir;
	struct work *ui, *sync;
	struct arena arena;
};

static void set_up(struct world *w)
{
	struct err err = {0};

	memset(w, 0, sizeof(*w));
	w->dir = fixture_dir();
	assert_ok(work_open(&w->ui, w->dir, &err), err);
	assert_ok(work_open(&w->sync, w->dir, &err), err);
}

static void tear_down(struct world *w)
{
	work_close(w->ui);
	work_close(w->sync);
	arena_finish(&w->arena);
	fixture_remove(w->dir);
}

static void append_note(struct world *w, const char *record)
{
	struct envelope e = {
		.action = &actions.rows[ACT_NOTE], .record = record, .args = args_none};
	struct err err = {0};
	char id[37];

	e.id = id_new(id);
	e.args.body = "tekst";
	assert_ok(work_append(w->ui, &e, 1000, false, &err), err);
}

static void put_file(struct world *w, const char *text, char sha256[HASH_TEXT])
{
	struct err err = {0};
	char id[37];
	size_t half = strlen(text) / 2;

	hash_hex(text, strlen(text), sha256);
	assert_ok(work_file_begin(w->ui, 1000, id, &err), err);
	assert_ok(work_file_add(w->ui, id, 0, text, half, &err), err);
	assert_ok(work_file_add(w->ui, id, 1, text + half, strlen(text) - half, &err), err);
	assert_ok(work_file_end(w->ui, id, sha256, (int64_t)strlen(text), 1000, &err), err);
}

static void append_mail(struct world *w, const char *record, const char *sha256)
{
	struct mail_file file = {.sha256 = sha256, .name = "a.txt", .type = "text/plain"};
	struct envelope e = {
		.action = &actions.rows[ACT_ANSWER], .record = record, .args = args_none};
	struct buf json = {0};
	struct err err = {0};
	char id[37];

	mail_files_put(&json, &file, 1);
	e.id = id_new(id);
	e.args.body = "zie bijlage";
	e.args.attachments = json.data;
	assert_ok(work_append(w->ui, &e, 1000, false, &err), err);
	buf_finish(&json);
}

/* A mail waits for its files, what is behind it on that ticket waits for the mail, others go. */
static void a_mail_waits_for_its_files(void **state)
{
	struct world w;
	struct err err = {0};
	struct outbox_row *rows;
	struct buf bytes = {0};
	char sha256[HASH_TEXT], again[HASH_TEXT], wanted[HASH_TEXT];
	size_t n;

	set_up(&w);
	put_file(&w, "een bestand", sha256);
	put_file(&w, "een bestand", again);
	assert_string_equal(sha256, again);
	append_mail(&w, TICKET, sha256);
	append_note(&w, TICKET);
	append_note(&w, OTHER);
	assert_ok(work_next(w.sync, 10, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].envelope.record, OTHER);
	assert_ok(work_file_to_send(w.sync, wanted, &err), err);
	assert_string_equal(wanted, sha256);
	assert_ok(work_file_read(w.sync, wanted, &bytes, &err), err);
	assert_int_equal(bytes.len, strlen("een bestand"));
	assert_memory_equal(bytes.data, "een bestand", bytes.len);
	assert_ok(work_file_sent(w.sync, wanted, 2000, &err), err);
	assert_false(work_file_to_send(w.sync, wanted, &err));
	assert_ok(work_next(w.sync, 10, &rows, &n, &w.arena, &err), err);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].envelope.action->id, ACT_ANSWER);
	/* As long as it may be wanted it stays, and then it goes. */
	buf_reset(&bytes);
	assert_ok(work_files_prune(w.sync, INT64_C(100) * 3600 * 1000, &err), err);
	assert_ok(work_file_read(w.sync, sha256, &bytes, &err), err);
	assert_ok(work_set_sending(w.sync, rows[0].seq, 2000, &err), err);
	assert_ok(work_set_done(w.sync, rows[0].seq, 2, &err), err);
	assert_ok(work_files_prune(w.sync, INT64_C(100) * 3600 * 1000, &err), err);
	assert_false(work_file_read(w.sync, sha256, &bytes, &err));
	buf_finish(&bytes);
	tear_down(&w);
}

/* What the service will not have holds up nothing, and tried again it is sent again. */
static void a_refused_file_refuses_its_mail(void **state)
{
	struct world w;
	struct draft draft;
	struct err err = {0};
	struct outbox_row *rows;
	char sha256[HASH_TEXT], wanted[HASH_TEXT];
	size_t n;

	set_up(&w);
	put_file(&w, "te groot", sha256);
	append_mail(&w, TICKET, sha256);
	assert_ok(work_file_refused(w.sync, sha256, "too large", &err), err);
	assert_ok(work_outbox(w.ui, 0, &rows, &n, &w.arena, &err), err);
	assert_int_equal(rows[0].state, OUTBOX_REFUSED);
	assert_false(work_file_to_send(w.sync, wanted, &err));
	assert_ok(work_file_sent(w.sync, sha256, 2000, &err), err);
	assert_ok(work_retry(w.ui, rows[0].seq, &err), err);
	assert_ok(work_file_to_send(w.sync, wanted, &err), err);
	assert_ok(work_take_back(w.ui, rows[0].seq, &err), err);
	assert_ok(work_draft(w.ui, TICKET, "answer", &draft, &w.arena, &err), err);
	assert_non_null(strstr(draft.files, sha256));
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_waits_for_its_files),
		cmocka_unit_test(a_refused_file_refuses_its_mail),
	};

	if (!id_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
