/* Struct <-> JSON, envelopes, problem documents. Knows no database and no network. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "balie/err.h"
#include "balie/field.h"
#include "balie/mem.h"
#include "balie/model.h"

/* Appends {"name":value,…} of a struct by its table: null for NULL text and time 0. Streamed, no
 * tree. Invalid UTF-8 cannot occur in what we store, but is written as U+FFFD all the same. */
void wire_put(struct buf *ret, const struct field *fields, size_t count, const void *from);
void wire_put_record(struct buf *ret, enum record_kind kind, const void *record);
void wire_put_text(struct buf *ret, const char *text); /* a JSON string; NULL gives null */

/* Parses a whole document. Refuses: not JSON, trailing bytes, invalid UTF-8, "\u0000", duplicate
 * keys, more than 64 levels, numbers that lose digits (over 2^53). The error says where (byte). */
struct cJSON *wire_parse(const char *text, size_t len, struct err *err);
void wire_free(struct cJSON *json);

/* Fills a struct from a JSON object by its table. Missing fields stay as they are; text is copied
 * into a. Wrong types, unknown words, limits and bad dates fail; error.text says which and why, and
 * *pointer (if not NULL) gets its JSON pointer (RFC 6901), owned by a.
 * strict: unknown members fail too (what a client sends); otherwise they are skipped (newer service). */
bool wire_get(const struct cJSON *object, const struct field *fields, size_t count, bool strict,
	      void *ret, struct arena *a, const char **pointer, struct err *err);

/* Envelopes. wire_get_envelope checks the arguments by args_check too. */
void wire_put_envelope(struct buf *ret, const struct envelope *e);
/* As a list for one call: as many, from the first on, as one takes. Gives how many. */
size_t wire_put_envelopes(struct buf *ret, const struct envelope *e, size_t count);
bool wire_get_envelope(const struct cJSON *object, struct envelope *ret, struct arena *a,
		       const char **pointer, struct err *err);

/* The lists of a party in parts: JSON as it stands in a record or an envelope (NULL: an empty list).
 * What is more than PARTY_ITEMS_MAX or no list fails. Text is owned by a. */
bool wire_get_party_lists(const struct party *p, struct party_lists *ret, struct arena *a,
			  struct err *err);
/* Writes the four JSON texts of *ret, owned by a; NULL for an empty list. */
void wire_put_party_lists(const struct party_lists *lists, struct party *ret, struct arena *a);
/* Brings the party in an envelope's arguments in its normal form: checks its lists and makes its name
 * from the parts when there is none. To be done before party_apply(), here and in the service. */
bool wire_party_args(struct args *args, struct arena *a, struct err *err);

/* The records in a list of an answer: {"member":[…]}. One that cannot be understood is left out. *ret gets
 * an array of the kind's struct, owned by a; without the member it is empty. */
void wire_get_list(const struct cJSON *object, const char *member, enum record_kind kind, void *ret,
		   size_t *count, struct arena *a);
/* The record in a member; NULL when there is none. Owned by a. */
void *wire_get_member(const struct cJSON *object, const char *member, enum record_kind kind,
		      struct arena *a);
bool wire_get_flag(const struct cJSON *object, const char *member);
/* Of a list of actions, what was said of each: why it was refused, NULL when it was not. */
void wire_get_refusals(const struct cJSON *object, const char ***ret, size_t *count,
		       struct arena *a);

/* Problem documents (RFC 9457). Types are stable: urn:problem-type:balie:NAME. */
enum problem {
	PROBLEM_BAD_REQUEST,
	PROBLEM_BAD_JSON,
	PROBLEM_BAD_FIELD,
	PROBLEM_UNKNOWN_ACTION,
	PROBLEM_LOGIN,
	PROBLEM_LOGIN_EXPIRED,
	PROBLEM_TOO_MANY,
	PROBLEM_DENIED,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD,
	PROBLEM_GONE_CURSOR,
	PROBLEM_STALE,
	PROBLEM_NO_BASE,
	PROBLEM_STATE,
	PROBLEM_KEY_REUSED,
	PROBLEM_KEY_MISSING,
	PROBLEM_UNDO_CONFLICT,
	PROBLEM_TOO_LARGE,
	PROBLEM_TYPE,
	PROBLEM_BUSY,
	PROBLEM_FULL,
	PROBLEM_INTERNAL,
	PROBLEM_STOPPING,
	PROBLEM_OUTCOME_UNKNOWN, /* may be done: ask again with the same key */
	PROBLEM_COUNT
};
struct problem_row {
	enum problem problem;
	const char *name; /* the last part of the type */
	int status;	  /* HTTP */
	const char *title_en, *title_nl;
};
extern const struct problem_row problem_rows[PROBLEM_COUNT];
/* detail: words for the reader, in English and in Dutch, or NULL. pointer: the field at fault, or
 * NULL. extra: members to add, written as `"current":{…}` without a leading comma, or NULL. */
void wire_put_problem(struct buf *ret, enum problem p, const char *detail_en, const char *detail_nl,
		      bool dutch, const char *pointer, const char *request_id, const char *extra);
/* PROBLEM_COUNT when the type is none of ours. */
enum problem wire_get_problem(const struct cJSON *json, const char **detail);
