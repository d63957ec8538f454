#include "people.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"

#define NAME_MIN 26
#define BIRTH 11
#define PHONE 18
#define WIDE 110 /* from here on there is room for the phone */

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

void people_put_address(struct buf *ret, const struct party_address *home)
{
	const char *street = or_empty(home->street), *number = or_empty(home->number);
	const char *box = or_empty(home->box), *postcode = or_empty(home->postcode);
	const char *city = or_empty(home->city);

	buf_printf(ret, "%s%s%s", street, street[0] && number[0] ? " " : "", number);
	if (box[0])
		buf_printf(ret, _(" box %s"), box);
	if (ret->len && (postcode[0] || city[0]))
		buf_add_str(ret, ", ");
	buf_printf(ret, "%s%s%s", postcode, postcode[0] && city[0] ? " " : "", city);
}

void people_put_number(struct buf *ret, const char *e164)
{
	size_t len = strlen(e164), at;

	/* Belgian: a mobile as 470 12 34 56, the others as 51 30 12 34, and 2, 3, 4 and 9 with one. */
	if (strncmp(e164, "+32", 3) != 0 || len < 11 || len > 12) {
		buf_add_str(ret, e164);
		return;
	}
	at = len == 12 ? 6 : strchr("2349", e164[3]) ? 4 : 5;
	buf_printf(ret, "+32 %.*s", (int)(at - 3), e164 + 3);
	if ((len - at) % 2 == 1) {
		buf_printf(ret, " %.3s", e164 + at);
		at += 3;
	}
	for (; at + 1 < len; at += 2)
		buf_printf(ret, " %.2s", e164 + at);
}

static bool lists_of(const struct party *p, struct party_lists *ret, struct arena *a)
{
	return desk_party_lists(p, ret, a, NULL);
}

static void put_national(struct buf *ret, const struct party *p, const char *value)
{
	char digits[12], birth[11], shown[16];
	bool bis = false;

	if (rrn_parse(value, digits, birth, &bis) != CHECK_OK) {
		buf_printf(ret, _("%s (not right)"), value);
		return;
	}
	buf_printf(ret, "%s %s", bis ? _("BIS number") : _("national number"),
		   rrn_show(digits, shown));
	if (birth[0] && p->birth_date && strncmp(birth, p->birth_date, strlen(birth)) != 0)
		buf_add_str(ret, _(" (of another date of birth)"));
	else
		buf_add_str(ret, _(" (check digits right)"));
}

void people_put_identifier(struct buf *ret, const struct party *p, const struct party_item *item)
{
	const char *scheme = or_empty(item->scheme), *value = or_empty(item->value);
	char digits[11], shown[13];

	if (strcmp(scheme, "rrn") == 0 || strcmp(scheme, "bis") == 0)
		put_national(ret, p, value);
	else if (strcmp(scheme, "kbo") == 0 && kbo_parse(value, digits) == CHECK_OK)
		buf_printf(ret, _("enterprise number %s (check digits right)"),
			   kbo_show(digits, shown));
	else if (strcmp(scheme, "vcode") == 0)
		buf_printf(ret, "%s %s", _("association number"), value);
	else
		buf_add_str(ret, value);
}

static bool in_answer(struct desk *d, const char *id, struct party *ret)
{
	static const enum ask asks[] = {ASK_PARTY, ASK_SEARCH, ASK_LIKELY};

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		const struct answer *answer = desk_answer(d, asks[i]);

		if (answer->party && strcmp(answer->party->id, id) == 0) {
			*ret = *answer->party;
			return true;
		}
		for (size_t j = 0; j < answer->party_count; j++) {
			if (strcmp(answer->parties[j].id, id) != 0)
				continue;
			*ret = answer->parties[j];
			return true;
		}
	}
	return false;
}

bool people_find(struct desk *d, const char *id, struct party *ret, struct arena *a)
{
	const struct record_type *type = &record_types[RECORD_PARTY];
	struct party there;

	if (d->cache && cache_party(d->cache, d->work, id, ret, a, NULL))
		return true;
	if (!in_answer(d, id, &there))
		return false;
	/* Answers come and go: what is shown stays. */
	for (size_t i = 0; i < type->field_count; i++) {
		const struct field *f = &type->fields[i];
		const char **text = (const char **)(void *)((char *)&there + f->offset);

		if (f->type == FIELD_TEXT || f->type == FIELD_ID || f->type == FIELD_DATE ||
		    f->type == FIELD_JSON)
			*text = arena_strdup(a, *text);
	}
	*ret = there;
	return true;
}

void people_open_card(struct screen *s, const struct queue_row *row)
{
	struct err err = {0};

	if (!row || !row->ticket.party_id)
		host_say(screen_host(s), STYLE_NORMAL, "%s",
			 _("Nobody is known to have asked this ticket."));
	else if (!host_open(screen_host(s), "card", row->ticket.party_id, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
}

/* ---- one line ---- */

struct columns {
	int birth, home, phone; /* where they begin; phone 0: none */
};

static struct columns columns_for(int width)
{
	struct columns k = {0};
	int name = width / 3 > NAME_MIN ? width / 3 : NAME_MIN;

	k.birth = 2 + name + 1;
	k.home = k.birth + BIRTH;
	if (width >= WIDE)
		k.phone = width - PHONE;
	return k;
}

void people_draw_headings(struct cells c, int row)
{
	struct columns k = columns_for(c.width);

	cells_fill(c, row, 0, c.width, STYLE_HEADER);
	cells_put_in(c, row, 2, k.birth - 3, ALIGN_LEFT, STYLE_HEADER, _("Name"));
	cells_put_in(c, row, k.birth, BIRTH, ALIGN_LEFT, STYLE_HEADER, _("Born"));
	cells_put_in(c, row, k.home, (k.phone ? k.phone : c.width) - k.home, ALIGN_LEFT,
		     STYLE_HEADER, _("Address"));
	if (k.phone)
		cells_put_in(c, row, k.phone, PHONE, ALIGN_LEFT, STYLE_HEADER, _("Phone"));
}

void people_draw_row(struct cells c, int row, const struct party *p, enum style style,
		     const char *mark)
{
	struct columns k = columns_for(c.width);
	struct arena a = {0};
	struct party_lists *lists = arena_alloc(&a, sizeof(*lists));
	struct buf text = {0};
	char birth[11];

	cells_fill(c, row, 0, c.width, style);
	cells_put_in(c, row, 0, 2, ALIGN_LEFT, style, mark);
	cells_put_in(c, row, 2, k.birth - 3, ALIGN_LEFT, style, or_empty(p->name));
	if (p->birth_date)
		cells_put_in(c, row, k.birth, BIRTH, ALIGN_LEFT, style,
			     birth_show(p->birth_date, birth));
	else if (p->kind != PARTY_CITIZEN)
		cells_put_in(c, row, k.birth, BIRTH - 1, ALIGN_LEFT, style,
			     _(words_label(&party_kinds, p->kind)));
	if (lists_of(p, lists, &a) && lists->address_count > 0)
		people_put_address(&text, &lists->addresses[0]);
	cells_put_in(c, row, k.home, (k.phone ? k.phone - 1 : c.width) - k.home, ALIGN_LEFT, style,
		     text.len ? text.data : "");
	if (k.phone && lists->phone_count > 0) {
		buf_reset(&text);
		people_put_number(&text, or_empty(lists->phones[0].value));
		cells_put_in(c, row, k.phone, PHONE, ALIGN_LEFT, style, text.data);
	}
	arena_finish(&a);
	buf_finish(&text);
}

bool people_go(struct screen *s, const char *screen, const char *before, const char *what)
{
	struct buf args = {0};
	struct err err = {0};

	buf_printf(&args, "%s%s", before, what);
	if (!host_open(screen_host(s), screen, args.data, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	buf_finish(&args);
	return true;
}
