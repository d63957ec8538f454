/* What one row of a list says of a ticket. */
#include <sodium.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "tickets.h"

#define KEY_MAX 200
#define SUBJECT_MAX 300
#define SUBJECT_OF_BODY 80
#define NAME_MAX_BYTES 100
#define HASH_BYTES 16
#define FIRST_DAY INT64_C(315532800000) /* 1980: before it no list of ours was begun */

/* A row on its way. */
struct reading {
	struct row_reader *r;
	struct ticket_row *ret;
	struct arena *a;
	const char *cells[COLUMN_COUNT]; /* NULL: empty */
	int bad;			 /* enum column; -1: the whole row */
	struct err *err;
};

static bool refuse(struct reading *g, int column, const char *why)
{
	g->bad = column;
	err_set(g->err, ERR_INPUT, "%s", why);
	return false;
}

/* Of all cells as they stand, so that what is not used tells two rows apart too. Spreadsheets leave
 * empty cells at the end out as they like. */
static const char *hash_row(const struct csv_row *row, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char hash[HASH_BYTES];
	char *ret = arena_alloc(a, 2 * HASH_BYTES + 1);
	crypto_generichash_state h;
	size_t count = row->count;

	while (count > 0 && row->cells[count - 1][0] == '\0')
		count--;
	crypto_generichash_init(&h, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < count; i++)
		crypto_generichash_update(&h, (const unsigned char *)row->cells[i],
					  strlen(row->cells[i]) + 1);
	crypto_generichash_final(&h, hash, sizeof(hash));
	for (size_t i = 0; i < HASH_BYTES; i++) {
		ret[2 * i] = hex[hash[i] >> 4];
		ret[2 * i + 1] = hex[hash[i] & 15];
	}
	return ret;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \n");
	len = strlen(text);
	while (len > 0 && strchr(" \n", text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	return text;
}

static bool take_cells(struct reading *g, const struct csv_row *row)
{
	const struct column_map *map = g->r->map;

	for (size_t i = map->count; i < row->count; i++)
		if (row->cells[i][0] != '\0') {
			g->bad = -1;
			err_set(g->err, ERR_INPUT, _("%zu cells, and the header has %zu"),
				row->count, map->count);
			return false;
		}
	for (int k = 0; k < COLUMN_COUNT; k++) {
		size_t at = (size_t)map->at[k];
		const char *cell;
		char *text;

		if (map->at[k] < 0 || at >= row->count)
			continue;
		cell = row->cells[at] + (cell_is_guarded(row->cells[at]) ? 1 : 0);
		text = text_clean_dup(g->a, cell, k == COLUMN_BODY ? TEXT_LINES : TEXT_ONE_LINE);
		text = trim(text);
		g->cells[k] = text[0] != '\0' ? text : NULL;
	}
	return true;
}

/* ---- words ---- */

static bool take_word(struct reading *g, int column, const struct words *words, int otherwise,
		      int *ret)
{
	*ret = otherwise;
	if (g->cells[column] == NULL)
		return true;
	*ret = value_word(words, g->cells[column], g->err);
	g->bad = column;
	return *ret >= 0;
}

/* A merged one points to another ticket, which a list cannot name: for the reader it is closed. */
static bool take_words(struct reading *g)
{
	struct ticket *t = &g->ret->ticket;

	if (!take_word(g, COLUMN_PRIORITY, &priorities, PRIORITY_NORMAL, &t->priority) ||
	    !take_word(g, COLUMN_CHANNEL, &channels, CHANNEL_INTERNAL, &t->channel) ||
	    !take_word(g, COLUMN_KIND, &ticket_kinds, KIND_QUESTION, &t->kind) ||
	    !take_word(g, COLUMN_STATE, &ticket_states,
		       g->cells[COLUMN_CLOSED] != NULL ? STATE_CLOSED : STATE_NEW, &t->state))
		return false;
	if (t->state == STATE_MERGED)
		t->state = STATE_CLOSED;
	return true;
}

/* ---- names ---- */

static bool unknown_name(struct reading *g, int column, const struct town_names *n,
			 const char *what)
{
	const char *name = g->cells[column];
	const char *nearest = town_name_nearest(n, name);

	g->bad = column;
	if (nearest != NULL)
		err_set(g->err, ERR_INPUT, _("no %s is called \"%.100s\"; do you mean \"%.100s\"?"),
			what, name, nearest);
	else
		err_set(g->err, ERR_INPUT, _("no %s is called \"%.100s\""), what, name);
	return false;
}

/* *ret_new gets the name when there is none and one is to be made. */
static bool take_name(struct reading *g, int column, struct town_names *n, const char *what,
		      const struct town_name **ret, const char **ret_new)
{
	*ret = NULL;
	if (g->cells[column] == NULL)
		return true;
	*ret = town_name_find(n, g->cells[column]);
	if (*ret != NULL)
		return true;
	if (!g->r->create_missing || ret_new == NULL)
		return unknown_name(g, column, n, what);
	if (strlen(g->cells[column]) > NAME_MAX_BYTES)
		return refuse(g, column, _("too long for a name"));
	*ret_new = g->cells[column];
	return true;
}

/* What is still to be done needs somebody who can do it; what is over may have been anybody's. */
static bool check_handler(struct reading *g, const struct town_name *team,
			  const struct town_name *agent)
{
	if (!state_is_open(g->ret->ticket.state))
		return true;
	if (team != NULL && !team->active)
		return refuse(g, COLUMN_TEAM, _("this team is no longer in use"));
	if (agent != NULL && !agent->active)
		return refuse(g, COLUMN_AGENT, _("this agent is no longer active"));
	if (agent != NULL && (team == NULL || strcmp(agent->team_id, team->id) != 0))
		return refuse(g, COLUMN_AGENT, _("this agent is not in that team"));
	return true;
}

static bool take_names(struct reading *g)
{
	struct town_lists *l = g->r->lists;
	struct ticket *t = &g->ret->ticket;
	const struct town_name *topic, *team, *agent;

	if (!take_name(g, COLUMN_TOPIC, &l->topics, _("topic"), &topic, &g->ret->new_topic) ||
	    !take_name(g, COLUMN_TEAM, &l->teams, _("team"), &team, &g->ret->new_team) ||
	    !take_name(g, COLUMN_AGENT, &l->agents, _("agent"), &agent, NULL))
		return false;
	if (team == NULL && g->ret->new_team == NULL) {
		if (agent != NULL)
			team = town_name_by_id(&l->teams, agent->team_id);
		else if (topic != NULL && topic->team_id != NULL)
			team = town_name_by_id(&l->teams, topic->team_id);
		else
			team = g->r->team;
	}
	if (!check_handler(g, team, agent))
		return false;
	t->topic_id = topic != NULL ? topic->id : NULL;
	t->team_id = team != NULL ? team->id : NULL;
	t->agent_id = agent != NULL ? agent->id : NULL;
	if (topic != NULL && g->cells[COLUMN_KIND] == NULL)
		t->kind = topic->kind;
	return true;
}

/* ---- times ---- */

static bool take_time(struct reading *g, int column, int64_t *ret, bool *ret_day)
{
	*ret = 0;
	*ret_day = false;
	g->bad = column;
	if (g->cells[column] == NULL)
		return true;
	if (!value_time(g->cells[column], ret, ret_day, g->err))
		return false;
	return *ret >= FIRST_DAY || refuse(g, column, _("before 1980"));
}

/* A deadline lasts until midnight, as that of a topic does. */
static int64_t end_of_day(int64_t start)
{
	struct clock_local at;

	clock_local(start, &at);
	at.hour = 23;
	at.minute = at.second = 59;
	return clock_from_local(&at) + 999;
}

static int64_t due_of_topic(struct reading *g)
{
	const struct town_name *topic =
		town_name_by_id(&g->r->lists->topics, g->ret->ticket.topic_id);
	struct topic rule = {.deadline_basis = DEADLINE_CALENDAR_DAYS};

	if (topic == NULL || topic->days == 0)
		return 0;
	rule.deadline_days = topic->days;
	return deadline_for(&rule, g->ret->ticket.created_at);
}

static bool take_times(struct reading *g)
{
	struct ticket *t = &g->ret->ticket;
	bool created_day, due_day, closed_day;
	int64_t closed;

	if (!take_time(g, COLUMN_CREATED, &t->created_at, &created_day) ||
	    !take_time(g, COLUMN_DUE, &t->due_at, &due_day) ||
	    !take_time(g, COLUMN_CLOSED, &closed, &closed_day))
		return false;
	if (t->created_at == 0)
		t->created_at = closed != 0 && closed < g->r->now ? closed : g->r->now;
	if (t->created_at > g->r->now + CLOCK_DAY_MS)
		return refuse(g, COLUMN_CREATED, _("in the future"));
	t->due_at = due_day ? end_of_day(t->due_at) : t->due_at;
	if (t->due_at == 0)
		t->due_at = due_of_topic(g);
	if (closed != 0 && state_is_open(t->state))
		return refuse(g, COLUMN_CLOSED, _("a day of closing, and the state is not closed"));
	/* On the same day it was closed after it came in. */
	if (closed_day && closed < t->created_at &&
	    clock_day_start(closed) == clock_day_start(t->created_at))
		closed = t->created_at;
	if (closed != 0 && closed < t->created_at)
		return refuse(g, COLUMN_CLOSED, _("closed before it came in"));
	if (closed > g->r->now + CLOCK_DAY_MS)
		return refuse(g, COLUMN_CLOSED, _("in the future"));
	if (t->state == STATE_ANSWERED || t->state == STATE_CLOSED)
		t->answered_at = t->last_out_at = closed;
	if (state_is_final(t->state))
		t->closed_at = closed;
	t->updated_at = closed != 0 ? closed : t->created_at;
	return true;
}

/* ---- texts ---- */

/* The longest beginning of at most max bytes that cuts no character. */
static const char *head_of(const char *text, size_t max, struct arena *a)
{
	size_t n = strcspn(text, "\n");

	for (n = n < max ? n : max; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	return arena_strndup(a, text, n);
}

static bool take_texts(struct reading *g)
{
	const char *subject = g->cells[COLUMN_SUBJECT];
	const char *body = g->cells[COLUMN_BODY];

	if (subject == NULL && body == NULL)
		return refuse(g, COLUMN_SUBJECT, _("neither a subject nor a text"));
	if (subject == NULL)
		subject = head_of(body, SUBJECT_OF_BODY, g->a);
	if (strlen(subject) > SUBJECT_MAX) {
		body = body != NULL ? arena_printf(g->a, "%s\n\n%s", subject, body) : subject;
		subject = arena_printf(g->a, "%s…", head_of(subject, SUBJECT_MAX - 3, g->a));
	}
	if (body != NULL && strlen(body) > FIELD_LINES_MAX)
		return refuse(g, COLUMN_BODY, _("too long"));
	g->ret->ticket.subject = subject;
	g->ret->body = body;
	return true;
}

static void add_note(struct reading *g, const char *what, const char *text)
{
	struct ticket_row *ret = g->ret;

	ret->note = ret->note == NULL ? arena_printf(g->a, "%s: %s", what, text)
				      : arena_printf(g->a, "%s\n%s: %s", ret->note, what, text);
}

/* An address without anybody who lives there is where it is about. */
static void note_address(struct reading *g)
{
	const char *const *c = g->cells;
	const char *text =
		arena_printf(g->a, "%s %s, %s %s", c[COLUMN_STREET] != NULL ? c[COLUMN_STREET] : "",
			     c[COLUMN_HOUSE] != NULL ? c[COLUMN_HOUSE] : "",
			     c[COLUMN_POSTCODE] != NULL ? c[COLUMN_POSTCODE] : "",
			     c[COLUMN_CITY] != NULL ? c[COLUMN_CITY] : "");

	if (strcmp(text, " ,  ") != 0)
		add_note(g, _("Address"), text);
}

/* Its own key, else the number it had, else what stands in it. */
static bool take_key(struct reading *g)
{
	const char *key = g->cells[COLUMN_KEY], *number = g->cells[COLUMN_NUMBER];
	struct ticket_row *ret = g->ret;

	if (key != NULL && strlen(key) > KEY_MAX)
		return refuse(g, COLUMN_KEY, _("too long"));
	if (number != NULL && strlen(number) > KEY_MAX)
		return refuse(g, COLUMN_NUMBER, _("too long"));
	if (number != NULL) {
		char *normal = arena_alloc(g->a, TRACKING_TEXT);

		if (tracking_parse(number, normal) == CHECK_OK)
			ret->number = normal;
		else if (key != NULL && strcmp(key, number) != 0)
			add_note(g, _("Old number"), number);
	}
	ret->key = key != NULL	    ? key
		   : number != NULL ? number
				    : arena_printf(g->a, "row:%s", ret->hash);
	return true;
}

bool row_read(struct row_reader *r, const struct csv_row *row, struct ticket_row *ret,
	      struct arena *a, const char **ret_column, struct err *err)
{
	struct reading g = {.r = r, .ret = ret, .a = a, .bad = -1, .err = err};
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ret->hash = hash_row(row, a);
	ok = take_cells(&g, row) && take_texts(&g) && take_words(&g) && take_names(&g) &&
	     take_times(&g) && take_key(&g) && row_citizen(g.cells, ret, a, &g.bad, err);
	if (ok && !ret->has_party)
		note_address(&g);
	if (!ok)
		*ret_column = g.bad >= 0 ? column_names[g.bad] : NULL;
	return ok;
}
