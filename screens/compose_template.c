/* Ready texts: chosen by typing letters of their name, put where the cursor stands with the ticket's own
 * name, number and day filled in. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "compose.h"

struct texts {
	struct template *rows;
	size_t count;
	struct names names;
	struct party party;
	bool has_party;
};

static bool read_texts(struct desk *d, const struct compose *v, struct texts *ret, struct arena *a,
		       struct err *err)
{
	const struct ticket *t = &v->row.ticket;

	memset(ret, 0, sizeof(*ret));
	ret->has_party =
		t->party_id && cache_party(d->cache, d->work, t->party_id, &ret->party, a, NULL);
	screens_names(d, &ret->names, a);
	return cache_templates(d->cache, t->topic_id, v->language, &ret->rows, &ret->count, a, err);
}

static const char *called(const struct compose *v, const struct texts *texts, struct arena *a)
{
	const struct party *p = &texts->party;

	if (!texts->has_party)
		return name_called(v->row.ticket.party_name, a);
	if (p->given && p->given[0] && p->family && p->family[0])
		return arena_printf(a, "%s %s", p->given, p->family);
	return p->kind == PARTY_CITIZEN ? name_called(p->name, a) : p->name;
}

static void put_text(struct screen *s, const struct template *text, const struct texts *texts,
		     struct arena *a)
{
	struct compose *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct ticket *t = &v->row.ticket;
	struct template_values values = {
		.name = called(v, texts, a),
		.number = t->number,
		.topic = t->topic_id ? v->row.topic_name : NULL,
		.agent = d->my_name,
		.team = parts_team(&texts->names, d->me.team_id),
	};
	struct key paste = {.name = "Paste"};
	struct buf ready = {0};
	struct clock_local day;
	size_t at = editor_cursor(v->body);
	const char *hole;

	/* A day that has gone by cannot be promised. */
	if (t->due_at > clock_now()) {
		clock_local(t->due_at, &day);
		values.due = arena_printf(a, "%02d/%02d/%d", day.day, day.month, day.year);
	}
	if (template_expand(text->body, &values, &ready) > 0)
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 _("Fill in yourself what still stands in { }."));
	paste.paste = ready.data ? ready.data : "";
	v->focus = COMPOSE_BODY;
	editor_feed(v->body, &paste);
	/* To what is left to fill in. */
	hole = strchr(editor_text(v->body) + at, '{');
	if (hole)
		editor_set_cursor(v->body, (size_t)(hole - editor_text(v->body)));
	buf_finish(&ready);
	compose_keep(s);
	screen_redraw(s);
}

static void pick(struct screen *s, const struct texts *texts, struct arena *a)
{
	struct choice *rows = arena_alloc(a, (texts->count + 1) * sizeof(*rows));

	for (size_t i = 0; i < texts->count; i++)
		rows[i] = (struct choice){
			texts->rows[i].id, texts->rows[i].name,
			texts->rows[i].topic_id
				? parts_topic(&texts->names, texts->rows[i].topic_id)
				: texts->rows[i].language};
	host_pick(s, COMPOSE_ASK_TEMPLATE, _("Which text?"), rows, texts->count, NULL);
}

void compose_template(struct screen *s, const char *name, const char *id)
{
	struct compose *v = screen_state(s);
	struct texts texts;
	struct arena a = {0};
	struct err err = {0};
	const struct template *found = NULL;
	const char *folded = text_fold_dup(&a, name);

	if (!read_texts(parts_desk(s), v, &texts, &a, &err)) {
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
		goto out;
	}
	for (size_t i = texts.count; i-- > 0;) {
		const char *own = text_fold_dup(&a, texts.rows[i].name);

		if (id ? strcmp(texts.rows[i].id, id) == 0
		       : folded[0] && strncmp(own, folded, strlen(folded)) == 0)
			found = &texts.rows[i];
	}
	if (found)
		put_text(s, found, &texts, &a);
	else if (folded[0])
		host_say(screen_host(s), STYLE_ERROR, _("There is no text “%s”."), name);
	else if (texts.count == 0)
		host_say(screen_host(s), STYLE_WARNING, "%s", _("There are no ready texts yet."));
	else
		pick(s, &texts, &a);
out:
	arena_finish(&a);
}
