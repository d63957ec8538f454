/* balie do ACTION --filter: one action on all tickets that words find, through the same outbox and as one
 * batch, so that it is undone as one. What became of each is said on a line of its own. */
#include "client.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"

#define PAGE 500
#define MANY_MAX 100000

struct many {
	struct session *s;
	struct batch batch;
	char (*ids)[ID_TEXT];
	size_t count;
	struct arena arena;
	size_t done, kept, failed;
	const char **told; /* dry run: what the service says of each, "" when it would do it */
};

/* For one ticket at a time: what it says of itself goes for no other. */
static bool is_for_many(const struct action *action)
{
	static const int single[] = {ACT_CREATE, ACT_ANSWER, ACT_UNMERGE, ACT_SPLIT, ACT_UNDO};

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (action->id == single[i])
			return false;
	return action->about == RECORD_TICKET;
}

static bool find_all(struct many *m, struct err *err)
{
	struct desk *d = &m->s->place.desk;
	struct queue_query query = {.view = VIEW_ALL,
				    .sort = SORT_DUE,
				    .now = clock_now(),
				    .me = d->me.agent_id,
				    .my_team = d->me.team_id};
	struct queue_row *rows = arena_alloc(&m->arena, PAGE * sizeof(*rows));
	struct queue_place from;
	struct filter filter;
	struct arena page = {0};
	bool more = true, ok = true;
	size_t count = 1, room = 0;

	if (!filter_parse(m->s->settings->filter, query.now, &filter, &m->arena, err))
		return false;
	query.filter = &filter;
	while (ok && more && count > 0 && m->count < MANY_MAX) {
		arena_reset(&page);
		ok = cache_queue(d->cache, d->work, &query, m->count > 0 ? &from : NULL, false,
				 PAGE, rows, &count, &more, &page, err);
		if (!ok || count == 0)
			break;
		if (m->count + count > room) {
			room = (m->count + count) * 2;
			m->ids = xrealloc(m->ids, room * sizeof(*m->ids));
		}
		for (size_t i = 0; i < count; i++)
			snprintf(m->ids[m->count++], ID_TEXT, "%s", rows[i].ticket.id);
		from = rows[count - 1].place;
	}
	arena_finish(&page);
	return ok;
}

static void say(const struct batch_item *item, const char *what, const char *why)
{
	printf("%s  %s%s%s\n", item->number ? item->number : item->id, what, why ? ": " : "",
	       why ? why : "");
}

/* Of those that are left out here already. */
static void say_left_out(struct many *m, const struct batch_item *item)
{
	switch (item->fate) {
	case BATCH_SAME:
		say(item, _("is so already"), NULL);
		return;
	case BATCH_GONE:
		say(item, _("left your desk meanwhile"), item->why);
		break;
	case BATCH_CANNOT:
	case BATCH_TYPING:
	case BATCH_DOES:
	case BATCH_FATES:
		say(item, _("cannot be changed so"), item->why);
		break;
	}
	m->failed++;
}

/* ---- a dry run ---- */

static void take_word(void *user, size_t i, const char *why)
{
	struct many *m = user;

	m->told[i] = arena_strdup(&m->arena, why != NULL ? why : "");
}

/* The service knows what this computer cannot: the tickets as they are now. Without it, what is here
 * must do. */
static bool ask_service(struct many *m, const struct envelope *envelopes, size_t count)
{
	struct sync_spec spec = session_sync(m->s, NULL);
	struct sync_try what = {envelopes, count, take_word, m};
	struct err why = {0};

	m->told = arena_alloc(&m->arena, (count + 1) * sizeof(*m->told));
	memset(m->told, 0, (count + 1) * sizeof(*m->told));
	return sync_try(&spec, &what, &why) ||
	       (why.kind == ERR_AUTH && login_when_needed(m->s, true, &why) &&
		sync_try(&spec, &what, &why));
}

static void try_all(struct many *m)
{
	struct envelope *envelopes = arena_alloc(&m->arena, (m->count + 1) * sizeof(*envelopes));
	size_t n = 0;
	bool asked;

	for (size_t i = 0; i < m->count; i++)
		if (m->batch.items[i].fate == BATCH_DOES)
			envelopes[n++] = batch_envelope(&m->batch, &m->batch.items[i]);
	asked = ask_service(m, envelopes, n);
	n = 0;
	for (size_t i = 0; i < m->count; i++) {
		const struct batch_item *item = &m->batch.items[i];
		const char *told = item->fate == BATCH_DOES ? m->told[n++] : NULL;

		if (item->fate != BATCH_DOES) {
			say_left_out(m, item);
		} else if (told && told[0]) {
			say(item, _("the service would refuse it"), told);
			m->failed++;
		} else {
			say(item, _("would be done"), NULL);
			m->done++;
		}
	}
	if (!asked)
		printf("%s\n", _("The service could not be asked: this is what is known here."));
	printf(_("Of %zu tickets %zu would be changed, %zu cannot be. Nothing was done.\n"),
	       m->count, m->done, m->failed);
}

/* ---- in earnest ---- */

static const struct outbox_row *find_row(const struct outbox_row *rows, size_t count,
					 const char *id)
{
	size_t i = 0;

	/* They come in the order of the tickets, but for what went wrong. */
	while (i < count && strcmp(rows[i].envelope.id, id) != 0)
		i++;
	return i < count ? &rows[i] : NULL;
}

static void say_result(struct many *m, const struct batch_item *item, const struct outbox_row *row)
{
	if (row == NULL || row->state == OUTBOX_WAITING || row->state == OUTBOX_SENDING) {
		say(item, _("kept"), NULL);
		m->kept++;
	} else if (row->state == OUTBOX_DONE) {
		say(item, _("done"), NULL);
		m->done++;
	} else if (row->state == OUTBOX_CONFLICT) {
		say(item, _("a colleague changed it first"), row->reason);
		m->failed++;
	} else {
		say(item, _("the service refused it"), row->reason);
		m->failed++;
	}
}

static bool say_results(struct many *m, struct err *err)
{
	struct outbox_row *rows, *at;
	size_t count;

	if (!work_batch_rows(m->s->place.desk.work, m->batch.id, m->count, &rows, &count, &m->arena,
			     err))
		return false;
	at = rows;
	for (size_t i = 0; i < m->count; i++) {
		const struct batch_item *item = &m->batch.items[i];
		const struct outbox_row *row;

		if (item->fate != BATCH_DOES) {
			say_left_out(m, item);
			continue;
		}
		row = at < rows + count && strcmp(at->envelope.id, item->envelope_id) == 0
			      ? at
			      : find_row(rows, count, item->envelope_id);
		say_result(m, item, row);
		if (row != NULL)
			at = &rows[row - rows] + 1;
	}
	printf(_("Of %zu tickets %zu are done, %zu kept to be sent, %zu not changed.\n"), m->count,
	       m->done, m->kept, m->failed);
	return true;
}

static bool do_all(struct many *m, struct err *err)
{
	size_t begun = 0;

	if (!desk_do_many(&m->s->place.desk, &m->batch, &begun, err))
		return false;
	if (begun > 0)
		command_send(m->s);
	return say_results(m, err);
}

int command_do_many(struct session *s, const struct action *action,
		    const struct option_list *operands, struct err *err)
{
	struct many m = {.s = s};
	struct args args = args_none;
	int code = EXIT_USAGE;

	if (!is_for_many(action)) {
		err_set(err, ERR_INPUT, _("“%s” is for one ticket at a time"), action->name);
		return EXIT_USAGE;
	}
	if (!command_read_args(s, action, operands, 2, &args, &m.arena, err) ||
	    !args_check(action, &args, err) || !find_all(&m, err))
		goto out;
	code = EXIT_TROUBLE;
	batch_begin(&m.batch, action->id, &args, (const char(*)[ID_TEXT])m.ids, m.count);
	if (!desk_plan(&s->place.desk, &m.batch, m.count, err))
		goto out;
	if (s->settings->dry_run)
		try_all(&m);
	else if (!do_all(&m, err))
		goto out;
	code = m.failed > 0 ? EXIT_TROUBLE : EXIT_FINE;
out:
	free(m.ids);
	batch_finish(&m.batch);
	arena_finish(&m.arena);
	return code;
}
