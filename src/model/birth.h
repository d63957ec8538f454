/* Days of a month, for all that reads dates of birth. */
#pragma once

int days_in(int year, int month);
/* The month that a word or its beginning of three letters names, 0 for none. word is folded. */
int month_find(const char *word);
