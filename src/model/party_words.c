/* Names with particles: "Van den Broeck", "Vandenbroeck", "Van de Broeck" and "vd Broeck" are one name
 * to who hears it through a telephone. */
#include "party_words.h"
#include <string.h>
#include "balie/model.h"
#include "balie/text.h"

#define NAME_WORDS 40 /* of one name: the record's own limit is 200 bytes */

/* Folded. A single letter is what an apostrophe or a dot leaves: d'Hondt, 't Hooft, v.d. */
static const char *const particles[] = {
	"van", "vande", "vanden", "vander", "vant", "vd",  "vdn", "vdr",  "de",	   "den", "der",
	"des", "het",	"te",	  "ten",    "ter",  "op",  "la",  "le",	  "les",   "du",  "di",
	"da",  "dal",	"del",	  "della",  "dos",  "von", "zu",  "zum",  "zur",   "el",  "al",
	"ben", "bin",	"ait",	  "abu",    "mc",   "mac", "st",  "sint", "saint",
};

static bool is_particle(const char *word)
{
	size_t i;

	if (word[0] && !word[1])
		return word[0] >= 'a' && word[0] <= 'z';
	for (i = 0; i < sizeof(particles) / sizeof(particles[0]); i++)
		if (strcmp(particles[i], word) == 0)
			return true;
	return false;
}

/* "v0broeck" of "vandenbroeck", "vanderbroeck", "vdbroeck"; NULL when it is no such name. */
static const char *name_skeleton(const char *joined, struct arena *a)
{
	/* Longest first. */
	static const char *const heads[] = {"vanden", "vander", "vandr", "vandn", "vande",
					    "vant",   "vdn",	"vdr",	 "vd"};
	size_t i, len;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strcmp(joined, heads[i]) == 0)
			return NULL;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		len = strlen(heads[i]);
		if (strncmp(joined, heads[i], len) == 0)
			return arena_printf(a, "v0%s", joined + len);
	}
	return NULL;
}

static void add(const char **list, size_t *count, size_t max, const char *word)
{
	if (*count < max)
		list[*count] = word;
	(*count)++;
}

/* Words of a part of a name without commas. */
static void part_words(char *folded, size_t max, struct name_words *w, struct arena *a)
{
	struct buf group = {0};
	char *save = NULL, *word = strtok_r(folded, " ", &save), *next;
	const char *joined, *skeleton;

	for (; word; word = next) {
		next = strtok_r(NULL, " ", &save);
		add(w->plain, &w->plain_count, max, word);
		w->differs = w->differs || group.len > 0;
		buf_add_str(&group, word);
		if (next && is_particle(word))
			continue;
		joined = arena_strndup(a, group.data, group.len);
		skeleton = name_skeleton(joined, a);
		if (w->joined_count < max)
			w->glued[w->joined_count] = joined;
		add(w->joined, &w->joined_count, max, skeleton ? skeleton : joined);
		w->differs = w->differs || skeleton;
		buf_reset(&group);
	}
	buf_finish(&group);
}

void name_words(const char *name, size_t max, struct name_words *ret, struct arena *a)
{
	*ret = (struct name_words){
		.plain = arena_alloc(a, max * sizeof(char *)),
		.glued = arena_alloc(a, max * sizeof(char *)),
		.joined = arena_alloc(a, max * sizeof(char *)),
	};
	while (*name) {
		size_t len = strcspn(name, ",;");

		part_words(text_fold_dup(a, arena_strndup(a, name, len)), max, ret, a);
		name += len + (name[len] != '\0');
	}
}

/* ---- the words of a record ---- */

static bool has_word(const struct buf *words, const char *word)
{
	const char *at = words->len ? words->data : "";
	size_t len = strlen(word);

	for (; (at = strstr(at, word)) != NULL; at += len)
		if (at[-1] == ' ' && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static void put_word(struct buf *ret, const char *word)
{
	if (!has_word(ret, word))
		buf_printf(ret, " %s", word);
}

static void put_plain(struct buf *ret, const char *name, struct arena *a)
{
	struct name_words w;
	size_t i;

	if (!name)
		return;
	name_words(name, NAME_WORDS, &w, a);
	for (i = 0; i < w.plain_count && i < NAME_WORDS; i++)
		put_word(ret, w.plain[i]);
}

static void put_joined(struct buf *ret, const char *name, struct arena *a)
{
	struct name_words w;
	size_t i;

	if (!name)
		return;
	name_words(name, NAME_WORDS, &w, a);
	for (i = 0; w.differs && i < w.joined_count && i < NAME_WORDS; i++) {
		put_word(ret, w.glued[i]);
		put_word(ret, w.joined[i]);
	}
}

void party_words(struct buf *ret, const struct party *p, struct arena *a)
{
	buf_add(ret, "", 0);
	put_plain(ret, p->name, a);
	put_plain(ret, p->given, a);
	put_plain(ret, p->family, a);
	put_joined(ret, p->name, a);
	put_joined(ret, p->family, a);
}
