/* The folders of one agent with one service, and what lies in them. */
#include "client.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/id.h"

/* "an-1f3c9a2b4d5e": who and which service, safe as a folder's name. What the name loses on the way
 * counts in the hash: jan.p and jan_p must not find each other's login and outbox. */
static char *folder_name(const struct settings *settings)
{
	char hash[HASH_TEXT], name[41];
	char *whole = xasprintf("%s", settings->server);
	char *other;
	bool lost = false;
	size_t n = 0;

	for (const char *p = settings->user; *p; p++) {
		lost = lost || !isalnum((unsigned char)*p) || n == sizeof(name) - 1;
		if (n < sizeof(name) - 1)
			name[n++] =
				isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '_';
	}
	name[n] = '\0';
	if (lost) {
		other = whole;
		whole = xasprintf("%s\n%s", other, settings->user);
		free(other);
		for (char *p = strchr(whole, '\n'); *p; p++)
			*p = (char)tolower((unsigned char)*p);
	}
	hash_hex(whole, strlen(whole), hash);
	free(whole);
	return xasprintf("%s-%.12s", name, hash);
}

static bool make_dir(char kind, const char *name, char **ret, struct err *err)
{
	char *base, *path;

	if (!env_dir(kind, &base, err))
		return false;
	path = name ? xasprintf("%s/%s", base, name) : xstrdup(base);
	free(base);
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		err_errno(err, _("cannot make the folder %s"), path);
		free(path);
		return false;
	}
	*ret = path;
	return true;
}

static char *downloads_dir(const struct settings *settings)
{
	const char *home = env_get("HOME");
	struct stat st;
	char *path;

	if (settings->downloads)
		return xstrdup(settings->downloads);
	path = xasprintf("%s/Downloads", home ? home : ".");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return path;
	free(path);
	return xstrdup(home ? home : ".");
}

bool session_open(struct session *ret, const struct settings *settings, struct err *err)
{
	char *name = folder_name(settings);
	struct desk *d = &ret->place.desk;
	bool ok = false;

	ret->settings = settings;
	ret->lock = -1;
	if (!make_dir('h', name, &ret->dir_cache, err) ||
	    !make_dir('d', name, &ret->dir_work, err) || !make_dir('r', NULL, &ret->dir_run, err))
		goto out;
	ret->token_file = xasprintf("%s/token", ret->dir_work);
	ret->downloads = downloads_dir(settings);
	if (!work_open(&d->work, ret->dir_work, err))
		goto out;
	ret->place.run_dir = ret->dir_run;
	d->downloads = ret->downloads;
	d->language = language_now();
	d->my_name = settings->user;
	ok = true;
out:
	free(name);
	return ok;
}

void session_close(struct session *s)
{
	workplace_finish(&s->place);
	cache_close(s->place.desk.cache);
	work_close(s->place.desk.work);
	desk_forget_others(&s->place.desk);
	desk_forget_answers(&s->place.desk);
	if (s->lock >= 0)
		close(s->lock);
	free(s->dir_cache);
	free(s->dir_work);
	free(s->dir_run);
	free(s->token_file);
	free(s->downloads);
	arena_finish(&s->arena);
}

bool session_lock(struct session *s, struct err *err)
{
	char *path = xasprintf("%s/lock", s->dir_work);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool ok = false;

	if (fd < 0) {
		err_errno(err, _("cannot open %s"), path);
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		err_set(err, ERR_BUSY,
			_("Balie is already open for %s on this computer: go to that window, or "
			  "close it "
			  "first"),
			s->settings->user);
		close(fd);
	} else {
		s->lock = fd;
		ok = true;
	}
	free(path);
	return ok;
}

void session_learn(struct session *s)
{
	struct desk *d = &s->place.desk;
	struct agent me;
	struct team *teams;
	size_t count;
	char *synced;

	if (!d->cache)
		return;
	/* Nothing of it is freed before the end: screens hold these ids, and they change once a year. */
	if (cache_me(d->cache, &me, &s->arena, NULL)) {
		d->me.agent_id = me.id;
		d->me.team_id = me.team_id;
		d->me.role = me.role;
		d->my_name = me.display ? me.display : me.name;
		if (cache_teams(d->cache, &teams, &count, &s->arena, NULL))
			for (size_t i = 0; i < count; i++)
				if (me.team_id && strcmp(teams[i].id, me.team_id) == 0)
					d->me.team_kind = teams[i].kind;
	}
	synced = cache_get(d->cache, "synced_at", &s->arena);
	if (synced)
		d->synced_at = strtoll(synced, NULL, 10);
}

bool session_read(struct session *s)
{
	struct desk *d = &s->place.desk;
	struct arena a = {0};
	bool known;

	if (!d->cache && !cache_open(&d->cache, s->dir_cache, false, NULL, NULL))
		return false;
	known = cache_get(d->cache, "me", &a) != NULL;
	arena_finish(&a);
	if (known) {
		session_learn(s);
	} else {
		cache_close(d->cache);
		d->cache = NULL;
	}
	return known;
}

void session_forget(struct session *s)
{
	DIR *dir = opendir(s->dir_cache);
	struct dirent *row;

	cache_close(s->place.desk.cache);
	s->place.desk.cache = NULL;
	while (dir && (row = readdir(dir))) {
		if (strncmp(row->d_name, "cache.db", 8) == 0)
			unlinkat(dirfd(dir), row->d_name, 0);
	}
	if (dir)
		closedir(dir);
	unlink(s->token_file);
}

struct sync_spec session_sync(const struct session *s, const char *password)
{
	return (struct sync_spec){
		.server = s->settings->server,
		.name = s->settings->user,
		.password = password,
		.dir_cache = s->dir_cache,
		.dir_work = s->dir_work,
		.token_file = s->token_file,
		.language = s->place.desk.language,
		.port = s->place.desk.port,
	};
}

bool session_has_token(const struct session *s)
{
	return access(s->token_file, R_OK) == 0;
}
