/* What outbound_rows.c and outbound_settle.c share. */
#pragma once
#include "outbound.h"

bool outbound_put(struct town *t, const struct outbound_row *row, int64_t handed_at,
		  struct err *err);
/* "CODE WORDS" for reason_put(), bounded; NULL for code NULL. */
const char *outbound_reason(struct arena *a, const char *code, const char *words);
/* Writes state and reason of a message when they became different. */
bool outbound_put_message(struct town *t, const char *id, int state, const char *reason,
			  int64_t now, struct arena *a, struct err *err);
/* Row and message: it will not be sent, unless a person says so. */
bool outbound_put_failed(struct town *t, struct outbound_row *row, const char *code,
			 const char *words, int64_t now, struct arena *a, struct err *err);
/* Row and message: a person must say. */
bool outbound_put_uncertain(struct town *t, struct outbound_row *row, const char *code,
			    const char *words, int64_t now, struct arena *a, struct err *err);
