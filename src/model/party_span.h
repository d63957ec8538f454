/* One number of a line, of one or more of its tokens. */
#pragma once
#include "balie/model.h"

/* Fills in what text, of count tokens, is; false when it is nothing. last: the line ends behind it. */
bool party_span_read(struct party_query *q, const char *text, size_t count, int64_t now);
/* What text surely was meant as, but cannot be: a sentence in err. False when there is no such. */
bool party_span_wrong(const char *text, size_t count, int64_t now, struct err *err);
