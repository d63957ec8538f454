/* balied import mail PATH...: messages from disk into the town, with an account of every file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "../command.h"
#include "mail.h"

/* A service on the same town writes nothing while a transaction lasts: mails in it, and its age from which
 * no other is taken into it. */
#define BATCH 10
#define BATCH_MS 200
#define TEAM_DEFAULT "Contactcenter"
#define MAILBOX_DEFAULT "import"

struct import_row {
	char *folder;
	int64_t counts[MAIL_RESULTS];
};
struct import_refused {
	char *path, *reason;
};
struct import {
	struct town town;
	struct mail_source src;
	struct arena arena;
	bool dry_run;
	int64_t pending, begun; /* messages since the last commit, and when that was */
	struct import_row *rows, total;
	size_t row_count;
	struct import_refused *refused;
	size_t refused_count;
};

static struct import_row *row_of(struct import *im, const char *folder)
{
	/* Files of one folder come together, but those of its own after those of folders below. */
	for (size_t i = im->row_count; i > 0; i--)
		if (strcmp(im->rows[i - 1].folder, folder) == 0)
			return &im->rows[i - 1];
	im->rows = xrealloc(im->rows, (im->row_count + 1) * sizeof(*im->rows));
	im->rows[im->row_count] = (struct import_row){.folder = xstrdup(folder)};
	return &im->rows[im->row_count++];
}

static void note_refused(struct import *im, const char *path, const char *reason)
{
	im->refused = xrealloc(im->refused, (im->refused_count + 1) * sizeof(*im->refused));
	im->refused[im->refused_count++] = (struct import_refused){xstrdup(path), xstrdup(reason)};
}

static bool begin(struct import *im, struct err *err)
{
	im->pending = 0;
	im->begun = clock_mono();
	return town_begin(&im->town, err);
}

/* One that fails takes nothing of those before it along. */
static bool take_alone(struct import *im, const struct mail_found *found, struct mail_outcome *out,
		       struct err *err)
{
	im->src.now = clock_now();
	if (!town_savepoint(&im->town, err))
		return false;
	if (mail_take(&im->town, &im->src, found->raw, found->len, out, err))
		return town_release(&im->town, err);
	/* A full disk makes SQLite take the whole transaction back by itself. */
	if (store_in_transaction(im->town.store))
		town_rollback_to(&im->town);
	return false;
}

static bool commit_some(struct import *im, struct err *err)
{
	if (im->dry_run || (++im->pending < BATCH && clock_mono() - im->begun < BATCH_MS))
		return true;
	return town_commit(&im->town, err) && begin(im, err);
}

static bool take_one(void *user, const struct mail_found *found, struct err *err)
{
	struct mail_outcome out = {.result = MAIL_REFUSED};
	struct import *im = user;

	if (found->refused != NULL) {
		note_refused(im, found->path, found->refused);
	} else {
		if (!take_alone(im, found, &out, err)) {
			err_prefix(err, "%s", found->path);
			return false;
		}
		if (!commit_some(im, err))
			return false;
	}
	row_of(im, found->folder)->counts[out.result]++;
	im->total.counts[out.result]++;
	return true;
}

/* ---- the account ---- */

static int64_t sum(const struct import_row *row)
{
	int64_t ret = 0;

	for (int i = 0; i < MAIL_RESULTS; i++)
		ret += row->counts[i];
	return ret;
}

static void put_clean(const char *text)
{
	struct buf clean = {0};

	text_clean(&clean, text, strlen(text), TEXT_ONE_LINE);
	fputs(clean.data != NULL ? clean.data : "", stdout);
	buf_finish(&clean);
}

static void print_row(const struct import_row *row, const char *name)
{
	for (int i = 0; i < MAIL_RESULTS; i++)
		printf("%10lld", (long long)row->counts[i]);
	printf("%10lld  ", (long long)sum(row));
	put_clean(name);
	putchar('\n');
}

static void print_table(const struct import *im)
{
	static const char *const heads[MAIL_RESULTS] = {
		[MAIL_TICKET] = N_("tickets"),	  [MAIL_FOLLOW_UP] = N_("replies"),
		[MAIL_SUSPECTED] = N_("suspect"), [MAIL_BOUNCE] = N_("bounces"),
		[MAIL_MACHINE] = N_("machines"),  [MAIL_SEEN] = N_("seen"),
		[MAIL_REFUSED] = N_("refused"),
	};

	for (size_t i = 0; i < im->refused_count; i++) {
		fputs(_("refused: "), stdout);
		put_clean(im->refused[i].path);
		printf(": %s\n", im->refused[i].reason);
	}
	for (int i = 0; i < MAIL_RESULTS; i++)
		printf("%10s", _(heads[i]));
	printf("%10s  %s\n", _("all"), _("folder"));
	for (size_t i = 0; i < im->row_count; i++)
		print_row(&im->rows[i], im->rows[i].folder);
	print_row(&im->total, _("all"));
}

static void json_counts(struct buf *b, const struct import_row *row)
{
	for (int i = 0; i < MAIL_RESULTS; i++)
		buf_printf(b, "\"%s\":%lld,", mail_result_codes[i], (long long)row->counts[i]);
	buf_printf(b, "\"all\":%lld}", (long long)sum(row));
}

static void print_json(const struct import *im)
{
	struct buf b = {0};

	buf_add_str(&b, "{\"folders\":[");
	for (size_t i = 0; i < im->row_count; i++) {
		buf_add_str(&b, i > 0 ? ",{\"folder\":" : "{\"folder\":");
		wire_put_text(&b, im->rows[i].folder);
		buf_add_char(&b, ',');
		json_counts(&b, &im->rows[i]);
	}
	buf_add_str(&b, "],\"refused\":[");
	for (size_t i = 0; i < im->refused_count; i++) {
		buf_add_str(&b, i > 0 ? ",{\"path\":" : "{\"path\":");
		wire_put_text(&b, im->refused[i].path);
		buf_add_str(&b, ",\"reason\":");
		wire_put_text(&b, im->refused[i].reason);
		buf_add_char(&b, '}');
	}
	buf_add_str(&b, "],\"total\":{");
	json_counts(&b, &im->total);
	buf_add_str(&b, "}\n");
	fputs(b.data, stdout);
	buf_finish(&b);
}

/* ---- the command ---- */

/* The team that gets new tickets: the one named, else the contact centre, else nobody. */
static bool find_team(struct import *im, const char *name, struct err *err)
{
	struct err own = {0};

	if (team_by_name(&im->town, name != NULL ? name : TEAM_DEFAULT, &im->src.team_id,
			 &im->arena, &own))
		return true;
	if (name == NULL && own.kind == ERR_NOT_FOUND)
		return true;
	*err = own;
	return false;
}

static bool import_all(struct import *im, const struct option_list *operands, struct err *err)
{
	bool ok = begin(im, err);

	for (size_t i = 1; i < operands->count && ok; i++)
		ok = mail_read_path(operands->items[i], take_one, im, err);
	/* What came before a failure was taken in well and stays. */
	if (im->dry_run)
		town_rollback(&im->town);
	else if (store_in_transaction(im->town.store))
		ok = town_commit(&im->town, ok ? err : NULL) && ok;
	return ok;
}

static void finish(struct import *im)
{
	for (size_t i = 0; i < im->row_count; i++)
		free(im->rows[i].folder);
	for (size_t i = 0; i < im->refused_count; i++) {
		free(im->refused[i].path);
		free(im->refused[i].reason);
	}
	free(im->rows);
	free(im->refused);
	town_close(&im->town);
	arena_finish(&im->arena);
}

int command_import_mail(const struct settings *s, const struct option_list *operands,
			struct err *err)
{
	struct import im = {.dry_run = s->dry_run};
	bool json = s->format != NULL && strcmp(s->format, "json") == 0;
	int ret = 2;

	if (operands->count < 2) {
		err_set(err, ERR_INPUT, _("write: balied import mail PATH..."));
		return ret;
	}
	if (s->format != NULL && !json && strcmp(s->format, "table") != 0) {
		err_set(err, ERR_INPUT, _("'%s' is no format; there are table and json"),
			s->format);
		return ret;
	}
	if (!command_name("mailbox", s->mailbox, err))
		return ret;
	mail_init();
	im.src.mailbox = s->mailbox != NULL && s->mailbox[0] != '\0' ? s->mailbox : MAILBOX_DEFAULT;
	ret = 1;
	if (!town_open(&im.town, s->db, 0, err) || !find_team(&im, s->team, err))
		goto out;
	if (import_all(&im, operands, err))
		ret = 0;
	json ? print_json(&im) : print_table(&im);
out:
	finish(&im);
	mail_finish();
	return ret;
}
