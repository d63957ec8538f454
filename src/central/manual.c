/* balied api-manual: balie-api(7) in the language of scdoc(5), from the same tables. */
#include "command.h"
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "parts.h"

/* scdoc reads * _ and \ as marks. */
static void put(const char *text)
{
	for (; *text; text++) {
		if (strchr("\\*_<#`~", *text))
			putchar('\\');
		putchar(*text);
	}
}

static void put_field(const struct field *f)
{
	int i;

	printf("*%s*", f->name);
	switch (f->type) {
	case FIELD_TEXT:
		printf(" (text, at most %lld bytes)",
		       (long long)(f->max ? f->max : FIELD_TEXT_MAX));
		break;
	case FIELD_LINES:
		printf(" (lines, at most %lld bytes)",
		       (long long)(f->max ? f->max : FIELD_LINES_MAX));
		break;
	case FIELD_ID:
		printf(" (UUID)");
		break;
	case FIELD_INT:
		printf(" (whole number)");
		break;
	case FIELD_BOOL:
		printf(" (true or false)");
		break;
	case FIELD_TIME:
		printf(" (time, RFC 3339)");
		break;
	case FIELD_DATE:
		printf(" (date)");
		break;
	case FIELD_WORD:
		printf(" (");
		for (i = 0; i < f->words->count; i++) {
			printf("%s", i ? ", " : "");
			put(f->words->code[i]);
		}
		printf(")");
		break;
	case FIELD_JSON:
		printf(" (JSON)");
		break;
	}
	if (f->flags & FIELD_REQUIRED)
		printf(", required");
	if (f->flags & FIELD_READONLY)
		printf(", made by the service");
	printf("\n\t");
	put(f->help);
	printf(".\n\n");
}

static void put_routes(void)
{
	const struct param *p;
	size_t i;

	printf("# ADDRESSES\n\n");
	for (i = 0; i < route_count; i++) {
		printf("*%s ", routes[i].method);
		put(routes[i].path);
		printf("*\n\t");
		put(routes[i].help);
		printf(".%s\n\n", routes[i].scope == SCOPE_PUBLIC ? " Needs no token." : "");
		for (p = routes[i].params; p && p->name; p++) {
			printf("\t_%s_: ", p->name);
			put(p->help);
			printf(".\n\n");
		}
	}
}

static void put_actions(void)
{
	size_t i, j;

	printf("# ACTIONS\n\n"
	       "An envelope has *id* (a new UUID, also the Idempotency-Key), *action*, *record* "
	       "(the "
	       "ticket), *base\\_version* (the version it was done on; not for actions that only "
	       "add) "
	       "and the fields of its action.\n\n");
	for (i = 0; i < actions.count; i++) {
		const struct action *a = &actions.rows[i];

		if (a->kind != ACTION_SENT)
			continue;
		printf("## %s\n\n", a->name);
		put(a->help);
		printf(".%s\n\n", a->flags & ACTION_ADDITIVE
					  ? " It only adds: no base\\_version is needed."
					  : "");
		for (j = 0; j < a->field_count; j++)
			put_field(&a->fields[j]);
	}
}

static void put_records(void)
{
	size_t j;
	int i;

	printf("# RECORDS\n\n");
	for (i = 0; i < RECORD_KINDS; i++) {
		printf("## %s\n\n", record_types[i].name);
		put(record_types[i].help);
		printf(".\n\n");
		for (j = 0; j < record_types[i].field_count; j++)
			put_field(&record_types[i].fields[j]);
	}
}

static void put_problems(void)
{
	int i;

	printf("# PROBLEMS\n\n"
	       "What goes wrong is told by a document of type application/problem+json (RFC 9457). "
	       "Its "
	       "*type* is urn:problem-type:balie: with one of these names behind it.\n\n");
	for (i = 0; i < PROBLEM_COUNT; i++) {
		printf("*%s* (%d)\n\t", problem_rows[i].name, problem_rows[i].status);
		put(problem_rows[i].title_en);
		printf(".\n\n");
	}
}

int command_api_manual(const struct settings *s, const struct option_list *operands,
		       struct err *err)
{
	(void)s;
	(void)operands;
	(void)err;
	printf("balie-api(7)\n\n"
	       "# NAME\n\nbalie-api - the HTTP interface of balied(8)\n\n"
	       "# DESCRIPTION\n\n"
	       "JSON in UTF-8 over HTTP/1.1. Times are RFC 3339 in UTC. All but the first "
	       "addresses "
	       "need a header _Authorization: Bearer TOKEN_, with the token of a login. "
	       "_Accept-Language: nl_ gives problems in Dutch. Every answer has an _X-Request-Id_, "
	       "to "
	       "be found again in the log. The same as an OpenAPI document: _/v1/openapi.json_.\n\n"
	       "A client takes a cursor from _/v1/snapshot_, copies what it needs page by page, "
	       "then "
	       "follows _/v1/changes_ from that cursor on. A change says *put* with the record as "
	       "it "
	       "is now, or *gone* when it is no longer on the reader's desk. After 410 it begins "
	       "anew.\n\n"
	       "A write that was not answered is sent again with the same id: it is done once, and "
	       "the answer says _Idempotent-Replayed: true_ when it had been done before. After "
	       "412 "
	       "*current* is the ticket as it is now and *changes* what others did to it.\n\n");
	put_routes();
	put_actions();
	put_records();
	put_problems();
	printf("# SEE ALSO\n\n*balied*(8), *balie*(1)\n");
	return ferror(stdout) ? 1 : 0;
}
