/* What PostgreSQL says, by its SQLSTATE (PostgreSQL 15, appendix A), in our kinds and words. */
#include <string.h>
#include "balie/i18n.h"
#include "postgres.h"

struct state {
	const char *code; /* or how it begins */
	enum err_kind kind;
	const char *words; /* NULL: the server's own */
};

static const struct state states[] = {
	{"53100", ERR_FULL, N_("the disk is full")},
	{"53200", ERR_FULL, N_("the server has no memory left")},
	{"53300", ERR_BUSY, N_("the server has no connection free")},
	{"58030", ERR_IO, N_("the server cannot read or write its disk")},
	{"40001", ERR_BUSY, N_("another change came in between; try again")},
	{"40P01", ERR_BUSY, N_("another change came in between; try again")},
	{"55P03", ERR_BUSY, N_("it is locked by another program")},
	{"25P03", ERR_NET, N_("the connection with the database was lost")},
	{"57014", ERR_BUSY, N_("it took too long and was stopped")},
	{"57P03", ERR_NET, N_("the server is just starting or stopping")},
	{"57P", ERR_NET, N_("the connection with the database was lost")},
	{"08", ERR_NET, N_("the connection with the database was lost")},
	{"23505", ERR_CONFLICT, NULL},
	{"23", ERR_DB, NULL},
	{"22001", ERR_INPUT, N_("the text is too long to keep")},
	{"54", ERR_INPUT, N_("the text is too long to keep")},
	{"28", ERR_DENIED, N_("the server refuses this user or password")},
	{"3D000", ERR_NOT_FOUND, N_("there is no such database on the server")},
	{"42501", ERR_DENIED, N_("this user may not do that in the database")},
	{"25006", ERR_DENIED, N_("it can only be read")},
	{"XX001", ERR_CORRUPT, N_("the data on the server is damaged")},
	{"XX002", ERR_CORRUPT, N_("the data on the server is damaged")},
};

static const struct state *find_state(const char *code)
{
	for (size_t i = 0; code && i < sizeof(states) / sizeof(*states); i++)
		if (strncmp(code, states[i].code, strlen(states[i].code)) == 0)
			return &states[i];
	return NULL;
}

/* PostgreSQL 15 has no code of its own for an extension that is not installed, and its words may be in
 * any language; but it tells which of its sources complains. */
static bool lacks_extension(const PGresult *result, const char *code)
{
	const char *source = result ? PQresultErrorField(result, PG_DIAG_SOURCE_FILE) : NULL;

	return code && source && (strcmp(code, "0A000") == 0 || strcmp(code, "58P01") == 0) &&
	       strstr(source, "extension.c") != NULL;
}

/* A row that points nowhere, as it also shows when keys are made again. */
static bool points_nowhere(const PGresult *result, const char *code)
{
	return code && strcmp(code, "23503") == 0 &&
	       PQresultErrorField(result, PG_DIAG_TABLE_NAME) &&
	       PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

static void set_words(const struct state *state, const char *words, struct err *err)
{
	char line[400];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(words, "\r\n"), words);
	if (!state)
		err_set(err, ERR_DB, "%s", line);
	else if (!state->words)
		err_set(err, state->kind, "%s", line);
	else
		err_set(err, state->kind, "%s", _(state->words));
}

/* What a town that was open refuses is none of its user's doing: it is a standby now, or somebody is at
 * work on its roles. Nobody may take that for a refusal that stands. */
static void soften(const struct pg_store *st, const char *code, struct err *err)
{
	bool ours = (st->flags & STORE_READONLY) != 0 && code && strcmp(code, "25006") == 0;

	if (err && st->opened && err->kind == ERR_DENIED && !ours)
		err->kind = ERR_BUSY;
}

void pg_error(struct pg_store *st, PGresult *result, struct err *err)
{
	const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *words = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	if (lacks_extension(result, code))
		err_set(err, ERR_NOT_FOUND,
			_("the server lacks an extension that is needed (%s); on Debian it "
			  "comes with the package postgresql-15"),
			words ? words : code);
	else if (points_nowhere(result, code))
		err_set(err, ERR_DB,
			_("a row of %s and the row that it points to do not fit: FOREIGN KEY %s"),
			PQresultErrorField(result, PG_DIAG_TABLE_NAME),
			PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
	else if (PQstatus(st->conn) != CONNECTION_OK)
		err_set(err, ERR_NET, "%s", _("the connection with the database was lost"));
	else
		set_words(find_state(code), words ? words : PQerrorMessage(st->conn), err);
	soften(st, code, err);
	PQclear(result);
}

bool pg_is_url(const char *url)
{
	bool named = strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
	PQconninfoOption *options = named ? PQconninfoParse(url, NULL) : NULL;

	PQconninfoFree(options);
	return options != NULL;
}

/* The last code in what was said about each host: "…: FATAL:  28P01". "" for none. */
static void last_state(const char *words, char ret[6])
{
	ret[0] = '\0';
	for (const char *p = words; (p = strstr(p, ":  ")) != NULL;) {
		p += 3;
		if (strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 5 &&
		    (p[5] == '\n' || p[5] == '\0'))
			snprintf(ret, 6, "%.5s", p);
	}
}

/* There is no result to ask then. What the server says comes as a bare code (see connect_to()), and
 * what libpq says is found out without its words, which may be in any language. */
void pg_connect_error(PGconn *conn, const char *url, struct err *err)
{
	const struct state *state;
	char code[6];

	last_state(PQerrorMessage(conn), code);
	state = find_state(code);
	if (!pg_is_url(url))
		err_set(err, ERR_INPUT, "%s", _("the address of the database is not well written"));
	else if (PQconnectionNeedsPassword(conn))
		err_set(err, ERR_DENIED, "%s", _("the server asks for a password"));
	else if (state && state->words)
		err_set(err, state->kind, "%s", _(state->words));
	else if (code[0])
		err_set(err, ERR_NET, _("the server refuses the connection (%s)"), code);
	else
		err_set(err, ERR_NET, "%s", _("no server answers there"));
}
