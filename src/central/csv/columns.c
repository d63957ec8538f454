/* Which column of a list is what. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "tickets.h"

#define NAMES 8
#define NEAR 3

const char *const column_names[COLUMN_COUNT] = {
	[COLUMN_KEY] = "key",		[COLUMN_NUMBER] = "number",
	[COLUMN_SUBJECT] = "subject",	[COLUMN_BODY] = "body",
	[COLUMN_KIND] = "kind",		[COLUMN_STATE] = "state",
	[COLUMN_PRIORITY] = "priority", [COLUMN_CHANNEL] = "channel",
	[COLUMN_TOPIC] = "topic",	[COLUMN_TEAM] = "team",
	[COLUMN_AGENT] = "agent",	[COLUMN_CREATED] = "created",
	[COLUMN_DUE] = "due",		[COLUMN_CLOSED] = "closed",
	[COLUMN_NAME] = "name",		[COLUMN_GIVEN] = "given",
	[COLUMN_FAMILY] = "family",	[COLUMN_BIRTH_DATE] = "birth date",
	[COLUMN_PHONE] = "phone",	[COLUMN_EMAIL] = "email",
	[COLUMN_STREET] = "street",	[COLUMN_HOUSE] = "house number",
	[COLUMN_BOX] = "box",		[COLUMN_POSTCODE] = "postcode",
	[COLUMN_CITY] = "city",		[COLUMN_RRN] = "rrn",
	[COLUMN_KBO] = "kbo",
};

/* Other headers that mean the same, folded. What can mean two things stands here for neither: a "nr"
 * is that of a house, of a report or of the row itself. */
static const char *const also[COLUMN_COUNT][NAMES] = {
	[COLUMN_KEY] = {"sleutel", "id", "externe sleutel", "external key", "extern id",
			"external id", "kenmerk"},
	[COLUMN_NUMBER] = {"nummer", "old number", "oud nummer", "meldingsnummer", "dossiernummer",
			   "volgnummer", "ticket number", "ticketnummer"},
	[COLUMN_SUBJECT] = {"titel", "betreft", "title", "korte omschrijving", "samenvatting",
			    "summary"},
	[COLUMN_BODY] = {"tekst", "omschrijving", "bericht", "text", "description", "beschrijving",
			 "inhoud", "toelichting"},
	[COLUMN_KIND] = {"soort", "type", "aard"},
	[COLUMN_STATE] = {"status", "toestand", "stand"},
	[COLUMN_PRIORITY] = {"prioriteit", "dringendheid", "urgency"},
	[COLUMN_CHANNEL] = {"kanaal", "aanmeldwijze", "herkomst"},
	[COLUMN_TOPIC] = {"onderwerp", "thema", "categorie", "category", "rubriek", "theme"},
	[COLUMN_TEAM] = {"groep", "behandelaarsgroep", "dienst", "group", "afdeling", "department",
			 "service"},
	[COLUMN_AGENT] = {"medewerker", "behandelaar", "toegewezen aan", "assigned to", "assignee",
			  "dossierbehandelaar"},
	[COLUMN_CREATED] = {"gemaakt", "datum", "date", "aangemaakt", "aangemaakt op",
			    "datum melding", "created at", "ontvangen"},
	[COLUMN_DUE] = {"termijn", "deadline", "due date", "vervaldatum", "streefdatum", "due at",
			"uiterste datum"},
	[COLUMN_CLOSED] = {"gesloten", "afgesloten", "afgehandeld", "datum afgehandeld",
			   "gesloten op", "closed at", "datum gesloten", "afgesloten op"},
	[COLUMN_NAME] = {"naam", "burger", "klant", "melder", "citizen", "customer", "aanvrager",
			 "naam melder"},
	[COLUMN_GIVEN] = {"voornaam", "given name", "first name", "voornamen"},
	[COLUMN_FAMILY] = {"familienaam", "achternaam", "family name", "last name", "surname"},
	[COLUMN_BIRTH_DATE] = {"geboortedatum", "geboren", "date of birth", "birthdate", "born"},
	[COLUMN_PHONE] = {"telefoon", "gsm", "telefoonnummer", "tel", "telephone", "mobile",
			  "gsm nummer", "phone number"},
	[COLUMN_EMAIL] = {"e mail", "mail", "e mailadres", "emailadres", "mailadres",
			  "email address", "e mail address"},
	[COLUMN_STREET] = {"straat", "straatnaam"},
	[COLUMN_HOUSE] = {"huisnummer", "huisnr", "house", "house no"},
	[COLUMN_BOX] = {"bus", "busnummer"},
	[COLUMN_POSTCODE] = {"postnummer", "zip", "postal code", "zip code"},
	[COLUMN_CITY] = {"gemeente", "stad", "plaats", "woonplaats", "town", "municipality"},
	[COLUMN_RRN] = {"rijksregisternummer", "insz", "national number", "rr nummer", "niss"},
	[COLUMN_KBO] = {"ondernemingsnummer", "enterprise number", "btw nummer", "kbo nummer",
			"vat number"},
};

static int column_find(const char *folded)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (strcmp(column_names[i], folded) == 0)
			return i;
		for (int k = 0; k < NAMES && also[i][k] != NULL; k++)
			if (strcmp(also[i][k], folded) == 0)
				return i;
	}
	return -1;
}

static const char *column_nearest(const char *folded)
{
	const char *ret = NULL;
	int best = NEAR;

	for (int i = 0; i < COLUMN_COUNT; i++)
		for (int k = -1; k < NAMES; k++) {
			const char *name = k < 0 ? column_names[i] : also[i][k];
			int d = name != NULL ? text_distance(folded, name, NEAR) : NEAR;

			if (d < best) {
				best = d;
				ret = name;
			}
		}
	return ret;
}

static bool fail_field(const char *field, const char *folded, struct err *err)
{
	const char *nearest = column_nearest(folded);

	if (nearest != NULL)
		err_set(err, ERR_INPUT, _("--map: there is no field \"%.60s\"; do you mean %s?"),
			field, nearest);
	else
		err_set(err, ERR_INPUT, _("--map: there is no field \"%.60s\""), field);
	return false;
}

/* One "COLUMN=FIELD". */
static bool apply_rule(const char *rule, struct column_map *m, bool *ruled, struct arena *a,
		       struct err *err)
{
	const char *sign = strrchr(rule, '=');
	const char *wanted, *field;
	bool any = false;
	int what = -1;

	if (sign == NULL || sign == rule) {
		err_set(err, ERR_INPUT, _("--map: write COLUMN=FIELD and not \"%.100s\""), rule);
		return false;
	}
	wanted = text_fold_dup(a, arena_strndup(a, rule, (size_t)(sign - rule)));
	field = text_fold_dup(a, sign + 1);
	if (strcmp(sign + 1, "-") != 0 && (what = column_find(field)) < 0)
		return fail_field(sign + 1, field, err);
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(text_fold_dup(a, m->heads[i]), wanted) != 0)
			continue;
		m->what[i] = what;
		ruled[i] = any = true;
	}
	if (!any)
		err_set(err, ERR_INPUT, _("--map: the file has no column \"%.100s\""),
			arena_strndup(a, rule, (size_t)(sign - rule)));
	return any;
}

/* A rule takes the place of what the header says by itself. */
static bool settle(struct column_map *m, const bool *ruled, struct err *err)
{
	for (int k = 0; k < COLUMN_COUNT; k++)
		m->at[k] = -1;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < m->count; i++) {
			int what = m->what[i];

			if (what < 0 || ruled[i] != (pass == 0))
				continue;
			if (m->at[what] >= 0 && pass == 1 && ruled[m->at[what]]) {
				m->what[i] = -1;
				continue;
			}
			if (m->at[what] >= 0) {
				err_set(err, ERR_INPUT,
					_("the columns \"%.60s\" and \"%.60s\" are both %s; say "
					  "which "
					  "is not used: --map \"COLUMN=-\""),
					m->heads[m->at[what]], m->heads[i], column_names[what]);
				return false;
			}
			m->at[what] = (int)i;
		}
	if (m->at[COLUMN_SUBJECT] < 0 && m->at[COLUMN_BODY] < 0) {
		err_set(err, ERR_INPUT,
			_("no column is known as subject or body; say which is: --map "
			  "\"COLUMN=subject\""));
		return false;
	}
	return true;
}

bool column_map_make(const struct csv_row *head, const char *const *rules, size_t rule_count,
		     struct column_map *ret, struct arena *a, struct err *err)
{
	bool ruled[CSV_CELLS] = {0};

	memset(ret, 0, sizeof(*ret));
	ret->count = head->count;
	for (size_t i = 0; i < head->count; i++) {
		ret->heads[i] = text_clean_dup(a, head->cells[i], TEXT_ONE_LINE);
		ret->what[i] = column_find(text_fold_dup(a, head->cells[i]));
	}
	for (size_t i = 0; i < rule_count; i++)
		if (!apply_rule(rules[i], ret, ruled, a, err))
			return false;
	return settle(ret, ruled, err);
}
