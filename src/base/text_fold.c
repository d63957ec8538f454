#include "balie/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "utf8.h"

#define PARTS_MAX 32 /* U+FDFA takes apart into 18 */

/* Letters that Unicode does not take apart but a searching person does. */
static const char *fold_letter(int32_t cp)
{
	switch (cp) {
	case 0xe6: /* ae */
		return "ae";
	case 0x153: /* oe */
		return "oe";
	case 0xf8: /* o with stroke */
		return "o";
	case 0xf0:  /* eth */
	case 0x111: /* d with stroke */
		return "d";
	case 0xfe: /* thorn */
		return "th";
	case 0x127: /* h with stroke */
		return "h";
	case 0x131: /* i without dot */
		return "i";
	case 0x142: /* l with stroke */
		return "l";
	case 0x14b: /* eng */
		return "n";
	case 0x167: /* t with stroke */
		return "t";
	}
	return NULL;
}

static bool is_word(int32_t cp)
{
	utf8proc_category_t category = utf8proc_category(cp);

	return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
	       (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

struct folder {
	struct buf *ret;
	bool started; /* something of this text is in ret */
	bool gap;     /* a space is owed before the next letter */
};

static void fold_add(struct folder *f, const char *s, size_t n)
{
	if (f->gap && f->started)
		buf_add_char(f->ret, ' ');
	f->gap = false;
	f->started = true;
	buf_add(f->ret, s, n);
}

static void fold_point(struct folder *f, int32_t cp)
{
	int32_t parts[PARTS_MAX];
	const char *letter;
	char bytes[4];
	int state = 0;
	utf8proc_ssize_t count;

	count = utf8proc_decompose_char(cp, parts, PARTS_MAX,
					UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK |
						UTF8PROC_CASEFOLD | UTF8PROC_IGNORE,
					&state);
	if (count < 0 || count > PARTS_MAX) {
		f->gap = true;
		return;
	}
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		letter = fold_letter(parts[i]);
		if (letter != NULL)
			fold_add(f, letter, strlen(letter));
		else if (is_word(parts[i]))
			fold_add(f, bytes, utf8_write(parts[i], bytes));
		else
			f->gap = true;
	}
}

void text_capital(struct buf *ret, const char *text)
{
	size_t len = strlen(text), taken;
	char bytes[4];
	int32_t cp;

	if (len > 0) {
		taken = utf8_read(text, len, &cp);
		if (cp >= 0 && utf8proc_islower(cp)) {
			buf_add(ret, bytes, utf8_write(utf8proc_toupper(cp), bytes));
			text += taken;
		}
	}
	buf_add_str(ret, text);
}

void text_fold(struct buf *ret, const char *text)
{
	struct folder f = {.ret = ret};
	size_t len = strlen(text), pos = 0;
	int32_t cp;
	char c;

	buf_add(ret, "", 0);
	while (pos < len) {
		c = text[pos];
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
			fold_add(&f, &c, 1);
			pos++;
		} else if (c >= 'A' && c <= 'Z') {
			c = (char)(c - 'A' + 'a');
			fold_add(&f, &c, 1);
			pos++;
		} else if ((unsigned char)c < 0x80) {
			f.gap = true;
			pos++;
		} else {
			pos += utf8_read(text + pos, len - pos, &cp);
			if (cp < 0)
				f.gap = true;
			else
				fold_point(&f, cp);
		}
	}
}

char *text_fold_dup(struct arena *a, const char *text)
{
	struct buf buf = {0};
	char *ret;

	if (text == NULL)
		return NULL;
	text_fold(&buf, text);
	ret = arena_strndup(a, buf.data, buf.len);
	buf_finish(&buf);
	return ret;
}

/* Every run of spaces is one, and at the ends there are none. */
static void squeeze(char *s)
{
	char *to = s;

	for (const char *at = s; *at != '\0'; at++)
		if (*at != ' ' && *at != '\t')
			*to++ = *at;
		else if (to > s && to[-1] != ' ')
			*to++ = ' ';
	if (to > s && to[-1] == ' ')
		to--;
	*to = '\0';
}

static char *name_for_eyes(const char *text)
{
	utf8proc_uint8_t *ret = NULL;

	if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &ret,
			 UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
				 UTF8PROC_CASEFOLD | UTF8PROC_IGNORE) < 0)
		return NULL;
	squeeze((char *)ret);
	return (char *)ret;
}

bool text_same_name(const char *a, const char *b)
{
	char *one = name_for_eyes(a), *two = name_for_eyes(b);
	bool ret = one != NULL && two != NULL ? strcmp(one, two) == 0 : strcmp(a, b) == 0;

	free(one);
	free(two);
	return ret;
}
