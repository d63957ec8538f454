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

/* PostgreSQL 15 has no code of its own for an extension that is not installed. */
static bool lacks_extension(const char *code, const char *words)
{
	return code && words && (strcmp(code, "0A000") == 0 || strcmp(code, "58P01") == 0) &&
	       strstr(words, "extension") != NULL;
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

void pg_error(struct pg_store *st, PGresult *result, struct err *err)
{
	const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *words = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	if (lacks_extension(code, words))
		err_set(err, ERR_NOT_FOUND,
			_("the server lacks an extension that is needed (%s); on Debian it is in "
			  "the package postgresql-contrib"),
			words);
	else if (PQstatus(st->conn) != CONNECTION_OK)
		err_set(err, ERR_NET, _("the connection with the database was lost"));
	else
		set_words(find_state(code), words ? words : PQerrorMessage(st->conn), err);
	PQclear(result);
}

/* Before there is a connection there are no codes, only words: these the server and libpq both keep
 * in English when asked to. */
void pg_connect_error(PGconn *conn, struct err *err)
{
	static const struct {
		const char *sign;
		enum err_kind kind;
		const char *words;
	} signs[] = {
		{"password authentication failed", ERR_DENIED,
		 N_("the server refuses this user or password")},
		{"no password supplied", ERR_DENIED, N_("the server asks for a password")},
		{"no pg_hba.conf entry", ERR_DENIED, N_("the server refuses this user or address")},
		{"authentication failed", ERR_DENIED,
		 N_("the server refuses this user or password")},
		{"role \"", ERR_DENIED, N_("the server does not know this user")},
		{"database \"", ERR_NOT_FOUND, N_("there is no such database on the server")},
		{"too many clients", ERR_BUSY, N_("the server has no connection free")},
		{"remaining connection slots", ERR_BUSY, N_("the server has no connection free")},
		{"starting up", ERR_NET, N_("the server is just starting or stopping")},
		{"shutting down", ERR_NET, N_("the server is just starting or stopping")},
		{"invalid URI", ERR_INPUT, N_("the address of the database is not well written")},
		{"invalid connection option", ERR_INPUT,
		 N_("the address of the database is not well written")},
	};
	const char *words = PQerrorMessage(conn);

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (strstr(words, signs[i].sign)) {
			err_set(err, signs[i].kind, "%s", _(signs[i].words));
			return;
		}
	}
	err_set(err, ERR_NET, _("no server answers there"));
}
