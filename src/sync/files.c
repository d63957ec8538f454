/* Attachments and raw messages, fetched to a file beside everything else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "room.h"

static void tell(struct sync *s, const struct download *d, bool ok, const char *text)
{
	if (s->port != NULL)
		port_to_ui(s->port, PORT_FILE, d->id, d->opens, ok, text);
}

static void finish(struct download *d)
{
	call_finish(d->call);
	if (d->file != NULL)
		fclose(d->file);
	unlink(d->temp);
	free(d->temp);
	free(d->path);
	free(d);
}

/* Under a name of our own until it is whole, and only for the agent's eyes. */
static FILE *open_temp(const char *temp, struct err *err)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *ret = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (ret == NULL) {
		err_errno(err, _("cannot write %s"), temp);
		if (fd >= 0)
			close(fd);
	}
	return ret;
}

void files_start(struct sync *s, const char *what, const char *id, const char *path, bool opens)
{
	struct download *d = xcalloc(1, sizeof(*d));
	struct err err = {0};
	char name[ID_TEXT];
	char *url;

	strncat(d->id, id, sizeof(d->id) - 1);
	d->opens = opens;
	d->path = xstrdup(path);
	d->temp = xasprintf("%s.%s", path, id_new(name));
	d->file = id_valid(id) ? open_temp(d->temp, &err) : NULL;
	if (d->file == NULL) {
		tell(s, d, false, err.text);
		finish(d);
		return;
	}
	url = xasprintf(what, id);
	d->call = http_start_file(&s->http, url, d->file);
	free(url);
	d->next = s->downloads;
	s->downloads = d;
}

/* Never over another file, also not over one that came meanwhile. */
static bool take_name(const struct download *d)
{
	if (renameat2(AT_FDCWD, d->temp, AT_FDCWD, d->path, RENAME_NOREPLACE) == 0)
		return true;
	/* Not every file system can: then as near to it as it goes. */
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (access(d->path, F_OK) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(d->temp, d->path) == 0;
}

static bool complete(struct download *d, struct err *err)
{
	if (call_failed(d->call, err))
		return false;
	if (d->call->status != 200) {
		answer_error(d->call, err);
		return false;
	}
	if (fflush(d->file) != 0 || fsync(fileno(d->file)) < 0 || !take_name(d)) {
		err_errno(err, _("cannot write %s"), d->path);
		return false;
	}
	return true;
}

void files_check(struct sync *s)
{
	struct download **at = &s->downloads, *d;

	while ((d = *at) != NULL) {
		struct err err = {0};
		bool ok;

		if (!d->call->done) {
			at = &d->next;
			continue;
		}
		*at = d->next;
		ok = complete(d, &err);
		tell(s, d, ok, ok ? d->path : err.text);
		finish(d);
	}
}

void files_stop(struct sync *s)
{
	struct download *d;

	while ((d = s->downloads) != NULL) {
		s->downloads = d->next;
		tell(s, d, false, _("no connection with the service"));
		finish(d);
	}
}
