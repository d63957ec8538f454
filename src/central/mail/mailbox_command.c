/* balied mailbox: which there are, how they do, what a look at one would find, and whether the town
 * knows all that lies in it. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "../admin.h"
#include "../command.h"
#include "central_sql.h"
#include "mailbox.h"
#include "outbound.h"

struct mailbox_command {
	const struct settings *settings;
	struct town town;
	struct arena arena;
	struct mail_config config;
	const struct mailbox_config *box; /* the one that is named */
	bool json;
};

static void put_clean(const char *text)
{
	struct buf clean = {0};

	text_clean(&clean, text, strlen(text), TEXT_ONE_LINE);
	fputs(clean.data != NULL ? clean.data : "", stdout);
	buf_finish(&clean);
}

static void print_json(struct buf *b)
{
	buf_add_char(b, '\n');
	fputs(b->data, stdout);
	buf_finish(b);
}

/* ---- list ---- */

/* *ret_id: NULL when no service has met it yet. */
static bool read_record(struct mailbox_command *m, const char *name, struct mailbox *ret,
			const char **ret_id, struct err *err)
{
	struct err own = {0};

	*ret_id = NULL;
	memset(ret, 0, sizeof(*ret));
	ret->active = true;
	if (mailbox_by_name(&m->town, name, ret_id, &m->arena, &own))
		return town_read(&m->town, RECORD_MAILBOX, *ret_id, NULL, ret, &m->arena, err);
	if (own.kind == ERR_NOT_FOUND)
		return true;
	*err = own;
	return false;
}

static void print_record(const struct mailbox_config *c, const struct mailbox *r, bool met)
{
	struct buf reason = {0};
	char since[40] = "";

	put_clean(c->name);
	printf("\t%s\t", c->address != NULL ? c->address : "");
	if (!r->active)
		printf("%s", _("paused"));
	else
		printf("%s", met ? _(words_label(&mailbox_states, r->state)) : _("never read"));
	printf("\t%s\t%lld\t%lld\t", clock_to_long(r->since, since, sizeof(since)),
	       (long long)r->unknown, (long long)r->waiting);
	if (r->reason != NULL) {
		reason_put(&reason, r->reason);
		put_clean(reason.data != NULL ? reason.data : "");
	}
	putchar('\n');
	buf_finish(&reason);
}

static void json_record(struct buf *b, const struct mailbox_config *c, const struct mailbox *r,
			bool met)
{
	char since[CLOCK_TEXT];

	buf_add_str(b, b->len > 1 ? ",{\"name\":" : "{\"name\":");
	wire_put_text(b, c->name);
	buf_add_str(b, ",\"address\":");
	wire_put_text(b, c->address);
	buf_printf(b, ",\"active\":%s,\"state\":", r->active ? "true" : "false");
	wire_put_text(b, met ? words_code(&mailbox_states, r->state) : NULL);
	buf_add_str(b, ",\"since\":");
	wire_put_text(b, r->since != 0 ? clock_to_rfc3339(r->since, since) : NULL);
	buf_add_str(b, ",\"reason\":");
	wire_put_text(b, r->reason);
	buf_printf(b, ",\"unknown\":%lld,\"waiting\":%lld}", (long long)r->unknown,
		   (long long)r->waiting);
}

static bool do_list(struct mailbox_command *m, struct err *err)
{
	struct buf b = {0};

	buf_add_char(&b, '[');
	for (size_t i = 0; i < m->config.count; i++) {
		const struct mailbox_config *c = &m->config.mailboxes[i];
		struct mailbox r;
		const char *id;

		if (!read_record(m, c->name, &r, &id, err)) {
			buf_finish(&b);
			return false;
		}
		if (m->json)
			json_record(&b, c, &r, id != NULL);
		else
			print_record(c, &r, id != NULL);
	}
	buf_add_char(&b, ']');
	if (m->json)
		print_json(&b);
	buf_finish(&b);
	return true;
}

/* ---- pause, resume ---- */

static bool set_active(struct mailbox_command *m, bool active, struct err *err)
{
	struct args args = args_none;
	struct mailbox r;
	const char *id;
	bool ok;

	/* One that no service met yet gets its record here. */
	if (!town_begin(&m->town, err))
		return false;
	ok = mailbox_records(&m->town, &m->config, clock_now(), &m->arena, err) &&
	     town_commit(&m->town, err);
	if (!ok) {
		town_rollback(&m->town);
		return false;
	}
	args.active = active;
	if (!read_record(m, m->box->name, &r, &id, err))
		return false;
	return r.active == active ||
	       command_do_admin(&m->town, ACT_MAILBOX_CHANGE, id, &args, &m->arena, err);
}

static bool do_pause(struct mailbox_command *m, struct err *err)
{
	return set_active(m, false, err);
}

static bool do_resume(struct mailbox_command *m, struct err *err)
{
	return set_active(m, true, err);
}

/* ---- a look at the server ---- */

struct account { /* of all that lies in the folder */
	struct mailbox_place place;
	struct imap_folder folder;
	uint32_t *known;
	size_t known_count, known_at;
	uint32_t *unknown;
	size_t unknown_count;
	int64_t all, in_ledger, before, waiting;
	bool anew; /* the server counts anew: nothing can be compared by UID */
};

static bool count_entry(void *user, const struct imap_entry *e)
{
	struct account *a = user;

	a->all++;
	while (a->known_at > 0 && (a->known_at == a->known_count || a->known[a->known_at] > e->uid))
		a->known_at--;
	while (a->known_at < a->known_count && a->known[a->known_at] < e->uid)
		a->known_at++;
	if (a->known_at < a->known_count && a->known[a->known_at] == e->uid) {
		a->in_ledger++;
	} else if (e->uid >= a->place.uid_next) {
		a->waiting++;
	} else if (e->date != 0 && e->date < a->place.since) {
		a->before++;
	} else {
		a->unknown = xrealloc(a->unknown, (a->unknown_count + 1) * sizeof(*a->unknown));
		a->unknown[a->unknown_count++] = e->uid;
	}
	return true;
}

static bool read_known(struct mailbox_command *m, struct account *a, struct err *err)
{
	struct store_query *q;
	enum store_step step;
	size_t cap = 0;

	if (!mailbox_place_get(&m->town, m->box->name, &a->place, err))
		return false;
	if (!a->place.known)
		return true;
	q = store_query(m->town.store, CENTRAL_SQL_LEDGER_UIDS);
	store_bind_text(q, 1, m->box->name);
	store_bind_int(q, 2, mailbox_validity(&a->place));
	while ((step = store_step(q, err)) == STORE_ROW) {
		if (a->known_count == cap) {
			cap = cap > 0 ? cap * 2 : 1024;
			a->known = xrealloc(a->known, cap * sizeof(*a->known));
		}
		a->known[a->known_count++] = (uint32_t)store_column_int(q, 0);
	}
	store_done(q);
	return step != STORE_FAILED;
}

/* Looks, and touches nothing: EXAMINE. What is new since the ledger was read counts as waiting. */
static bool look(struct mailbox_command *m, struct account *a, struct imap **ret, struct err *err)
{
	const char *folder;
	struct imap *im;
	bool ok;

	if (m->box->imap == NULL) {
		err_set(err, ERR_INPUT, _("mailbox '%s' is not read, only sent from"),
			m->box->name);
		return false;
	}
	if (!read_known(m, a, err) || !mailbox_connect(m->box, -1, &im, &folder, &m->arena, err))
		return false;
	ok = imap_select(im, folder, true, &a->folder, err);
	a->anew = ok && a->place.known &&
		  (a->place.uidvalidity != a->folder.uidvalidity ||
		   (a->folder.uid_next != 0 && a->folder.uid_next < a->place.uid_next));
	if (ok)
		*ret = im;
	else
		imap_close(im);
	return ok;
}

static void finish_account(struct account *a)
{
	free(a->known);
	free(a->unknown);
}

static const char *done_words(const struct mailbox_config *c)
{
	switch (c->done) {
	case DONE_LEAVE:
		return _("left as it is");
	case DONE_FLAG:
		return _("marked as read");
	case DONE_MOVE:
		return c->done_folder;
	}
	return "";
}

/* The login of what goes out, where anything does. */
static bool try_sending(struct mailbox_command *m, struct err *err)
{
	struct smtp_result r;
	struct arena a = {0};
	bool ok;

	if (m->box->smtp == NULL) {
		if (!m->json)
			puts(_("nothing is sent from it"));
		return true;
	}
	outbound_try_login(m->box, &a, &r);
	ok = r.state == SMTP_SENT;
	if (!ok)
		err_set(err, ERR_NET, _("it cannot send: %s"), r.evidence);
	else if (!m->json)
		puts(_("the server that sends lets us in"));
	arena_finish(&a);
	return ok;
}

static bool do_test(struct mailbox_command *m, struct err *err)
{
	struct account a = {0};
	struct imap *im;
	unsigned can;

	if (!look(m, &a, &im, err)) {
		finish_account(&a);
		return false;
	}
	can = imap_can(im);
	/* Only what would be new: a mailbox may hold very many. */
	if (a.place.known && !a.anew && a.place.uid_next <= UINT32_MAX &&
	    !imap_list(im, (uint32_t)a.place.uid_next, 0, count_entry, &a, err)) {
		imap_close(im);
		finish_account(&a);
		return false;
	}
	imap_close(im);
	if (!a.place.known)
		a.waiting = m->box->take_existing ? a.folder.exists : 0;
	if (m->json) {
		struct buf b = {0};

		buf_add_str(&b, "{\"name\":");
		wire_put_text(&b, m->box->name);
		buf_printf(&b,
			   ",\"messages\":%lld,\"waiting\":%lld,\"uidvalidity\":%u,"
			   "\"idle\":%s,\"move\":%s,\"uidplus\":%s,\"anew\":%s}",
			   (long long)a.folder.exists, (long long)a.waiting, a.folder.uidvalidity,
			   can & IMAP_CAN_IDLE ? "true" : "false",
			   can & IMAP_CAN_MOVE ? "true" : "false",
			   can & IMAP_CAN_UIDPLUS ? "true" : "false", a.anew ? "true" : "false");
		print_json(&b);
	} else {
		printf(_("connected and logged in; %lld messages, of which %lld would be taken "
			 "in\n"),
		       (long long)a.folder.exists, (long long)a.waiting);
		printf(_("the server tells of new ones by itself: %s; can move: %s\n"),
		       can & IMAP_CAN_IDLE ? _("yes") : _("no"),
		       can & (IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS) ? _("yes") : _("no"));
		printf(_("what was taken in is then: %s\n"), done_words(m->box));
		if (a.anew)
			puts(_("the server counts anew: all is looked at again and known by its "
			       "bytes"));
	}
	finish_account(&a);
	return try_sending(m, err);
}

/* The service fetches them at its next look. */
static bool take_unknown(struct mailbox_command *m, const struct account *a, struct err *err)
{
	bool ok = town_begin(&m->town, err);

	for (size_t i = 0; i < a->unknown_count && ok; i++)
		ok = mailbox_retry_put(&m->town, m->box->name, mailbox_validity(&a->place),
				       a->unknown[i], "reconcile", clock_now() - CLOCK_DAY_MS, err);
	ok = ok && town_commit(&m->town, err);
	if (!ok)
		town_rollback(&m->town);
	return ok;
}

static void print_account(struct mailbox_command *m, const struct account *a)
{
	struct buf b = {0};

	if (!m->json) {
		printf(_("%lld messages: %lld taken in, %lld from before, %lld waiting, %lld "
			 "unknown\n"),
		       (long long)a->all, (long long)a->in_ledger, (long long)a->before,
		       (long long)a->waiting, (long long)a->unknown_count);
		if (a->unknown_count > 0 && !m->settings->take)
			puts(_("--take has the unknown ones taken in"));
		return;
	}
	buf_add_str(&b, "{\"name\":");
	wire_put_text(&b, m->box->name);
	buf_printf(&b,
		   ",\"all\":%lld,\"taken\":%lld,\"before\":%lld,\"waiting\":%lld,\"unknown\":[",
		   (long long)a->all, (long long)a->in_ledger, (long long)a->before,
		   (long long)a->waiting);
	for (size_t i = 0; i < a->unknown_count; i++)
		buf_printf(&b, "%s%u", i > 0 ? "," : "", a->unknown[i]);
	buf_add_str(&b, "]}");
	print_json(&b);
}

static bool do_reconcile(struct mailbox_command *m, struct err *err)
{
	struct account a = {0};
	struct imap *im = NULL;
	bool ok = false;

	if (!look(m, &a, &im, err))
		goto out;
	if (!a.place.known || a.anew) {
		err_set(err, ERR_INPUT,
			a.anew ? _("the server counts anew: let the service look at it first")
			       : _("no service has read this mailbox yet"));
		goto out;
	}
	if (!imap_list(im, 1, 0, count_entry, &a, err))
		goto out;
	ok = !m->settings->take || take_unknown(m, &a, err);
	if (ok)
		print_account(m, &a);
out:
	imap_close(im);
	finish_account(&a);
	return ok;
}

/* ---- the command ---- */

static const struct {
	const char *name;
	bool named; /* of one mailbox */
	bool (*run)(struct mailbox_command *m, struct err *err);
} verbs[] = {
	{"list", false, do_list},    {"test", true, do_test},		{"pause", true, do_pause},
	{"resume", true, do_resume}, {"reconcile", true, do_reconcile},
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static bool prepare(struct mailbox_command *m, const char *name, struct err *err)
{
	const struct settings *s = m->settings;

	if (s->config != NULL && !mail_config_read(s->config, &m->config, &m->arena, err))
		return false;
	if (name != NULL && (m->box = mail_config_find(&m->config, name)) == NULL) {
		err_set(err, ERR_NOT_FOUND, _("the configuration names no mailbox '%s'"), name);
		return false;
	}
	return town_open(&m->town, s->db, 0, err);
}

int command_mailbox(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct mailbox_command m = {.settings = s};
	const char *verb = operands->count > 0 ? operands->items[0] : "";
	size_t i = 0, wanted;
	bool ok;

	m.json = s->format != NULL && strcmp(s->format, "json") == 0;
	if (s->format != NULL && !m.json && strcmp(s->format, "table") != 0) {
		err_set(err, ERR_INPUT, _("'%s' is no format; there are table and json"),
			s->format);
		return 2;
	}
	while (i < VERBS && strcmp(verbs[i].name, verb) != 0)
		i++;
	wanted = i < VERBS && verbs[i].named ? 2 : 1;
	if (i == VERBS || operands->count < wanted) {
		err_set(err, ERR_INPUT,
			_("write: balied mailbox list, or test, pause, resume or "
			  "reconcile with a name"));
		return 2;
	}
	if (operands->count > wanted) {
		command_extra(operands->items[wanted], err);
		return 2;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	ok = prepare(&m, wanted == 2 ? operands->items[1] : NULL, err) && verbs[i].run(&m, err);
	town_close(&m.town);
	arena_finish(&m.arena);
	return ok ? 0 : 1;
}
