/* How long the service takes to find a citizen, by what is typed. For each kind of text: p50 and p99 of
 * the whole request on loopback, and of the processor time that the service itself used for it, which
 * stays much the same on a machine that does other work too.
 *   bench_search
 * BALIE_BENCH_TOWN: a town of this version, its path or URL, with the people of 'balied seed' (one of
 * 20000 is made when there is none). BALIE_BENCH_PASSWORD: of its agent "an". BALIE_BENCH_POSTMASTER:
 * the process id of PostgreSQL, whose time then counts too. */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/mem.h"
#include "service.h"

#define SEARCHES 300
#define PAGES 4
#define PEOPLE 2000
#define TEXT 400

struct person {
	const char *given, *family, *birth, *postcode, *number, *phone, *email, *identifier;
};

static struct {
	struct service service;
	CURL *curl;
	struct curl_slist *headers;
	struct buf answer;
	struct arena arena; /* people's texts */
	struct person people[PEOPLE];
	size_t count;
	uint64_t dice;
} b;

static void die(const char *what)
{
	fprintf(stderr, "bench_search: %s\n", what);
	exit(1);
}

/* ---- asking ---- */

static size_t take(char *data, size_t size, size_t n, void *user)
{
	buf_add(user, data, size * n);
	return size * n;
}

/* body NULL: GET. */
static cJSON *ask(const char *path, const char *body)
{
	char url[600];
	cJSON *json;
	long status = 0;

	snprintf(url, sizeof(url), "%s%s", b.service.url, path);
	buf_reset(&b.answer);
	curl_easy_setopt(b.curl, CURLOPT_URL, url);
	curl_easy_setopt(b.curl, CURLOPT_HTTPHEADER, b.headers);
	curl_easy_setopt(b.curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(b.curl, CURLOPT_WRITEDATA, &b.answer);
	if (body)
		curl_easy_setopt(b.curl, CURLOPT_POSTFIELDS, body);
	else
		curl_easy_setopt(b.curl, CURLOPT_HTTPGET, 1L);
	if (curl_easy_perform(b.curl) != CURLE_OK)
		die("the service does not answer");
	curl_easy_getinfo(b.curl, CURLINFO_RESPONSE_CODE, &status);
	json = cJSON_ParseWithLength(b.answer.data, b.answer.len);
	if (status != 200 || !json)
		die("the service refuses");
	return json;
}

static void log_in(void)
{
	const char *password = getenv("BALIE_BENCH_PASSWORD");
	char body[300], header[300];
	cJSON *json;

	b.curl = curl_easy_init();
	b.headers = curl_slist_append(NULL, "Content-Type: application/json");
	snprintf(body, sizeof(body), "{\"name\":\"an\",\"password\":\"%s\"}",
		 password ? password : SERVICE_PASSWORD);
	json = ask("/v1/login", body);
	snprintf(header, sizeof(header), "Authorization: Bearer %s",
		 cJSON_GetStringValue(cJSON_GetObjectItem(json, "token")));
	b.headers = curl_slist_append(b.headers, header);
	cJSON_Delete(json);
}

/* ---- people to ask for ---- */

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

	return text ? arena_strdup(&b.arena, text) : NULL;
}

static const char *first_of(const cJSON *item, const char *list, const char *name)
{
	return text_of(cJSON_GetArrayItem(cJSON_GetObjectItem(item, list), 0), name);
}

static void read_people(void)
{
	char path[400] = "/v1/parties?limit=500";
	const cJSON *item, *next;
	cJSON *json;

	for (int page = 0; page < PAGES; page++) {
		json = ask(path, NULL);
		cJSON_ArrayForEach(item, cJSON_GetObjectItem(json, "items"))
		{
			struct person p = {
				.given = text_of(item, "given"),
				.family = text_of(item, "family"),
				.birth = text_of(item, "birth_date"),
				.postcode = first_of(item, "addresses", "postcode"),
				.number = first_of(item, "addresses", "number"),
				.phone = first_of(item, "phones", "value"),
				.email = first_of(item, "emails", "value"),
				.identifier = first_of(item, "identifiers", "value"),
			};

			/* A name that the line reads otherwise is for the tests. */
			if (p.given && p.given[0] && p.family && b.count < PEOPLE)
				b.people[b.count++] = p;
		}
		next = cJSON_GetObjectItem(json, "next");
		if (!cJSON_IsString(next))
			page = PAGES;
		else
			snprintf(path, sizeof(path), "/v1/parties?limit=500&after=%s",
				 next->valuestring);
		cJSON_Delete(json);
	}
	if (!b.count)
		die("the town has no people");
}

/* ---- what is typed ---- */

enum part {
	END,
	GIVEN,
	FAMILY,
	GIVEN_1,
	GIVEN_2,
	FAMILY_1,
	FAMILY_2,
	FAMILY_3,
	DAY,
	YEAR,
	POSTCODE,
	NUMBER,
	PHONE,
	EMAIL,
	IDENTIFIER
};

static const struct kind {
	const char *name, *text; /* text: the same each time */
	enum part parts[4];
} kinds[] = {
	{"v", "v", {END}},
	{"van", "van", {END}},
	{"jan", "jan", {END}},
	{"jan van", "jan van", {END}},
	{"j v d b", "j v d b", {END}},
	{"vd broeck", "vd broeck", {END}},
	{"surname", NULL, {FAMILY}},
	{"surname, given name", NULL, {FAMILY, GIVEN}},
	{"given name, surname", NULL, {GIVEN, FAMILY}},
	{"surname, a letter", NULL, {FAMILY, GIVEN_1}},
	{"three letters", NULL, {FAMILY_3}},
	{"two letters of each", NULL, {GIVEN_2, FAMILY_2}},
	{"a letter of each", NULL, {GIVEN_1, FAMILY_1}},
	{"day of birth", NULL, {DAY}},
	{"surname, day of birth", NULL, {FAMILY, DAY}},
	{"year", NULL, {YEAR}},
	{"surname, year", NULL, {FAMILY, YEAR}},
	{"a letter, year", NULL, {FAMILY_1, YEAR}},
	{"postcode", NULL, {POSTCODE}},
	{"postcode, number", NULL, {POSTCODE, NUMBER}},
	{"surname, postcode", NULL, {FAMILY, POSTCODE}},
	{"surname, postcode, number", NULL, {FAMILY, POSTCODE, NUMBER}},
	{"a letter, postcode, number", NULL, {FAMILY_1, POSTCODE, NUMBER}},
	{"day of birth, postcode", NULL, {DAY, POSTCODE}},
	{"phone", NULL, {PHONE}},
	{"mail", NULL, {EMAIL}},
	{"register number", NULL, {IDENTIFIER}},
};

static size_t throw(size_t below)
{
	b.dice ^= b.dice << 13;
	b.dice ^= b.dice >> 7;
	b.dice ^= b.dice << 17;
	return (size_t)(b.dice % below);
}

/* The beginning of letters characters, which are UTF-8. */
static void put_start(struct buf *ret, const char *text, int letters)
{
	size_t i;

	for (i = 0; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && letters-- == 0)
			break;
	buf_add(ret, text, i);
}

static bool put_part(struct buf *ret, const struct person *p, enum part part)
{
	static const int all = 1000;
	const struct {
		const char *text;
		int letters;
	} from[] = {
		[GIVEN] = {p->given, all},   [FAMILY] = {p->family, all},
		[GIVEN_1] = {p->given, 1},   [GIVEN_2] = {p->given, 2},
		[FAMILY_1] = {p->family, 1}, [FAMILY_2] = {p->family, 2},
		[FAMILY_3] = {p->family, 3}, [DAY] = {p->birth, all},
		[YEAR] = {p->birth, 4},	     [POSTCODE] = {p->postcode, all},
		[NUMBER] = {p->number, all}, [PHONE] = {p->phone, all},
		[EMAIL] = {p->email, all},   [IDENTIFIER] = {p->identifier, all},
	};

	if (!from[part].text)
		return false;
	if (ret->len)
		buf_add_char(ret, ' ');
	put_start(ret, from[part].text, from[part].letters);
	return true;
}

/* False: this one has no such thing. */
static bool make_text(const struct kind *k, const struct person *p, struct buf *ret)
{
	size_t i;

	buf_reset(ret);
	if (k->text)
		buf_add_str(ret, k->text);
	for (i = 0; i < 4 && k->parts[i] != END; i++)
		if (!put_part(ret, p, k->parts[i]))
			return false;
	return true;
}

/* ---- measuring ---- */

/* Nanoseconds on a processor, of all threads of a process. */
static uint64_t time_of(int pid)
{
	char path[320];
	uint64_t total = 0, one;
	struct dirent *entry;
	FILE *f;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, entry->d_name);
		f = fopen(path, "r");
		if (f && fscanf(f, "%" SCNu64, &one) == 1)
			total += one;
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return total;
}

/* Of the service, and of the database server's processes when it is said which made them. */
static uint64_t own_time(void)
{
	const char *server = getenv("BALIE_BENCH_POSTMASTER");
	uint64_t total = time_of(b.service.pid);
	char path[100];
	int child;
	FILE *f;

	if (!server)
		return total;
	snprintf(path, sizeof(path), "/proc/%.20s/task/%.20s/children", server, server);
	f = fopen(path, "r");
	while (f && fscanf(f, "%d", &child) == 1)
		total += time_of(child);
	if (f)
		fclose(f);
	return total;
}

static int by_size(const void *x, const void *y)
{
	uint64_t one = *(const uint64_t *)x, two = *(const uint64_t *)y;

	return one < two ? -1 : one > two;
}

static double at(const uint64_t *sorted, size_t count, size_t percent)
{
	return (double)sorted[count * percent / 100] / 1e6;
}

static void measure(const struct kind *k)
{
	static uint64_t whole[SEARCHES], own[SEARCHES];
	struct buf text = {0};
	size_t count = 0, tries = 0, found = 0;

	while (count < SEARCHES && tries++ < 20 * SEARCHES) {
		cJSON *body, *answer;
		uint64_t from, used;
		char *json;

		if (!make_text(k, &b.people[throw(b.count)], &text))
			continue;
		body = cJSON_CreateObject();
		cJSON_AddStringToObject(body, "q", text.data);
		json = cJSON_PrintUnformatted(body);
		used = own_time();
		from = clock_mono_ns();
		answer = ask("/v1/parties/search", json);
		whole[count] = clock_mono_ns() - from;
		own[count++] = own_time() - used;
		found += (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(answer, "items"));
		cJSON_Delete(answer);
		cJSON_Delete(body);
		free(json);
	}
	buf_finish(&text);
	if (!count) {
		printf("%-28s nobody in this town has it\n", k->name);
		return;
	}
	qsort(whole, count, sizeof(*whole), by_size);
	qsort(own, count, sizeof(*own), by_size);
	printf("%-28s %8.2f %8.2f %8.2f   %8.2f %8.2f   %6.1f\n", k->name, at(whole, count, 50),
	       at(whole, count, 99), (double)whole[count - 1] / 1e6, at(own, count, 50),
	       at(own, count, 99), (double)found / (double)count);
	fflush(stdout);
}

static void make_town(void)
{
	const char *args[] = {"seed", "--db",	b.service.db, "--parties",  "20000", "--tickets",
			      "1000", "--seed", "1",	      "--password", NULL};
	const char *const init[] = {"init", "--db", b.service.db, NULL};

	snprintf(b.service.dir, sizeof(b.service.dir), "/tmp/balie-bench-XXXXXX");
	if (!mkdtemp(b.service.dir))
		die("no folder");
	snprintf(b.service.db, sizeof(b.service.db), "%s/town.db", b.service.dir);
	if (service_run(init, NULL, NULL) != 0 ||
	    service_run(args, SERVICE_PASSWORD "\n", NULL) != 0)
		die("no town");
}

int main(void)
{
	/* The bucket of requests is for people; this is none. */
	static const char *const args[] = {"--rate", "1000000", "--burst", "1000000", NULL};
	const char *town = getenv("BALIE_BENCH_TOWN");

	b.dice = 88172645463325252u;
	if (town)
		snprintf(b.service.db, sizeof(b.service.db), "%s", town);
	else
		make_town();
	service_start(&b.service, args);
	log_in();
	read_people();
	printf("%-28s %8s %8s %8s   %8s %8s   %6s\n", "ms", "p50", "p99", "longest", "own p50",
	       "own p99", "found");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		measure(&kinds[i]);
	if (service_stop(&b.service, SIGTERM) != 0)
		die("it did not stop well");
	if (b.service.dir[0])
		service_remove(&b.service);
	curl_slist_free_all(b.headers);
	curl_easy_cleanup(b.curl);
	buf_finish(&b.answer);
	arena_finish(&b.arena);
	return 0;
}
