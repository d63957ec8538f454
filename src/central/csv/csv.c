#include "csv.h"
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/mem.h"
#include "balie/text.h"

#define CHUNK ((size_t)65536)

enum scan_state { SCAN_START, SCAN_PLAIN, SCAN_QUOTED, SCAN_QUOTE };
struct csv {
	FILE *file;
	char separator;
	enum csv_charset charset;
	bool eof, failed;
	int64_t line;	/* of the first byte of the window */
	int64_t faults; /* of quotes */
	/* bytes that are not yet done with: [0, len), of which [0, at) were looked at */
	char *store, *window;
	size_t len, at;
	enum scan_state state;
	bool lf_follows; /* a CR ended the last row: a LF behind it belongs to it */
	struct buf text;
	const char *cells[CSV_CELLS];
};

/* ---- what sort of file it is ---- */

struct look {
	int64_t lines, nul_line;
	int64_t wide, wrong; /* characters of several bytes; bytes that fit no character */
	int need;
	unsigned char low, high; /* bounds of the next byte */
};

/* Only what Unicode calls well-formed (table 3-7). */
static void look_lead(struct look *l, unsigned char b)
{
	l->low = 0x80;
	l->high = 0xbf;
	if (b < 0x80)
		return;
	l->need = b >= 0xc2 && b <= 0xdf   ? 1
		  : b >= 0xe0 && b <= 0xef ? 2
		  : b >= 0xf0 && b <= 0xf4 ? 3
					   : 0;
	if (l->need == 0)
		l->wrong++;
	if (b == 0xe0)
		l->low = 0xa0;
	if (b == 0xed)
		l->high = 0x9f;
	if (b == 0xf0)
		l->low = 0x90;
	if (b == 0xf4)
		l->high = 0x8f;
}

static void look_byte(struct look *l, unsigned char b)
{
	if (b == '\n')
		l->lines++;
	if (b == '\0' && l->nul_line == 0)
		l->nul_line = l->lines + 1;
	if (l->need > 0 && b >= l->low && b <= l->high) {
		l->low = 0x80;
		l->high = 0xbf;
		if (--l->need == 0)
			l->wide++;
		return;
	}
	if (l->need > 0)
		l->wrong++;
	l->need = 0;
	look_lead(l, b);
}

static bool look_at_mark(const char *head, size_t len, struct err *err)
{
	if (len >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0)) {
		err_set(err, ERR_INPUT,
			_("this is text in UTF-16; save it in your spreadsheet as \"CSV UTF-8\""));
		return false;
	}
	if (len >= 2 && memcmp(head, "PK", 2) == 0) {
		err_set(err, ERR_INPUT,
			_("this is a workbook and no CSV; save it in your spreadsheet as \"CSV "
			  "UTF-8\""));
		return false;
	}
	return true;
}

static bool rewind_file(struct csv *c, long to, struct err *err)
{
	if (fseek(c->file, to, SEEK_SET) == 0)
		return true;
	err_errno(err, _("the file cannot be read twice"));
	return false;
}

/* The whole file once: a wrong guess at its charset would show only deep in it. */
static bool look_through(struct csv *c, struct err *err)
{
	struct look l = {0};
	bool mark = false, first = true;
	size_t n;

	while ((n = fread(c->window, 1, CHUNK, c->file)) > 0) {
		if (first && !look_at_mark(c->window, n, err))
			return false;
		if (first)
			mark = n >= 3 && memcmp(c->window, "\xef\xbb\xbf", 3) == 0;
		first = false;
		for (size_t i = 0; i < n && l.nul_line == 0; i++)
			look_byte(&l, (unsigned char)c->window[i]);
		if (l.nul_line != 0)
			break;
	}
	if (ferror(c->file)) {
		err_errno(err, _("cannot read the file"));
		return false;
	}
	if (l.nul_line != 0) {
		err_set(err, ERR_INPUT, _("line %lld has a NUL byte: this is no text"),
			(long long)l.nul_line);
		return false;
	}
	if (l.need > 0)
		l.wrong++;
	/* Whoever writes Latin-1 writes no whole characters of UTF-8 by chance. */
	if (c->charset == CSV_DETECT)
		c->charset = mark || l.wrong <= l.wide ? CSV_UTF8 : CSV_WINDOWS_1252;
	return rewind_file(c, mark ? 3 : 0, err);
}

/* ---- the window ---- */

/* False when there is no more, or no room for it. */
static bool fill(struct csv *c)
{
	size_t room = CSV_ROW_BYTES - c->len;
	size_t n;

	if (c->eof || room == 0)
		return false;
	memmove(c->store, c->window, c->len);
	c->window = c->store;
	n = fread(c->window + c->len, 1, room < CHUNK ? room : CHUNK, c->file);
	c->len += n;
	if (n == 0) {
		c->eof = true;
		c->failed = ferror(c->file) != 0;
	}
	return n > 0;
}

static void drop(struct csv *c, size_t n)
{
	c->window += n;
	c->len -= n;
	c->at = 0;
	c->state = SCAN_START;
}

/* Counts the line ends in the first n bytes: CR, LF or both. */
static int64_t count_lines(const struct csv *c, size_t n)
{
	int64_t ret = 0;

	for (size_t i = 0; i < n; i++)
		if (c->window[i] == '\n' ||
		    (c->window[i] == '\r' && !(i + 1 < c->len && c->window[i + 1] == '\n')))
			ret++;
	return ret;
}

static void skip_lf(struct csv *c)
{
	if (c->lf_follows && (c->len > 0 || fill(c)) && c->window[0] == '\n')
		drop(c, 1);
	c->lf_follows = false;
}

/* After a row that cannot be read: behind the end of the line that it began on, so that a quote which
 * is never closed takes no other rows along. */
static void drop_line(struct csv *c)
{
	size_t i;

	for (;;) {
		for (i = 0; i < c->len && c->window[i] != '\n' && c->window[i] != '\r'; i++)
			;
		if (i < c->len)
			break;
		drop(c, c->len);
		if (!fill(c))
			return;
	}
	c->lf_follows = c->window[i] == '\r';
	c->line++;
	drop(c, i + 1);
}

/* ---- rows ---- */

enum found { FOUND_ROW, FOUND_MORE, FOUND_QUOTE };

static enum scan_state scan_byte(const struct csv *c, char b)
{
	switch (c->state) {
	case SCAN_START:
	case SCAN_PLAIN:
		if (b == c->separator)
			return SCAN_START;
		return c->state == SCAN_START && b == '"' ? SCAN_QUOTED : SCAN_PLAIN;
	case SCAN_QUOTED:
		return b == '"' ? SCAN_QUOTE : SCAN_QUOTED;
	case SCAN_QUOTE:
		return b == '"' ? SCAN_QUOTED : SCAN_START;
	}
	return SCAN_START;
}

/* Looks for the end of the row; at the end c->at is behind its last byte, and before its line end. */
static enum found scan(struct csv *c)
{
	for (; c->at < c->len; c->at++) {
		char b = c->window[c->at];

		if (c->state != SCAN_QUOTED && (b == '\n' || b == '\r'))
			return FOUND_ROW;
		if (c->state == SCAN_QUOTE && b != '"' && b != c->separator)
			return FOUND_QUOTE;
		c->state = scan_byte(c, b);
	}
	return FOUND_MORE;
}

/* What Windows-1252 has where Latin-1 has control characters nobody writes; 0: nothing. */
static const unsigned short windows_1252[32] = {
	0x20ac, 0,	0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,	0x017d, 0,	0,	0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,	0x017e, 0x0178,
};

static void add_1252(struct buf *ret, unsigned char b)
{
	unsigned u = b >= 0x80 && b < 0xa0 ? windows_1252[b - 0x80] : b;

	if (u == 0)
		u = 0xfffd;
	if (u < 0x80) {
		buf_add_char(ret, (char)u);
	} else if (u < 0x800) {
		buf_add_char(ret, (char)(0xc0 | (u >> 6)));
		buf_add_char(ret, (char)(0x80 | (u & 0x3f)));
	} else {
		buf_add_char(ret, (char)(0xe0 | (u >> 12)));
		buf_add_char(ret, (char)(0x80 | ((u >> 6) & 0x3f)));
		buf_add_char(ret, (char)(0x80 | (u & 0x3f)));
	}
}

static void decode(struct csv *c, size_t len)
{
	buf_reset(&c->text);
	buf_add(&c->text, "", 0);
	if (c->charset != CSV_WINDOWS_1252) {
		buf_add(&c->text, c->window, len);
		return;
	}
	for (size_t i = 0; i < len; i++)
		add_1252(&c->text, (unsigned char)c->window[i]);
}

/* Cuts the text in place; the row is known to be well-formed. False for too many cells. */
static bool split(struct csv *c, size_t *ret)
{
	char *in = c->text.data, *out;
	size_t count = 0;

	for (;;) {
		if (count == CSV_CELLS)
			return false;
		c->cells[count++] = out = in;
		if (*in == '"') {
			for (in++; *in != '\0'; *out++ = *in++)
				if (*in == '"' && *++in != '"')
					break;
		} else {
			in = out = in + strcspn(in, (const char[]){c->separator, '\0'});
		}
		if (*in == '\0') {
			*out = '\0';
			*ret = count;
			return true;
		}
		*out = '\0';
		in++;
	}
}

static enum csv_step bad_quote(struct csv *c, const char *reason, struct err *err)
{
	if (++c->faults > CSV_QUOTE_FAULTS) {
		err_set(err, ERR_INPUT,
			_("the quotes of more than %d lines do not fit: the file is not CSV as it "
			  "should be"),
			CSV_QUOTE_FAULTS);
		return CSV_FAILED;
	}
	err_set(err, ERR_INPUT, "%s", reason);
	drop_line(c);
	return CSV_BAD;
}

/* Takes the row that ends at c->at. */
static enum csv_step take(struct csv *c, struct csv_row *ret, struct err *err)
{
	size_t end = c->at, count = 0;

	decode(c, end);
	ret->line = c->line;
	c->line += count_lines(c, end);
	if (end < c->len) {
		c->lf_follows = c->window[end] == '\r';
		c->line++;
		end++;
	}
	drop(c, end);
	if (c->text.len > 0 && !text_valid(c->text.data, c->text.len)) {
		err_set(err, ERR_INPUT,
			_("this row is not in UTF-8; say which charset the file has: --charset"));
		return CSV_BAD;
	}
	if (c->text.len > 0 && !split(c, &count)) {
		err_set(err, ERR_INPUT, _("more than %d cells"), CSV_CELLS);
		return CSV_BAD;
	}
	ret->count = count;
	ret->cells = c->cells;
	return CSV_ROW;
}

static enum csv_step next_row(struct csv *c, struct csv_row *ret, struct err *err)
{
	enum found found;

	skip_lf(c);
	ret->line = c->line;
	while ((found = scan(c)) == FOUND_MORE && fill(c))
		;
	if (c->failed) {
		err_errno(err, _("cannot read the file"));
		return CSV_FAILED;
	}
	/* One that another row closes was never closed in its own. */
	if (found == FOUND_QUOTE && count_lines(c, c->at) == 0)
		return bad_quote(c, _("text stands behind a closing quote"), err);
	if (found == FOUND_QUOTE)
		return bad_quote(c, _("a quote is opened and never closed"), err);
	if (found == FOUND_MORE && c->len == 0)
		return CSV_END;
	if (found == FOUND_MORE && c->state == SCAN_QUOTED)
		return bad_quote(c, _("a quote is opened and never closed"), err);
	if (found == FOUND_MORE && c->len == CSV_ROW_BYTES) {
		err_set(err, ERR_INPUT, _("longer than %d bytes"), CSV_ROW_BYTES);
		drop_line(c);
		return CSV_BAD;
	}
	return take(c, ret, err);
}

enum csv_step csv_next(struct csv *c, struct csv_row *ret, struct err *err)
{
	enum csv_step step;

	do
		step = next_row(c, ret, err);
	while (step == CSV_ROW && ret->count == 0);
	return step;
}

/* ---- separator ---- */

/* Spreadsheets write "sep=;" above the rows for their like. */
static void find_separator(struct csv *c)
{
	static const char choices[] = {';', ',', '\t'};
	size_t counts[sizeof(choices)] = {0};
	size_t best = 0;
	bool quoted = false;

	fill(c);
	if (c->len >= 5 && strncasecmp(c->window, "sep=", 4) == 0) {
		if (c->separator == 0 && strchr("\r\n", c->window[4]) == NULL)
			c->separator = c->window[4];
		drop_line(c);
	}
	for (size_t i = 0; i < c->len; i++) {
		char b = c->window[i];

		if (b == '"')
			quoted = !quoted;
		if (!quoted && (b == '\n' || b == '\r'))
			break;
		for (size_t k = 0; k < sizeof(choices) && !quoted; k++)
			counts[k] += b == choices[k];
	}
	for (size_t k = 1; k < sizeof(choices); k++)
		if (counts[k] > counts[best])
			best = k;
	if (c->separator == 0)
		c->separator = choices[best];
}

bool csv_open(struct csv **ret, FILE *file, const struct csv_options *options, struct err *err)
{
	struct csv *c = xcalloc(1, sizeof(*c));

	c->file = file;
	c->separator = options->separator;
	c->charset = options->charset;
	c->window = c->store = xcalloc(1, CSV_ROW_BYTES);
	c->line = 1;
	if (!look_through(c, err)) {
		csv_close(c);
		return false;
	}
	find_separator(c);
	*ret = c;
	return true;
}

void csv_close(struct csv *c)
{
	if (c == NULL)
		return;
	free(c->store);
	buf_finish(&c->text);
	free(c);
}
