/* SQLite: a copy of a database while others go on writing it. */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "balie/i18n.h"

/* With the mode that it must have, and never over what is there. */
static bool make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST) {
		err_set(err, ERR_CONFLICT, _("%s is there already"), path);
	} else if (fd < 0) {
		err_errno(err, _("cannot make %s"), path);
	} else {
		close(fd);
	}
	return fd >= 0;
}

/* All pages in one step: the copy is of one moment, and a writer beside us does not make it begin
 * anew. In WAL mode it holds up nobody either. */
static bool copy_pages(struct sqlite_store *st, struct sqlite_store *copy, struct err *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(copy->db, "main", st->db, "main");
	int rc;

	if (backup == NULL) {
		sqlite_error(copy, err);
		return false;
	}
	rc = sqlite3_backup_step(backup, -1);
	/* What a step says is kept for finish, which also sets it as the error of the copy. */
	if (sqlite3_backup_finish(backup) != SQLITE_OK) {
		sqlite_error(copy, err);
		return false;
	}
	if (rc != SQLITE_DONE)
		err_set(err, ERR_BUSY, _("it is locked by another program"));
	return rc == SQLITE_DONE;
}

bool sqlite_backup(struct store *st, const char *path, struct err *err)
{
	struct sqlite_store copy = {.base = *st};
	bool ok = false;

	if (!make_file(path, err))
		return false;
	if (sqlite3_open_v2(path, &copy.db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
			    NULL) != SQLITE_OK) {
		sqlite_error(&copy, err);
		err_prefix(err, "%s", path);
	} else if (!copy_pages(sqlite_of(st), &copy, err)) {
		err_prefix(err, "%s", path);
	} else {
		ok = true;
	}
	if (sqlite3_close(copy.db) != SQLITE_OK)
		ok = false;
	if (!ok)
		unlink(path);
	return ok;
}
