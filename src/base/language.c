/* The language of the words for people. gettext reads a catalogue when the first word is shown, so this costs
 * nothing at the start. */
#include "balie/i18n.h"
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/config.h"

/* gettext looks here after a change of language. */
extern int _nl_msg_cat_cntr;

/* A program that runs from the folder where it was built finds its words there. */
static void find_words(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash;

	bindtextdomain("balie", BALIE_LOCALEDIR);
	bind_textdomain_codeset("balie", "UTF-8");
	textdomain("balie");
	if (n <= 0)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return;
	strcpy(slash, "/../po/nl/LC_MESSAGES/balie.mo");
	if (access(path, R_OK) != 0)
		return;
	strcpy(slash, "/../po");
	bindtextdomain("balie", path);
}

/* The language that the environment asks for by the name of a locale: "nl_BE" of "nl_BE.UTF-8".
 * Words need no more than that name, so they do not depend on which locales are installed. */
static void keep_language(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *name = NULL;
	char code[32];

	for (size_t i = 0; name == NULL && i < 3; i++)
		name = env_get(variables[i]);
	if (name == NULL || env_get("LANGUAGE") != NULL)
		return;
	snprintf(code, sizeof(code), "%.*s", (int)strcspn(name, ".@"), name);
	if (strcmp(code, "C") != 0 && strcmp(code, "POSIX") != 0)
		setenv("LANGUAGE", code, 1);
}

void language_begin(const char *language)
{
	/* No more than what is used: every other part of a locale is a file to read at each start. */
	bool known = setlocale(LC_CTYPE, "") && setlocale(LC_MESSAGES, "");

	/* Our texts are UTF-8 whatever the locale is called; and gettext translates nothing in "C". */
	if (!known || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
		setlocale(LC_CTYPE, "C.UTF-8");
		setlocale(LC_MESSAGES, "C.UTF-8");
		keep_language();
	}
	if (language) {
		setenv("LANGUAGE", language, 1);
		_nl_msg_cat_cntr++;
	}
	find_words();
}

const char *language_now(void)
{
	/* Translators: the code of the language that these words are in: "nl". */
	return strcmp(_("en"), "nl") == 0 ? "nl" : "en";
}
