/* A field of a struct, described once: its name on the wire and in the database, its type, its
 * limits. JSON, SQL rows, forms, the command line and the API document all read such tables, so they
 * cannot disagree. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT,  /* const char *, one line; NULL = null */
	FIELD_LINES, /* const char *, several lines; NULL = null */
	FIELD_ID,    /* const char *, a UUID; NULL = null */
	FIELD_INT,   /* int64_t */
	FIELD_BOOL,  /* bool; 0/1 in the database */
	FIELD_TIME, /* int64_t milliseconds UTC, 0 = null; RFC 3339 in JSON, integer in the database */
	FIELD_DATE, /* const char *, "1964-03-12"; "1964-03" and "1964" when the rest is unknown */
	FIELD_WORD, /* int, index in words; its word in JSON and in the database */
	FIELD_JSON, /* const char *, a JSON value kept as text; NULL = null */
};

enum field_flag {
	FIELD_REQUIRED = 1, /* must be present and not null when sent by a client */
	FIELD_SECRET = 2,   /* never in a log, a page of a list or an error */
	FIELD_PERSONAL = 4, /* says something about a citizen */
	FIELD_READONLY = 8, /* made by the service; a client's value is ignored */
};

/* Names of an enum, in its order. */
struct words {
	const char *const *code;  /* stable: wire and database */
	const char *const *label; /* N_(): shown */
	int count;
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	int64_t max; /* bytes of text, or largest number; 0: the type's own limit */
	unsigned flags;
	const struct words *words; /* FIELD_WORD only */
	const char *help;	   /* N_(): what it means; also for the API document */
};

#define FIELD_TEXT_MAX 1000
#define FIELD_LINES_MAX 262144

int words_find(const struct words *w, const char *code);   /* -1 when not there */
const char *words_code(const struct words *w, int value);  /* "?" when out of range */
const char *words_label(const struct words *w, int value); /* not yet translated */
const struct field *field_find(const struct field *fields, size_t count, const char *name);
