/* Citizens, associations and enterprises of the invented town, with numbers that check. */
#include "seed.h"
#include <string.h>
#include "balie/clock.h"
#include "balie/text.h"
#include "balie/wire.h"

#define BIRTH_DAYS 29000 /* from 1934 on; prime to BIRTH_STRIDE */
#define BIRTH_STRIDE 7919
#define BIRTH_FIRST (-INT64_C(13149)) /* days from 1970 to 1 January 1934 */

static const struct seed_place *pick_place(struct seed_dice *d)
{
	int total = 0, roll;
	size_t i;

	for (i = 0; i < seed_place_count; i++)
		total += seed_places[i].weight;
	roll = (int)seed_below(d, (size_t)total);
	for (i = 0; i + 1 < seed_place_count && roll >= seed_places[i].weight; i++)
		roll -= seed_places[i].weight;
	return &seed_places[i];
}

/* "Aït Ouali" -> "aitouali": what stands before the @. */
static char *slug(struct arena *a, const char *name)
{
	char *folded = text_fold_dup(a, name), *to = folded;

	for (const char *p = folded; *p != '\0'; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
			*to++ = *p;
	*to = '\0';
	return folded[0] != '\0' ? folded : arena_strdup(a, "inwoner");
}

static void name_citizen(struct seed *s, struct seed_dice *d, struct seed_face *ret)
{
	const struct seed_words *given;

	ret->woman = seed_chance(d, 510);
	given = ret->woman ? &seed_women : &seed_men;
	ret->given = seed_pick(d, given->items, given->count);
	ret->family = seed_pick(d, seed_families.items, seed_families.count);
	ret->name = arena_printf(&s->arena, "%s, %s", ret->family, ret->given);
}

static void name_other(struct seed *s, struct seed_dice *d, struct seed_face *ret)
{
	if (ret->kind == PARTY_ASSOCIATION) {
		ret->name = seed_pick(d, seed_clubs.items, seed_clubs.count);
		return;
	}
	ret->name = arena_printf(&s->arena, "%s %s%s",
				 seed_pick(d, seed_trades.items, seed_trades.count),
				 seed_pick(d, seed_families.items, seed_families.count),
				 seed_chance(d, 600) ? " bv" : "");
}

void seed_face(struct seed *s, int64_t i, struct seed_face *ret, struct seed_dice *rest)
{
	static const char *const hosts[] = {"mail.example", "telenet.example", "skynet.example",
					    "example.com",  "example.org",     "proximus.example"};
	struct seed_dice d = {s->random * UINT64_C(1000003) +
			      (uint64_t)i * UINT64_C(0xd1342543de82ef95)};
	size_t roll = seed_below(&d, 100);
	int64_t span = s->now - s->start;

	memset(ret, 0, sizeof(*ret));
	ret->created_at = s->start + (int64_t)((double)span * (double)i / (double)(s->parties + 1));
	seed_id(&d, ret->created_at, ret->id);
	ret->kind = roll < 93 ? PARTY_CITIZEN : roll < 96 ? PARTY_ASSOCIATION : PARTY_ENTERPRISE;
	if (ret->kind == PARTY_CITIZEN)
		name_citizen(s, &d, ret);
	else
		name_other(s, &d, ret);
	if (seed_chance(&d, 780))
		ret->email = arena_printf(&s->arena, "%s%s%lld@%s",
					  slug(&s->arena, ret->given ? ret->given : ret->name),
					  ret->given ? "." : "", (long long)i,
					  seed_pick(&d, hosts, sizeof(hosts) / sizeof(hosts[0])));
	if (ret->email != NULL && ret->given != NULL)
		ret->email =
			arena_printf(&s->arena, "%s.%s", slug(&s->arena, ret->family), ret->email);
	ret->street = seed_pick(&d, seed_streets.items, seed_streets.count);
	ret->number = arena_printf(&s->arena, "%zu%s", 1 + seed_below(&d, 210),
				   seed_chance(&d, 60) ? "A" : "");
	ret->place = pick_place(&d);
	if (rest != NULL)
		*rest = d;
}

/* National number: birth date, a number in the row of that day (odd for men), 97 minus the rest. */
static void add_rrn(struct seed *s, int64_t i, bool woman, struct party *party)
{
	int64_t day = BIRTH_FIRST + (i * BIRTH_STRIDE) % BIRTH_DAYS;
	int64_t serial = 1 + 2 * ((i / BIRTH_DAYS) % 498) + (woman ? 1 : 0), base;
	struct clock_local at;
	int check;

	clock_local(day * CLOCK_DAY_MS + CLOCK_DAY_MS / 2, &at);
	base = ((at.year % 100) * INT64_C(10000) + at.month * 100 + at.day) * 1000 + serial;
	check = 97 - (int)((at.year >= 2000 ? base + INT64_C(2000000000) : base) % 97);
	party->birth_date = arena_printf(&s->arena, "%04d-%02d-%02d", at.year, at.month, at.day);
	party->identifiers = arena_printf(&s->arena,
					  "[{\"scheme\":\"rrn\",\"value\":\"%09lld%02d\",\"raw\":"
					  "\"%02d.%02d.%02d-%03lld.%02d\"}]",
					  (long long)base, check, at.year % 100, at.month, at.day,
					  (long long)serial, check);
}

/* Enterprise number: the last two digits are 97 minus the rest of the eight before. */
static void add_kbo(struct seed *s, int64_t i, struct party *party)
{
	int64_t base = 4000000 + (i * 37) % 5900000;
	int check;

	base = base % 10000000;
	check = 97 - (int)(base % 97);
	party->identifiers =
		arena_printf(&s->arena,
			     "[{\"scheme\":\"kbo\",\"value\":\"%08lld%02d\",\"raw\":\"BE "
			     "0%03lld.%03lld.%1lld%02d\"}]",
			     (long long)base, check, (long long)(base / 10000),
			     (long long)(base / 10 % 1000), (long long)(base % 10), check);
}

/* One number in one of the ways in which people write it. */
static void add_phone(struct seed *s, struct seed_dice *d, struct party *party)
{
	static const char *const zones[] = {"51", "56", "50", "58"};
	static const char *const mobile[] = {"0%s %02d %02d %02d",    "0%s/%02d.%02d.%02d",
					     "+32 %s %02d %02d %02d", "0032%s%02d%02d%02d",
					     "0%s%02d%02d%02d",	      "0%s-%02d-%02d-%02d",
					     "(0)%s %02d %02d %02d"};
	const char *prefix, *way = mobile[seed_below(d, sizeof(mobile) / sizeof(mobile[0]))];
	int a = (int)seed_below(d, 100), b = (int)seed_below(d, 100), c = (int)seed_below(d, 100);
	char *raw;

	/* A zone of one digit has a subscriber number of seven: its first belongs to the prefix here. */
	if (seed_chance(d, 700))
		prefix = arena_printf(&s->arena, "4%zu", 70 + seed_below(d, 30));
	else if (seed_chance(d, 100))
		prefix = arena_printf(&s->arena, "9%zu", 2 + seed_below(d, 7));
	else
		prefix = seed_pick(d, zones, sizeof(zones) / sizeof(zones[0]));
	if (strlen(prefix) == 2)
		a = 20 + a % 70;
	raw = strncmp(way, "(0)", 3) == 0
		      ? arena_printf(&s->arena, "0%s/%02d %02d %02d", prefix, a, b, c)
		      : arena_printf(&s->arena, way, prefix, a, b, c);
	party->phones =
		arena_printf(&s->arena, "[{\"value\":\"+32%s%02d%02d%02d\",\"raw\":\"%s\"}]",
			     prefix, a, b, c, raw);
}

static void add_places(struct seed *s, struct seed_dice *d, const struct seed_face *face,
		       struct party *party)
{
	struct buf *b = &s->part;

	buf_reset(b);
	buf_add_str(b, "[{\"street\":");
	wire_put_text(b, face->street);
	buf_printf(b, ",\"number\":\"%s\"", face->number);
	if (seed_chance(d, 80))
		buf_printf(b, ",\"box\":\"%zu\"", 1 + seed_below(d, 12));
	buf_printf(b, ",\"postcode\":\"%s\",\"city\":\"%s\"}]", face->place->postcode,
		   face->place->city);
	party->addresses = arena_strdup(&s->arena, b->data);
	if (face->email != NULL)
		party->emails =
			arena_printf(&s->arena, "[{\"value\":\"%s\",\"raw\":\"%s\",\"bad\":false}]",
				     face->email, face->email);
}

static const char *language_of(struct seed_dice *d)
{
	size_t roll = seed_below(d, 100);

	return roll < 91 ? "nl" : roll < 96 ? "fr" : roll < 99 ? "en" : "de";
}

bool seed_parties(struct seed *s, struct err *err)
{
	struct seed_face face;
	struct seed_dice d;
	struct party party;

	for (int64_t i = 0; i < s->parties; i++) {
		arena_reset(&s->arena);
		seed_face(s, i, &face, &d);
		party = (struct party){
			.id = face.id,
			.kind = face.kind,
			.name = face.name,
			.given = face.given,
			.family = face.family,
			.language = language_of(&d),
			.created_at = face.created_at,
			.updated_at = face.created_at,
		};
		if (face.kind == PARTY_CITIZEN && seed_chance(&d, 850))
			add_rrn(s, i, face.woman, &party);
		else if (face.kind != PARTY_CITIZEN)
			add_kbo(s, i, &party);
		if (seed_chance(&d, 850))
			add_phone(s, &d, &party);
		add_places(s, &d, &face, &party);
		if (i % 50 == 0)
			seed_mark(s, "seed", NULL, face.created_at);
		if (!town_insert(&s->town, RECORD_PARTY, &party, NULL, &s->mark, &s->arena, err) ||
		    !seed_step(s, err))
			return false;
	}
	return true;
}
