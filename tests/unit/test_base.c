#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balie/action.h"
#include "balie/clock.h"
#include "balie/err.h"
#include "balie/field.h"
#include "balie/id.h"
#include "balie/log.h"
#include "balie/mem.h"
#include "balie/text.h"

/* ---- mem ---- */

static void arena_gives_zeroed_aligned_memory(void **state)
{
	struct arena a = {0};
	(void)state;

	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 300; n++) {
			unsigned char *p = arena_alloc(&a, n);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < n; i++) {
				assert_int_equal(p[i], 0);
				p[i] = 0xff;
			}
		}
		arena_reset(&a);
	}
	arena_finish(&a);
	assert_null(a.head);
}

static void arena_keeps_small_and_large_apart(void **state)
{
	struct arena a = {0};
	char *before = arena_strdup(&a, "before");
	char *large = arena_alloc(&a, 1000000), *after = arena_strdup(&a, "after");
	(void)state;

	memset(large, 'x', 1000000);
	assert_string_equal(before, "before");
	assert_string_equal(after, "after");
	/* What was left of the small block is used on. */
	assert_true(after > before && after - before < 4096);
	arena_reset(&a);
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 12), "x-12");
	assert_null(arena_strdup(&a, NULL));
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "ab", 30), "ab");
	arena_finish(&a);
}

static void arena_starts_with_large(void **state)
{
	struct arena a = {0};
	(void)state;

	memset(arena_alloc(&a, 3000000), 1, 3000000);
	assert_string_equal(arena_strdup(&a, "small"), "small");
	arena_reset(&a);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	arena_finish(&a);
	arena_reset(&a);
	arena_finish(&a);
}

static void buf_grows_and_is_taken(void **state)
{
	struct buf b = {0};
	char *s;
	(void)state;

	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.len, strlen(b.data));
	assert_memory_equal(b.data + b.len - 4, "999,", 5);
	buf_reset(&b);
	assert_string_equal(b.data, "");
	buf_add_str(&b, NULL);
	buf_add_char(&b, 'a');
	buf_add(&b, "\0b", 2);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	s = buf_take(&b);
	assert_null(b.data);
	free(s);
	/* Longer than the room that is tried first. */
	buf_printf(&b, "%0500d", 7);
	assert_int_equal(b.len, 500);
	buf_finish(&b);
}

/* ---- err ---- */

static void err_takes_its_own_text(void **state)
{
	struct err err = {0};
	(void)state;

	err_set(&err, ERR_INPUT, "no %s", "name");
	err_prefix(&err, "file %d", 3);
	assert_string_equal(err.text, "file 3: no name");
	assert_int_equal(err.kind, ERR_INPUT);
	err_set(&err, ERR_NET, "again: %s", err.text);
	assert_string_equal(err.text, "again: file 3: no name");
	err_prefix(NULL, "nobody");
	err_set(NULL, ERR_IO, "nobody");
	err_errno(NULL, "nobody");
}

static void err_cuts_at_a_character(void **state)
{
	struct err err;
	char text[600];
	(void)state;

	for (size_t lead = 0; lead < 4; lead++) {
		memset(text, 'x', lead);
		text[lead] = '\0';
		while (strlen(text) < 590)
			strcat(text, "\xe2\x82\xac");
		err_set(&err, ERR_INPUT, "%s", text);
		assert_true(text_valid(err.text, strlen(err.text)));
		assert_true(strlen(err.text) >= 509 && strlen(err.text) <= 511);
		err_prefix(&err, "%s", "a place");
		assert_true(text_valid(err.text, strlen(err.text)));
		assert_memory_equal(err.text, "a place: ", 9);
		err_prefix(&err, "%s", text);
		assert_true(text_valid(err.text, strlen(err.text)));
	}
}

static void err_is_one_line(void **state)
{
	struct err err;
	(void)state;

	err_set(&err, ERR_DB, "a\nb\tc\033[31m");
	assert_string_equal(err.text, "a b c?[31m");
}

static void err_errno_finds_the_kind(void **state)
{
	static const struct {
		int error;
		enum err_kind kind;
	} rows[] = {{ENOSPC, ERR_FULL},	 {EDQUOT, ERR_FULL},	  {EACCES, ERR_DENIED},
		    {EROFS, ERR_DENIED}, {ENOENT, ERR_NOT_FOUND}, {EIO, ERR_IO}};
	struct err err;
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		errno = rows[i].error;
		err_errno(&err, "cannot open %s", "x");
		assert_int_equal(err.kind, rows[i].kind);
		assert_int_equal(errno, rows[i].error);
		assert_memory_equal(err.text, "cannot open x: ", 15);
		assert_true(strlen(err.text) > 15);
	}
}

/* ---- field, action ---- */

static const char *const colour_codes[] = {"red", "green"};
static const char *const colour_labels[] = {"Red", "Green"};
static const struct words colours = {colour_codes, colour_labels, 2};

static void words_are_found(void **state)
{
	(void)state;
	assert_int_equal(words_find(&colours, "green"), 1);
	assert_int_equal(words_find(&colours, "Green"), -1);
	assert_int_equal(words_find(&colours, ""), -1);
	assert_int_equal(words_find(&colours, NULL), -1);
	assert_string_equal(words_code(&colours, 0), "red");
	assert_string_equal(words_code(&colours, 2), "?");
	assert_string_equal(words_code(&colours, -1), "?");
	assert_string_equal(words_label(&colours, 1), "Green");
	assert_string_equal(words_label(&colours, 7), "?");
}

static void fields_are_found(void **state)
{
	static const struct field fields[] = {{.name = "id"}, {.name = "name"}};
	(void)state;

	assert_ptr_equal(field_find(fields, 2, "name"), &fields[1]);
	assert_null(field_find(fields, 2, "names"));
	assert_null(field_find(fields, 1, "name"));
	assert_null(field_find(fields, 2, NULL));
}

static void actions_are_found_and_guessed(void **state)
{
	static const struct action rows[] = {
		{.name = "assign"}, {.name = "answer"}, {.name = "close"}, {.name = "reopen"}};
	static const struct action_table table = {rows, 4};
	(void)state;

	assert_ptr_equal(action_find(&table, "close"), &rows[2]);
	assert_null(action_find(&table, "clos"));
	assert_null(action_find(&table, NULL));
	assert_string_equal(action_nearest(&table, "asign"), "assign");
	assert_string_equal(action_nearest(&table, "anwser"), "answer");
	assert_string_equal(action_nearest(&table, "re"), "reopen");
	assert_string_equal(action_nearest(&table, "colse"), "close");
	assert_null(action_nearest(&table, "quit"));
	assert_null(action_nearest(&table, ""));
	assert_null(action_nearest(&table, NULL));
}

/* ---- id ---- */

static void ids_are_ordered(void **state)
{
	char before[ID_TEXT] = "", id[ID_TEXT];
	(void)state;

	/* Running, standing still, and set back. */
	for (int round = 0; round < 3; round++) {
		clock_set(round == 0 ? 0 : round == 1 ? clock_now() : 1000);
		for (int i = 0; i < 20000; i++) {
			id_new(id);
			assert_true(strcmp(before, id) < 0);
			memcpy(before, id, sizeof(id));
		}
	}
	clock_set(0);
	assert_true(id_valid(id));
	assert_int_equal(id[14], '7');
	assert_non_null(strchr("89ab", id[19]));
}

static void id_holds_the_time(void **state)
{
	char id[ID_TEXT];
	(void)state;

	clock_set(INT64_C(0x0fffffffffff));
	id_new(id);
	clock_set(0);
	assert_memory_equal(id, "0fffffff-ffff-7", 15);
}

#define ID_THREADS 4
#define ID_EACH 5000
static char many[ID_THREADS * ID_EACH][ID_TEXT];

static void *make_ids(void *from)
{
	char(*ids)[ID_TEXT] = from;

	for (int i = 0; i < ID_EACH; i++)
		id_new(ids[i]);
	for (int i = 1; i < ID_EACH; i++)
		if (strcmp(ids[i - 1], ids[i]) >= 0)
			return from;
	return NULL;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void ids_of_threads_differ(void **state)
{
	pthread_t threads[ID_THREADS];
	void *bad;
	(void)state;

	for (int i = 0; i < ID_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, make_ids, many[i * ID_EACH]), 0);
	for (int i = 0; i < ID_THREADS; i++) {
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
	qsort(many, ID_THREADS * ID_EACH, ID_TEXT, compare_ids);
	for (int i = 1; i < ID_THREADS * ID_EACH; i++)
		assert_string_not_equal(many[i - 1], many[i]);
}

static void id_from_is_steady(void **state)
{
	char a[ID_TEXT], b[ID_TEXT];
	(void)state;

	assert_string_equal(id_from(0, 0, a), "00000000-0000-8000-8000-000000000000");
	assert_string_equal(id_from(0x1234, 5, a), "00000000-0001-8234-8000-000000000005");
	assert_true(id_valid(a));
	assert_string_not_equal(id_from(1, 2, a), id_from(2, 1, b));
	/* Nothing that fits is lost under the version. */
	assert_string_not_equal(id_from(0xf000, 0, a), id_from(0, 0, b));
}

static void id_valid_is_strict(void **state)
{
	(void)state;
	assert_true(id_valid("01234567-89ab-cdef-0123-456789abcdef"));
	assert_false(id_valid("01234567-89AB-cdef-0123-456789abcdef"));
	assert_false(id_valid("01234567-89ab-cdef-0123-456789abcde"));
	assert_false(id_valid("01234567-89ab-cdef-0123-456789abcdef0"));
	assert_false(id_valid("0123456789ab-cdef-0123-456789abcdef--"));
	assert_false(id_valid("g1234567-89ab-cdef-0123-456789abcdef"));
	assert_false(id_valid(""));
	assert_false(id_valid(NULL));
}

static void tokens_and_hashes(void **state)
{
	char a[TOKEN_TEXT], b[TOKEN_TEXT], hash[HASH_TEXT];
	(void)state;

	assert_int_equal(strlen(token_new(a)), 43);
	assert_int_equal(
		strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	assert_string_not_equal(a, token_new(b));
	assert_string_equal(hash_hex("abc", 3, hash),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(hash_hex(NULL, 0, hash),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* ---- log ---- */

static void log_lines_are_tame(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	(void)state;

	clock_set(INT64_C(1795843916123));
	log_to(file, LOG_LEVEL_INFO);
	log_line(LOG_LEVEL_WARN, "a %s",
		 "b\033[2J\nc\xc2\x9b"
		 "d\xff\xe2\x80\xae"
		 "e\xc3\xa9\x7f");
	log_line(LOG_LEVEL_DEBUG, "unseen");
	log_to(file, LOG_LEVEL_DEBUG);
	errno = ENOENT;
	log_line(LOG_LEVEL_DEBUG, "seen");
	assert_int_equal(errno, ENOENT);
	log_to(NULL, LOG_LEVEL_DEBUG);
	log_line(LOG_LEVEL_ERROR, "nowhere");
	log_to(stderr, LOG_LEVEL_INFO);
	clock_set(0);
	fclose(file);
	assert_string_equal(text, "2026-11-28T05:31:56.123Z warning: a b?[2J?c?d??e\xc3\xa9?\n"
				  "2026-11-28T05:31:56.123Z debug: seen\n");
	free(text);
}

static void *log_many(void *user)
{
	for (int i = 0; i < 500; i++)
		log_line(LOG_LEVEL_INFO, "%0200d", *(int *)user);
	return NULL;
}

static void log_lines_of_threads_are_whole(void **state)
{
	static const size_t line_len = 24 + 7 + 200 + 1; /* time, " info: ", text, end */
	int numbers[3] = {1, 2, 3};
	pthread_t threads[3];
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	(void)state;

	log_to(file, LOG_LEVEL_INFO);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, &numbers[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	log_to(stderr, LOG_LEVEL_INFO);
	fclose(file);
	assert_int_equal(size, 1500 * line_len);
	for (size_t i = line_len - 1; i < size; i += line_len)
		assert_int_equal(text[i], '\n');
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_keeps_small_and_large_apart),
		cmocka_unit_test(arena_starts_with_large),
		cmocka_unit_test(buf_grows_and_is_taken),
		cmocka_unit_test(err_takes_its_own_text),
		cmocka_unit_test(err_cuts_at_a_character),
		cmocka_unit_test(err_is_one_line),
		cmocka_unit_test(err_errno_finds_the_kind),
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(fields_are_found),
		cmocka_unit_test(actions_are_found_and_guessed),
		cmocka_unit_test(ids_are_ordered),
		cmocka_unit_test(id_from_is_steady),
		cmocka_unit_test(id_valid_is_strict),
		cmocka_unit_test(ids_of_threads_differ),
		cmocka_unit_test(tokens_and_hashes),
		cmocka_unit_test(log_lines_are_tame),
		cmocka_unit_test(log_lines_of_threads_are_whole),
		/* Last: ids made after it are of its far time. */
		cmocka_unit_test(id_holds_the_time),
	};

	if (!id_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
