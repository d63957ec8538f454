/* Messages on disk: single files, mbox, Maildir, folders of any of these. Nothing is passed over in
 * silence: what holds no message is told with the reason. */
#include "mail.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/i18n.h"

#define FOLDERS_MAX 64 /* in each other */
#define MBOX_BYTES_MAX (INT64_C(8) * 1024 * 1024 * 1024)

struct reading {
	mail_found_fn *fn;
	void *user;
	struct err *err;
};

static bool tell(struct reading *r, const char *path, const char *folder, const void *raw,
		 size_t len, const char *refused)
{
	struct mail_found found = {path, folder, raw, len, refused};

	if (refused == NULL && len > MAIL_BYTES_MAX)
		found.refused = _("too large");
	else if (refused == NULL && len == 0)
		found.refused = _("empty");
	return r->fn(r->user, &found, r->err);
}

static bool ends_with(const char *s, const char *ending)
{
	size_t n = strlen(s), m = strlen(ending);

	return n >= m && strcasecmp(s + n - m, ending) == 0;
}

/* "From an@example.be Tue Nov 24 06:12:00 2026": a time of day tells it from a sentence. */
static bool is_from_line(const char *s, size_t len)
{
	const char *end = memchr(s, '\n', len);
	size_t n = end != NULL ? (size_t)(end - s) : len;

	if (n < 20 || n > 400 || memcmp(s, "From ", 5) != 0)
		return false;
	for (size_t i = 6; i + 5 <= n; i++)
		if (s[i] == ':' && s[i - 1] >= '0' && s[i - 1] <= '9' && s[i + 1] >= '0' &&
		    s[i + 1] <= '9')
			return true;
	return false;
}

/* Start of the next message at or behind at: a From line behind an empty line. */
static const char *next_from(const char *at, const char *end)
{
	while (at < end && (at = memmem(at, (size_t)(end - at), "\nFrom ", 6)) != NULL) {
		const char *before = at;

		at++;
		if (before[-1] == '\r')
			before--;
		if (before[-1] == '\n' && is_from_line(at, (size_t)(end - at)))
			return at;
	}
	return end;
}

static bool read_mbox(struct reading *r, const char *path, const char *folder, const char *data,
		      size_t len)
{
	const char *end = data + len, *next, *body;

	while (data < end) {
		body = memchr(data, '\n', (size_t)(end - data));
		body = body != NULL ? body + 1 : end;
		next = next_from(body, end);
		/* The empty line before the next From line belongs to the mbox, not to the mail. */
		len = (size_t)(next - body);
		if (len > 1 && body[len - 1] == '\n' && body[len - 2] == '\n')
			len--;
		else if (len > 2 && memcmp(body + len - 3, "\n\r\n", 3) == 0)
			len -= 2;
		if (!tell(r, path, folder, body, len, NULL))
			return false;
		data = next;
	}
	return true;
}

static char *read_all(int fd, size_t size, size_t *ret_len)
{
	char *data = xcalloc(1, size + 1);
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, data + len, size - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(data);
			return NULL;
		}
		len += (size_t)n;
	}
	*ret_len = len;
	return data;
}

/* certain: the place says that it is a message (Maildir), whatever it looks like. */
static bool read_file(struct reading *r, const char *path, const char *folder, bool certain)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	char *data = NULL;
	size_t len = 0;
	bool ok;

	certain = certain || ends_with(path, ".eml");
	if (fd < 0 || fstat(fd, &st) < 0) {
		ok = tell(r, path, folder, NULL, 0, errno == ELOOP ? _("a link") : strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		ok = tell(r, path, folder, NULL, 0, _("no file"));
	} else if (st.st_size > (certain ? (int64_t)MAIL_BYTES_MAX : MBOX_BYTES_MAX)) {
		ok = tell(r, path, folder, NULL, 0, _("too large"));
	} else if ((data = read_all(fd, (size_t)st.st_size, &len)) == NULL) {
		ok = tell(r, path, folder, NULL, 0, strerror(errno));
	} else if (!certain && is_from_line(data, len)) {
		ok = read_mbox(r, path, folder, data, len);
	} else {
		ok = tell(r, path, folder, data, len,
			  certain || len == 0 || mail_is_message(data, len) ? NULL
									    : _("no message"));
	}
	free(data);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has_folder(const char *path, const char *name)
{
	char *full = xasprintf("%s/%s", path, name);
	bool ret = is_folder(full);

	free(full);
	return ret;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_folder(struct reading *r, const char *path, bool certain, int depth);

/* cur and new of a Maildir hold messages only; what lies in tmp was never delivered. */
static bool read_entry(struct reading *r, const char *path, const char *name, bool maildir,
		       bool certain, int depth)
{
	char *full = xasprintf("%s/%s", path, name);
	bool inner = maildir && (strcmp(name, "cur") == 0 || strcmp(name, "new") == 0);
	bool ok;

	if (!is_folder(full))
		ok = read_file(r, full, path, certain);
	else if (depth == FOLDERS_MAX)
		ok = tell(r, full, path, NULL, 0, _("too many folders in each other"));
	else
		ok = read_folder(r, full, inner, depth + 1);
	free(full);
	return ok;
}

static bool read_folder(struct reading *r, const char *path, bool certain, int depth)
{
	bool maildir = has_folder(path, "cur") && has_folder(path, "new");
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, by_name);
	bool ok = true;

	if (count < 0)
		return tell(r, path, path, NULL, 0, strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			ok = read_entry(r, path, name, maildir, certain, depth);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

bool mail_read_path(const char *path, mail_found_fn *fn, void *user, struct err *err)
{
	struct reading r = {fn, user, err};
	char *clean = xstrdup(path), *folder, *slash;
	size_t n = strlen(clean);
	bool ok;

	while (n > 1 && clean[n - 1] == '/')
		clean[--n] = '\0';
	if (access(clean, F_OK) < 0) {
		err_errno(err, _("cannot read %s"), path);
		ok = false;
	} else if (is_folder(clean)) {
		ok = read_folder(&r, clean, false, 0);
	} else {
		folder = xstrdup(clean);
		slash = strrchr(folder, '/');
		if (slash != NULL)
			*slash = '\0';
		ok = read_file(&r, clean, slash != NULL ? folder : ".", false);
		free(folder);
	}
	free(clean);
	return ok;
}
