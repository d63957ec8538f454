/* Choosing by typing letters: the citizen, the topic, who handles it, and the ticket that a number
 * names. What fits stands below the field at once; Enter takes the first. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "register.h"

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t")];
}

const struct topic *reg_topic(const struct reg *v, const struct question *q)
{
	for (size_t i = 0; q->topic_id[0] && i < v->names.topic_count; i++)
		if (strcmp(v->names.topics[i].id, q->topic_id) == 0)
			return &v->names.topics[i];
	return NULL;
}

/* ---- letters ---- */

/* Every word stands somewhere in it; *first: it begins with what was typed. */
static bool has_letters(const char *label, const char *folded, bool *first, struct arena *a)
{
	const char *in = text_fold_dup(a, label ? label : "");
	const char *p = folded;

	*first = strncmp(in, folded, strlen(folded)) == 0;
	while (*p) {
		size_t n = strcspn(p, " ");
		char word[64];

		snprintf(word, sizeof(word), "%.*s", (int)(n < 63 ? n : 63), p);
		if (!strstr(in, word))
			return false;
		p += n + strspn(p + n, " ");
	}
	return true;
}

static void offer(struct reg *v, const char *kind, const char *id, const char *label,
		  const char *hint)
{
	struct offer *o = &v->offers[v->offer_count++];

	snprintf(o->key, sizeof(o->key), "%s%s", kind, id);
	o->label = label;
	o->hint = hint;
}

static void find_topics(struct reg *v, const char *folded)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < v->names.topic_count && v->offer_count < OFFERS_MAX; i++) {
			const struct topic *t = &v->names.topics[i];
			bool first;

			if (t->active && has_letters(t->name, folded, &first, &v->offer_arena) &&
			    first == (pass == 0))
				offer(v, "", t->id, t->name, parts_team(&v->names, t->team_id));
		}
	}
}

/* Teams first, since most is handed to a team. */
static void find_handlers(struct reg *v, const char *folded)
{
	for (int pass = 0; pass < 4; pass++) {
		size_t count = pass < 2 ? v->names.team_count : v->names.agent_count;

		for (size_t i = 0; i < count && v->offer_count < OFFERS_MAX; i++) {
			const struct team *t = &v->names.teams[pass < 2 ? i : 0];
			const struct agent *g = &v->names.agents[pass < 2 ? 0 : i];
			const char *name = pass < 2 ? t->name : g->display ? g->display : g->name;
			bool first;

			if (!(pass < 2 ? t->active : g->active) ||
			    !has_letters(name, folded, &first, &v->offer_arena) ||
			    first != (pass % 2 == 0))
				continue;
			if (pass < 2)
				offer(v, "t", t->id, name, _(words_label(&team_kinds, t->kind)));
			else
				offer(v, "a", g->id, name, parts_team(&v->names, g->team_id));
		}
	}
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* What tells two people of one name apart. */
static const char *party_hint(const struct party *p, struct arena *a)
{
	char born[11];
	struct party_lists lists;
	const char *date = birth_show(p->birth_date, born);
	const char *place = "";

	if (desk_party_lists(p, &lists, a, NULL) && lists.address_count > 0)
		place = arena_printf(a, "%s %s %s", text_or_empty(lists.addresses[0].street),
				     text_or_empty(lists.addresses[0].number),
				     text_or_empty(lists.addresses[0].city));
	return arena_printf(a, "%s%s%s", date, date[0] && place[0] ? "  " : "", place);
}

static void offer_party(struct reg *v, const struct party *p)
{
	for (size_t i = 0; i < v->offer_count; i++)
		if (strcmp(v->offers[i].key, p->id) == 0)
			return;
	/* One row is left for a new citizen. */
	if (v->offer_count < OFFERS_MAX - 1)
		offer(v, "", p->id, p->name ? p->name : "?", party_hint(p, &v->offer_arena));
}

/* First what lies on this computer, then what the service knows besides. */
static void find_known(struct screen *s, const struct party_query *q, const char *text)
{
	struct reg *v = screen_state(s);
	struct desk *d = parts_desk(s);
	const struct answer *answer = desk_answer(d, ASK_SEARCH);
	struct party *found;
	size_t count = 0;
	bool more;

	if (d->cache &&
	    cache_people(d->cache, d->work, q, &found, &count, &more, &v->offer_arena, NULL))
		for (size_t i = 0; i < count; i++)
			offer_party(v, &found[i]);
	if (!answer->wanted || strcmp(answer->wanted, text) != 0)
		desk_ask(d, ASK_SEARCH, text);
	answer = desk_answer(d, ASK_SEARCH);
	if (answer->state != ANSWER_HERE || !answer->asked || strcmp(answer->asked, text) != 0)
		return;
	/* The answer is the desk's and may be replaced while this stands here. */
	for (size_t i = 0; i < answer->party_count; i++) {
		struct party p = answer->parties[i];

		p.name = arena_strdup(&v->offer_arena, p.name);
		offer_party(v, &p);
	}
}

static void find_parties(struct screen *s, const char *text, bool may_be_new)
{
	struct reg *v = screen_state(s);
	struct party_query q;
	struct err err = {0};
	struct buf how = {0};

	v->said[0] = '\0';
	if (!party_query_parse(text, clock_now(), &q, &v->offer_arena, &err)) {
		snprintf(v->said, sizeof(v->said), "%.190s", err.text);
	} else if (!party_query_empty(&q)) {
		find_known(s, &q, text);
		party_query_describe(&q, &how);
		if (how.data)
			snprintf(v->said, sizeof(v->said), "%.190s", how.data);
	}
	if (may_be_new)
		offer(v, "", "", arena_printf(&v->offer_arena, _("New citizen: %.80s"), text), "");
	buf_finish(&how);
}

/* Nothing to find: the field is empty, or holds what was chosen. */
static bool is_settled(const struct reg *v, const struct question *q)
{
	switch ((int)v->focus) {
	case REG_PARTY:
		return v->party_id[0] || v->is_new || is_blank(line_text(v->party));
	case REG_BEHALF:
		return v->behalf_id[0] || is_blank(line_text(v->behalf));
	case REG_TOPIC:
		return q->topic_id[0] || is_blank(line_text(q->topic));
	case REG_HANDLER:
		return q->team_id[0] || is_blank(line_text(q->handler));
	}
	return true;
}

void reg_find(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct question *q = reg_question(v);
	const char *text, *folded;
	char chosen[ID_TEXT + 1] = "";

	if (v->offer_now > 0 && v->offer_now < v->offer_count)
		snprintf(chosen, sizeof(chosen), "%s", v->offers[v->offer_now].key);
	v->offer_count = v->offer_now = 0;
	arena_reset(&v->offer_arena);
	if (v->focus == REG_PARTY)
		v->said[0] = '\0';
	if (is_settled(v, q))
		return;
	text = line_text(reg_line(v, v->focus));
	if (v->focus == REG_PARTY || v->focus == REG_BEHALF) {
		find_parties(s, text, v->focus == REG_PARTY);
		for (size_t i = 0; chosen[0] && i < v->offer_count; i++)
			if (strcmp(v->offers[i].key, chosen) == 0)
				v->offer_now = i;
		return;
	}
	folded = text_fold_dup(&v->offer_arena, text);
	if (v->focus == REG_TOPIC)
		find_topics(v, folded);
	else
		find_handlers(v, folded);
}

/* ---- choosing ---- */

static void set_handler(struct reg *v, struct question *q, const char *team_id,
			const char *agent_id)
{
	snprintf(q->team_id, ID_TEXT, "%s", team_id ? team_id : "");
	snprintf(q->agent_id, ID_TEXT, "%s", agent_id ? agent_id : "");
	line_set(q->handler, agent_id && agent_id[0] ? parts_agent(&v->names, agent_id)
						     : parts_team(&v->names, team_id));
}

void reg_set_topic(struct screen *s, const char *id)
{
	struct reg *v = screen_state(s);
	struct question *q = reg_question(v);
	const struct topic *t;

	snprintf(q->topic_id, ID_TEXT, "%s", id);
	t = reg_topic(v, q);
	line_set(q->topic, t && t->name ? t->name : "");
	if (t && t->team_id && t->team_id[0])
		set_handler(v, q, t->team_id, NULL);
}

void reg_set_party(struct screen *s, const char *id)
{
	struct reg *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct arena a = {0};
	struct party p;

	snprintf(v->party_id, ID_TEXT, "%s", id);
	v->is_new = false;
	v->said[0] = '\0';
	if (d->cache && cache_party(d->cache, d->work, id, &p, &a, NULL))
		line_set(v->party, p.name ? p.name : "?");
	else if (v->offer_now < v->offer_count)
		line_set(v->party, v->offers[v->offer_now].label);
	arena_finish(&a);
	desk_ask(d, ASK_PARTY, id);
	reg_read_card(s);
}

/* Also the month of "12 maart 1964", which is no word of the name. */
static bool is_number(const struct party_query *q, const char *word, bool behind_number,
		      struct arena *a)
{
	const char *folded;

	if (strpbrk(word, "0123456789@"))
		return true;
	if (!behind_number || !q->birth[0])
		return false;
	folded = text_fold_dup(a, word);
	for (size_t i = 0; i < q->word_count; i++)
		if (strstr(folded, q->words[i]))
			return false;
	return true;
}

/* The words of the line that are of the name, and the others. */
static void part_words(const struct reg *v, const struct party_query *q, struct buf *name,
		       struct buf *rest, struct arena *a)
{
	const char *p = line_text(v->party);
	bool number = false;

	while (*p) {
		size_t space = strspn(p, " \t"), n = strcspn(p + space, " \t");

		if (n > 0) {
			const char *word = arena_strndup(a, p + space, n);
			struct buf *b;

			number = is_number(q, word, number, a);
			b = number ? rest : name;
			if (b->len > 0)
				buf_add_char(b, ' ');
			buf_add(b, word, n);
		}
		p += space + n;
	}
}

/* The name without its numbers, and these where they belong; those that have no field here are read
 * from the line itself in the end. */
static void begin_new(struct reg *v)
{
	struct arena a = {0};
	struct party_query q = {0};
	struct buf name = {0}, rest = {0};
	char born[11];
	bool known = party_query_parse(line_text(v->party), clock_now(), &q, &a, NULL);

	part_words(v, &q, &name, &rest, &a);
	line_set(v->name, name.data ? name.data : "");
	if (known) {
		line_set(v->phone, q.phone);
		line_set(v->birth, birth_show(q.birth, born));
	} else {
		/* What cannot be is not lost: it stands where it can be mended. */
		line_set(rest.data && strpbrk(rest.data, "/-.") ? v->birth : v->phone,
			 rest.data ? rest.data : "");
	}
	v->is_new = true;
	v->said[0] = '\0';
	if (!v->new_id[0])
		id_new(v->new_id);
	buf_finish(&name);
	buf_finish(&rest);
	arena_finish(&a);
}

static void take(struct screen *s, const char *key)
{
	struct reg *v = screen_state(s);
	struct question *q = reg_question(v);
	const struct agent *agent;

	switch ((int)v->focus) {
	case REG_PARTY:
		if (key[0])
			reg_set_party(s, key);
		else
			begin_new(v);
		return;
	case REG_BEHALF:
		snprintf(v->behalf_id, ID_TEXT, "%.36s", key);
		line_set(v->behalf, v->offers[v->offer_now].label);
		return;
	case REG_TOPIC:
		reg_set_topic(s, key);
		return;
	case REG_HANDLER:
		agent = key[0] == 'a' ? parts_agent_row(&v->names, key + 1) : NULL;
		set_handler(v, q, agent ? agent->team_id : key + 1, agent ? agent->id : NULL);
		return;
	}
}

bool reg_take_offer(struct screen *s)
{
	struct reg *v = screen_state(s);
	char key[ID_TEXT + 1];

	if (is_settled(v, reg_question(v)))
		return true;
	if (v->offer_count == 0)
		return false;
	snprintf(key, sizeof(key), "%s", v->offers[v->offer_now].key);
	take(s, key);
	v->offer_count = 0;
	return true;
}

/* ---- a ticket that is there already ---- */

void reg_check_about(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct question *q = reg_question(v);
	char number[TRACKING_TEXT];
	struct queue_row row;
	struct arena a = {0};
	enum check check = tracking_parse(line_text(q->about), number);

	v->about[0] = q->ticket_id[0] = '\0';
	if (check == CHECK_DIGITS) {
		snprintf(v->about, sizeof(v->about), "%s",
			 _("This number has a typing mistake: its last two digits do not fit."));
	} else if (check == CHECK_OK) {
		if (d->cache && cache_ticket(d->cache, d->work, number, &row, &a, NULL)) {
			snprintf(q->ticket_id, ID_TEXT, "%s", row.ticket.id);
			snprintf(v->about, sizeof(v->about), "%s: %.120s (%s)", number,
				 row.ticket.subject ? row.ticket.subject : "",
				 parts_state(row.ticket.state));
		} else {
			snprintf(v->about, sizeof(v->about),
				 _("%s is not on your desk: a new ticket is made that names it."),
				 number);
		}
	}
	arena_finish(&a);
}

/* What this computer knows, until the service has told the whole card. */
void reg_read_card(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct desk *d = parts_desk(s);
	struct reg_card *card = &v->card;
	const struct answer *answer = desk_answer(d, ASK_PARTY);

	arena_reset(&card->arena);
	memset(&card->party, 0, sizeof(card->party));
	card->tickets = NULL;
	card->contacts = NULL;
	card->there = false;
	card->ticket_count = card->contact_count = 0;
	if (!v->party_id[0])
		return;
	if (d->cache) {
		card->there = cache_party(d->cache, d->work, v->party_id, &card->party,
					  &card->arena, NULL);
		if (!cache_party_tickets(d->cache, d->work, v->party_id, &card->tickets,
					 &card->ticket_count, &card->arena, NULL))
			card->ticket_count = 0;
	}
	if (answer->state != ANSWER_HERE || !answer->asked ||
	    strcmp(answer->asked, v->party_id) != 0 || !answer->party)
		return;
	if (!card->there)
		card->party = *answer->party;
	card->there = true;
	if (answer->ticket_count > card->ticket_count) {
		card->tickets = answer->tickets;
		card->ticket_count = answer->ticket_count;
	}
	card->contacts = answer->contacts;
	card->contact_count = answer->contact_count;
}
