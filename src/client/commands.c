/* What balie does without a screen: sync, show and list. */
#include "client.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "balie/wire.h"

#define PAGE 500

static int command_sync(struct session *s, const struct option_list *operands, struct err *err);

static const struct {
	const char *name;
	int (*run)(struct session *s, const struct option_list *operands, struct err *err);
} commands[] = {
	{"do", command_do},
	{"list", command_list},
	{"show", command_show},
	{"sync", command_sync},
};

bool command_known(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return true;
	return false;
}

int command_run(struct session *s, const struct option_list *operands, struct err *err)
{
	/* A demo has no mirror yet when it is asked for a list. */
	if (s->settings->demo && strcmp(operands->items[0], "sync") != 0) {
		struct sync_report report;
		struct sync_spec spec;

		if (!login_when_needed(s, false, err))
			return EXIT_TROUBLE;
		spec = session_sync(s, NULL);
		if (!sync_once(&spec, &report, err))
			return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, operands->items[0]) == 0)
			return commands[i].run(s, operands, err);
	return EXIT_USAGE;
}

/* ---- sync ---- */

static void print_report(const struct sync_report *r)
{
	printf(_("Sent: %lld.  Refused: %lld.  In conflict: %lld.\n"), (long long)r->sent,
	       (long long)r->refused, (long long)r->conflicts);
	printf(_("Fetched:"));
	for (int i = 0; i < RECORD_KINDS; i++)
		if (r->fetched[i])
			printf(" %lld %s", (long long)r->fetched[i], record_types[i].plural);
	printf(_(".  Gone from the desk: %lld.  Histories: %lld.%s\n"), (long long)r->gone,
	       (long long)r->timelines, r->full ? _("  Everything was fetched anew.") : "");
}

static int command_sync(struct session *s, const struct option_list *operands, struct err *err)
{
	struct sync_report report = {0};
	struct sync_spec spec;
	struct err why = {0};
	bool ok;

	if (operands->count > 1) {
		err_set(err, ERR_INPUT, _("sync takes nothing behind its name"));
		return EXIT_USAGE;
	}
	if (!session_lock(s, err) || !login_when_needed(s, false, err))
		return EXIT_TROUBLE;
	spec = session_sync(s, NULL);
	ok = sync_once(&spec, &report, &why);
	/* A login ends after some hours: asked once more, and only then given up. */
	if (!ok && why.kind == ERR_AUTH && login_when_needed(s, true, err)) {
		memset(&report, 0, sizeof(report));
		ok = sync_once(&spec, &report, &why);
	}
	if (!ok) {
		if (err->kind == ERR_NONE)
			*err = why;
		return EXIT_TROUBLE;
	}
	print_report(&report);
	return report.refused || report.conflicts ? EXIT_TROUBLE : EXIT_FINE;
}

static bool need_mirror(struct session *s, struct err *err)
{
	if (session_read(s))
		return true;
	err_set(err, ERR_NOT_FOUND,
		_("nothing was fetched on this computer yet: do “balie sync” first"));
	return false;
}

static bool wants_json(const struct session *s)
{
	return s->settings->format && strcmp(s->settings->format, "json") == 0;
}

/* Nothing that a stranger wrote may reach the terminal as it is. */
static void print_clean(const char *before, const char *text, enum text_keep keep)
{
	struct buf clean = {0};
	const char *p;

	text_clean(&clean, text ? text : "", text ? strlen(text) : 0, keep);
	p = clean.data ? clean.data : "";
	do {
		size_t len = strcspn(p, "\n");

		printf("%s%.*s\n", before, (int)len, p);
		p += len;
		p += *p == '\n';
	} while (*p);
	buf_finish(&clean);
}

/* ---- show ---- */

static void print_timeline_row(const struct timeline_row *row, const struct names *names)
{
	struct buf words = {0};
	char when[48];

	clock_to_long(row->at, when, sizeof(when));
	switch (row->kind) {
	case TIMELINE_MESSAGE:
		printf("\n%s  %s  ", when,
		       row->message.direction == DIRECTION_OUT ? _("OUT") : _("IN"));
		print_clean("",
			    row->agent_name && row->agent_name[0] ? row->agent_name
								  : row->message.from_text,
			    TEXT_ONE_LINE);
		print_clean("    ", row->message.body, TEXT_LINES);
		break;
	case TIMELINE_NOTE:
		printf("\n%s  %s  %s\n", when, _("INTERNAL NOTE"),
		       row->agent_name ? row->agent_name : "?");
		print_clean("    ", row->note.body, TEXT_LINES);
		break;
	case TIMELINE_CHANGE:
		screens_put_change(names, &row->change, &words);
		printf("%s  · ", when);
		print_clean("", words.data, TEXT_ONE_LINE);
		break;
	}
	buf_finish(&words);
}

static void print_field(const char *label, const char *value)
{
	printf("%-12s", label);
	print_clean("", value && value[0] ? value : "-", TEXT_ONE_LINE);
}

static void print_ticket(struct session *s, const struct queue_row *row,
			 const struct timeline_row *rows, size_t count, struct arena *a)
{
	const struct ticket *t = &row->ticket;
	struct names names;
	char text[64];

	screens_names(&s->place.desk, &names, a);
	print_field(_("Number"), t->number ? t->number : _("none yet"));
	print_field(_("Subject"), t->subject);
	print_field(_("State"), _(words_label(&ticket_states, t->state)));
	print_field(_("Kind"), _(words_label(&ticket_kinds, t->kind)));
	print_field(_("Deadline"), clock_to_long(t->due_at, text, sizeof(text)));
	print_field(_("Citizen"), t->party_name ? t->party_name : _("anonymous"));
	print_field(_("Topic"), row->topic_name);
	print_field(_("Team"), row->team_name);
	print_field(_("Agent"), row->agent_name);
	if (row->pending)
		print_field(_("Waits"), _("what you did here is not sent yet"));
	for (size_t i = 0; i < count; i++)
		print_timeline_row(&rows[i], &names);
}

static void put_list(struct buf *json, const char *name, const struct timeline_row *rows,
		     size_t count, enum timeline_kind kind)
{
	bool first = true;

	buf_printf(json, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].kind != kind)
			continue;
		buf_add_str(json, first ? "" : ",");
		first = false;
		if (kind == TIMELINE_MESSAGE)
			wire_put_record(json, RECORD_MESSAGE, &rows[i].message);
		else if (kind == TIMELINE_NOTE)
			wire_put_record(json, RECORD_NOTE, &rows[i].note);
		else
			wire_put(json, change_fields, change_field_count, &rows[i].change);
	}
	buf_add_char(json, ']');
}

static void print_ticket_json(const struct queue_row *row, const struct timeline_row *rows,
			      size_t count)
{
	struct buf json = {0};

	buf_add_str(&json, "{\"ticket\":");
	wire_put_record(&json, RECORD_TICKET, &row->ticket);
	put_list(&json, "messages", rows, count, TIMELINE_MESSAGE);
	put_list(&json, "notes", rows, count, TIMELINE_NOTE);
	put_list(&json, "changes", rows, count, TIMELINE_CHANGE);
	buf_printf(&json, ",\"pending\":%s}", row->pending ? "true" : "false");
	printf("%s\n", json.data);
	buf_finish(&json);
}

int command_show(struct session *s, const struct option_list *operands, struct err *err)
{
	struct desk *d = &s->place.desk;
	struct arena a = {0};
	struct queue_row row;
	struct timeline_row *rows;
	size_t count;
	bool complete;
	int code = EXIT_TROUBLE;

	if (operands->count != 2) {
		err_set(err, ERR_INPUT, _("show needs the number of one ticket"));
		return EXIT_USAGE;
	}
	if (!need_mirror(s, err) || !screens_find_ticket(d, operands->items[1], &row, &a, err) ||
	    !cache_timeline(d->cache, d->work, row.ticket.id, &rows, &count, &complete, &a, err))
		goto out;
	if (wants_json(s))
		print_ticket_json(&row, rows, count);
	else
		print_ticket(s, &row, rows, count, &a);
	code = EXIT_FINE;
out:
	arena_finish(&a);
	return code;
}

/* ---- list ---- */

static void print_row(const struct queue_row *row, bool json, bool first, int64_t now)
{
	const struct ticket *t = &row->ticket;
	struct buf line = {0}, clean = {0};
	char due[48];

	if (json) {
		wire_put_record(&line, RECORD_TICKET, t);
		printf("%s%s", first ? "[\n" : ",\n", line.data);
	} else {
		screens_due(t, now, due, sizeof(due));
		buf_printf(&line, "%-12s\t%s\t%s\t%s\t%s\t%s\t%s", t->number ? t->number : "-",
			   words_code(&ticket_states, t->state), due, row->team_name,
			   row->agent_name[0] ? row->agent_name : "-",
			   t->party_name ? t->party_name : "-", t->subject ? t->subject : "");
		/* Cell by cell, so that tabs stay what separates. */
		for (const char *p = line.data; *p;) {
			size_t len = strcspn(p, "\t");

			buf_reset(&clean);
			text_clean(&clean, p, len, TEXT_ONE_LINE);
			printf("%s%s", clean.data ? clean.data : "", p[len] ? "\t" : "\n");
			p += len + (p[len] == '\t');
		}
	}
	buf_finish(&line);
	buf_finish(&clean);
}

static bool print_list(struct session *s, const struct queue_query *q, struct err *err)
{
	struct desk *d = &s->place.desk;
	struct arena rows_arena = {0}, a = {0};
	struct queue_row *rows = arena_alloc(&rows_arena, PAGE * sizeof(*rows));
	struct queue_place from = {0};
	bool more = true, first = true, ok = true;
	size_t count;

	while (ok && more) {
		arena_reset(&a);
		ok = cache_queue(d->cache, d->work, q, first ? NULL : &from, false, PAGE, rows,
				 &count, &more, &a, err);
		if (!ok || count == 0)
			break;
		for (size_t i = 0; i < count; i++) {
			print_row(&rows[i], wants_json(s), first, q->now);
			first = false;
		}
		from = rows[count - 1].place;
	}
	if (wants_json(s))
		printf("%s\n", first ? "[]" : "\n]");
	arena_finish(&a);
	arena_finish(&rows_arena);
	return ok;
}

/* One of the program's views, or an own one with its filter and order. */
static bool use_view(struct session *s, struct queue_query *q, struct buf *filter, struct arena *a,
		     struct err *err)
{
	int view = words_find(&filter_views, s->settings->view);
	struct saved_view own;

	if (view >= 0) {
		q->view = (enum filter_view)view;
		return true;
	}
	if (!screens_saved_view(s->place.desk.work, s->settings->view, &own, a)) {
		err_set(err, ERR_INPUT,
			_("view must be mine, team, unassigned, overdue, all or one of your own, "
			  "not “%s”"),
			s->settings->view);
		return false;
	}
	q->view = own.view;
	q->sort = own.sort;
	q->descending = own.descending;
	buf_printf(filter, "%s%s", filter->len ? " " : "", own.filter);
	return true;
}

int command_list(struct session *s, const struct option_list *operands, struct err *err)
{
	struct desk *d = &s->place.desk;
	struct queue_query q = {.view = VIEW_ALL, .sort = SORT_DUE, .now = clock_now()};
	struct buf text = {0};
	struct arena a = {0};
	struct filter filter;
	int code = EXIT_TROUBLE;

	for (size_t i = 1; i < operands->count; i++)
		buf_printf(&text, "%s%s", i > 1 ? " " : "", operands->items[i]);
	if (s->settings->view && !use_view(s, &q, &text, &a, err)) {
		code = EXIT_USAGE;
		goto out;
	}
	if (!need_mirror(s, err))
		goto out;
	if (!filter_parse(text.data ? text.data : "", q.now, &filter, &a, err)) {
		code = EXIT_USAGE;
		goto out;
	}
	q.filter = filter.count ? &filter : NULL;
	q.me = d->me.agent_id;
	q.my_team = d->me.team_id;
	if (print_list(s, &q, err))
		code = EXIT_FINE;
out:
	buf_finish(&text);
	arena_finish(&a);
	return code;
}
