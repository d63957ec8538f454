/* The agent's own views: a view, a filter, an order and columns under a name of his, kept on this
 * computer. They stand in the same picker as the five that come with the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "queue.h"

#define KIND "view"

/* ---- on disk: "mine due rising number,state\\nthe filter" ---- */

static void put_columns(const struct queue *q, struct buf *ret)
{
	const char *names[16];
	bool any = false;

	for (size_t i = 0, n = queue_column_names(names, 16); i < n; i++) {
		if (q->columns & (1u << i)) {
			buf_printf(ret, "%s%s", any ? "," : "", names[i]);
			any = true;
		}
	}
	if (!any)
		buf_add_str(ret, "-");
}

static bool read_value(char *text, struct saved_view *ret)
{
	char *line = strchr(text, '\n'), *rest = NULL, *word;
	int view, sort;

	if (line)
		*line++ = '\0';
	word = strtok_r(text, " ", &rest);
	view = word ? words_find(&filter_views, word) : -1;
	word = strtok_r(NULL, " ", &rest);
	sort = word ? words_find(&queue_sorts, word) : -1;
	word = strtok_r(NULL, " ", &rest);
	if (view < 0 || sort < 0 || !word)
		return false;
	ret->view = (enum filter_view)view;
	ret->sort = (enum queue_sort)sort;
	ret->descending = strcmp(word, "falling") == 0;
	word = strtok_r(NULL, " ", &rest);
	ret->columns = word && strcmp(word, "-") != 0 ? word : "";
	ret->filter = line ? line : "";
	return true;
}

/* As it was written, else whatever the capitals and accents. */
bool screens_saved_view(struct work *w, const char *name, struct saved_view *ret, struct arena *a)
{
	const char *wanted = text_fold_dup(a, name);
	char *value = work_kept(w, KIND, name, a);
	struct kept *rows;
	size_t count = 0;

	ret->name = arena_strdup(a, name);
	if (!value && !work_kept_all(w, KIND, &rows, &count, a, NULL))
		return false;
	for (size_t i = 0; !value && i < count; i++) {
		if (strcmp(text_fold_dup(a, rows[i].name), wanted) == 0) {
			value = arena_strdup(a, rows[i].value);
			ret->name = rows[i].name;
		}
	}
	return value && read_value(value, ret);
}

/* ---- showing ---- */

void queue_set_columns(struct screen *s, const char *text)
{
	struct queue *q = screen_state(s);
	unsigned bits = 0;
	struct buf known = {0};
	char word[32];

	for (const char *p = text; *p;) {
		size_t len = strcspn(p, ", ");
		int column;

		if (len) {
			snprintf(word, sizeof(word), "%.*s", (int)(len > 31 ? 31 : len), p);
			column = queue_column_find(word);
			if (column < 0)
				goto unknown;
			bits |= 1u << column;
		}
		p += len;
		p += strspn(p, ", ");
	}
	q->columns = bits;
	screen_redraw(s);
	return;
unknown:
	queue_column_words(~0u, &known);
	host_say(screen_host(s), STYLE_ERROR, _("Not “%s”, but: %s"), word, known.data);
	buf_finish(&known);
}

/* With what is shown now already typed: so one sees how they are called. */
void queue_ask_columns(struct screen *s)
{
	const struct queue *q = screen_state(s);
	struct buf now = {0};
	struct line_spec spec = {.history = "columns"};

	queue_column_words(queue_columns_wanted(q, parts_desk(s)->me.role), &now);
	spec.initial = now.data;
	host_ask(s, ASK_COLUMNS, _("Columns (empty: the usual ones): "), &spec);
	buf_finish(&now);
}

bool queue_view_show(struct screen *s, const char *name)
{
	struct queue *q = screen_state(s);
	struct saved_view v;
	struct arena a = {0};
	struct err err = {0};
	bool found = screens_saved_view(parts_desk(s)->work, name, &v, &a);

	if (found && !queue_set_filter(q, v.filter, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	} else if (found) {
		q->query.view = v.view;
		q->query.sort = v.sort;
		q->query.descending = v.descending;
		queue_set_columns(s, v.columns);
		queue_begin_list(s);
		snprintf(q->view_name, sizeof(q->view_name), "%s", v.name);
	}
	arena_finish(&a);
	return found;
}

/* Those of the program first, in their order; then the agent's own by name. */
void queue_pick_view(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct arena a = {0};
	struct kept *rows = NULL;
	size_t own = 0, count = 0;
	struct choice *choices;

	if (!work_kept_all(parts_desk(s)->work, KIND, &rows, &own, &a, NULL))
		own = 0;
	choices = arena_alloc(&a, (own + (size_t)filter_views.count) * sizeof(*choices));
	for (int i = 0; i < filter_views.count; i++)
		choices[count++] = (struct choice){words_code(&filter_views, i),
						   _(words_label(&filter_views, i)), NULL};
	for (size_t i = 0; i < own; i++)
		choices[count++] = (struct choice){rows[i].name, rows[i].name, _("your own")};
	host_pick(s, ASK_VIEW, _("Which tickets?"), choices, count,
		  q->view_name[0] ? q->view_name : words_code(&filter_views, (int)q->query.view));
	arena_finish(&a);
}

/* ---- saving, renaming, throwing away ---- */

static bool good_name(struct screen *s, const char *name)
{
	if (words_find(&filter_views, name) >= 0)
		host_say(screen_host(s), STYLE_ERROR, _("“%s” is a view of the program already."),
			 name);
	else if (strlen(name) >= sizeof(((struct queue *)NULL)->view_name) || strchr(name, '\n') ||
		 text_width(name) == 0)
		host_say(screen_host(s), STYLE_ERROR, "%s",
			 _("A name is one line of at most 60 letters."));
	else
		return true;
	return false;
}

static void save(struct screen *s, const char *name)
{
	struct queue *q = screen_state(s);
	struct buf value = {0};
	struct err err = {0};

	if (!good_name(s, name))
		return;
	buf_printf(&value, "%s %s %s ", words_code(&filter_views, (int)q->query.view),
		   words_code(&queue_sorts, (int)q->query.sort),
		   q->query.descending ? "falling" : "rising");
	put_columns(q, &value);
	buf_printf(&value, "\n%s", q->filter_text ? q->filter_text : "");
	if (work_keep(parts_desk(s)->work, KIND, name, value.data, &err)) {
		snprintf(q->view_name, sizeof(q->view_name), "%s", name);
		host_say(screen_host(s), STYLE_GOOD,
			 _("Kept as “%s”: it stands with the other views."), name);
	} else {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	}
	buf_finish(&value);
	screen_redraw(s);
}

static void rename_to(struct screen *s, const char *name)
{
	struct queue *q = screen_state(s);
	struct work *w = parts_desk(s)->work;
	struct arena a = {0};
	struct err err = {0};
	char *value = work_kept(w, KIND, q->view_name, &a);

	if (good_name(s, name) && value && strcmp(name, q->view_name) != 0) {
		/* The new one first: whatever happens in between, none is lost. */
		if (work_keep(w, KIND, name, value, &err) &&
		    work_forget(w, KIND, q->view_name, &err)) {
			snprintf(q->view_name, sizeof(q->view_name), "%s", name);
			host_say(screen_host(s), STYLE_GOOD, _("It is called “%s” now."), name);
		} else {
			host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		}
	}
	arena_finish(&a);
	screen_redraw(s);
}

static void drop(struct screen *s)
{
	struct queue *q = screen_state(s);
	struct err err = {0};

	if (!work_forget(parts_desk(s)->work, KIND, q->view_name, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return;
	}
	host_say(screen_host(s), STYLE_GOOD, _("The view “%s” is gone; no ticket is."),
		 q->view_name);
	q->view_name[0] = '\0';
	screen_redraw(s);
}

static void ask_drop(struct screen *s)
{
	struct queue *q = screen_state(s);
	char question[160];

	snprintf(question, sizeof(question), _("Throw away the view “%s”?"), q->view_name);
	host_confirm(s, ASK_DROP_VIEW, question);
}

/* Renaming and throwing away are about the own view that is shown. */
static bool shows_own(struct screen *s)
{
	struct queue *q = screen_state(s);

	if (!q->view_name[0])
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 _("This is none of your own views: choose that first."));
	return q->view_name[0] != '\0';
}

bool queue_views_act(struct screen *s, const struct act *act)
{
	struct queue *q = screen_state(s);
	struct line_spec spec = {.initial = q->view_name};

	switch (act->action->id) {
	case ACT_SAVE_VIEW:
		if (act->args[0])
			save(s, act->args);
		else
			host_ask(s, ASK_SAVE_VIEW, _("Keep this list under the name: "), &spec);
		return true;
	case ACT_RENAME_VIEW:
		if (!shows_own(s))
			return true;
		if (act->args[0])
			rename_to(s, act->args);
		else
			host_ask(s, ASK_RENAME_VIEW, _("New name: "), &spec);
		return true;
	case ACT_DROP_VIEW:
		if (act->args[0] && !queue_view_show(s, act->args))
			host_say(screen_host(s), STYLE_ERROR, _("There is no view “%s”."),
				 act->args);
		else if (shows_own(s))
			ask_drop(s);
		return true;
	}
	return false;
}

bool queue_views_answer(struct screen *s, int intent, const char *text)
{
	if (intent != ASK_SAVE_VIEW && intent != ASK_RENAME_VIEW && intent != ASK_DROP_VIEW)
		return false;
	if (!text || !text[0])
		return true;
	if (intent == ASK_SAVE_VIEW)
		save(s, text);
	else if (intent == ASK_RENAME_VIEW)
		rename_to(s, text);
	else
		drop(s);
	return true;
}
