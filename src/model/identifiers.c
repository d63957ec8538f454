/* Numbers of the outside world: national, enterprise, phone, mail. */
#include "balie/model.h"
#include <stdio.h>
#include <string.h>
#include "birth.h"
#include "digits.h"

#define CENTURY_2000 INT64_C(2000000000)

/* 97 minus the remainder; never 00, because 97 minus 0 is 97. */
static int check97(int64_t body)
{
	return 97 - (int)(body % 97);
}

/* The date part of a national number: month 0 or day 0 is unknown, or so many were born that day
 * that the counter ran out. False for a date that cannot be. */
static bool birth_write(int year, int month, int day, char ret[11])
{
	unsigned y = (unsigned)year % 10000;
	unsigned m = (unsigned)month % 100;
	unsigned d = (unsigned)day % 100;

	if (month > 12 || (month > 0 && day > days_in(year, month)))
		return false;
	/* 00-00-01: nothing at all is known. */
	if (month == 0 && year % 100 == 0 && day <= 1)
		ret[0] = '\0';
	else if (month == 0)
		snprintf(ret, 11, "%04u", y);
	else if (day == 0)
		snprintf(ret, 11, "%04u-%02u", y, m);
	else
		snprintf(ret, 11, "%04u-%02u-%02u", y, m, d);
	return true;
}

enum check rrn_parse(const char *text, char ret[12], char birth[11], bool *is_bis)
{
	char digits[12];
	char date[11];
	int64_t body, check;
	int year, month;
	bool bis = false;

	if (!digits_only(text, 11, digits))
		return CHECK_FORM;
	body = digits_value(digits, 9);
	check = digits_value(digits + 9, 2);
	year = (int)digits_value(digits, 2);
	/* The two cannot both hold (2000000000 mod 97 is not 0): the check tells the century. */
	if (check == check97(body))
		year += 1900;
	else if (check == check97(CENTURY_2000 + body))
		year += 2000;
	else
		return CHECK_DIGITS;
	month = (int)digits_value(digits + 2, 2);
	if ((month >= 20 && month <= 32) || (month >= 40 && month <= 52)) {
		month %= 20;
		bis = true;
	}
	if (!birth_write(year, month, (int)digits_value(digits + 4, 2), date))
		return CHECK_DATE;
	if (digits_value(digits + 6, 3) == 0)
		return CHECK_FORM;
	memcpy(ret, digits, sizeof(digits));
	memcpy(birth, date, sizeof(date));
	*is_bis = bis;
	return CHECK_OK;
}

enum check kbo_parse(const char *text, char ret[11])
{
	char digits[11];
	char nine[10];

	text += strspn(text, " ");
	if ((text[0] | 32) == 'b' && (text[1] | 32) == 'e')
		text += 2;
	if (!digits_only(text, 10, digits)) {
		/* The form of before 2005 had no 0 in front. */
		if (!digits_only(text, 9, nine))
			return CHECK_FORM;
		digits[0] = '0';
		memcpy(digits + 1, nine, sizeof(nine));
	}
	/* 2 to 8 begin the number of an establishment, which may change hands. */
	if (digits[0] != '0' && digits[0] != '1')
		return CHECK_FORM;
	if (digits_value(digits + 8, 2) != check97(digits_value(digits, 8)))
		return CHECK_DIGITS;
	memcpy(ret, digits, sizeof(digits));
	return CHECK_OK;
}

enum check vcode_parse(const char *text, char ret[9])
{
	char digits[8];

	text += strspn(text, " ");
	if ((*text | 32) != 'v' || !digits_only(text + 1, 7, digits))
		return CHECK_FORM;
	ret[0] = 'V';
	memcpy(ret + 1, digits, sizeof(digits));
	return CHECK_OK;
}

/* ---- phone ---- */

#define PHONE_DIGITS 15 /* E.164 */
#define PHONE_RAW 24

/* Digits of text to ret; *plus when '+' stands first. "(0)", the trunk digit that must not be
 * dialled from abroad, is left out. False for anything else than a phone number. */
static bool phone_digits(const char *text, char ret[PHONE_RAW], bool *plus)
{
	size_t n = 0;
	size_t len = 0;
	int digit = 0;

	*plus = false;
	for (; *text; text += len) {
		enum glyph g = glyph_read(text, &len, &digit);

		if (g == GLYPH_PLUS && n == 0 && !*plus) {
			*plus = true;
		} else if (g == GLYPH_DIGIT) {
			if (n + 1 == PHONE_RAW)
				return false;
			ret[n++] = (char)('0' + digit);
		} else if (strncmp(text, "(0)", 3) == 0) {
			if (n > 0)
				len = 3;
		} else if (g != GLYPH_SPACE && g != GLYPH_DASH && g != GLYPH_DOT &&
			   g != GLYPH_SLASH && *text != '(' && *text != ')') {
			return false;
		}
	}
	ret[n] = '\0';
	return n > 0;
}

/* A Belgian number without trunk 0 (BIPT): mobiles have nine digits from 45 to 49, all others
 * eight. So 4 and seven more is Liège, but 47 and six more is a mobile with a digit missing. */
static bool belgian(const char *digits)
{
	size_t n = strlen(digits);
	bool mobile = digits[0] == '4' && digits[1] >= '5' && digits[1] <= '9';

	return digits[0] != '0' && (mobile ? n == 9 : n == 8);
}

static enum check phone_write(const char *country, const char *rest, char ret[17])
{
	size_t c = strlen(country);
	size_t r = strlen(rest);

	if (c + r > PHONE_DIGITS)
		return CHECK_FORM;
	ret[0] = '+';
	memcpy(ret + 1, country, c);
	memcpy(ret + 1 + c, rest, r + 1);
	return CHECK_OK;
}

enum check phone_parse(const char *text, char ret[17])
{
	char digits[PHONE_RAW];
	const char *d = digits;
	bool plus;

	if (!phone_digits(text, digits, &plus))
		return CHECK_FORM;
	if (!plus && d[0] == '0' && d[1] == '0') {
		plus = true;
		d += 2;
	}
	if (plus && strncmp(d, "32", 2) != 0) {
		if (d[0] == '0' || strlen(d) < 7 || strlen(d) > PHONE_DIGITS)
			return CHECK_FORM;
		return phone_write("", d, ret);
	}
	if (plus)
		return belgian(d + 2 + (d[2] == '0'))
			       ? phone_write("32", d + 2 + (d[2] == '0'), ret)
			       : CHECK_FORM;
	if (d[0] == '0')
		return belgian(d + 1) ? phone_write("32", d + 1, ret) : CHECK_FORM;
	/* Without 0 only what can be nothing else: a mobile, or the country and a whole number. */
	if (strlen(d) == 9 && belgian(d))
		return phone_write("32", d, ret);
	if (strncmp(d, "32", 2) == 0 && belgian(d + 2))
		return phone_write("", d, ret);
	return CHECK_FORM;
}

/* ---- mail ---- */

#define LOCAL_MAX 64
#define ADDRESS_MAX 254
#define LABEL_MAX 63

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80;
}

/* Dot-atom of RFC 5322 with the letters of RFC 6531, or a quoted string. */
static bool local_valid(const char *s, size_t len)
{
	size_t i;

	if (len < 1 || len > LOCAL_MAX)
		return false;
	if (s[0] == '"') {
		for (i = 1; i + 1 < len; i++) {
			if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F || s[i] == '"')
				return false;
			if (s[i] == '\\' && ++i + 1 >= len)
				return false;
		}
		return len > 2 && s[len - 1] == '"';
	}
	for (i = 0; i < len; i++) {
		if (s[i] == '.' && (i == 0 || i + 1 == len || s[i - 1] == '.'))
			return false;
		if (s[i] != '.' && !is_alnum((unsigned char)s[i]) &&
		    !strchr("!#$%&'*+-/=?^_`{|}~", s[i]))
			return false;
	}
	return true;
}

static bool domain_valid(const char *s, size_t len)
{
	size_t label = 0;
	size_t dots = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (label == 0 || s[i - 1] == '-')
				return false;
			label = 0;
			dots++;
			continue;
		}
		if (!is_alnum((unsigned char)s[i]) && (s[i] != '-' || label == 0))
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return label > 0 && s[len - 1] != '-' &&
	       (dots > 0 || (len == 9 && strncmp(s, "localhost", len) == 0));
}

enum check email_parse(const char *text, char ret[255])
{
	const char *at;
	size_t len, local, i;

	text += strspn(text, " \t\r\n<");
	len = strcspn(text, ">");
	if (text[len] == '>' && text[len + 1 + strspn(text + len + 1, " \t\r\n")] != '\0')
		return CHECK_FORM;
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	at = memrchr(text, '@', len);
	if (!at || len > ADDRESS_MAX)
		return CHECK_FORM;
	local = (size_t)(at - text);
	if (!local_valid(text, local) || !domain_valid(at + 1, len - local - 1))
		return CHECK_FORM;
	for (i = 0; i < len; i++)
		ret[i] = i > local && text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 32)
								       : text[i];
	ret[len] = '\0';
	return CHECK_OK;
}

/* ---- as they are shown ---- */

const char *rrn_show(const char digits[12], char ret[16])
{
	snprintf(ret, 16, "%.2s.%.2s.%.2s-%.3s.%.2s", digits, digits + 2, digits + 4, digits + 6,
		 digits + 9);
	return ret;
}

const char *kbo_show(const char digits[11], char ret[13])
{
	snprintf(ret, 13, "%.4s.%.3s.%.3s", digits, digits + 4, digits + 7);
	return ret;
}
