#include "party_span.h"
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "digits.h"

#define DATE_TOKENS 3
#define LONGEST 15 /* digits of a phone number */

static size_t count_digits(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		if (*text >= '0' && *text <= '9')
			n++;
	return n;
}

static bool is_postcode(const char *text, size_t len)
{
	return len == 4 && strspn(text, "0123456789") >= 4 && text[0] != '0';
}

/* "12", "12B", "12/3" (a box behind it), with at most four digits. */
static bool house_number(const char *text, size_t len, char ret[8])
{
	size_t digits = strspn(text, "0123456789"), n;

	if (digits < 1 || digits > 4 || text[0] == '0' || digits > len)
		return false;
	n = digits;
	if (n < len && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z')))
		n++;
	if (n < len && (text[n] != '/' || strspn(text + n + 1, "0123456789") < len - n - 1))
		return false;
	memcpy(ret, text, n);
	ret[n] = '\0';
	if (n > digits)
		ret[digits] = (char)(ret[digits] | 32);
	return true;
}

/* A year of birth, when the four digits are one that people alive can have. */
static bool is_year(const char *text, int64_t now)
{
	struct clock_local today;
	int64_t year = digits_value(text, 4);

	clock_local(now, &today);
	return year >= 1900 && year <= today.year;
}

static bool read_address(struct party_query *q, const char *text, int64_t now)
{
	size_t len = strcspn(text, " "), rest = strlen(text + len + 1);
	const char *second = text + len + 1;
	char number[8];

	if (q->postcode[0])
		return false;
	if (is_postcode(text, len) && house_number(second, rest, number)) {
		snprintf(q->postcode, sizeof(q->postcode), "%.4s", text);
	} else if (is_postcode(second, rest) && !is_year(second, now) && len < 4 &&
		   house_number(text, len, number)) {
		snprintf(q->postcode, sizeof(q->postcode), "%.4s", second);
	} else {
		return false;
	}
	memcpy(q->number, number, sizeof(number));
	return true;
}

static bool read_keys(struct party_query *q, const char *text)
{
	char phone[17], birth[11];
	bool is_phone = phone_parse(text, phone) == CHECK_OK, bis = false, any = is_phone;
	/* What begins with 0 and is a phone number was meant as one. */
	bool tracking =
		!(is_phone && text[0] == '0') && tracking_parse(text, q->tracking) == CHECK_OK;

	if (is_phone)
		memcpy(q->phone, phone, sizeof(phone));
	if (rrn_parse(text, q->rrn, birth, &bis) == CHECK_OK) {
		q->is_bis = bis;
		any = true;
	}
	any = kbo_parse(text, q->kbo) == CHECK_OK || any || tracking;
	q->keys = q->keys || any;
	return any;
}

static bool read_date(struct party_query *q, const char *text, size_t count, int64_t now)
{
	size_t digits = count_digits(text), len = strlen(text);
	char birth[11];
	bool bare = digits == len, cut = strpbrk(text, "-/. ") != NULL;

	/* Four digits are decided upon last. With spaces between, the year does not stand first: that
	 * is a postcode. */
	if (q->birth[0] || count > DATE_TOKENS || (bare && len != 6 && len != 8) ||
	    (count > 1 && is_postcode(text, strcspn(text, " "))) ||
	    birth_parse(text, now, birth) != CHECK_OK)
		return false;
	if (cut && strlen(birth) < 10 && count > 1)
		return false;
	memcpy(q->birth, birth, sizeof(birth));
	return true;
}

static bool read_single(struct party_query *q, const char *text, int64_t now)
{
	if (vcode_parse(text, q->vcode) == CHECK_OK || email_parse(text, q->email) == CHECK_OK) {
		q->keys = true;
		return true;
	}
	if (!is_postcode(text, strlen(text)))
		return false;
	if (is_year(text, now) && !q->birth[0])
		snprintf(q->birth, sizeof(q->birth), "%.4s", text);
	else if (!q->postcode[0])
		snprintf(q->postcode, sizeof(q->postcode), "%.4s", text);
	else
		return false;
	return true;
}

bool party_span_read(struct party_query *q, const char *text, size_t count, int64_t now)
{
	return read_keys(q, text) || read_date(q, text, count, now) ||
	       (count == 2 && read_address(q, text, now)) ||
	       (count == 1 && read_single(q, text, now));
}

/* ---- what cannot be ---- */

/* Runs of digits or letters. */
static size_t count_groups(const char *text)
{
	size_t n = 0;

	while (*(text += strspn(text, "-/. "))) {
		n++;
		text += strcspn(text, "-/. ");
	}
	return n;
}

static bool wrong_date(const char *text, size_t digits, int64_t now, struct err *err)
{
	char birth[11];
	bool bare = digits == strlen(text);

	if ((bare && digits != 8) || birth_parse(text, now, birth) != CHECK_DATE)
		return false;
	/* What has no year yet, or only a part of one. */
	if (!bare && (count_groups(text) != 3 || digits < 4))
		return false;
	err_set(err, ERR_INPUT, _("%.40s is not a day that somebody can be born on"), text);
	return true;
}

static bool wrong_national(const char *text, struct err *err)
{
	char number[12], birth[11];
	bool bis;

	switch (rrn_parse(text, number, birth, &bis)) {
	case CHECK_DIGITS:
		err_set(err, ERR_INPUT,
			_("the national number %.40s has a typing mistake: its check digits do not "
			  "fit"),
			text);
		return true;
	case CHECK_DATE:
		err_set(err, ERR_INPUT,
			_("the national number %.40s holds a date that does not exist, as those of "
			  "test cards do"),
			text);
		return true;
	case CHECK_OK:
	case CHECK_FORM:
		break;
	}
	return false;
}

static bool wrong_ten(const char *text, struct err *err)
{
	char number[TRACKING_TEXT], kbo[11];

	if (tracking_parse(text, number) != CHECK_DIGITS)
		return false;
	if (kbo_parse(text, kbo) == CHECK_DIGITS)
		err_set(err, ERR_INPUT,
			_("%.40s is no phone number, and as an enterprise number it has a typing "
			  "mistake"),
			text);
	else
		err_set(err, ERR_INPUT,
			_("the tracking number %.40s has a typing mistake: its check digits do not "
			  "fit"),
			text);
	return true;
}

bool party_span_wrong(const char *text, size_t count, int64_t now, struct err *err)
{
	size_t digits = count_digits(text);

	if (strchr(text, '@'))
		return false;
	if (count <= DATE_TOKENS && wrong_date(text, digits, now, err))
		return true;
	if (digits == 11 && wrong_national(text, err))
		return true;
	if (digits == 10 && wrong_ten(text, err))
		return true;
	if (digits <= LONGEST)
		return false;
	err_set(err, ERR_INPUT, _("%.40s is too long for a number"), text);
	return true;
}
