/* Files that go along with a mail. What is attached is copied into work.db at once, a part at a time so that
 * no key waits for a large one: the draft is whole after a power cut, whatever became of the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "balie/loop.h"
#include "balie/text.h"
#include "compose.h"
#include "facts.h"

#define PART (512 * 1024)
#define NAME_BYTES 120 /* that a mail takes */

struct copying {
	struct loop_watch *timer;
	int fd, part;
	char id[ID_TEXT];
	char name[NAME_BYTES + 1];
	const char *type;
	struct hash *hash;
	int64_t size, done;
};

/* ---- which there are ---- */

size_t compose_files(const struct compose *v, struct mail_file *ret, size_t max, struct arena *a)
{
	struct fact *items = arena_alloc(a, MAIL_FILES_MAX * sizeof(*items)), facts[8];
	size_t count = facts_read(v->files, items, max < MAIL_FILES_MAX ? max : MAIL_FILES_MAX, a);

	for (size_t i = 0; i < count; i++) {
		size_t n = facts_read(items[i].text, facts, 8, a);

		ret[i] = (struct mail_file){.sha256 = fact_text(facts, n, "sha256"),
					    .name = fact_text(facts, n, "name"),
					    .type = fact_text(facts, n, "type"),
					    .size = fact_number(facts, n, "size")};
	}
	return count;
}

static void set_files(struct compose *v, const struct mail_file *files, size_t count)
{
	struct buf json = {0};

	mail_files_put(&json, files, count);
	free(v->files);
	v->files = count ? buf_take(&json) : NULL;
	buf_finish(&json);
	v->files_changed = true;
}

void compose_put_copying(const struct compose *v, struct buf *ret)
{
	const struct copying *c = v->copying;

	if (c)
		buf_printf(ret, _("being copied: %s, %d %%"), c->name,
			   (int)(c->size > 0 ? c->done * 100 / c->size : 0));
}

/* ---- what it is ---- */

/* What its first bytes say, else its name. Only a help for the reader's program. */
static const char *type_of(const char *name, const unsigned char *bytes, size_t len)
{
	static const struct {
		const char *start, *type;
	} starts[] = {
		{"%PDF-", "application/pdf"},	{"\x89PNG", "image/png"},
		{"\xff\xd8\xff", "image/jpeg"}, {"GIF8", "image/gif"},
		{"MM\0*", "image/tiff"},
	};
	static const struct {
		const char *end, *type;
	} ends[] = {
		{".txt", "text/plain"},
		{".csv", "text/csv"},
		{".ics", "text/calendar"},
		{".zip", "application/zip"},
		{".doc", "application/msword"},
		{".docx",
		 "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{".odt", "application/vnd.oasis.opendocument.text"},
		{".ods", "application/vnd.oasis.opendocument.spreadsheet"},
		{".eml", "message/rfc822"},
		{".webp", "image/webp"},
		{".heic", "image/heic"},
		{".mp4", "video/mp4"},
	};
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (len > 4 && memcmp(bytes, starts[i].start, i == 2 ? 3 : 4) == 0)
			return starts[i].type;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (n > strlen(ends[i].end) &&
		    strcasecmp(name + n - strlen(ends[i].end), ends[i].end) == 0)
			return ends[i].type;
	return "application/octet-stream";
}

/* The name as the receiver sees it: fit to be shown, no longer than a mail takes. */
static void name_of(const char *path, char ret[NAME_BYTES + 1])
{
	struct arena a = {0};
	const char *slash = strrchr(path, '/');
	char *name = text_clean_dup(&a, slash ? slash + 1 : path, TEXT_ONE_LINE);
	const char *dot = strrchr(name, '.');
	size_t end = dot && strlen(dot) < 12 ? strlen(dot) : 0, pos = 0, fits = 0;
	int width;

	while (text_next(name, strlen(name), &pos, &width) && pos + end <= NAME_BYTES)
		fits = pos;
	if (strlen(name) <= NAME_BYTES)
		snprintf(ret, NAME_BYTES + 1, "%s", name);
	else
		snprintf(ret, NAME_BYTES + 1, "%.*s%s", (int)fits, name, end ? dot : "");
	for (char *p = ret; *p; p++)
		if (*p == '\\')
			*p = '_';
	arena_finish(&a);
}

/* ---- copying ---- */

static void drop(struct compose *v)
{
	struct copying *c = v->copying;

	if (!c)
		return;
	loop_remove(c->timer);
	hash_end(c->hash, NULL);
	close(c->fd);
	free(c);
	v->copying = NULL;
}

static void fail(struct screen *s, const struct err *err)
{
	struct compose *v = screen_state(s);

	work_file_drop(parts_desk(s)->work, v->copying->id, NULL);
	drop(v);
	host_say(screen_host(s), STYLE_ERROR, "%s", err->text);
	screen_redraw(s);
}

/* It is whole: from now on it belongs to the draft. */
static bool finish(struct screen *s, struct err *err)
{
	struct compose *v = screen_state(s);
	struct copying *c = v->copying;
	struct mail_file files[MAIL_FILES_MAX + 1];
	struct arena a = {0};
	size_t count = compose_files(v, files, MAIL_FILES_MAX, &a);
	struct buf size = {0};
	char sha256[HASH_TEXT];

	hash_end(c->hash, sha256);
	c->hash = hash_begin();
	if (!work_file_end(parts_desk(s)->work, c->id, sha256, c->done, clock_now(), err)) {
		arena_finish(&a);
		return false;
	}
	files[count++] = (struct mail_file){
		.sha256 = sha256, .name = c->name, .type = c->type, .size = c->done};
	set_files(v, files, count);
	parts_put_size(&size, c->done);
	host_say(screen_host(s), STYLE_GOOD, _("Goes along: %s (%s)."), c->name, size.data);
	buf_finish(&size);
	arena_finish(&a);
	drop(v);
	compose_keep(s);
	return true;
}

/* One part. *done: that was the last one. */
static bool copy_part(struct screen *s, bool *done, struct err *err)
{
	struct compose *v = screen_state(s);
	struct copying *c = v->copying;
	char *bytes = xcalloc(1, PART);
	ssize_t n;
	bool ok = false;

	while ((n = read(c->fd, bytes, PART)) < 0 && errno == EINTR)
		;
	if (n < 0)
		err_errno(err, _("cannot read %s"), c->name);
	else if (c->done + n > c->size)
		err_set(err, ERR_INPUT, _("%s changed while it was read: try again"), c->name);
	else
		ok = n == 0 ||
		     work_file_add(parts_desk(s)->work, c->id, c->part++, bytes, (size_t)n, err);
	if (ok) {
		if (c->part == 1)
			c->type = type_of(c->name, (unsigned char *)bytes, (size_t)n);
		hash_add(c->hash, bytes, (size_t)n);
		c->done += n;
		*done = n == 0 || c->done == c->size;
		ok = !*done || finish(s, err);
	}
	free(bytes);
	return ok;
}

static void on_timer(void *user)
{
	struct screen *s = user;
	struct compose *v = screen_state(s);
	struct err err = {0};
	bool done = false;

	if (!copy_part(s, &done, &err))
		fail(s, &err);
	else if (!done)
		loop_set_timer(v->copying->timer, 1);
	screen_redraw(s);
}

bool compose_files_settle(struct screen *s)
{
	struct compose *v = screen_state(s);
	struct err err = {0};
	bool done = false;

	while (v->copying && !done) {
		if (!copy_part(s, &done, &err)) {
			fail(s, &err);
			return false;
		}
	}
	return true;
}

void compose_files_stop(struct screen *s)
{
	struct compose *v = screen_state(s);

	compose_files_settle(s);
	drop(v);
}

/* ---- attaching ---- */

static void ask_file(struct screen *s)
{
	struct line_spec spec = {.complete = parts_complete_path, .history = "file"};

	host_ask(s, COMPOSE_ASK_FILE, _("File to send along (Tab completes): "), &spec);
}

static bool check_room(const struct compose *v, const char *name, int64_t size, struct err *err)
{
	struct mail_file files[MAIL_FILES_MAX];
	struct arena a = {0};
	size_t count = compose_files(v, files, MAIL_FILES_MAX, &a);
	int64_t all = size;

	for (size_t i = 0; i < count; i++)
		all += files[i].size;
	arena_finish(&a);
	if (size == 0)
		err_set(err, ERR_INPUT, _("%s is empty"), name);
	else if (count == MAIL_FILES_MAX)
		err_set(err, ERR_INPUT, _("a mail takes at most %d files along"), MAIL_FILES_MAX);
	else if (all > MAIL_FILES_BYTES)
		err_set(err, ERR_INPUT, _("%s is too large: a mail takes at most %d MB along"),
			name, MAIL_FILES_BYTES / (1024 * 1024));
	else
		return true;
	return false;
}

static bool open_file(struct copying *c, const struct compose *v, const char *path, struct err *err)
{
	struct stat st;

	name_of(path, c->name);
	/* Not to wait for what is no file at all. */
	c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (c->fd < 0 || fstat(c->fd, &st) != 0) {
		err_errno(err, _("cannot open %s"), path);
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_INPUT, _("%s is no file"), path);
		return false;
	}
	c->size = st.st_size;
	return check_room(v, c->name, c->size, err);
}

static bool begin_copy(struct screen *s, const char *path, struct err *err)
{
	struct compose *v = screen_state(s);
	struct copying *c = xcalloc(1, sizeof(*c));

	c->fd = -1;
	if (!open_file(c, v, path, err) ||
	    !work_file_begin(parts_desk(s)->work, clock_now(), c->id, err)) {
		if (c->fd >= 0)
			close(c->fd);
		free(c);
		return false;
	}
	c->hash = hash_begin();
	c->timer = loop_add_timer(parts_place(s)->loop, 0, on_timer, s);
	v->copying = c;
	return true;
}

void compose_attach(struct screen *s, const char *text)
{
	struct err err = {0};
	char *path = parts_path(text);

	work_files_prune(parts_desk(s)->work, clock_now(), NULL);
	if (!path[0])
		ask_file(s);
	else if (compose_files_settle(s) && !begin_copy(s, path, &err))
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	free(path);
	screen_redraw(s);
}

/* ---- taking away ---- */

static void take_away(struct screen *s, const char *sha256)
{
	struct compose *v = screen_state(s);
	struct mail_file files[MAIL_FILES_MAX];
	struct arena a = {0};
	size_t count = compose_files(v, files, MAIL_FILES_MAX, &a), kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(files[i].sha256, sha256) != 0)
			files[kept++] = files[i];
		else
			host_say(screen_host(s), STYLE_GOOD, _("Does not go along any more: %s"),
				 files[i].name);
	}
	set_files(v, files, kept);
	arena_finish(&a);
	compose_keep(s);
	screen_redraw(s);
}

void compose_detach(struct screen *s, const char *sha256)
{
	struct compose *v = screen_state(s);
	struct mail_file files[MAIL_FILES_MAX];
	struct choice rows[MAIL_FILES_MAX];
	struct arena a = {0};
	size_t count;

	compose_files_settle(s);
	if (sha256) {
		take_away(s, sha256);
		return;
	}
	count = compose_files(v, files, MAIL_FILES_MAX, &a);
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct choice){files[i].sha256, files[i].name, files[i].type};
	if (count == 0)
		host_say(screen_host(s), STYLE_NORMAL, "%s", _("No file goes along."));
	else if (count == 1)
		take_away(s, files[0].sha256);
	else
		host_pick(s, COMPOSE_ASK_DETACH, _("Which file does not go along?"), rows, count,
			  NULL);
	arena_finish(&a);
}
