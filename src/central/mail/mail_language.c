/* The language of a text, by the small words that every sentence needs. */
#include <stdint.h>
#include <string.h>
#include "mail_text.h"

#define WORDS_MAX 400 /* more say no more */
#define WORD_BYTES 24
#define SLOTS 2048 /* far more than words, so that one is soon found or not */

enum { NL, FR, EN, DE, LANGUAGES };

static const char *const codes[LANGUAGES] = {"nl", "fr", "en", "de"};

/* In order, each with spaces around it. Words that two languages share stand in both, or in none. */
static const char *const lists[LANGUAGES] = {
	" aan al als ben bent beste bij bijlage bedankt dag daar dat de deze die dit door een en "
	"er "
	"geachte geen goedendag graag groeten groetjes had hallo hartelijk heb hebben heeft het "
	"hierbij hij hoe ik in is ja jullie kan kon kunnen kunt maar mag me meer met mevrouw mij "
	"mijn "
	"mijnheer moet naar nee niet nog nu of om onze ons ook op over te tot u uit uw uur van "
	"vandaag "
	"vanaf vergeten voor vraag vriendelijke waar wanneer was wat we week wel wij wie wil wordt "
	"worden zal ze zeer zich zijn zo zou zouden ",
	" ai ainsi alors au aux avec avez avoir bonjour bonsoir car ce cela ces cette chez chère "
	"comme cordialement dans de depuis des doit donc du elle en est et être faire fait il ils "
	"j'ai je jour la le les leur lui ma madame mais me merci mes moi mon monsieur ne non nos "
	"notre "
	"nous ont ou où oui par pas plus pour pouvez puis qu'il que quand quelle qui rue sa "
	"salutations "
	"sans se ses si son sont suis sur très un une voici votre vous ",
	" a about am an and any are as at be been but by can could dear did do for from had has "
	"have "
	"hello help hi how i i'm if in is it just kind know like me my no not of on or our out "
	"please "
	"regards should since so thank thanks that the their them there they this to us was we "
	"were "
	"what when where which who will with would yes you your ",
	" aber alle als am an anbei auch auf aus bei bin bis bitte da danke das dass dem den der "
	"des die "
	"diese dieser durch ein eine einen einer er es für freundlichen gibt grüße guten haben "
	"hallo hat "
	"herr ich ihr ihre ihnen im in ist ja kann können liebe mehr mein meine mich mir mit muss "
	"nach "
	"nein nicht noch nur oder ob ohne schon sehr sehr geehrte sich sie sind so straße tag über "
	"um und "
	"uns unser vielen vom von vor war was wenn wer wie wir wird wurde zu zum zur ",
};

/* All of them, by hash: which languages have the word. Made by mail_language_init(). */
static struct slot {
	const char *word; /* in a list, without the spaces; NULL: free */
	size_t len;
	unsigned languages;
} slots[SLOTS];

static struct slot *slot_of(const char *word, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)word[i]) * 16777619u;
	for (h %= SLOTS;; h = (h + 1) % SLOTS)
		if (slots[h].word == NULL ||
		    (slots[h].len == len && memcmp(slots[h].word, word, len) == 0))
			return &slots[h];
}

void mail_language_init(void)
{
	memset(slots, 0, sizeof(slots));
	for (int k = 0; k < LANGUAGES; k++) {
		for (const char *s = lists[k] + 1; *s != '\0'; s += strcspn(s, " ") + 1) {
			size_t len = strcspn(s, " ");
			struct slot *slot = slot_of(s, len);

			slot->word = s;
			slot->len = len;
			slot->languages |= 1u << k;
		}
	}
}

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 || c == '\'';
}

/* The next word in lower case; its length, 0 at the end. */
static size_t next_word(const char **text, const char *end, char ret[WORD_BYTES])
{
	const char *s = *text, *start;
	size_t n = 0;

	while (s < end && !is_letter((unsigned char)*s))
		s++;
	start = s;
	while (s < end && is_letter((unsigned char)*s))
		s++;
	*text = s;
	for (; start < s && n < WORD_BYTES; start++) {
		/* É and its kin are two bytes of which the second tells the case. */
		bool upper = (*start >= 'A' && *start <= 'Z') ||
			     (n > 0 && ret[n - 1] == '\xc3' && (unsigned char)*start < 0x9f);

		ret[n++] = (char)(upper ? *start + 32 : *start);
	}
	return n;
}

const char *mail_language_guess(const char *text, size_t len)
{
	const char *end = text + len;
	int hits[LANGUAGES] = {0}, best = 0, second = 0;
	char word[WORD_BYTES];
	unsigned languages;
	size_t n;

	for (int i = 0; i < WORDS_MAX && (n = next_word(&text, end, word)) > 0; i++) {
		languages = slot_of(word, n)->languages;
		for (int k = 0; k < LANGUAGES; k++)
			hits[k] += languages >> k & 1;
	}
	for (int k = 1; k < LANGUAGES; k++)
		if (hits[k] > hits[best])
			best = k;
	for (int k = 0; k < LANGUAGES; k++)
		if (k != best && hits[k] > second)
			second = hits[k];
	if (hits[best] < 2 || hits[best] * 4 < second * 5)
		return NULL;
	return codes[best];
}
