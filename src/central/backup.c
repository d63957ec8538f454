/* balied backup: a copy of a town that is in use, looked at before it gets its name. */
#include "command.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "balie/mem.h"
#include "town.h"

struct backup {
	const char *path; /* wanted */
	char *part;	  /* the copy until it is known to be good */
	char *url;	  /* of part */
	int64_t seq, size;
};

/* From here on the copy goes its own way: a client that has seen later rows of the town must begin
 * anew when the copy is served in its place. */
static bool renew_epoch(struct town *copy, struct err *err)
{
	char id[ID_TEXT];

	return town_begin(copy, err) && town_set_meta(copy, "epoch", id_new(id), err) &&
	       town_commit(copy, err);
}

static bool check_copy(struct backup *b, struct err *err)
{
	struct town copy = {0};
	struct stat info;
	bool ok;

	ok = town_open(&copy, b->url, 0, err) && store_check(copy.store, err) &&
	     town_last_seq(&copy, &b->seq, err) && renew_epoch(&copy, err);
	town_close(&copy);
	if (!ok) {
		err_prefix(err, _("the copy is not good"));
	} else if (stat(b->part, &info) != 0) {
		err_errno(err, "%s", b->part);
		ok = false;
	} else {
		b->size = info.st_size;
	}
	return ok;
}

static bool sync_path(const char *path, int flags, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_errno(err, _("cannot write %s"), path);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool sync_folder(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	bool ok = sync_path(dirname(copy), O_DIRECTORY, err);

	free(copy);
	return ok;
}

/* A link fails when the name is taken, also when it was taken only just now. */
static bool give_name(struct backup *b, bool replace, struct err *err)
{
	int rc = replace ? rename(b->part, b->path) : link(b->part, b->path);

	if (rc != 0 && errno == EEXIST) {
		err_set(err, ERR_CONFLICT, _("%s is there already; --replace writes over it"),
			b->path);
	} else if (rc != 0) {
		err_errno(err, _("cannot write %s"), b->path);
	} else if (!replace) {
		unlink(b->part);
	}
	return rc == 0 && sync_folder(b->path, err);
}

/* To replace the town by a copy of itself under its running service would lose what comes after. */
static bool is_town(const struct settings *s, const char *path)
{
	const char *db = strncmp(s->db, "sqlite:", 7) == 0 ? s->db + 7 : s->db;
	struct stat one, two;

	return stat(db, &one) == 0 && stat(path, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

static bool may_write(const struct settings *s, const char *path, struct err *err)
{
	if (is_town(s, path)) {
		err_set(err, ERR_INPUT, _("%s is the town itself"), path);
		return false;
	}
	if (!s->replace && access(path, F_OK) == 0) {
		err_set(err, ERR_CONFLICT, _("%s is there already; --replace writes over it"),
			path);
		return false;
	}
	return true;
}

int command_backup(const struct settings *s, const struct option_list *operands, struct err *err)
{
	struct backup b = {0};
	struct town t = {0};
	bool ok = false;

	if (operands->count != 1) {
		err_set(err, ERR_INPUT, _("say one file to write the copy to"));
		return 2;
	}
	b.path = operands->items[0];
	b.part = xasprintf("%s.part", b.path);
	b.url = xasprintf("sqlite:%s", b.part);
	if (!may_write(s, b.path, err) || !town_open(&t, s->db, STORE_READONLY, err))
		goto out;
	/* Left by one that was killed. */
	if (unlink(b.part) != 0 && errno != ENOENT) {
		err_errno(err, _("cannot write %s"), b.part);
		goto out;
	}
	if (!store_backup(t.store, b.part, err))
		goto out;
	ok = check_copy(&b, err) && sync_path(b.part, 0, err) && give_name(&b, s->replace, err);
	if (ok)
		printf(_("%s: %lld bytes, up to row %lld of the journal\n"), b.path,
		       (long long)b.size, (long long)b.seq);
	else
		unlink(b.part);
out:
	town_close(&t);
	free(b.part);
	free(b.url);
	return ok ? 0 : 1;
}
