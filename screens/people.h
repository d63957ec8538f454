/* How a citizen, association or enterprise is shown, in the search, on the card and in the form. */
#pragma once
#include "parts.h"

/* "Kerkstraat 12 bus 3, 8870 Izegem". */
void people_put_address(struct buf *ret, const struct party_address *home);
/* "national number 85.07.30-033.28" with what can be said of it: its check digits and its date. */
void people_put_identifier(struct buf *ret, const struct party *p, const struct party_item *item);
/* "+32 470 12 34 56": in groups, as it is read aloud. */
void people_put_number(struct buf *ret, const char *e164);
/* A party by id, from the desk or from what the service answered last; with what waits applied. */
bool people_find(struct desk *d, const char *id, struct party *ret, struct arena *a);
/* Opens the card of whose ticket it is; says it when that is nobody. */
void people_open_card(struct screen *s, const struct queue_row *row);
/* Name, birth date, home and, where there is room, phone, in one line. */
void people_draw_headings(struct cells c, int row);
void people_draw_row(struct cells c, int row, const struct party *p, enum style style,
		     const char *mark);
/* Opens a screen with its arguments, before and what behind one another; says why when it does not.
 * Always true: the key is dealt with. */
bool people_go(struct screen *s, const char *screen, const char *before, const char *what);
