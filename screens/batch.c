/* What became of one thing done to many tickets: how many are done, which are not and why. What went
 * wrong stands first. The agent tries one again, lets go of all that failed, or undoes the whole. It
 * loads again when the outbox changes. */
#include "parts.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

#define ROWS_MAX 2000

struct results {
	char id[ID_TEXT]; /* of the batch */
	struct arena arena;
	struct work_batch batch;
	struct outbox_row *rows;
	size_t count;
	struct list list;
	char *what;
};

static bool find_batch(struct desk *d, const char *id, struct work_batch *ret, struct arena *a,
		       struct err *err)
{
	struct work_batch *rows;
	size_t n, i = 0;

	if (!work_batches(d->work, &rows, &n, a, err))
		return false;
	while (i < n && id[0] && strcmp(rows[i].id, id) != 0)
		i++;
	if (i == n) {
		err_set(err, ERR_NOT_FOUND, _("nothing was done to many tickets at once"));
		return false;
	}
	*ret = rows[i];
	return true;
}

static bool batch_open(struct screen *s, const char *args, struct err *err)
{
	struct results *v = screen_state(s);
	struct work_batch found;
	struct arena a = {0};
	bool ok = find_batch(parts_desk(s), args, &found, &a, err);

	if (ok)
		snprintf(v->id, sizeof(v->id), "%s", found.id);
	v->list.selected = -1;
	arena_finish(&a);
	return ok;
}

static bool batch_load(struct screen *s, struct err *err)
{
	struct results *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct arena a = {0};
	struct names names;
	struct buf what = {0};
	struct err why = {0};

	if (!find_batch(d, v->id, &v->batch, &a, &why)) {
		/* All of it was taken back. */
		memset(&v->batch, 0, sizeof(v->batch));
		v->count = 0;
		list_set_count(&v->list, 0);
		arena_finish(&a);
		return why.kind == ERR_NOT_FOUND;
	}
	if (!work_batch_rows(d->work, v->id, ROWS_MAX, &v->rows, &v->count, &a, err)) {
		v->count = 0;
		arena_finish(&a);
		return false;
	}
	screens_names(d, &names, &a);
	screens_put_envelope(&names, &v->batch.first.envelope, &what);
	v->what = arena_strdup(&a, what.data);
	buf_finish(&what);
	arena_finish(&v->arena);
	v->arena = a;
	list_set_count(&v->list, (int64_t)v->count);
	return true;
}

static void batch_close(struct screen *s)
{
	struct results *v = screen_state(s);

	arena_finish(&v->arena);
}

static const char *state_words(const struct outbox_row *row, enum style *style)
{
	*style = STYLE_PENDING;
	switch (row->state) {
	case OUTBOX_WAITING:
		return _("waits");
	case OUTBOX_SENDING:
		return _("on its way");
	case OUTBOX_CONFLICT:
		*style = STYLE_ERROR;
		return _("conflict");
	case OUTBOX_REFUSED:
		*style = STYLE_ERROR;
		return row->unreadable ? _("set aside") : _("refused");
	case OUTBOX_DONE:
		*style = STYLE_DIM;
		return row->undone ? _("undone") : _("done");
	}
	return "";
}

static void draw_row(struct cells c, int line, const struct outbox_row *row, bool selected)
{
	enum style style, base = selected ? STYLE_SELECTED : STYLE_NORMAL;
	const char *state = state_words(row, &style);
	int why = c.width > 100 ? 60 : 30;
	struct buf text = {0};

	if (selected)
		style = base;
	if (row->reason && row->state != OUTBOX_DONE)
		text_capital(&text, _(row->reason));
	cells_fill(c, line, 0, c.width, base);
	cells_put_in(c, line, 2, 12, ALIGN_LEFT, style, state);
	cells_put_in(c, line, 15, 12, ALIGN_LEFT, base, row->number ? row->number : "");
	cells_put_in(c, line, 28, c.width - 30 - why, ALIGN_LEFT, base,
		     row->subject ? row->subject : "");
	cells_put_in(c, line, c.width - why - 1, why, ALIGN_LEFT, base, text.data ? text.data : "");
	buf_finish(&text);
}

static void put_counts(const struct work_batch *b, struct buf *ret)
{
	static const char *const words[] = {N_("%lld done"), N_("%lld undone"), N_("%lld waiting"),
					    N_("%lld in conflict"), N_("%lld refused")};
	const int64_t counts[] = {b->done, b->undone, b->waiting, b->conflict, b->refused};

	for (size_t i = 0; i < 5; i++) {
		if (counts[i] == 0)
			continue;
		if (ret->len)
			buf_add_str(ret, ", ");
		buf_printf(ret, _(words[i]), (long long)counts[i]);
	}
}

static void batch_draw(const struct screen *s, struct cells c)
{
	struct results *v = screen_state(s);
	struct cells body = cells_sub(c, 4, 0, c.height - 4, c.width);
	const char *lines[] = {_("Nothing of it was sent.")};
	struct buf counts = {0};

	if (v->batch.count == 0) {
		parts_draw_empty(c, _("All of it was taken back"), lines, 1);
		cells_cursor(c, 0, 0, false);
		return;
	}
	put_counts(&v->batch, &counts);
	cells_put(c, 0, 2, STYLE_STRONG, v->what);
	cells_put(c, 1, 2, v->batch.conflict + v->batch.refused ? STYLE_WARNING : STYLE_NORMAL,
		  counts.data ? counts.data : "");
	if (v->batch.count > (int64_t)v->count)
		cells_putf(c, 2, 2, STYLE_DIM, _("The first %zu are shown."), v->count);
	cells_rule(c, 3, STYLE_DIM, "");
	buf_finish(&counts);
	list_show(&v->list, body.height > 0 ? body.height : 1);
	for (int line = 0; line < body.height && v->list.top + line < v->list.count; line++)
		draw_row(body, line, &v->rows[v->list.top + line],
			 v->list.top + line == v->list.selected);
	cells_cursor(body, (int)(v->list.selected - v->list.top), 0, false);
}

static void batch_title(const struct screen *s, struct buf *ret)
{
	const struct results *v = screen_state(s);

	buf_printf(ret, _("Done to %lld tickets at once"), (long long)v->batch.count);
}

static void told(struct screen *s, bool ok, const char *text, const struct err *err)
{
	struct buf capital = {0};

	text_capital(&capital, text ? text : "");
	host_say(screen_host(s), ok ? STYLE_GOOD : STYLE_ERROR, ok ? "%s." : "%s",
		 ok ? capital.data : err->text);
	buf_finish(&capital);
	if (ok && parts_desk(s)->port)
		port_to_sync(parts_desk(s)->port, PORT_OUTBOX, NULL, 0, false, NULL);
	host_changed(screen_host(s), WATCH_OUTBOX | WATCH_TICKETS | WATCH_TIMELINE);
}

static void undo(struct screen *s)
{
	struct results *v = screen_state(s);
	struct buf text = {0};
	struct err err = {0};
	size_t taken = 0, undone = 0;
	bool ok = work_undo_batch(parts_desk(s)->work, v->id, clock_now(), &taken, &undone, &err);

	buf_printf(&text, _("%zu taken back, %zu undone"), taken, undone);
	told(s, ok, text.data, &err);
	buf_finish(&text);
}

static void drop_failed(struct screen *s)
{
	struct results *v = screen_state(s);
	struct buf text = {0};
	struct err err = {0};
	size_t taken = 0;
	bool ok = work_drop_failed(parts_desk(s)->work, v->id, &taken, &err);

	buf_printf(&text, _("%zu let go"), taken);
	told(s, ok, text.data, &err);
	buf_finish(&text);
}

static void open_row(struct screen *s, const struct outbox_row *row)
{
	struct err err = {0};
	char args[ID_TEXT];
	bool ok;

	if (row->state == OUTBOX_CONFLICT) {
		snprintf(args, sizeof(args), "%lld", (long long)row->seq);
		ok = host_open(screen_host(s), "conflict", args, &err);
	} else {
		parts_place(s)->order.set = false;
		ok = host_open(screen_host(s), "ticket", row->envelope.record, &err);
	}
	if (!ok)
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

static bool batch_act(struct screen *s, const struct act *act)
{
	struct results *v = screen_state(s);
	const struct outbox_row *row = v->list.selected >= 0 && v->list.selected < v->list.count
					       ? &v->rows[v->list.selected]
					       : NULL;
	struct err err = {0};

	if (list_act(&v->list, act)) {
		screen_redraw(s);
		return true;
	}
	if (act->args[0])
		return false;
	switch (act->action->id) {
	case ACT_UNDO:
		undo(s);
		return true;
	case ACT_TAKE_BACK:
		drop_failed(s);
		return true;
	case ACT_RETRY:
		if (row && row->state != OUTBOX_DONE)
			told(s, work_retry(parts_desk(s)->work, row->seq, &err),
			     _("it is tried again"), &err);
		return true;
	case ACT_OPEN:
	case ACT_CONFLICT:
		if (row)
			open_row(s, row);
		return true;
	}
	return false;
}

static const int batch_offered[] = {
	ACT_BACK, ACT_OPEN, ACT_UNDO, ACT_RETRY, ACT_TAKE_BACK, -1,
};

const struct screen_ops batch_screen = {
	.name = "batch",
	.label = N_("results"),
	.state_size = sizeof(struct results),
	.watches = WATCH_OUTBOX,
	.offered = batch_offered,
	.open = batch_open,
	.load = batch_load,
	.title = batch_title,
	.draw = batch_draw,
	.act = batch_act,
	.close = batch_close,
};
