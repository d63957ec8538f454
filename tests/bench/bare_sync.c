/* The bare program that a full synchronisation is measured against: curl, cJSON, SQLite, nothing else.
 *   bare_sync open TOWN.db             makes every ticket of a seeded town an open one of one team
 *   bare_sync URL TOKEN CACHE.db       fetches all pages into the tables of an empty mirror */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct body {
	char *data;
	size_t len;
};

struct kind {
	const char *path, *insert;
	const char *const *columns;
};

static const char *const ticket_columns[] = {
	"id",	       "version",   "number",	   "kind",	 "state",	"priority",
	"channel",     "subject",   "topic_id",	   "team_id",	 "agent_id",	"party_id",
	"party_name",  "involved",  "merged_into", "created_at", "updated_at",	"due_at",
	"answered_at", "closed_at", "wait_until",  "last_in_at", "last_out_at", "suspected",
	"followed",    NULL};
static const char *const party_columns[] = {"id",	   "version",	 "kind",       "name",
					    "given",	   "family",	 "birth_date", "language",
					    "identifiers", "phones",	 "emails",     "addresses",
					    "merged_into", "created_at", "updated_at", NULL};
static const struct kind kinds[] = {
	{"parties",
	 "INSERT INTO party(id, version, kind, name, given, family, birth_date, language, "
	 "identifiers, phones, emails, addresses, merged_into, created_at, updated_at, seen) "
	 "VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,1)",
	 party_columns},
	{"tickets",
	 "INSERT INTO ticket(id, version, number, kind, state, priority, channel, subject, "
	 "topic_id, "
	 "team_id, agent_id, party_id, party_name, involved, merged_into, created_at, updated_at, "
	 "due_at, answered_at, closed_at, wait_until, last_in_at, last_out_at, suspected, "
	 "followed, "
	 "open, due_key, created_key, updated_key, priority_key, seen) VALUES "
	 "(?1,?2,?3,?4,?5,?6,?7,"
	 "?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,1,random(),"
	 "last_insert_rowid(),last_insert_rowid(),0,1)",
	 ticket_columns},
};

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bare_sync: %s\n", what);
	exit(1);
}

static size_t take(char *p, size_t size, size_t n, void *user)
{
	struct body *b = user;
	b->data = realloc(b->data, b->len + size * n + 1);
	memcpy(b->data + b->len, p, size * n);
	b->len += size * n;
	b->data[b->len] = '\0';
	return size * n;
}

static void put(sqlite3_stmt *q, const struct kind *k, const cJSON *item)
{
	for (int i = 0; k->columns[i]; i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(item, k->columns[i]);
		if (cJSON_IsString(v))
			sqlite3_bind_text(q, i + 1, v->valuestring, -1, SQLITE_STATIC);
		else if (cJSON_IsNumber(v))
			sqlite3_bind_int64(q, i + 1, (sqlite3_int64)v->valuedouble);
		else if (cJSON_IsArray(v))
			sqlite3_bind_text(q, i + 1, cJSON_PrintUnformatted(v), -1, free);
		else
			sqlite3_bind_null(q, i + 1);
	}
	sqlite3_step(q);
	must(sqlite3_reset(q) == SQLITE_OK, "a row was refused");
}

static long fetch(CURL *c, sqlite3 *db, const char *url, const struct kind *k)
{
	sqlite3_stmt *q;
	char address[512], after[128] = "";
	long rows = 0;

	must(sqlite3_prepare_v2(db, k->insert, -1, &q, NULL) == SQLITE_OK, sqlite3_errmsg(db));
	do {
		struct body b = {0};
		snprintf(address, sizeof(address), "%s/v1/%s?desk=1&limit=1000%s%s", url, k->path,
			 after[0] ? "&after=" : "", after);
		curl_easy_setopt(c, CURLOPT_URL, address);
		curl_easy_setopt(c, CURLOPT_WRITEDATA, &b);
		must(curl_easy_perform(c) == CURLE_OK, "no answer");
		cJSON *json = cJSON_Parse(b.data);
		const cJSON *item, *items = cJSON_GetObjectItemCaseSensitive(json, "items");
		must(cJSON_IsArray(items), "no page");
		cJSON_ArrayForEach(item, items)
		{
			put(q, k, item);
			rows++;
		}
		const cJSON *next = cJSON_GetObjectItemCaseSensitive(json, "next");
		snprintf(after, sizeof(after), "%s", cJSON_IsString(next) ? next->valuestring : "");
		cJSON_Delete(json);
		free(b.data);
	} while (after[0]);
	sqlite3_finalize(q);
	return rows;
}

static int make_open(sqlite3 *db)
{
	static const char sql[] =
		"UPDATE ticket SET state = 'open', is_open = 1, closed_at = NULL, answered_at = "
		"NULL, "
		"agent_id = NULL, team_id = (SELECT id FROM team WHERE name = 'Wegen')";
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int main(int argc, char **argv)
{
	struct curl_slist *headers = NULL;
	char line[256];
	sqlite3 *db;
	long rows = 0;

	must(argc >= 3 && sqlite3_open(argv[argc - 1], &db) == SQLITE_OK, "say what to do");
	if (!strcmp(argv[1], "open"))
		return make_open(db) != SQLITE_OK;
	must(argc == 4, "say URL TOKEN CACHE.db");
	snprintf(line, sizeof(line), "Authorization: Bearer %s", argv[2]);
	headers = curl_slist_append(headers, line);
	CURL *c = curl_easy_init();
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN", NULL, NULL,
		     NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		rows += fetch(c, db, argv[1], &kinds[i]);
	must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "no commit");
	printf("%ld rows\n", rows);
	curl_easy_cleanup(c);
	curl_slist_free_all(headers);
	sqlite3_close(db);
	return 0;
}
