#include "balie/ui.h"
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "term.h"

#define EVERYWHERE "everywhere"
#define SEQUENCE_MAX 4 /* keys in a row */
#define TEXT_MAX (256 * 1024)
#define ROWS_MAX 4096

struct binding {
	char *screen, *keys, *args;
	const struct action *action; /* NULL: deliberately nothing */
	int line;
};

struct keymap {
	const struct action_table *actions;
	struct binding *rows;
	size_t count, cap;
};

static void binding_finish(struct binding *b)
{
	free(b->screen);
	free(b->keys);
	free(b->args);
}

bool keymap_create(struct keymap **ret, const struct action_table *actions, struct err *err)
{
	struct keymap *km = xcalloc(1, sizeof(*km));

	km->actions = actions;
	*ret = km;
	return true;
}

void keymap_destroy(struct keymap *km)
{
	if (km == NULL)
		return;
	for (size_t i = 0; i < km->count; i++)
		binding_finish(&km->rows[i]);
	free(km->rows);
	free(km);
}

/* "s" starts "s c". */
static bool starts(const char *start, const char *keys)
{
	size_t n = strlen(start);

	return strncmp(start, keys, n) == 0 && keys[n] == ' ';
}

static bool clash(const struct binding *a, const struct binding *b)
{
	/* Asked of every pair of rows at the start: most differ in the first letter already. */
	if (a->keys[0] != b->keys[0] || strcmp(a->screen, b->screen) != 0)
		return false;
	return strcmp(a->keys, b->keys) == 0 || starts(a->keys, b->keys) ||
	       starts(b->keys, a->keys);
}

static void rows_add(struct keymap *km, const struct binding *b)
{
	if (km->count == km->cap) {
		km->cap = km->cap == 0 ? 64 : km->cap * 2;
		km->rows = xrealloc(km->rows, km->cap * sizeof(*km->rows));
	}
	km->rows[km->count++] = *b;
}

/* ---- parsing ---- */

struct parser {
	const struct keymap *km; /* what was there before */
	struct keymap *rows;	 /* of this text */
	const char *name;
	const char *const *screens;
	char *screen; /* section we are in, NULL before the first */
	int line;
	struct err *err;
};

static bool fail(const struct parser *p, const char *what, const char *near)
{
	if (near != NULL)
		err_set(p->err, ERR_INPUT, _("%s, line %d: %s; did you mean '%s'?"), p->name,
			p->line, what, near);
	else
		err_set(p->err, ERR_INPUT, _("%s, line %d: %s"), p->name, p->line, what);
	return false;
}

static char *trimmed(const char *s, size_t len)
{
	while (len > 0 && (s[0] == ' ' || s[0] == '\t')) {
		s++;
		len--;
	}
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	return xstrndup(s, len);
}

static const char *screen_near(const struct parser *p, const char *word, bool *ret_known)
{
	static const char *const ours[] = {EVERYWHERE, "prompt", "help", NULL};
	const char *const *lists[] = {ours, p->screens};
	const char *near = NULL;
	int best = 4;

	*ret_known = p->screens == NULL;
	for (size_t i = 0; i < 2; i++) {
		for (const char *const *s = lists[i]; s != NULL && *s != NULL; s++) {
			int d = text_distance(word, *s, best);

			if (strcmp(word, *s) == 0)
				*ret_known = true;
			if (d < best) {
				best = d;
				near = *s;
			}
		}
	}
	return near;
}

static bool parse_section(struct parser *p, const char *s, size_t len)
{
	const char *near;
	char *what;
	bool known;

	free(p->screen);
	p->screen = trimmed(s + 1, len - 2);
	near = screen_near(p, p->screen, &known);
	if (known)
		return true;
	what = xasprintf(_("there is no screen '%s'"), p->screen);
	fail(p, what, near);
	free(what);
	return false;
}

/* The keys left of "=", each in its right spelling, with one space between them. */
static bool parse_keys(struct parser *p, const char *s, size_t len, char **ret)
{
	struct buf keys = {0};
	int count = 0;
	size_t i = 0;

	while (i < len) {
		size_t start;
		char name[KEY_NAME];
		const char *near = NULL;

		while (i < len && (s[i] == ' ' || s[i] == '\t'))
			i++;
		start = i;
		while (i < len && s[i] != ' ' && s[i] != '\t')
			i++;
		if (i == start)
			break;
		if (++count > SEQUENCE_MAX || !key_spell(s + start, i - start, name, &near)) {
			char *what = xasprintf(count > SEQUENCE_MAX
						       ? _("too many keys in a row at '%.*s'")
						       : _("there is no key '%.*s'"),
					       (int)(i - start), s + start);

			fail(p, what, near);
			free(what);
			buf_finish(&keys);
			return false;
		}
		if (keys.len > 0)
			buf_add_char(&keys, ' ');
		buf_add_str(&keys, name);
	}
	if (count == 0) {
		buf_finish(&keys);
		return fail(p, _("a key is missing before '='"), NULL);
	}
	*ret = buf_take(&keys);
	return true;
}

/* "action args" right of "=". Nothing, or "none", makes the key do nothing. */
static bool parse_action(struct parser *p, const char *s, size_t len, struct binding *b)
{
	char *text = trimmed(s, len);
	size_t n = strcspn(text, " \t");
	char *word = xstrndup(text, n);
	bool ok = true;

	/* Several with ';' between are one action that does them all. */
	if (steps_several(text)) {
		struct err why = {0};

		b->args = xstrdup(text);
		b->action = action_find(p->km->actions, "run");
		ok = b->action != NULL && steps_check(p->km->actions, text, &why);
		if (!ok)
			fail(p, why.text, NULL);
		free(word);
		free(text);
		return ok;
	}
	b->args = trimmed(text + n, strlen(text + n));
	if (*word != '\0' && strcmp(word, "none") != 0) {
		b->action = action_find(p->km->actions, word);
		ok = b->action != NULL;
	}
	if (!ok) {
		char *what = xasprintf(_("there is no action '%s'"), word);

		fail(p, what, action_nearest(p->km->actions, word));
		free(what);
	}
	free(word);
	free(text);
	return ok;
}

static bool parse_binding(struct parser *p, const char *s, size_t len)
{
	struct binding b = {.line = p->line};
	const char *equals = NULL;
	bool ok = false;

	/* "=" is a key too, so the sign that parts is never the first of the line. */
	if (len > 1)
		equals = memchr(s + 1, '=', len - 1);
	if (equals == NULL)
		return fail(p, _("expected 'Key = action'"), NULL);
	if (p->screen == NULL)
		return fail(p, _("a [section] must come first"), NULL);
	if (!parse_keys(p, s, (size_t)(equals - s), &b.keys))
		return false;
	b.screen = xstrdup(p->screen);
	if (!parse_action(p, equals + 1, len - (size_t)(equals + 1 - s), &b))
		goto out;
	if (p->rows->count >= ROWS_MAX) {
		fail(p, _("too many rows"), NULL);
		goto out;
	}
	for (size_t i = 0; i < p->rows->count; i++) {
		if (clash(&b, &p->rows->rows[i])) {
			char *what = xasprintf(_("'%s' clashes with '%s' on line %d"), b.keys,
					       p->rows->rows[i].keys, p->rows->rows[i].line);

			fail(p, what, NULL);
			free(what);
			goto out;
		}
	}
	rows_add(p->rows, &b);
	ok = true;
out:
	if (!ok)
		binding_finish(&b);
	return ok;
}

static bool parse_line(struct parser *p, const char *s, size_t len)
{
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	if (len == 0 || *s == '#')
		return true;
	if (*s == '[' && s[len - 1] == ']' && len > 2 && memchr(s, '=', len) == NULL)
		return parse_section(p, s, len);
	return parse_binding(p, s, len);
}

/* Rows of a later text drive out those that they clash with. */
static void merge(struct keymap *km, struct keymap *from)
{
	size_t before = km->count;

	for (size_t i = 0; i < from->count; i++) {
		size_t kept = 0;

		/* The first text finds nothing to drive out. */
		if (before == 0) {
			rows_add(km, &from->rows[i]);
			continue;
		}

		for (size_t j = 0; j < km->count; j++) {
			if (clash(&from->rows[i], &km->rows[j]))
				binding_finish(&km->rows[j]);
			else
				km->rows[kept++] = km->rows[j];
		}
		km->count = kept;
		rows_add(km, &from->rows[i]);
	}
	from->count = 0;
}

bool keymap_add(struct keymap *km, const char *name, const char *text, const char *const *screens,
		struct err *err)
{
	struct keymap rows = {0};
	struct parser p = {.km = km, .rows = &rows, .name = name, .screens = screens, .err = err};
	bool ok = true;

	if (strlen(text) > TEXT_MAX || !text_valid(text, strlen(text))) {
		p.line = 1;
		return fail(&p, _("too long, or not UTF-8 text"), NULL);
	}
	while (ok && *text != '\0') {
		size_t len = strcspn(text, "\n");

		p.line++;
		ok = parse_line(&p, text, len);
		text += len + (text[len] == '\n');
	}
	free(p.screen);
	/* All or nothing: a mistake in the last row leaves the keys as they were. */
	if (ok)
		merge(km, &rows);
	for (size_t i = 0; i < rows.count; i++)
		binding_finish(&rows.rows[i]);
	free(rows.rows);
	return ok;
}

/* ---- asking ---- */

enum found { FOUND_NOTHING, FOUND_START, FOUND_BINDING };

static enum found find_in(const struct keymap *km, const char *screen, const char *keys,
			  const struct binding **ret)
{
	enum found found = FOUND_NOTHING;

	for (size_t i = 0; i < km->count; i++) {
		const struct binding *b = &km->rows[i];

		if (b->keys[0] != keys[0] || strcmp(b->screen, screen) != 0)
			continue;
		if (strcmp(b->keys, keys) == 0) {
			*ret = b;
			return FOUND_BINDING;
		}
		if (starts(keys, b->keys))
			found = FOUND_START;
	}
	return found;
}

bool keymap_find(const struct keymap *km, const char *screen, const char *key, struct act *ret,
		 bool *pending)
{
	const struct binding *b = NULL;
	enum found found = find_in(km, screen, key, &b);

	*pending = false;
	if (found == FOUND_NOTHING)
		found = find_in(km, EVERYWHERE, key, &b);
	switch (found) {
	case FOUND_NOTHING:
		return false;
	case FOUND_START:
		*pending = true;
		return false;
	case FOUND_BINDING:
		if (b->action == NULL)
			return false;
		ret->action = b->action;
		ret->args = b->args;
		return true;
	}
	return false;
}

/* A key of [everywhere] does not work in a screen that binds it, or its first key, itself. */
static bool shadowed(const struct keymap *km, const char *screen, const struct binding *b)
{
	struct binding seen = {.screen = (char *)screen, .keys = b->keys};

	for (size_t i = 0; i < km->count; i++)
		if (clash(&seen, &km->rows[i]))
			return true;
	return false;
}

/* As keymap_each(), of one action alone when it is not NULL. Whether a row is shadowed is asked last:
 * it looks at all rows, and the bar asks for a dozen actions in every frame. */
static bool each(const struct keymap *km, const char *screen, const char *action, size_t *pos,
		 struct keymap_row *ret)
{
	while (*pos < km->count) {
		const struct binding *b = &km->rows[(*pos)++];
		bool everywhere;

		if (b->action == NULL || (action != NULL && strcmp(b->action->name, action) != 0))
			continue;
		everywhere = strcmp(b->screen, EVERYWHERE) == 0;
		if (!everywhere && strcmp(b->screen, screen) != 0)
			continue;
		if (everywhere && strcmp(screen, EVERYWHERE) != 0 && shadowed(km, screen, b))
			continue;
		*ret = (struct keymap_row){b->keys, b->action, b->args, everywhere};
		return true;
	}
	return false;
}

bool keymap_each(const struct keymap *km, const char *screen, size_t *pos, struct keymap_row *ret)
{
	return each(km, screen, NULL, pos, ret);
}

bool keymap_binds(const struct keymap *km, const char *screen, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < km->count; i++) {
		const struct binding *b = &km->rows[i];

		if (b->action != NULL && strncmp(b->keys, key, n) == 0 &&
		    (b->keys[n] == '\0' || b->keys[n] == ' ') && strcmp(b->screen, screen) == 0)
			return true;
	}
	return false;
}

bool keymap_has(const struct keymap *km, const char *action)
{
	for (size_t i = 0; i < km->count; i++)
		if (km->rows[i].action != NULL && strcmp(km->rows[i].action->name, action) == 0)
			return true;
	return false;
}

bool keymap_types(const char *keys)
{
	size_t n = strcspn(keys, " "), pos = 0;
	int width;

	if (n == 5 && strncmp(keys, "Space", n) == 0)
		return true;
	return n > 0 && text_next(keys, n, &pos, &width) && pos == n;
}

const char *keymap_key_for(const struct keymap *km, const char *screen, const char *action,
			   const char *args, bool letters_are_text)
{
	struct keymap_row row;
	const char *best = NULL;
	size_t pos = 0;

	while (each(km, screen, action, &pos, &row)) {
		if (args != NULL && strcmp(row.args, args) != 0)
			continue;
		if (letters_are_text && keymap_types(row.keys))
			continue;
		if (best == NULL || text_width(row.keys) < text_width(best))
			best = row.keys;
	}
	return best;
}

const char *keymap_key_of(const struct keymap *km, const char *screen, const char *action,
			  const char *args)
{
	return keymap_key_for(km, screen, action, args, false);
}
