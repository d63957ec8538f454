/* Before something is done to many tickets: what would happen to how many, which ones cannot and why,
 * in which a colleague is typing right now. The agent may add a reason, and says yes with one key. It
 * looks again when tickets, the outbox or who is where change; long lists are looked through in
 * slices, so that no key waits. */
#include "bulk.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "repeat.h"

enum { ASK_REASON = 1 };
#define SLICE 1000 /* tickets looked at a time: some ten milliseconds */

struct preview {
	struct loop_watch *timer;
	struct list list; /* of those that are left out */
	const struct batch_item **out;
	size_t out_count;
	struct arena arena; /* of out */
	bool confirmed;	    /* yes was said before all was looked at */
	struct buf what;
};

static struct bulk *bulk_of(const struct screen *s)
{
	return &parts_place(s)->bulk;
}

void bulk_show(struct screen *s, const struct action *action, const struct args *args,
	       const char (*ids)[ID_TEXT], size_t count)
{
	struct bulk *bulk = bulk_of(s);
	struct args copy;
	struct err err = {0};

	batch_finish(&bulk->batch);
	arena_reset(&bulk->arena);
	repeat_copy(action, args, &copy, &bulk->arena);
	copy.reason = arena_strdup(&bulk->arena, args->reason);
	batch_begin(&bulk->batch, action->id, &copy, ids, count);
	if (!host_open(screen_host(s), "bulk", "", &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

static bool takes_reason(const struct batch *b)
{
	return field_find(b->action->fields, b->action->field_count, "reason") != NULL;
}

/* ---- looking ---- */

static bool is_out(const struct batch *b, const struct batch_item *item)
{
	return item->fate != BATCH_DOES && !(item->fate == BATCH_TYPING && b->with_typing);
}

/* It goes along when the agent says yes, since the service may think otherwise by then. */
static bool is_refused(const struct batch *b, const struct batch_item *item)
{
	return !is_out(b, item) && item->word == BATCH_WOULD_NOT;
}

static int order_of(const struct batch_item *item)
{
	static const int order[BATCH_FATES] = {
		[BATCH_TYPING] = 0, [BATCH_CANNOT] = 1, [BATCH_GONE] = 2, [BATCH_SAME] = 3};

	return order[item->fate];
}

/* Those that are left out, what matters most first. */
static void list_out(struct preview *v, const struct batch *b)
{
	size_t n = 0;

	arena_reset(&v->arena);
	v->out = arena_alloc(&v->arena, (b->planned + 1) * sizeof(*v->out));
	for (size_t i = 0; i < b->planned; i++)
		if (is_refused(b, &b->items[i]))
			v->out[n++] = &b->items[i];
	for (int order = 0; order < 4; order++)
		for (size_t i = 0; i < b->planned; i++)
			if (is_out(b, &b->items[i]) && order_of(&b->items[i]) == order)
				v->out[n++] = &b->items[i];
	v->out_count = n;
	list_set_count(&v->list, (int64_t)n);
}

static size_t doing(const struct batch *b)
{
	return b->fates[BATCH_DOES] + (b->with_typing ? b->fates[BATCH_TYPING] : 0);
}

static void tell_done(struct screen *s, const struct preview *v, size_t done)
{
	struct buf hint = {0};

	if (bulk_of(s)->batch.action->flags & ACTION_UNDOABLE)
		parts_put_hint(&hint, s, "queue", "undo", "", _(" %s takes it all back."));
	host_say(screen_host(s), STYLE_GOOD, _("%s (%zu tickets).%s"), v->what.data, done,
		 hint.data ? hint.data : "");
	buf_finish(&hint);
}

static void do_it(struct screen *s)
{
	struct preview *v = screen_state(s);
	struct bulk *bulk = bulk_of(s);
	struct err err = {0};
	size_t done = 0;

	if (!desk_do_many(parts_desk(s), &bulk->batch, &done, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		v->confirmed = false;
		return;
	}
	if (done == 0) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("Nothing was done: none of them can be changed so."));
		v->confirmed = false;
		return;
	}
	repeat_keep(parts_place(s), bulk->batch.action, &bulk->batch.args);
	bulk->done++;
	tell_done(s, v, done);
	host_back(screen_host(s));
	host_changed(screen_host(s), WATCH_TICKETS | WATCH_TIMELINE | WATCH_OUTBOX);
}

static void look_on(void *user)
{
	struct screen *s = user;
	struct preview *v = screen_state(s);
	struct batch *b = &bulk_of(s)->batch;
	struct err err = {0};

	if (!desk_plan(parts_desk(s), b, SLICE, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	desk_plan_ask(parts_desk(s), b);
	list_out(v, b);
	screen_redraw(s);
	if (b->planned < b->count)
		loop_set_timer(v->timer, 1);
	else if (v->confirmed)
		do_it(s);
}

static bool preview_open(struct screen *s, const char *args, struct err *err)
{
	struct preview *v = screen_state(s);
	struct batch *b = &bulk_of(s)->batch;
	struct envelope e = {.action = b->action, .args = b->args};
	struct arena a = {0};
	struct names names;

	if (b->count == 0) {
		err_set(err, ERR_INPUT, _("mark some tickets first, then say what to do"));
		return false;
	}
	screens_names(parts_desk(s), &names, &a);
	screens_put_envelope(&names, &e, &v->what);
	arena_finish(&a);
	v->list.selected = -1;
	v->timer = loop_add_timer(parts_place(s)->loop, -1, look_on, s);
	return true;
}

/* From the start: what was true a moment ago may not be so any more. */
static bool preview_load(struct screen *s, struct err *err)
{
	struct preview *v = screen_state(s);
	struct batch *b = &bulk_of(s)->batch;

	/* An answer that failed is no reason to ask once more; anything else is. */
	if (!desk_plan_hear(parts_desk(s), b))
		b->ask_failed = false;
	desk_plan_again(b);
	if (!desk_plan(parts_desk(s), b, SLICE, err))
		return false;
	desk_plan_ask(parts_desk(s), b);
	list_out(v, b);
	if (b->planned < b->count)
		loop_set_timer(v->timer, 1);
	return true;
}

static void preview_close(struct screen *s)
{
	struct preview *v = screen_state(s);

	loop_remove(v->timer);
	arena_finish(&v->arena);
	buf_finish(&v->what);
	batch_finish(&bulk_of(s)->batch);
}

/* ---- drawing ---- */

static int draw_count(struct cells c, int row, enum style style, size_t n, const char *what)
{
	if (n == 0)
		return row;
	cells_putf(c, row, 2, style, "%8zu  %s", n, what);
	return row + 1;
}

/* What the service says of those that will be changed. */
static int draw_words(const struct screen *s, struct cells c, int row)
{
	const struct batch *b = &bulk_of(s)->batch;
	size_t said = b->would + b->would_not;

	if (doing(b) == 0)
		return row;
	row = draw_count(c, row, STYLE_DIM, b->would, _("the service would do so too"));
	row = draw_count(c, row, STYLE_WARNING, b->would_not, _("the service would refuse"));
	if (b->asking)
		return draw_count(c, row, STYLE_DIM, b->asked, _("the service is being asked"));
	if (said == 0 && b->ask_failed && b->not_asked)
		cells_putf(c, row++, 12, STYLE_DIM, _("the service was not asked: %s"),
			   b->not_asked);
	else if (said == 0)
		cells_put(c, row++, 12, STYLE_DIM, _("the service was not asked"));
	else if (said < doing(b))
		row = draw_count(c, row, STYLE_DIM, doing(b) - said,
				 _("the service was not asked about"));
	return row;
}

static int draw_counts(const struct screen *s, struct cells c, int row)
{
	const struct batch *b = &bulk_of(s)->batch;
	size_t typing = b->fates[BATCH_TYPING];
	struct buf hint = {0};

	cells_putf(c, row++, 2, doing(b) ? STYLE_STRONG : STYLE_WARNING, "%8zu  %s", doing(b),
		   _("will be changed"));
	row = draw_words(s, c, row);
	if (b->planned < b->count)
		cells_putf(c, row++, 2, STYLE_DIM, "%8zu  %s", b->count - b->planned,
			   _("are still to be looked at"));
	parts_put_hint(&hint, s, "bulk", "typing-too", "",
		       b->with_typing ? _("a colleague is typing in it: done too (%s: not)")
				      : _("left out, a colleague is typing in it (%s: do it too)"));
	row = draw_count(c, row, STYLE_WARNING, typing, hint.data);
	row = draw_count(c, row, STYLE_WARNING, b->fates[BATCH_CANNOT], _("cannot be changed so"));
	row = draw_count(c, row, STYLE_WARNING, b->fates[BATCH_GONE],
			 _("left your desk meanwhile"));
	row = draw_count(c, row, STYLE_DIM, b->fates[BATCH_SAME], _("are so already"));
	buf_finish(&hint);
	return row;
}

/* "Bo Maes" of "An Claes\tlooks\nBo Maes\ttypes\n". */
static void put_typist(struct buf *ret, const char *others)
{
	for (const char *p = others; p && *p;) {
		size_t line = strcspn(p, "\n"), name = strcspn(p, "\t\n");

		if (name < line && strncmp(p + name + 1, "types", 5) == 0)
			buf_printf(ret, _("%.*s is typing"), (int)(name > 60 ? 60 : name), p);
		p += line;
		p += *p == '\n';
	}
}

static void put_why(struct buf *ret, const struct batch *b, const struct batch_item *item)
{
	if (is_refused(b, item))
		buf_printf(ret, _("service: %s"), item->refusal);
	else if (item->fate == BATCH_TYPING)
		put_typist(ret, item->why);
	else if (item->fate == BATCH_GONE)
		buf_add_str(ret, _("left your desk meanwhile"));
	else if (item->fate == BATCH_SAME)
		buf_add_str(ret, _("is so already"));
	else
		buf_add_str(ret, item->why ? item->why : "");
}

static void draw_out(struct cells c, int row, const struct batch *b, const struct batch_item *item,
		     bool selected)
{
	enum style style = selected ? STYLE_SELECTED : STYLE_NORMAL;
	int why_width = c.width > 100 ? 50 : 34;
	struct buf why = {0};

	put_why(&why, b, item);
	cells_fill(c, row, 0, c.width, style);
	cells_put_in(c, row, 2, 12, ALIGN_LEFT, style, item->number ? item->number : "");
	cells_put_in(c, row, 15, c.width - 17 - why_width, ALIGN_LEFT, style,
		     item->subject ? item->subject : "");
	cells_put_in(c, row, c.width - why_width - 1, why_width, ALIGN_LEFT, style, why.data);
	buf_finish(&why);
}

static void preview_draw(const struct screen *s, struct cells c)
{
	struct preview *v = screen_state(s);
	const struct batch *b = &bulk_of(s)->batch;
	struct cells body;
	struct buf hint = {0};
	int row = 1;

	cells_putf(c, row, 2, STYLE_STRONG, "%s", v->what.data);
	row = draw_counts(s, c, row + 2);
	if (b->args.reason && b->args.reason[0])
		cells_putf(c, ++row, 2, STYLE_INTERNAL, _("Reason: %s"), b->args.reason);
	parts_put_hint(&hint, s, "bulk", "confirm", "", _("%s does it; nothing is done yet."));
	cells_put(c, ++row + (v->out_count ? 0 : 1), 2, STYLE_NORMAL, hint.data);
	buf_finish(&hint);
	cells_cursor(c, row, 2, false);
	if (!v->out_count)
		return;
	cells_rule(c, row + 1, STYLE_DIM, b->would_not ? _("refused, or left out") : _("left out"));
	body = cells_sub(c, row + 2, 0, c.height - row - 2, c.width);
	list_show(&v->list, body.height > 0 ? body.height : 1);
	for (int line = 0; line < body.height && v->list.top + line < v->list.count; line++)
		draw_out(body, line, b, v->out[v->list.top + line],
			 v->list.top + line == v->list.selected);
	cells_cursor(body, (int)(v->list.selected - v->list.top), 0, false);
}

static void preview_title(const struct screen *s, struct buf *ret)
{
	buf_printf(ret, _("To %zu tickets at once, before it is done"), bulk_of(s)->batch.count);
}

/* ---- acting ---- */

static void ask_reason(struct screen *s)
{
	const struct batch *b = &bulk_of(s)->batch;
	struct line_spec spec = {.initial = b->args.reason ? b->args.reason : "",
				 .history = "reason"};

	if (!takes_reason(b)) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("This goes without a reason."));
		return;
	}
	host_ask(s, ASK_REASON, _("Why (colleagues can read it): "), &spec);
}

static void set_reason(struct screen *s, const char *text)
{
	struct bulk *bulk = bulk_of(s);

	batch_forget_words(&bulk->batch);
	bulk->batch.args.reason = text[0] ? arena_strdup(&bulk->arena, text) : NULL;
	screen_reload(s);
}

static void preview_answer(struct screen *s, int intent, const char *text)
{
	if (intent == ASK_REASON && text)
		set_reason(s, text);
}

static bool preview_act(struct screen *s, const struct act *act)
{
	struct preview *v = screen_state(s);
	struct batch *b = &bulk_of(s)->batch;

	switch (act->action->id) {
	case ACT_CONFIRM:
		v->confirmed = true;
		if (b->planned == b->count)
			do_it(s);
		return true;
	case ACT_REJECT:
	case ACT_BACK:
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("Nothing was done."));
		host_back(screen_host(s));
		return true;
	case ACT_REASON:
		if (act->args[0] && takes_reason(b))
			set_reason(s, act->args);
		else
			ask_reason(s);
		return true;
	case ACT_TYPING_TOO:
		b->with_typing = !b->with_typing;
		desk_plan_ask(parts_desk(s), b);
		list_out(v, b);
		screen_redraw(s);
		return true;
	case ACT_OPEN:
		return true; /* Enter is no yes */
	}
	if (!list_act(&v->list, act))
		return false;
	screen_redraw(s);
	return true;
}

static const int preview_offered[] = {
	ACT_CONFIRM, ACT_REJECT, ACT_REASON, ACT_TYPING_TOO, ACT_DOWN, ACT_UP, -1,
};

const struct screen_ops bulk_screen = {
	.name = "bulk",
	.asks = true,
	.label = N_("before many are changed"),
	.state_size = sizeof(struct preview),
	.watches = WATCH_TICKETS | WATCH_OUTBOX | WATCH_PRESENCE | WATCH_ANSWER,
	.offered = preview_offered,
	.open = preview_open,
	.load = preview_load,
	.title = preview_title,
	.draw = preview_draw,
	.act = preview_act,
	.answer = preview_answer,
	.close = preview_close,
};
