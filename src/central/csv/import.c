/* balied import tickets FILE: rows of a list into the town, in batches, beside a service that goes on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "central_sql.h"
#include "../command.h"
#include "tickets.h"

/* Nobody else writes while a transaction lasts. With a service beside it they are short, and on SQLite,
 * where who waits only looks now and then whether it is his turn, there is a while between them. */
#define BATCH_MS 200
#define SERVED_MS 15
#define SERVED_PAUSE_NS 12000000L
#define SOURCE_MAX 200
#define SHOWN 20 /* refused rows that are told without --report */
#define PROGRESS 50000

struct import {
	const struct settings *settings;
	FILE *file, *report;
	const char *path, *source;
	struct csv *csv;
	struct town town;
	struct arena arena, row; /* of the whole; of one row */
	struct column_map map;
	struct town_lists lists;
	struct row_reader reader;
	struct take take;
	struct key_set *seen; /* dry run: keys of the rows above */
	bool served;
	bool known;		 /* whether the list came under another name was looked at */
	int64_t begun;		 /* clock_mono() of the transaction */
	int64_t counts[3], rows; /* by enum row_result; kept for good */
	int64_t kept, told;
};

/* ---- keys of one file, for the dry run, which leaves no rows to find ---- */

struct key_set {
	uint64_t *slots;
	size_t count, room;
};

static uint64_t key_hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h != 0 ? h : 1;
}

static bool key_put(struct key_set *s, uint64_t h)
{
	size_t at = h & (s->room - 1);

	while (s->slots[at] != 0 && s->slots[at] != h)
		at = (at + 1) & (s->room - 1);
	if (s->slots[at] == h)
		return false;
	s->slots[at] = h;
	s->count++;
	return true;
}

/* False: it was there. */
static bool key_add(struct key_set *s, const char *key, const char *what)
{
	if (2 * s->count >= s->room) {
		struct key_set more = {.room = s->room > 0 ? s->room * 2 : 1024};

		more.slots = xcalloc(more.room, sizeof(*more.slots));
		for (size_t i = 0; i < s->room; i++)
			if (s->slots[i] != 0)
				key_put(&more, s->slots[i]);
		free(s->slots);
		*s = more;
	}
	return key_put(s, key_hash(key) * 31 + key_hash(what));
}

/* ---- the account ---- */

static void put_cell(FILE *out, const char *text)
{
	struct buf clean = {0};

	text_clean(&clean, text, strlen(text), TEXT_ONE_LINE);
	fputc('"', out);
	for (const char *s = clean.data != NULL ? clean.data : ""; *s != '\0'; s++) {
		if (*s == '"')
			fputc('"', out);
		fputc(*s, out);
	}
	fputc('"', out);
	buf_finish(&clean);
}

static void tell_refused(struct import *im, int64_t line, const char *column, const char *reason)
{
	struct buf clean = {0};

	im->counts[ROW_REFUSED]++;
	if (im->report != NULL) {
		fprintf(im->report, "%lld;", (long long)line);
		put_cell(im->report, column != NULL ? column : "");
		fputc(';', im->report);
		put_cell(im->report, reason);
		fputs("\r\n", im->report);
		return;
	}
	if (++im->told > SHOWN)
		return;
	text_clean(&clean, reason, strlen(reason), TEXT_ONE_LINE);
	printf(_("line %lld refused: %s%s%s\n"), (long long)line, column != NULL ? column : "",
	       column != NULL ? ": " : "", clean.data != NULL ? clean.data : "");
	buf_finish(&clean);
}

static void print_account(const struct import *im)
{
	if (im->report == NULL && im->told > SHOWN)
		printf(_("and %lld more; --report FILE.csv tells all of them\n"),
		       (long long)(im->told - SHOWN));
	printf(im->settings->dry_run
		       ? _("%lld rows: %lld would be taken in, %lld were there, %lld "
			   "refused\n")
		       : _("%lld rows: %lld taken in, %lld were there, %lld refused\n"),
	       (long long)im->rows, (long long)im->counts[ROW_NEW], (long long)im->counts[ROW_SEEN],
	       (long long)im->counts[ROW_REFUSED]);
	if (im->take.parties + im->take.teams + im->take.topics > 0)
		printf(_("%lld citizens, %lld teams and %lld topics were new\n"),
		       (long long)im->take.parties, (long long)im->take.teams,
		       (long long)im->take.topics);
}

/* Columns that come to nothing are told, so that nobody finds out a year later. */
static void print_columns(const struct import *im)
{
	struct buf unused = {0};

	for (size_t i = 0; i < im->map.count; i++) {
		if (im->map.what[i] >= 0 || im->map.heads[i][0] == '\0')
			continue;
		buf_add_str(&unused, unused.len > 0 ? ", " : "");
		buf_add_str(&unused, im->map.heads[i]);
	}
	if (unused.len > 0)
		printf(_("columns that are not used: %s\n"), unused.data);
	buf_finish(&unused);
}

/* ---- batches ---- */

static bool is_served(struct import *im, struct err *err)
{
	struct store_query *q = store_query(im->town.store, CENTRAL_SQL_IMPORT_IS_SERVED);
	enum store_step step = store_step(q, err);

	store_done(q);
	im->served = step == STORE_ROW;
	return step != STORE_FAILED;
}

static bool begin(struct import *im, struct err *err)
{
	if (im->settings->dry_run)
		return true;
	if (!town_begin(&im->town, err))
		return false;
	im->begun = clock_mono();
	return is_served(im, err);
}

static bool commit(struct import *im, struct err *err)
{
	struct timespec pause = {.tv_nsec = SERVED_PAUSE_NS};

	if (im->settings->dry_run)
		return true;
	if (!town_commit(&im->town, err))
		return false;
	im->kept = im->rows;
	if (im->served && store_engine_of(im->settings->db) == STORE_SQLITE)
		nanosleep(&pause, NULL);
	return true;
}

static bool commit_some(struct import *im, struct err *err)
{
	if (im->rows % PROGRESS == 0)
		fprintf(stderr, _("%lld rows\n"), (long long)im->rows);
	if (im->settings->dry_run || clock_mono() - im->begun < (im->served ? SERVED_MS : BATCH_MS))
		return true;
	return commit(im, err) && begin(im, err);
}

/* ---- rows ---- */

static bool row_is_empty(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->cells[i][strspn(row->cells[i], " ")] != '\0')
			return false;
	return true;
}

static void foresee(struct import *im, const struct ticket_row *row, enum row_result *ret)
{
	if (*ret == ROW_NEW && !key_add(im->seen, row->key, "")) {
		*ret = ROW_SEEN;
		return;
	}
	if (*ret != ROW_NEW)
		return;
	im->take.teams += row->new_team != NULL && key_add(im->seen, row->new_team, "team");
	im->take.topics += row->new_topic != NULL && key_add(im->seen, row->new_topic, "topic");
}

/* A copy of a list that has another name would come in twice: its first row tells. */
static bool check_name(struct import *im, const struct ticket_row *row, struct err *err)
{
	struct store_query *q;
	enum store_step step;

	if (im->known || im->settings->source != NULL)
		return true;
	im->known = true;
	q = store_query(im->town.store, CENTRAL_SQL_IMPORT_ELSEWHERE);
	store_bind_text(q, 1, row->hash);
	store_bind_text(q, 2, im->source);
	step = store_step(q, err);
	if (step == STORE_ROW)
		err_set(err, ERR_CONFLICT,
			_("the first row came in before, from the list \"%.100s\"; say that it is "
			  "the same list (--source \"%.100s\"), or another (--source NAME)"),
			store_column_text(q, 0), store_column_text(q, 0));
	store_done(q);
	return step == STORE_DONE;
}

static bool take_row(struct import *im, const struct csv_row *row, struct err *err)
{
	enum row_result result = ROW_REFUSED;
	const char *column = NULL;
	struct ticket_row ticket;
	struct err why = {0};

	arena_reset(&im->row);
	im->rows++;
	im->reader.now = im->take.now = clock_now();
	if (!row_read(&im->reader, row, &ticket, &im->row, &column, &why)) {
		tell_refused(im, row->line, column, why.text);
		return true;
	}
	if (!check_name(im, &ticket, err))
		return false;
	if (!(im->settings->dry_run
		      ? row_judge(&im->take, &ticket, &result, &im->row, &column, &why)
		      : row_take(&im->take, &ticket, &result, &im->row, &column, &why))) {
		*err = why;
		err_prefix(err, _("line %lld"), (long long)row->line);
		return false;
	}
	if (im->settings->dry_run)
		foresee(im, &ticket, &result);
	if (result == ROW_REFUSED)
		tell_refused(im, row->line, column, why.text);
	else
		im->counts[result]++;
	return true;
}

static bool take_rows(struct import *im, struct err *err)
{
	struct csv_row row;
	struct err why = {0};
	enum csv_step step;

	while ((step = csv_next(im->csv, &row, &why)) != CSV_END) {
		if (step == CSV_FAILED) {
			*err = why;
			return false;
		}
		if (step == CSV_BAD) {
			im->rows++;
			tell_refused(im, row.line, NULL, why.text);
		} else if (!row_is_empty(&row) && !take_row(im, &row, err)) {
			return false;
		}
		if (!commit_some(im, err))
			return false;
	}
	return true;
}

static bool import_rows(struct import *im, struct err *err)
{
	bool ok = begin(im, err) && take_rows(im, err);
	struct err own = {0};

	/* A file that is no CSV any further was one so far; a database that failed has its say. */
	if (store_in_transaction(im->town.store)) {
		if (ok || err->kind == ERR_INPUT) {
			if (!commit(im, &own)) {
				*err = own;
				ok = false;
			}
		} else {
			town_rollback(&im->town);
		}
	}
	if (!ok && !im->settings->dry_run && im->kept > 0)
		fprintf(stderr,
			_("%lld rows are done with; do the same once more to go on from there\n"),
			(long long)im->kept);
	return ok;
}

/* ---- before the rows ---- */

static bool open_list(struct import *im, struct err *err)
{
	const struct settings *s = im->settings;
	struct csv_options options = {0};
	struct stat st;

	if (s->separator != NULL) {
		const char *name = strcmp(s->separator, "tab") == 0 ? "\t" : s->separator;

		if (strlen(name) != 1 || strchr("\"\r\n'", name[0]) != NULL) {
			err_set(err, ERR_INPUT, _("--separator: write ; or , or tab"));
			return false;
		}
		options.separator = name[0];
	}
	if (s->charset != NULL) {
		if (strcasecmp(s->charset, "utf-8") == 0 || strcasecmp(s->charset, "utf8") == 0)
			options.charset = CSV_UTF8;
		else if (strcasecmp(s->charset, "windows-1252") == 0 ||
			 strcasecmp(s->charset, "latin1") == 0 ||
			 strcasecmp(s->charset, "iso-8859-1") == 0)
			options.charset = CSV_WINDOWS_1252;
		else {
			err_set(err, ERR_INPUT,
				_("--charset: write utf-8, windows-1252 or latin1"));
			return false;
		}
	}
	im->file = fopen(im->path, "re");
	if (im->file == NULL || fstat(fileno(im->file), &st) != 0) {
		err_errno(err, "%s", im->path);
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_INPUT, _("%s: this is no file"), im->path);
		return false;
	}
	if (csv_open(&im->csv, im->file, &options, err))
		return true;
	err_prefix(err, "%s", im->path);
	return false;
}

static bool read_head(struct import *im, struct err *err)
{
	const struct settings *s = im->settings;
	struct csv_row head;
	enum csv_step step = csv_next(im->csv, &head, err);

	if (step == CSV_END)
		err_set(err, ERR_INPUT, _("the file is empty"));
	if (step != CSV_ROW ||
	    !column_map_make(&head, s->map.items, s->map.count, &im->map, &im->arena, err)) {
		err_prefix(err, "%s", im->path);
		return false;
	}
	return true;
}

static bool find_team(struct import *im, struct err *err)
{
	if (im->settings->team == NULL)
		return true;
	im->reader.team = town_name_find(&im->lists.teams, im->settings->team);
	if (im->reader.team == NULL)
		err_set(err, ERR_INPUT, _("no %s is called \"%s\""), _("team"), im->settings->team);
	return im->reader.team != NULL;
}

static bool open_report(struct import *im, struct err *err)
{
	if (im->settings->report == NULL)
		return true;
	im->report = fopen(im->settings->report, "we");
	if (im->report == NULL) {
		err_errno(err, "%s", im->settings->report);
		return false;
	}
	fputs("\xef\xbb\xbf"
	      "line;column;reason\r\n",
	      im->report);
	return true;
}

static bool close_report(struct import *im, struct err *err)
{
	bool ok = im->report == NULL || (fflush(im->report) == 0 && !ferror(im->report));

	if (!ok)
		err_errno(err, "%s", im->settings->report);
	if (im->report != NULL)
		fclose(im->report);
	return ok;
}

static bool prepare(struct import *im, struct err *err)
{
	unsigned flags = im->settings->dry_run ? STORE_READONLY : 0;
	const char *slash = strrchr(im->path, '/');

	im->source = im->settings->source != NULL ? im->settings->source
		     : slash != NULL		  ? slash + 1
						  : im->path;
	if (im->source[0] == '\0' || strlen(im->source) > SOURCE_MAX ||
	    !text_valid(im->source, strlen(im->source))) {
		err_set(err, ERR_INPUT, _("--source: a name has at most %d bytes of UTF-8 text"),
			SOURCE_MAX);
		return false;
	}
	if (!open_list(im, err) || !read_head(im, err) ||
	    !town_open(&im->town, im->settings->db, flags, err) ||
	    !town_lists_read(&im->lists, &im->town, err) || !find_team(im, err))
		return false;
	im->reader.map = &im->map;
	im->reader.lists = &im->lists;
	im->reader.create_missing = im->settings->create_missing;
	im->take.town = &im->town;
	im->take.source = im->source;
	im->take.lists = &im->lists;
	return open_report(im, err);
}

static void finish(struct import *im)
{
	csv_close(im->csv);
	if (im->file != NULL)
		fclose(im->file);
	town_lists_finish(&im->lists);
	town_close(&im->town);
	arena_finish(&im->row);
	arena_finish(&im->arena);
	free(im->seen->slots);
	free(im->seen);
	free(im);
}

int command_import_tickets(const struct settings *s, const struct option_list *operands,
			   struct err *err)
{
	struct import *im;
	bool ok;
	int ret = 1;

	if (operands->count != 2) {
		err_set(err, ERR_INPUT, _("write: balied import tickets FILE.csv"));
		return 2;
	}
	im = xcalloc(1, sizeof(*im));
	im->seen = xcalloc(1, sizeof(*im->seen));
	im->settings = s;
	im->path = operands->items[1];
	if (!prepare(im, err))
		goto out;
	print_columns(im);
	ok = import_rows(im, err);
	ok = close_report(im, ok ? err : NULL) && ok;
	if (im->known && !ok && im->rows == 1 && err->kind == ERR_CONFLICT)
		goto out;
	print_account(im);
	if (ok && im->rows == 0)
		puts(_("there are no rows under the header"));
	if (ok && im->counts[ROW_REFUSED] > 0) {
		err_set(err, ERR_INPUT, _("%lld rows were refused"),
			(long long)im->counts[ROW_REFUSED]);
		ok = false;
	}
	ret = ok ? 0 : 1;
out:
	finish(im);
	return ret;
}
