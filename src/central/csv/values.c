/* Values as people write them in lists. */
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "tickets.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- days and times ---- */

static bool day_exists(int year, int month, int day)
{
	struct clock_local at = {.year = year, .month = month, .day = day, .hour = 12};
	struct clock_local back;

	if (year < 1850 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	clock_local(clock_from_local(&at), &back);
	return back.month == month && back.day == day;
}

/* "31/12/2025", "31-12-2025", "31.12.2025", "2025-12-31" at the start; 0 when there is none. */
static int read_day(const char *text, struct clock_local *ret)
{
	char first = 0, second = 0;
	int end = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &ret->year, &ret->month, &ret->day, &end) == 3 &&
	    end >= 8 && strspn(text, "0123456789") == 4)
		return end;
	end = 0;
	if (sscanf(text, "%2d%c%2d%c%4d%n", &ret->day, &first, &ret->month, &second, &ret->year,
		   &end) == 5 &&
	    first == second && strchr("/-.", first) != NULL && ret->year >= 1000)
		return end;
	return 0;
}

static bool read_hour(const char *text, struct clock_local *ret)
{
	int end = 0, fraction = 0;

	if (strspn(text, "0123456789:.u") != strlen(text))
		return false;
	if (sscanf(text, "%2d%*1[:u.]%2d%n", &ret->hour, &ret->minute, &end) != 2 || end == 0)
		return false;
	if (text[end] == ':') {
		int at = end;

		end = 0;
		if (sscanf(text + at, ":%2d%n", &ret->second, &end) != 1)
			return false;
		end += at;
		if (text[end] == '.')
			sscanf(text + end, ".%*9[0-9]%n", &fraction);
		end += fraction;
	}
	return text[end] == '\0' && ret->hour < 24 && ret->minute < 60 && ret->second < 60 &&
	       ret->hour >= 0 && ret->minute >= 0 && ret->second >= 0;
}

static bool fail_day(struct err *err)
{
	err_set(err, ERR_INPUT,
		_("this is no day; write 31/12/2025, 31/12/2025 14:05 or 2025-12-31"));
	return false;
}

bool value_time(const char *text, int64_t *ret, bool *ret_day, struct err *err)
{
	struct clock_local at = {0};
	int end = read_day(text, &at);

	*ret_day = false;
	if (strchr(text, 'T') != NULL && clock_from_rfc3339(text, ret))
		return true;
	if (end == 0 || !day_exists(at.year, at.month, at.day))
		return fail_day(err);
	*ret_day = text[end] == '\0';
	if (!*ret_day) {
		if (strchr(" T,", text[end]) == NULL)
			return fail_day(err);
		end += 1 + (int)strspn(text + end + 1, " ");
		if (!read_hour(text + end, &at))
			return fail_day(err);
	}
	*ret = clock_from_local(&at);
	return true;
}

bool value_date(const char *text, char ret[11], struct err *err)
{
	struct clock_local at = {0};
	int end = read_day(text, &at);

	/* A spreadsheet writes midnight behind it. */
	if (end == 0 || !day_exists(at.year, at.month, at.day) ||
	    strspn(text + end, " 0:.") != strlen(text + end))
		return fail_day(err);
	snprintf(ret, 11, "%04u-%02u-%02u", (unsigned)at.year % 10000, (unsigned)at.month % 100,
		 (unsigned)at.day % 100);
	return true;
}

/* ---- words ---- */

/* What other programs and people call it, folded. */
static const struct {
	const struct words *words;
	int value;
	const char *name;
} others[] = {
	{&ticket_states, STATE_CLOSED, "afgehandeld"},
	{&ticket_states, STATE_CLOSED, "afgesloten"},
	{&ticket_states, STATE_CLOSED, "afgewerkt"},
	{&ticket_states, STATE_CLOSED, "opgelost"},
	{&ticket_states, STATE_CLOSED, "resolved"},
	{&ticket_states, STATE_CLOSED, "solved"},
	{&ticket_states, STATE_CLOSED, "done"},
	{&ticket_states, STATE_CLOSED, "klaar"},
	{&ticket_states, STATE_OPEN, "in behandeling"},
	{&ticket_states, STATE_OPEN, "lopend"},
	{&ticket_states, STATE_OPEN, "in progress"},
	{&ticket_states, STATE_OPEN, "toegewezen"},
	{&ticket_states, STATE_OPEN, "assigned"},
	{&ticket_states, STATE_NEW, "nieuwe"},
	{&ticket_states, STATE_WAITING_CITIZEN, "wacht op klant"},
	{&ticket_states, STATE_WITHDRAWN, "geannuleerd"},
	{&ticket_states, STATE_WITHDRAWN, "cancelled"},
	{&channels, CHANNEL_MAIL, "e mail"},
	{&channels, CHANNEL_MAIL, "email"},
	{&channels, CHANNEL_PHONE, "gsm"},
	{&channels, CHANNEL_PHONE, "telefonisch"},
	{&channels, CHANNEL_COUNTER, "loket"},
	{&channels, CHANNEL_FORM, "website"},
	{&channels, CHANNEL_FORM, "web"},
	{&channels, CHANNEL_FORM, "webformulier"},
	{&channels, CHANNEL_FORM, "e loket"},
	{&channels, CHANNEL_LETTER, "post"},
	{&priorities, PRIORITY_HIGH, "dringend"},
	{&priorities, PRIORITY_HIGH, "urgent"},
	{&priorities, PRIORITY_NORMAL, "gemiddeld"},
	{&priorities, PRIORITY_NORMAL, "medium"},
	{&priorities, PRIORITY_NORMAL, "gewoon"},
};

int value_word(const struct words *words, const char *text, struct err *err)
{
	struct buf folded = {0};
	int ret = -1;

	text_fold(&folded, text);
	for (size_t i = 0; i < COUNT(others) && ret < 0 && folded.len > 0; i++)
		if (others[i].words == words && strcmp(others[i].name, folded.data) == 0)
			ret = others[i].value;
	buf_finish(&folded);
	return ret >= 0 ? ret : word_parse(words, text, err);
}

/* ---- formulas ---- */

bool cell_needs_guard(const char *cell)
{
	cell += strspn(cell, "'");
	return cell[0] != '\0' && strchr("=+-@\t\r", cell[0]) != NULL;
}

bool cell_is_guarded(const char *cell)
{
	return cell[0] == '\'' && cell_needs_guard(cell + 1);
}
