/* What only the journal's own check needs to know of it; the rest is in town.h. */
#pragma once
#include "town.h"
#include "balie/wire.h"

void journal_hash_payload(const char *before, const char *after, unsigned char ret[32]);
void journal_hash_chain(const unsigned char previous[32], const unsigned char payload[32],
			const struct change *c, const char *op, unsigned char ret[32]);
