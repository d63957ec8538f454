/* Attachments and original messages: saved beside what is there, nothing is ever overwritten; or opened with a
 * program of the agent's own, in a folder that is only his and goes when he leaves. */
#include "ticket.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "facts.h"

#define SAVES_MAX 64
#define NAME_MAX_BYTES 120
#define TRIES_MAX 1000

/* A stranger chose this name: no folder, no hidden file, nothing that a terminal would obey. */
static void put_safe_name(struct buf *ret, const char *name)
{
	struct arena a = {0};
	const char *clean = text_clean_dup(&a, name, TEXT_ONE_LINE);
	size_t pos = 0, from = 0, start = ret->len;
	int width;

	clean += strspn(clean, ". ");
	while (pos < NAME_MAX_BYTES && text_next(clean, strlen(clean), &pos, &width)) {
		if (strchr("/\\:*?\"<>|", clean[from]))
			buf_add_char(ret, '_');
		else
			buf_add(ret, clean + from, pos - from);
		from = pos;
	}
	if (ret->len == start)
		buf_add_str(ret, "attachment");
	arena_finish(&a);
}

static bool free_path(const struct desk *d, const char *name, struct buf *ret)
{
	struct buf safe = {0};
	const char *dot;
	bool found = false;

	put_safe_name(&safe, name);
	dot = strrchr(safe.data, '.');
	for (int i = 1; i <= TRIES_MAX && !found; i++) {
		buf_reset(ret);
		if (i == 1)
			buf_printf(ret, "%s/%s", d->downloads, safe.data);
		else if (dot && dot != safe.data)
			buf_printf(ret, "%s/%.*s (%d)%s", d->downloads, (int)(dot - safe.data),
				   safe.data, i, dot);
		else
			buf_printf(ret, "%s/%s (%d)", d->downloads, safe.data, i);
		found = access(ret->data, F_OK) != 0;
	}
	buf_finish(&safe);
	return found;
}

static void tell_fetching(struct screen *s, const char *path)
{
	host_say(screen_host(s), STYLE_NORMAL,
		 parts_desk(s)->link == LINK_ONLINE
			 ? _("Fetching %s …")
			 : _("%s is fetched as soon as there is a connection."),
		 path);
}

static void fetch_raw(struct screen *s, const char *id, const char *name)
{
	struct desk *d = parts_desk(s);
	struct buf path = {0};

	if (!free_path(d, name, &path)) {
		host_say(screen_host(s), STYLE_ERROR, _("There are too many files called %s."),
			 name);
	} else {
		port_to_sync(d->port, PORT_RAW, id, 0, false, path.data);
		tell_fetching(s, path.data);
	}
	buf_finish(&path);
}

/* ---- saving ---- */

static void ask_where(struct screen *s, const char *id, const char *name)
{
	struct ticket_view *v = screen_state(s);
	struct line_spec spec = {.complete = parts_complete_path};
	struct buf path = {0};

	if (free_path(parts_desk(s), name, &path)) {
		snprintf(v->save_id, sizeof(v->save_id), "%s", id);
		free(v->save_name);
		v->save_name = xstrdup(name);
		spec.initial = path.data;
		host_ask(s, ASK_WHERE, _("Save as: "), &spec);
	} else {
		host_say(screen_host(s), STYLE_ERROR, _("There are too many files called %s."),
			 name);
	}
	buf_finish(&path);
}

static void save_as(struct screen *s, const char *text)
{
	struct ticket_view *v = screen_state(s);
	char *path = parts_path(text);
	struct buf safe = {0};
	struct stat st;

	if (path[0] && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		put_safe_name(&safe, v->save_name ? v->save_name : "");
		free(path);
		path = xasprintf("%s/%s", text, safe.data);
		buf_finish(&safe);
		text = path;
		path = parts_path(text);
		free((char *)text);
	}
	if (!path[0]) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("Nothing was saved."));
	} else if (access(path, F_OK) == 0) {
		host_say(screen_host(s), STYLE_ERROR,
			 _("%s is there already: give it another name."), path);
	} else {
		port_to_sync(parts_desk(s)->port, PORT_ATTACHMENT, v->save_id, 0, false, path);
		tell_fetching(s, path);
	}
	free(path);
}

/* ---- opening ---- */

/* What runs when it is opened is for nobody to open with one key. */
static bool is_program(const char *name)
{
	static const char *const ends[] = {
		".desktop", ".sh",  ".exe", ".bat", ".cmd", ".com", ".scr", ".js",  ".jar",
		".vbs",	    ".ps1", ".msi", ".lnk", ".run", ".bin", ".py",  ".hta", ".appimage",
	};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len >= strlen(ends[i]) &&
		    strcasecmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static void open_one(struct screen *s, const char *id, const char *name)
{
	char *folder = xasprintf("%s/open-XXXXXX", parts_place(s)->run_dir), *path = NULL;
	struct buf safe = {0};
	struct err err = {0};

	put_safe_name(&safe, name);
	if (is_program(safe.data)) {
		host_say(screen_host(s), STYLE_WARNING,
			 _("This may be a program, so it is not opened: %s"), safe.data);
	} else if (!mkdtemp(folder)) {
		err_errno(&err, _("cannot make a folder to open it in"));
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	} else {
		path = xasprintf("%s/%s", folder, safe.data);
		port_to_sync(parts_desk(s)->port, PORT_ATTACHMENT, id, 0, true, path);
		tell_fetching(s, safe.data);
	}
	buf_finish(&safe);
	free(path);
	free(folder);
}

/* ---- which one ---- */

struct save {
	const char *id, *name, *hint;
};

static size_t list_message(const struct message *m, struct save *ret, size_t max, struct arena *a)
{
	struct fact *items = arena_alloc(a, SAVES_MAX * sizeof(*items));
	size_t count = facts_read(m->attachments, items, SAVES_MAX, a), n = 0;

	for (size_t i = 0; i < count && n < max; i++) {
		struct fact facts[8];
		size_t fields = facts_read(items[i].text, facts, 8, a);
		struct buf size = {0};

		parts_put_size(&size, fact_number(facts, fields, "size"));
		ret[n].id = fact_text(facts, fields, "id");
		ret[n].name = fact_text(facts, fields, "name");
		ret[n].hint = arena_strdup(a, size.data);
		if (ret[n].id[0])
			n++;
		buf_finish(&size);
	}
	return n;
}

static size_t list_all(const struct ticket_view *v, struct save *ret, size_t max, struct arena *a)
{
	size_t count = 0;

	for (size_t i = v->count; i-- > 0 && count < max;)
		if (v->rows[i].kind == TIMELINE_MESSAGE && v->rows[i].message.attachments)
			count += list_message(&v->rows[i].message, ret + count, max - count, a);
	return count;
}

static void take(struct screen *s, int intent, const struct save *save)
{
	if (intent == ASK_OPEN)
		open_one(s, save->id, save->name);
	else
		ask_where(s, save->id, save->name);
}

/* The only one at once; of several the agent picks. */
static void begin(struct screen *s, int intent, const char *question)
{
	struct ticket_view *v = screen_state(s);
	struct arena a = {0};
	struct save saves[SAVES_MAX];
	struct choice rows[SAVES_MAX];
	size_t count = list_all(v, saves, SAVES_MAX, &a);

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct choice){saves[i].id, saves[i].name, saves[i].hint};
	if (count == 0)
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("This ticket has no attachments."));
	else if (count == 1)
		take(s, intent, &saves[0]);
	else
		host_pick(s, intent, question, rows, count, NULL);
	arena_finish(&a);
}

void ticket_save_begin(struct screen *s)
{
	begin(s, ASK_ATTACHMENT, _("Save which attachment?"));
}

void ticket_open_begin(struct screen *s)
{
	begin(s, ASK_OPEN, _("Open which attachment?"));
}

void ticket_save_answer(struct screen *s, int intent, const char *text)
{
	struct ticket_view *v = screen_state(s);
	struct arena a = {0};
	struct save saves[SAVES_MAX];
	size_t count;

	if (!text)
		return;
	if (intent == ASK_WHERE) {
		save_as(s, text);
		return;
	}
	count = list_all(v, saves, SAVES_MAX, &a);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(saves[i].id, text) == 0) {
			take(s, intent, &saves[i]);
			break;
		}
	}
	arena_finish(&a);
}

void ticket_save_raw(struct screen *s)
{
	struct ticket_view *v = screen_state(s);
	const struct timeline_row *at = ticket_text_row(v);
	char name[64];

	if (!at || at->kind != TIMELINE_MESSAGE || !at->message.has_raw) {
		at = NULL;
		for (size_t i = v->count; i-- > 0 && !at;)
			if (v->rows[i].kind == TIMELINE_MESSAGE && v->rows[i].message.has_raw)
				at = &v->rows[i];
	}
	if (!at) {
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("No message here came in by mail."));
		return;
	}
	snprintf(name, sizeof(name), "%s.eml",
		 v->row.ticket.number ? v->row.ticket.number : "message");
	fetch_raw(s, at->message.id, name);
}
