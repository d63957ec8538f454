/* Between the texts of the form and a party: inside of the screen person. */
#pragma once
#include "people.h"

enum person_field {
	PERSON_KIND,
	PERSON_FAMILY,
	PERSON_GIVEN,
	PERSON_NAME,
	PERSON_BIRTH,
	PERSON_LANGUAGE,
	PERSON_NUMBERS,
	PERSON_PHONES,
	PERSON_EMAILS,
	PERSON_ADDRESSES,
	PERSON_FIELDS
};
/* What stands in each field for a party; owned by a. */
void person_show(const struct party *p, const char *ret[PERSON_FIELDS], struct arena *a);
/* The same for a new one, of what was typed to find it. */
void person_guess(const char *text, const char *ret[PERSON_FIELDS], struct arena *a);
/* Puts one field into the arguments; the error says what is wrong with it. */
bool person_read(enum person_field field, const char *text, struct args *ret, struct arena *a,
		 struct err *err);

#define PERSON_DRAFT "party" /* kind of the draft in work.db; its key is the citizen's id */
struct person_draft {
	int64_t version; /* that the form was begun on; 0: a new citizen */
	const char *texts[PERSON_FIELDS];
};
/* What was typed in the form before; texts are owned by a. False when there is none. */
bool person_draft_read(struct desk *d, const char *id, struct person_draft *ret, struct arena *a);
/* Is this the draft of a citizen who is not made yet? */
bool person_draft_is_new(struct desk *d, const char *id);
bool person_draft_keep(struct desk *d, const char *id, const struct person_draft *from,
		       struct err *err);
void person_draft_drop(struct desk *d, const char *id);
