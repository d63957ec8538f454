/* Problem documents (RFC 9457). Names and numbers are part of the contract: they never change. */
#include "wire.h"
#include <cjson/cJSON.h>
#include <string.h>

/* clang-format off */
#define TYPE "urn:problem-type:balie:"
#define ROW(id, name, status, en, nl) [id] = {id, name, status, en, nl}
/* clang-format on */

/* Both languages stand here and not in a translation: the service answers in the reader's own. */
const struct problem_row problem_rows[PROBLEM_COUNT] = {
	ROW(PROBLEM_BAD_REQUEST, "bad-request", 400, "The request cannot be understood",
	    "De aanvraag is niet te begrijpen"),
	ROW(PROBLEM_BAD_JSON, "bad-json", 400, "The content is not valid JSON",
	    "De inhoud is geen geldige JSON"),
	ROW(PROBLEM_BAD_FIELD, "bad-field", 422, "A field has a value that is not allowed",
	    "Een veld heeft een waarde die niet mag"),
	ROW(PROBLEM_UNKNOWN_ACTION, "unknown-action", 422, "There is no such action",
	    "Die actie bestaat niet"),
	ROW(PROBLEM_LOGIN, "login", 401, "Log in first", "Meld u eerst aan"),
	ROW(PROBLEM_LOGIN_EXPIRED, "login-expired", 401, "Your login has ended, log in again",
	    "Uw aanmelding is verlopen, meld u opnieuw aan"),
	ROW(PROBLEM_TOO_MANY, "too-many", 429, "Too many requests, wait a moment",
	    "Te veel aanvragen, wacht even"),
	ROW(PROBLEM_DENIED, "denied", 403, "You are not allowed to do this", "U mag dit niet doen"),
	ROW(PROBLEM_NOT_FOUND, "not-found", 404, "It does not exist, or you may not see it",
	    "Dit bestaat niet, of u mag het niet zien"),
	ROW(PROBLEM_METHOD, "method", 405, "This cannot be done at this address",
	    "Dit kan niet op dit adres"),
	ROW(PROBLEM_GONE_CURSOR, "gone-cursor", 410, "Your copy is too old, fetch all again",
	    "Uw kopie is te oud, haal alles opnieuw op"),
	ROW(PROBLEM_STALE, "stale", 412, "Somebody else changed it first",
	    "Iemand anders heeft dit eerst gewijzigd"),
	ROW(PROBLEM_NO_BASE, "no-base", 428, "Say which version you changed",
	    "Geef op welke versie u gewijzigd hebt"),
	ROW(PROBLEM_STATE, "state", 409, "The state of the ticket does not allow this",
	    "De toestand van de melding laat dit niet toe"),
	ROW(PROBLEM_KEY_REUSED, "key-reused", 422, "This key was used for something else",
	    "Deze sleutel is al voor iets anders gebruikt"),
	ROW(PROBLEM_KEY_MISSING, "key-missing", 428, "A key against doing it twice is missing",
	    "De sleutel die dubbel werk voorkomt, ontbreekt"),
	ROW(PROBLEM_UNDO_CONFLICT, "undo-conflict", 409,
	    "It changed again since, so it cannot be undone",
	    "Dit is sindsdien opnieuw gewijzigd en kan niet meer ongedaan gemaakt worden"),
	ROW(PROBLEM_TOO_LARGE, "too-large", 413, "The content is too large",
	    "De inhoud is te groot"),
	ROW(PROBLEM_TYPE, "type", 415, "Send the content as application/json",
	    "Stuur de inhoud als application/json"),
	ROW(PROBLEM_BUSY, "busy", 503, "The service is busy, try again in a moment",
	    "De dienst is bezet, probeer zo dadelijk opnieuw"),
	ROW(PROBLEM_FULL, "full", 507, "The service has no room left",
	    "De dienst heeft geen plaats meer"),
	ROW(PROBLEM_INTERNAL, "internal", 500, "The service made a mistake",
	    "De dienst heeft een fout gemaakt"),
	ROW(PROBLEM_STOPPING, "stopping", 503, "The service is stopping, try again in a moment",
	    "De dienst wordt gestopt, probeer zo dadelijk opnieuw"),
	ROW(PROBLEM_OUTCOME_UNKNOWN, "outcome-unknown", 503,
	    "It may be done or not: ask again with the same key",
	    "Misschien is dit gebeurd, misschien niet: vraag het opnieuw met dezelfde sleutel"),
};

static void put_member(struct buf *ret, const char *name, const char *value)
{
	if (!value)
		return;
	buf_add(ret, ",\"", 2);
	buf_add_str(ret, name);
	buf_add(ret, "\":", 2);
	wire_put_text(ret, value);
}

void wire_put_problem(struct buf *ret, enum problem p, const char *detail_en, const char *detail_nl,
		      bool dutch, const char *pointer, const char *request_id, const char *extra)
{
	const struct problem_row *row = &problem_rows[p];
	const char *detail = dutch && detail_nl ? detail_nl : detail_en ? detail_en : detail_nl;

	buf_printf(ret, "{\"type\":\"" TYPE "%s\",\"status\":%d", row->name, row->status);
	put_member(ret, "title", dutch ? row->title_nl : row->title_en);
	put_member(ret, "detail", detail);
	put_member(ret, "pointer", pointer);
	put_member(ret, "request_id", request_id);
	if (extra && extra[0]) {
		buf_add_char(ret, ',');
		buf_add_str(ret, extra);
	}
	buf_add_char(ret, '}');
}

enum problem wire_get_problem(const struct cJSON *json, const char **detail)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(json, "type");
	const cJSON *words = cJSON_GetObjectItemCaseSensitive(json, "detail");
	size_t skip = strlen(TYPE);
	int p;

	if (!cJSON_IsString(words))
		words = cJSON_GetObjectItemCaseSensitive(json, "title");
	if (detail)
		*detail = cJSON_IsString(words) ? words->valuestring : NULL;
	if (!cJSON_IsString(type) || strncmp(type->valuestring, TYPE, skip) != 0)
		return PROBLEM_COUNT;
	for (p = 0; p < PROBLEM_COUNT; p++)
		if (strcmp(problem_rows[p].name, type->valuestring + skip) == 0)
			return (enum problem)p;
	return PROBLEM_COUNT;
}
