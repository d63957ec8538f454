/* Words for people: marked in the source, translated by gettext when shown. */
#pragma once
#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) (text) /* in tables: marked here, translated where it is shown */
