/* Names of files as a person types them. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "balie/config.h"
#include "balie/text.h"
#include "parts.h"

/* What stands for the home folder, and the spaces around a name that was pasted. */
char *parts_path(const char *text)
{
	const char *home = env_get("HOME");
	size_t len;

	text += strspn(text, " ");
	len = strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	/* A file that was dragged onto the terminal stands in quotes. */
	if (len > 1 && (text[0] == '\'' || text[0] == '"') && text[len - 1] == text[0]) {
		text++;
		len -= 2;
	}
	if (home && text[0] == '~' && (len == 1 || text[1] == '/'))
		return xasprintf("%s%.*s", home, (int)len - 1, text + 1);
	return xasprintf("%.*s", (int)len, text);
}

/* Folders get a stroke behind them, so that Tab goes on into them. */
size_t parts_complete_path(void *user, const char *text, size_t cursor, size_t *start,
			   const char **ret, size_t max, struct arena *a)
{
	char *typed = arena_strndup(a, text, cursor), *path, *name;
	struct dirent *row;
	size_t count = 0;
	DIR *dir;

	*start = strrchr(typed, '/') ? (size_t)(strrchr(typed, '/') + 1 - typed) : 0;
	name = typed + *start;
	path = arena_strndup(a, typed, *start);
	path = parts_path(path[0] ? path : ".");
	dir = opendir(path);
	while (dir && count < max && (row = readdir(dir))) {
		char *one;
		struct stat st;

		if (strncmp(row->d_name, name, strlen(name)) != 0 ||
		    (row->d_name[0] == '.' && name[0] != '.') ||
		    !text_valid(row->d_name, strlen(row->d_name)) ||
		    !text_plain(row->d_name, false))
			continue;
		one = xasprintf("%s/%s", path, row->d_name);
		ret[count++] = arena_printf(a, "%s%s", row->d_name,
					    stat(one, &st) == 0 && S_ISDIR(st.st_mode) ? "/" : "");
		free(one);
	}
	if (dir)
		closedir(dir);
	free(path);
	return count;
}
