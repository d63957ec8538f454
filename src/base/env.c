#include "balie/config.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balie/i18n.h"

const char *env_get(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

struct dir_kind {
	char kind;
	const char *ours; /* below BALIE_HOME */
	const char *variable;
	const char *usual; /* below the home directory, when the variable is not set */
};

/* Without a run directory of the system the cache's is the nearest: per user and not backed up. */
static const struct dir_kind dir_kinds[] = {
	{'c', "config", "XDG_CONFIG_HOME", ".config"},
	{'h', "cache", "XDG_CACHE_HOME", ".cache"},
	{'d', "data", "XDG_DATA_HOME", ".local/share"},
	{'r', "run", "XDG_RUNTIME_DIR", ".cache/balie/run"},
};

static const char *home_dir(void)
{
	const char *home = env_get("HOME");
	const struct passwd *user;

	if (home != NULL)
		return home;
	user = getpwuid(getuid());
	return user != NULL ? user->pw_dir : NULL;
}

/* Like mkdir -p with mode 0700; folders that are there stay as they are. */
static bool make_dirs(char *path, struct err *err)
{
	struct stat st;
	char *slash = path;
	bool last;

	do {
		slash = strchr(slash + 1, '/');
		last = slash == NULL;
		if (!last)
			*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			/* A folder above that is not ours to write in is no trouble when it exists. */
			int error = errno;

			if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
				errno = error;
				err_errno(err, _("cannot make the folder %s"), path);
				return false;
			}
		}
		if (!last)
			*slash = '/';
	} while (!last);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		err_errno(err, "%s", path);
		return false;
	}
	return true;
}

bool env_dir(char kind, char **ret, struct err *err)
{
	const char *ours = env_get("BALIE_HOME"), *base, *home;
	const struct dir_kind *row = dir_kinds;
	char *path;

	while (row->kind != kind && row < dir_kinds + sizeof(dir_kinds) / sizeof(*dir_kinds) - 1)
		row++;
	base = env_get(row->variable);
	home = home_dir();
	if (ours != NULL)
		path = xasprintf("%s/%s", ours, row->ours);
	else if (base != NULL && base[0] == '/') /* the standard: a relative one is ignored */
		path = xasprintf("%s/balie", base);
	else if (home != NULL)
		path = xasprintf(kind == 'r' ? "%s/%s" : "%s/%s/balie", home, row->usual);
	else {
		err_set(err, ERR_NOT_FOUND, _("no home folder: set HOME or BALIE_HOME"));
		return false;
	}
	if (!make_dirs(path, err)) {
		free(path);
		return false;
	}
	*ret = path;
	return true;
}
