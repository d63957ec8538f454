/* Making a citizen, association or enterprise, or correcting what is known of one.
 *
 * What cannot be right is said at the field while it is typed, and below stands who may be the same
 * already: from this computer at once, then from the service. Nothing is changed before it is saved. */
#include "person.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/text.h"

#define LABEL 16
#define LIKELY_MAX 5

enum { ASK_DISCARD = 1 };

static const struct {
	const char *label, *help;
} rows[PERSON_FIELDS] = {
	[PERSON_KIND] = {N_("What"), N_("citizen, association or enterprise")},
	[PERSON_FAMILY] = {N_("Family name"), N_("as on the identity card, with its particles")},
	[PERSON_GIVEN] = {N_("Given names"), N_("as they are called")},
	[PERSON_NAME] = {N_("Name"), N_("of an association or enterprise; else it is made")},
	[PERSON_BIRTH] = {N_("Born"), N_("12/3/1964, in any writing; or the year alone")},
	[PERSON_LANGUAGE] = {N_("Language"), N_("nl, fr, en or de")},
	[PERSON_NUMBERS] = {N_("Numbers"), N_("national, enterprise or association number")},
	[PERSON_PHONES] = {N_("Phones"), N_("in any writing; several with ; between")},
	[PERSON_EMAILS] = {N_("Mail"), N_("several with ; between")},
	[PERSON_ADDRESSES] = {N_("Addresses"),
			      N_("Kerkstraat 12 bus 3, 8870 Izegem; several with ; between")},
};

struct person {
	char id[ID_TEXT];
	bool is_new;
	struct party seen; /* as it was; in first */
	struct arena first;
	struct line *lines[PERSON_FIELDS];
	char *begun[PERSON_FIELDS]; /* what stood there at first */
	int focus;
	char wrong[PERSON_FIELDS][200];
	/* Who may be the same: searched by these, and what is asked of the service now. */
	char keyed[PARTY_QUERY_TEXT], named[PARTY_QUERY_TEXT], asked[PARTY_QUERY_TEXT];
	struct arena arena;
	struct party likely[LIKELY_MAX];
	size_t likely_count;
	bool waiting;
	char trouble[256]; /* why keeping it failed; "" when all is well */
};

/* ---- keeping: what is typed is on disk before it is on screen ---- */

static void keep(struct screen *s)
{
	struct person *v = screen_state(s);
	struct person_draft draft = {.version = v->is_new ? 0 : v->seen.version};
	struct err err = {0};

	for (int i = 0; i < PERSON_FIELDS; i++)
		draft.texts[i] = line_text(v->lines[i]);
	v->trouble[0] = '\0';
	if (!person_draft_keep(parts_desk(s), v->id, &draft, &err))
		snprintf(v->trouble, sizeof(v->trouble), _("NOT KEPT ON DISK: %.200s"), err.text);
}

/* The form goes on where it was left; what it was begun on says whether a colleague was faster. */
static bool restore(struct screen *s, const char *texts[PERSON_FIELDS])
{
	struct person *v = screen_state(s);
	struct person_draft draft;

	if (!person_draft_read(parts_desk(s), v->id, &draft, &v->first))
		return false;
	memcpy(texts, draft.texts, sizeof(draft.texts));
	if (!v->is_new)
		v->seen.version = draft.version;
	host_say(screen_host(s), STYLE_NORMAL, "%s",
		 _("This is what you typed before; it was not saved yet."));
	return true;
}

/* ---- checking, and who may be the same ---- */

static bool read_all(struct person *v, struct args *args, struct arena *a)
{
	bool ok = true;

	*args = args_none;
	for (int i = 0; i < PERSON_FIELDS; i++) {
		struct err err = {0};

		v->wrong[i][0] = '\0';
		if (!person_read((enum person_field)i, line_text(v->lines[i]), args, a, &err)) {
			snprintf(v->wrong[i], sizeof(v->wrong[i]), "%.199s", err.text);
			ok = false;
		}
	}
	/* The shown name follows the other two, unless it was given another one. */
	if (ok && args->party_kind == PARTY_CITIZEN && (args->family || args->given) &&
	    args->name && strcmp(args->name, v->begun[PERSON_NAME]) == 0)
		args->name = NULL;
	return ok;
}

static void put_fields(const struct person *v, const enum person_field *fields, size_t count,
		       struct buf *ret)
{
	buf_add(ret, "", 0);
	for (size_t i = 0; i < count; i++) {
		const char *text = line_text(v->lines[fields[i]]);

		if (text[0] && !v->wrong[fields[i]][0])
			buf_printf(ret, " %.*s", (int)strcspn(text, ";"), text);
	}
}

static void ask(struct screen *s, const char *line)
{
	struct person *v = screen_state(s);

	snprintf(v->asked, sizeof(v->asked), "%s", line);
	if (line[0])
		desk_ask(parts_desk(s), ASK_LIKELY, line);
}

/* A number or an address says most; when it leads to nobody, the name and the day of birth. */
static void ask_likely(struct screen *s)
{
	struct person *v = screen_state(s);
	static const enum person_field keys[] = {PERSON_NUMBERS, PERSON_PHONES, PERSON_EMAILS};
	static const enum person_field names[] = {PERSON_FAMILY, PERSON_GIVEN, PERSON_NAME,
						  PERSON_BIRTH};
	struct buf keyed = {0}, named = {0};

	put_fields(v, keys, 3, &keyed);
	put_fields(v, names, 4, &named);
	if (keyed.len >= sizeof(v->keyed) || named.len >= sizeof(v->named)) {
		/* Too long to be anybody's. */
	} else if (strcmp(keyed.data, v->keyed) != 0 || strcmp(named.data, v->named) != 0) {
		snprintf(v->keyed, sizeof(v->keyed), "%s", keyed.data);
		snprintf(v->named, sizeof(v->named), "%s", named.data);
		ask(s, keyed.len ? v->keyed : v->named);
	}
	buf_finish(&keyed);
	buf_finish(&named);
}

static void check_all(struct screen *s)
{
	struct person *v = screen_state(s);
	struct args args;
	struct arena a = {0};

	read_all(v, &args, &a);
	ask_likely(s);
	arena_finish(&a);
}

/* ---- opening ---- */

static void person_close(struct screen *s)
{
	struct person *v = screen_state(s);

	for (int i = 0; i < PERSON_FIELDS; i++) {
		line_destroy(v->lines[i]);
		free(v->begun[i]);
	}
	arena_finish(&v->first);
	arena_finish(&v->arena);
}

/* args: the id of whom to correct, or of a new one whose form was left; or "new" and what is known. */
static bool person_open(struct screen *s, const char *args, struct err *err)
{
	struct person *v = screen_state(s);
	const char *texts[PERSON_FIELDS], *kept[PERSON_FIELDS];
	bool restored;

	if (!id_valid(args)) {
		v->is_new = true;
		id_new(v->id);
		person_guess(strncmp(args, "new", 3) == 0 ? args + 3 : args, texts, &v->first);
	} else if (people_find(parts_desk(s), args, &v->seen, &v->first)) {
		snprintf(v->id, sizeof(v->id), "%s", args);
		person_show(&v->seen, texts, &v->first);
	} else if (person_draft_is_new(parts_desk(s), args)) {
		v->is_new = true;
		snprintf(v->id, sizeof(v->id), "%s", args);
		person_guess("", texts, &v->first);
	} else {
		err_set(err, ERR_NOT_FOUND, _("who is this? Open the card first"));
		return false;
	}
	memcpy(kept, texts, sizeof(kept));
	restored = restore(s, kept);
	for (int i = 0; i < PERSON_FIELDS; i++) {
		struct line_spec spec = {.initial = kept[i]};

		v->begun[i] = xstrdup(texts[i]);
		v->lines[i] = line_create(&spec, err);
		if (!v->lines[i]) {
			person_close(s);
			return false;
		}
	}
	v->focus = PERSON_FAMILY;
	if (v->is_new || restored)
		check_all(s);
	return true;
}

static void add_likely(struct person *v, const struct party *p)
{
	if (v->likely_count == LIKELY_MAX || strcmp(p->id, v->id) == 0)
		return;
	for (size_t i = 0; i < v->likely_count; i++)
		if (strcmp(v->likely[i].id, p->id) == 0)
			return;
	v->likely[v->likely_count++] = *p;
}

static void add_here(struct person *v, struct desk *d, const char *line)
{
	struct party_query q;
	struct party *here;
	size_t count;
	bool more;

	if (!d->cache || !party_query_parse(line, clock_now(), &q, &v->arena, NULL) ||
	    party_query_empty(&q) ||
	    !cache_people(d->cache, d->work, &q, &here, &count, &more, &v->arena, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		add_likely(v, &here[i]);
}

static bool person_load(struct screen *s, struct err *err)
{
	struct person *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct answer *answer = desk_answer(d, ASK_LIKELY);
	bool mine = answer->asked && v->asked[0] && strcmp(answer->asked, v->asked) == 0;

	(void)err;
	arena_reset(&v->arena);
	v->likely_count = 0;
	if (mine && answer->party_count == 0 && answer->state == ANSWER_HERE && v->named[0] &&
	    strcmp(v->asked, v->named) != 0)
		ask(s, v->named);
	v->waiting = v->asked[0] && answer->waiting;
	for (size_t i = 0; mine && i < answer->party_count; i++)
		add_likely(v, &answer->parties[i]);
	if (v->keyed[0])
		add_here(v, d, v->keyed);
	if (v->named[0])
		add_here(v, d, v->named);
	return true;
}

/* ---- drawing ---- */

static void person_title(const struct screen *s, struct buf *ret)
{
	const struct person *v = screen_state(s);

	if (v->is_new)
		buf_add_str(ret, _("A new citizen"));
	else
		buf_printf(ret, _("Correct: %s"), v->seen.name ? v->seen.name : "");
}

static void draw_likely(const struct person *v, struct cells c)
{
	if (c.height < 2 || (!v->likely_count && !v->waiting))
		return;
	cells_rule(c, 0, v->likely_count ? STYLE_WARNING : STYLE_DIM,
		   v->likely_count ? _("Perhaps one of these already")
				   : _("The service is asked who may be the same…"));
	for (size_t i = 0; i < v->likely_count && (int)i + 1 < c.height; i++)
		people_draw_row(c, (int)i + 1, &v->likely[i], STYLE_NORMAL, "");
}

static void person_draw(const struct screen *s, struct cells c)
{
	const struct person *v = screen_state(s);
	const char *wrong = v->trouble[0] ? v->trouble : v->wrong[v->focus];

	for (int i = 0; i < PERSON_FIELDS; i++) {
		cells_put_in(c, i, 1, LABEL - 2, ALIGN_LEFT,
			     i == v->focus ? STYLE_STRONG : STYLE_DIM, _(rows[i].label));
		cells_put(c, i, LABEL - 1, STYLE_ERROR, v->wrong[i][0] ? "!" : " ");
		if (i != v->focus)
			line_draw(v->lines[i], cells_sub(c, i, LABEL, 1, c.width - LABEL - 1), 0, 0,
				  STYLE_FIELD);
	}
	cells_put_in(c, PERSON_FIELDS, LABEL, c.width - LABEL - 1, ALIGN_LEFT,
		     wrong[0] ? STYLE_ERROR : STYLE_DIM, wrong[0] ? wrong : _(rows[v->focus].help));
	draw_likely(v, cells_sub(c, PERSON_FIELDS + 2, 0, c.height - PERSON_FIELDS - 2, c.width));
	line_draw(v->lines[v->focus], cells_sub(c, v->focus, LABEL, 1, c.width - LABEL - 1), 0, 0,
		  STYLE_FIELD);
}

/* ---- keys ---- */

static void go_to(struct person *v, int step)
{
	v->focus = (v->focus + step + PERSON_FIELDS) % PERSON_FIELDS;
}

static bool person_typed(struct screen *s, const struct key *key)
{
	struct person *v = screen_state(s);
	const char *name = key->name;

	if (key->ch == 0 && !key->paste &&
	    (strcmp(name, "Esc") == 0 || strncmp(name, "Page", 4) == 0 ||
	     (name[0] == 'F' && name[1] >= '1' && name[1] <= '9')))
		return false;
	if (strcmp(name, "Tab") == 0 || strcmp(name, "Enter") == 0 || strcmp(name, "Down") == 0) {
		go_to(v, 1);
	} else if (strcmp(name, "Shift+Tab") == 0 || strcmp(name, "Up") == 0) {
		go_to(v, -1);
	} else {
		line_feed(v->lines[v->focus], key);
		keep(s);
		check_all(s);
		screen_reload(s);
	}
	screen_redraw(s);
	return true;
}

static bool is_changed(const struct person *v)
{
	for (int i = 0; i < PERSON_FIELDS; i++)
		if (strcmp(line_text(v->lines[i]), v->begun[i]) != 0)
			return true;
	return false;
}

static void show_card(struct screen *s, const char *id)
{
	struct host *h = screen_host(s);
	char copy[ID_TEXT];

	snprintf(copy, sizeof(copy), "%s", id);
	host_back(h);
	if (!host_below(h) || strcmp(host_below(h), "card") != 0)
		host_open(h, "card", copy, NULL);
}

static void save(struct screen *s)
{
	struct person *v = screen_state(s);
	struct arena a = {0};
	struct args args;
	struct err err = {0};
	bool ok = read_all(v, &args, &a);

	for (int i = 0; !ok && i < PERSON_FIELDS; i++) {
		if (!v->wrong[i][0])
			continue;
		v->focus = i;
		host_say(screen_host(s), STYLE_ERROR, "%s", v->wrong[i]);
		break;
	}
	if (ok)
		ok = desk_do_record(parts_desk(s), v->is_new ? ACT_PARTY_CREATE : ACT_PARTY_CHANGE,
				    v->id, v->is_new ? NULL : &v->seen, &args, NULL, &err);
	if (ok) {
		person_draft_drop(parts_desk(s), v->id);
		host_say(screen_host(s), STYLE_GOOD, "%s", _("Kept; it is sent by itself."));
		host_changed(screen_host(s), WATCH_OUTBOX | WATCH_TICKETS);
		show_card(s, v->id);
	} else if (err.kind != ERR_NONE) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	}
	screen_redraw(s);
	arena_finish(&a);
}

static bool person_act(struct screen *s, const struct act *act)
{
	struct person *v = screen_state(s);
	struct err err = {0};

	switch (act->action->id) {
	case ACT_SAVE:
		save(s);
		return true;
	case ACT_BACK:
		if (!is_changed(v)) {
			person_draft_drop(parts_desk(s), v->id);
			return false;
		}
		host_confirm(s, ASK_DISCARD, _("Throw away what you typed?"));
		return true;
	case ACT_CARD:
		if (v->likely_count && !host_open(screen_host(s), "card", v->likely[0].id, &err))
			host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		return true;
	}
	return false;
}

static void person_answer(struct screen *s, int intent, const char *text)
{
	if (intent == ASK_DISCARD && text) {
		person_draft_drop(parts_desk(s), ((struct person *)screen_state(s))->id);
		host_back(screen_host(s));
	}
}

static const int person_offered[] = {ACT_BACK, ACT_SAVE, ACT_CARD, ACT_HELP, -1};

const struct screen_ops person_screen = {
	.name = "person",
	.label = N_("form"),
	.state_size = sizeof(struct person),
	.watches = WATCH_ANSWER,
	.takes_text = true,
	.offered = person_offered,
	.open = person_open,
	.load = person_load,
	.title = person_title,
	.draw = person_draw,
	.act = person_act,
	.typed = person_typed,
	.answer = person_answer,
	.close = person_close,
};
