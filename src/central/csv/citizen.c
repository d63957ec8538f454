/* Whom a row is about, and who of the town that is. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "balie/wire.h"
#include "central_sql.h"
#include "tickets.h"

#define NAME_MAX_BYTES 200
#define PART_MAX_BYTES 100
#define SEVERAL 7 /* phones and addresses of mail in one cell */

struct reading {
	const char *const *cells;
	struct ticket_row *ret;
	struct arena *a;
	int *bad;
	struct err *err;
};

static bool refuse(struct reading *g, int column, const char *why)
{
	*g->bad = column;
	err_set(g->err, ERR_INPUT, "%s", why);
	return false;
}

/* Takes the next of several, with ; or a comma between; NULL at the end. */
static const char *next_part(const char **at, struct arena *a)
{
	const char *start;
	size_t n;

	*at += strspn(*at, ";, ");
	start = *at;
	n = strcspn(start, ";,");
	*at += n;
	while (n > 0 && start[n - 1] == ' ')
		n--;
	return n > 0 ? arena_strndup(a, start, n) : NULL;
}

static void add_value(struct buf *b, const char *scheme, const char *value, const char *raw)
{
	buf_add_char(b, b->len == 0 ? '[' : ',');
	if (scheme != NULL)
		buf_printf(b, "{\"scheme\":\"%s\",\"value\":", scheme);
	else
		buf_add_str(b, "{\"value\":");
	wire_put_text(b, value);
	buf_add_str(b, ",\"raw\":");
	wire_put_text(b, raw);
	buf_add_char(b, '}');
}

static const char *close_list(struct buf *b, struct arena *a)
{
	const char *ret = NULL;

	if (b->len > 0) {
		buf_add_char(b, ']');
		ret = arena_strdup(a, b->data);
	}
	buf_finish(b);
	return ret;
}

static bool parse_phone(const char *text, char ret[255])
{
	char phone[17];

	if (phone_parse(text, phone) != CHECK_OK)
		return false;
	strcpy(ret, phone);
	return true;
}

static bool parse_email(const char *text, char ret[255])
{
	return email_parse(text, ret) == CHECK_OK;
}

static bool take_list(struct reading *g, int column, bool (*parse)(const char *, char[255]),
		      const char *values[SEVERAL + 1], const char **ret_json, const char *why)
{
	const char *at = g->cells[column], *part;
	struct buf json = {0};
	size_t count = 0;
	char value[255];
	bool ok = true;

	while (at != NULL && ok && (part = next_part(&at, g->a)) != NULL) {
		ok = count < SEVERAL && parse(part, value);
		if (!ok)
			break;
		values[count++] = arena_strdup(g->a, value);
		add_value(&json, NULL, value, part);
	}
	*ret_json = close_list(&json, g->a);
	return ok || refuse(g, column, why);
}

static bool take_numbers(struct reading *g)
{
	const char *rrn = g->cells[COLUMN_RRN], *kbo = g->cells[COLUMN_KBO];
	struct ticket_row *ret = g->ret;
	struct buf json = {0};
	char value[12], birth[11];
	bool bis = false, ok = true;

	if (rrn != NULL) {
		ok = rrn_parse(rrn, value, birth, &bis) == CHECK_OK ||
		     refuse(g, COLUMN_RRN, _("this is no national number"));
		if (ok) {
			ret->rrn = arena_strdup(g->a, value);
			ret->rrn_scheme = bis ? "bis" : "rrn";
			add_value(&json, ret->rrn_scheme, value, rrn);
			if (birth[0] != '\0')
				ret->party.birth_date = arena_strdup(g->a, birth);
		}
	}
	if (ok && kbo != NULL) {
		ok = kbo_parse(kbo, value) == CHECK_OK ||
		     refuse(g, COLUMN_KBO, _("this is no enterprise number"));
		if (ok) {
			ret->kbo = arena_strdup(g->a, value);
			add_value(&json, "kbo", value, kbo);
		}
	}
	ret->party.identifiers = close_list(&json, g->a);
	return ok;
}

static bool take_birth(struct reading *g)
{
	char date[11];

	*g->bad = COLUMN_BIRTH_DATE;
	if (g->cells[COLUMN_BIRTH_DATE] == NULL)
		return true;
	if (!value_date(g->cells[COLUMN_BIRTH_DATE], date, g->err))
		return false;
	g->ret->party.birth_date = arena_strdup(g->a, date);
	return true;
}

static void take_address(struct reading *g)
{
	static const struct {
		int column;
		const char *name;
	} parts[] = {
		{COLUMN_STREET, "street"},     {COLUMN_HOUSE, "number"}, {COLUMN_BOX, "box"},
		{COLUMN_POSTCODE, "postcode"}, {COLUMN_CITY, "city"},
	};
	struct buf json = {0};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (g->cells[parts[i].column] == NULL)
			continue;
		buf_add_str(&json, json.len == 0 ? "[{\"" : ",\"");
		buf_printf(&json, "%s\":", parts[i].name);
		wire_put_text(&json, g->cells[parts[i].column]);
	}
	if (json.len > 0)
		buf_add_char(&json, '}');
	g->ret->party.addresses = close_list(&json, g->a);
}

static bool take_name(struct reading *g)
{
	struct party *p = &g->ret->party;
	const char *given = g->cells[COLUMN_GIVEN], *family = g->cells[COLUMN_FAMILY];

	p->given = given;
	p->family = family;
	if (g->cells[COLUMN_NAME] != NULL)
		p->name = g->cells[COLUMN_NAME];
	else if (given != NULL && family != NULL)
		p->name = arena_printf(g->a, "%s, %s", family, given);
	else if (given != NULL || family != NULL)
		p->name = family != NULL ? family : given;
	else if (g->ret->emails[0] != NULL)
		p->name = g->ret->emails[0];
	else if (g->ret->phones[0] != NULL)
		p->name = g->ret->phones[0];
	else if (g->ret->rrn != NULL || g->ret->kbo != NULL)
		p->name = _("(no name)");
	if (p->name != NULL && strlen(p->name) > NAME_MAX_BYTES)
		return refuse(g, COLUMN_NAME, _("too long for a name"));
	if (given != NULL && strlen(given) > PART_MAX_BYTES)
		return refuse(g, COLUMN_GIVEN, _("too long for a name"));
	if (family != NULL && strlen(family) > PART_MAX_BYTES)
		return refuse(g, COLUMN_FAMILY, _("too long for a name"));
	return true;
}

static bool check_parts(struct reading *g)
{
	for (int k = COLUMN_STREET; k <= COLUMN_CITY; k++)
		if (g->cells[k] != NULL && strlen(g->cells[k]) > NAME_MAX_BYTES)
			return refuse(g, k, _("too long"));
	return true;
}

bool row_citizen(const char *const cells[COLUMN_COUNT], struct ticket_row *ret, struct arena *a,
		 int *ret_column, struct err *err)
{
	struct reading g = {cells, ret, a, ret_column, err};
	struct party *p = &ret->party;

	if (!take_list(&g, COLUMN_PHONE, parse_phone, ret->phones, &p->phones,
		       _("this is no telephone number")) ||
	    !take_list(&g, COLUMN_EMAIL, parse_email, ret->emails, &p->emails,
		       _("this is no mail address")) ||
	    !take_numbers(&g) || !take_birth(&g) || !take_name(&g) || !check_parts(&g))
		return false;
	ret->has_party = p->name != NULL;
	take_address(&g);
	p->kind = ret->kbo != NULL && ret->rrn == NULL && p->given == NULL ? PARTY_ENTERPRISE
									   : PARTY_CITIZEN;
	return true;
}

/* ---- who of the town it is ---- */

/* Words of both names that are the same; -1 when the row has no name of its own. */
static int words_alike(const char *row, const char *other, struct arena *a)
{
	char *word, *rest = NULL, *mine = text_fold_dup(a, row);
	const char *theirs = arena_printf(a, " %s ", text_fold_dup(a, other));
	int ret = 0;

	for (word = strtok_r(mine, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		ret += strstr(theirs, arena_printf(a, " %s ", word)) != NULL;
	return ret;
}

static bool says_name(const struct ticket_row *row)
{
	const struct party *p = &row->party;

	return p->name != row->emails[0] && p->name != row->phones[0];
}

struct candidate {
	const char *id, *name;
	int alike;
	bool doubtful; /* another one is as much alike */
};

/* Several people share a phone: only one whose name agrees is meant, and only when no other agrees as
 * well. Two of the same name are taken for one person, who is there twice: the older. */
static void weigh(const struct ticket_row *row, const char *id, const char *name,
		  struct candidate *best, struct arena *a)
{
	int alike = says_name(row) ? words_alike(row->party.name, name, a) : 0;

	if (says_name(row) && alike == 0)
		return;
	if (best->id == NULL || alike > best->alike) {
		*best = (struct candidate){id, name, alike, false};
	} else if (alike == best->alike && strcmp(id, best->id) != 0) {
		char *one = text_fold_dup(a, name), *two = text_fold_dup(a, best->name);

		best->doubtful = best->doubtful || strcmp(one, two) != 0;
	}
}

static bool look_up(struct town *t, const struct ticket_row *row, enum central_sql statement,
		    const char *scheme, const char *value, struct candidate *best, struct arena *a,
		    struct err *err)
{
	struct store_query *q = store_query(t->store, statement);
	enum store_step step;

	store_bind_text(q, 1, value);
	if (scheme != NULL)
		store_bind_text(q, 2, scheme);
	while ((step = store_step(q, err)) == STORE_ROW) {
		const char *id = arena_strdup(a, store_column_text(q, 0));
		const char *name = arena_strdup(a, store_column_text(q, 1));

		/* A number is one person's, whatever he is called. */
		if (scheme != NULL)
			*best = (struct candidate){id, name, 0,
						   best->id != NULL && strcmp(best->id, id) != 0};
		else
			weigh(row, id, name, best, a);
	}
	store_done(q);
	return step == STORE_DONE;
}

static bool by_number(struct town *t, const struct ticket_row *row, struct candidate *best,
		      struct arena *a, struct err *err)
{
	if (row->rrn != NULL && !look_up(t, row, CENTRAL_SQL_IMPORT_PARTY_IDENTIFIER,
					 row->rrn_scheme, row->rrn, best, a, err))
		return false;
	return best->id != NULL || row->kbo == NULL ||
	       look_up(t, row, CENTRAL_SQL_IMPORT_PARTY_IDENTIFIER, "kbo", row->kbo, best, a, err);
}

static bool by_address(struct town *t, const struct ticket_row *row, struct candidate *best,
		       struct arena *a, struct err *err)
{
	for (size_t i = 0; row->emails[i] != NULL && best->id == NULL; i++)
		if (!look_up(t, row, CENTRAL_SQL_IMPORT_PARTY_EMAIL, NULL, row->emails[i], best, a,
			     err))
			return false;
	for (size_t i = 0; row->phones[i] != NULL && best->id == NULL; i++)
		if (!look_up(t, row, CENTRAL_SQL_IMPORT_PARTY_PHONE, NULL, row->phones[i], best, a,
			     err))
			return false;
	return true;
}

bool party_for_row(struct town *t, const struct ticket_row *row, const char **ret_id,
		   const char **ret_name, struct arena *a, struct err *err)
{
	struct candidate best = {0};
	bool numbered = row->rrn != NULL;

	*ret_id = *ret_name = NULL;
	if (!by_number(t, row, &best, a, err))
		return false;
	/* Who has another national number is somebody else, though he shares a phone. */
	if (best.id == NULL && !numbered && !by_address(t, row, &best, a, err))
		return false;
	if (best.id != NULL && !best.doubtful) {
		*ret_id = best.id;
		*ret_name = best.name;
	}
	return true;
}
