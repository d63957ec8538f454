/* A choice from a list over the bottom of the screen. Letters narrow it, so no letter is a command:
 * arrows move, Enter takes, Esc leaves. */
#include "host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

#define FILTER_MAX 200

struct pick_row {
	char *key, *label, *hint;
	const char *folded, *also;
};

struct pick {
	char *title;
	struct pick_row *rows;
	size_t count;
	size_t now;	  /* the row to start at, when nothing was typed */
	size_t *shown;	  /* indexes of the rows that fit the filter */
	struct list list; /* of shown */
	struct buf filter;
	struct arena arena;
	void (*done)(struct host *h, const char *key); /* the host itself asked */
};

bool host_fits(const char *text, const char *filter)
{
	char word[FILTER_MAX + 1];

	while (*filter != '\0') {
		size_t n = strcspn(filter, " ");

		if (n >= sizeof(word))
			return false;
		memcpy(word, filter, n);
		word[n] = '\0';
		if (strstr(text, word) == NULL)
			return false;
		filter += n + strspn(filter + n, " ");
	}
	return true;
}

/* The best first: "we" is Wegen before Groen en wegen before Nieuwbouw. */
enum rank { RANK_START, RANK_WORD, RANK_LABEL, RANK_ALSO, RANK_NONE };

static bool has_word(const char *text, const char *filter)
{
	for (const char *at = strstr(text, filter); at != NULL; at = strstr(at + 1, filter))
		if (at == text || at[-1] == ' ' || at[-1] == '\n')
			return true;
	return false;
}

static enum rank rank_of(const struct pick_row *r, const char *filter, size_t len)
{
	char both[2048];

	if (strncmp(r->folded, filter, len) == 0 || strncmp(r->also, filter, len) == 0)
		return RANK_START;
	if (has_word(r->folded, filter))
		return RANK_WORD;
	if (host_fits(r->folded, filter))
		return RANK_LABEL;
	if (*r->also == '\0')
		return RANK_NONE;
	snprintf(both, sizeof(both), "%s\n%s", r->folded, r->also);
	return host_fits(both, filter) ? RANK_ALSO : RANK_NONE;
}

static void narrow(struct pick *p)
{
	struct buf folded = {0};
	size_t count = 0;

	if (p->filter.len > 0)
		text_fold(&folded, p->filter.data);
	buf_add_str(&folded, "");
	for (enum rank rank = RANK_START; rank < RANK_NONE; rank++)
		for (size_t i = 0; i < p->count; i++)
			if (rank_of(&p->rows[i], folded.data, folded.len) == rank)
				p->shown[count++] = i;
	buf_finish(&folded);
	p->list.top = p->list.selected = 0;
	list_set_count(&p->list, (int64_t)count);
	if (p->filter.len == 0 && p->now < count)
		p->list.selected = (int64_t)p->now;
}

static void rub_out(struct buf *b)
{
	size_t pos = 0, last = 0;
	int width;

	while (b->len > 0 && text_next(b->data, b->len, &pos, &width)) {
		if (pos >= b->len)
			break;
		last = pos;
	}
	if (b->len > 0) {
		b->len = last;
		b->data[last] = '\0';
	}
}

static void filter_add(struct pick *p, const char *text)
{
	size_t before = p->filter.len;

	text_clean(&p->filter, text, strlen(text), TEXT_ONE_LINE);
	if (p->filter.len > FILTER_MAX) {
		p->filter.len = before;
		p->filter.data[before] = '\0';
	}
	narrow(p);
}

static void pick_move(struct pick *p, int64_t by)
{
	int64_t to = p->list.selected + by;

	if (p->list.count == 0)
		return;
	p->list.selected = to < 0 ? 0 : to >= p->list.count ? p->list.count - 1 : to;
}

static void take(struct screen *s)
{
	struct pick *p = s->state;
	struct host *h = s->host;
	void (*done)(struct host * h, const char *key) = p->done;
	char *key;

	if (p->list.selected < 0)
		return;
	key = xstrdup(p->rows[p->shown[p->list.selected]].key);
	host_answered(s, key);
	if (done != NULL)
		done(h, key);
	free(key);
}

static bool pick_typed(struct screen *s, const struct key *key)
{
	struct pick *p = s->state;
	int64_t page = p->list.height > 1 ? p->list.height - 1 : 1;
	const char *name = key->name;
	char bytes[5] = "";

	if (key->paste != NULL) {
		filter_add(p, key->paste);
	} else if (key->ch != 0) {
		bytes[utf8_put(key->ch, bytes)] = '\0';
		filter_add(p, bytes);
	} else if (strcmp(name, "Enter") == 0) {
		take(s);
	} else if (strcmp(name, "Esc") == 0 || strcmp(name, "Ctrl+C") == 0) {
		host_answered(s, NULL);
	} else if (strcmp(name, "Backspace") == 0) {
		rub_out(&p->filter);
		narrow(p);
	} else if (strcmp(name, "Ctrl+U") == 0) {
		buf_reset(&p->filter);
		narrow(p);
	} else if (strcmp(name, "Down") == 0 || strcmp(name, "Ctrl+N") == 0 ||
		   strcmp(name, "Tab") == 0) {
		pick_move(p, 1);
	} else if (strcmp(name, "Up") == 0 || strcmp(name, "Ctrl+P") == 0) {
		pick_move(p, -1);
	} else if (strcmp(name, "PageDown") == 0) {
		pick_move(p, page);
	} else if (strcmp(name, "PageUp") == 0) {
		pick_move(p, -page);
	} else if (strcmp(name, "Home") == 0) {
		pick_move(p, -p->list.count);
	} else if (strcmp(name, "End") == 0) {
		pick_move(p, p->list.count);
	} else {
		/* The rest goes on to [everywhere] only where it cannot change the screen below. */
		return strcmp(name, "Ctrl+L") != 0 && strcmp(name, "Ctrl+Z") != 0;
	}
	return true;
}

/* For keymaps that bind keys in [prompt]. */
static bool pick_act(struct screen *s, const struct act *act)
{
	if (strcmp(act->action->name, "confirm") == 0)
		take(s);
	else if (strcmp(act->action->name, "reject") == 0 || strcmp(act->action->name, "back") == 0)
		host_answered(s, NULL);
	else
		return strcmp(act->action->name, "redraw") != 0 &&
		       strcmp(act->action->name, "suspend") != 0;
	return true;
}

static void draw_row(struct cells c, int row, const struct pick_row *r, bool selected)
{
	enum style style = selected ? STYLE_SELECTED : STYLE_NORMAL;
	int hint = r->hint != NULL ? text_width(r->hint) : 0;

	if (hint > c.width / 3)
		hint = c.width / 3;
	cells_put_in(c, row, 0, 2, ALIGN_LEFT, style, selected ? ">" : "");
	cells_put_in(c, row, 2, c.width - 2, ALIGN_LEFT, style, r->label);
	if (hint > 0)
		cells_put_in(c, row, c.width - hint - 1, hint, ALIGN_RIGHT,
			     selected ? style : STYLE_DIM, r->hint);
}

static void pick_draw(const struct screen *s, struct cells c)
{
	struct pick *p = s->state;
	int height = c.height / 2 > 8 ? c.height / 2 : 8, col;
	struct cells box;

	if ((size_t)height > p->count + 2)
		height = (int)p->count + 2;
	if (height < 3)
		height = 3;
	box = cells_sub(c, c.height - height, 0, height, c.width);
	list_show(&p->list, box.height - 2);
	cells_clear(box);
	cells_rule(box, 0, STYLE_STRONG, p->title);
	for (int row = 0; row < p->list.height; row++) {
		int64_t i = p->list.top + row;

		if (i < p->list.count)
			draw_row(box, row + 1, &p->rows[p->shown[i]], i == p->list.selected);
	}
	if (p->list.count == 0)
		cells_put(box, 1, 2, STYLE_WARNING, _("nothing has these letters in it"));
	cells_fill(box, box.height - 1, 0, box.width, STYLE_NORMAL);
	col = cells_put(box, box.height - 1, 0, STYLE_BAR_KEY, "> ");
	col = cells_put(box, box.height - 1, col, STYLE_FIELD,
			p->filter.data != NULL ? p->filter.data : "");
	cells_putf(box, box.height - 1, col + 3, STYLE_DIM, "%lld/%zu", (long long)p->list.count,
		   p->count);
	cells_cursor(box, box.height - 1, col, true);
}

static void pick_close(struct screen *s)
{
	struct pick *p = s->state;

	for (size_t i = 0; i < p->count; i++) {
		free(p->rows[i].key);
		free(p->rows[i].label);
		free(p->rows[i].hint);
	}
	free(p->rows);
	free(p->shown);
	free(p->title);
	buf_finish(&p->filter);
	arena_finish(&p->arena);
}

static const struct screen_ops pick_screen = {
	.name = "prompt",
	.state_size = sizeof(struct pick),
	.takes_text = true,
	.draw = pick_draw,
	.act = pick_act,
	.typed = pick_typed,
	.close = pick_close,
};

void host_pick_push(struct host *h, struct screen *asker, int intent, const struct pick_spec *spec)
{
	struct screen *q = host_push(h, &pick_screen, PLACE_OVER, asker, intent);
	struct pick *p = q->state;

	p->title = xstrdup(spec->title);
	p->done = spec->done;
	p->count = spec->count;
	p->rows = xcalloc(spec->count + 1, sizeof(*p->rows));
	p->shown = xcalloc(spec->count + 1, sizeof(*p->shown));
	for (size_t i = 0; i < spec->count; i++) {
		const struct choice *c = &spec->rows[i];

		if (spec->now != NULL && strcmp(spec->now, c->key) == 0)
			p->now = i;
		p->rows[i] = (struct pick_row){
			.key = xstrdup(c->key),
			.label = xstrdup(c->label),
			.hint = c->hint != NULL ? xstrdup(c->hint) : NULL,
			.folded = text_fold_dup(&p->arena, c->label),
			.also = spec->also != NULL ? arena_strdup(&p->arena, spec->also[i]) : "",
		};
	}
	narrow(p);
}

void host_pick(struct screen *s, int intent, const char *title, const struct choice *rows,
	       size_t count, const char *now)
{
	struct pick_spec spec = {.title = title, .rows = rows, .count = count, .now = now};

	host_pick_push(s->host, s, intent, &spec);
}
