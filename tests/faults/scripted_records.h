/* Records of the scripted service, as JSON. */
#pragma once
#include "balie/mem.h"
#include "scripted.h"

void scripted_put_ticket(struct buf *b, const struct scripted_ticket *t);
void scripted_put_agent(struct buf *b);
void scripted_put_team(struct buf *b);
