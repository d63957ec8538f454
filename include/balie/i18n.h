/* Words for people: marked in the source, translated by gettext when shown. */
#pragma once
#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) (text) /* in tables: marked here, translated where it is shown */

/* Chooses the locale and finds the catalogue, also beside a program that runs from the folder where
 * it was built. language: "nl", "en" or NULL: as the environment says. */
void language_begin(const char *language);
const char *language_now(void); /* "nl" or "en" */
