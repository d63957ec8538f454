/* Writing in an editor of one's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/config.h"
#include "balie/i18n.h"
#include "balie/text.h"
#include "compose.h"

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_back(const char *path, struct buf *ret, struct err *err)
{
	char bytes[4096];
	struct buf raw = {0};
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = false;

	if (fd < 0) {
		err_errno(err, _("cannot read what the editor wrote"));
		return false;
	}
	while (raw.len <= FIELD_LINES_MAX && (n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(&raw, bytes, (size_t)n);
	if (n < 0)
		err_errno(err, _("cannot read what the editor wrote"));
	else if (raw.len > FIELD_LINES_MAX)
		err_set(err, ERR_INPUT, _("the text is too long: at most %d bytes"),
			FIELD_LINES_MAX);
	else
		ok = true;
	if (ok && raw.len)
		text_clean(ret, raw.data, raw.len, TEXT_LINES);
	buf_finish(&raw);
	close(fd);
	return ok;
}

static bool run_editor(struct screen *s, const char *path, struct err *err)
{
	const char *program = env_get("VISUAL") ? env_get("VISUAL") : env_get("EDITOR");
	char *words = xstrdup(program ? program : "vi"), *save = NULL;
	char *argv[16];
	int argc = 0, status = 0;
	bool ok;

	for (char *p = strtok_r(words, " \t", &save); p && argc < 14;
	     p = strtok_r(NULL, " \t", &save))
		argv[argc++] = p;
	argv[argc++] = (char *)path;
	argv[argc] = NULL;
	ok = host_run_program(screen_host(s), argv, &status, err);
	if (ok && status != 0) {
		err_set(err, ERR_IO, _("the editor %s ended with an error; the text is as it was"),
			argv[0]);
		ok = false;
	}
	free(words);
	return ok;
}

void compose_edit_outside(struct screen *s)
{
	struct compose *v = screen_state(s);
	const char *text = editor_text(v->body);
	char *path = xasprintf("%s/balie-XXXXXX", parts_place(s)->run_dir);
	struct buf back = {0};
	struct err err = {0};
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0) {
		err_errno(&err, _("cannot make a file for the editor"));
		goto out;
	}
	if (!write_all(fd, text, strlen(text)))
		err_errno(&err, _("cannot write the file for the editor"));
	else if (run_editor(s, path, &err) && read_back(path, &back, &err))
		editor_set(v->body, back.data ? back.data : "");
	close(fd);
	unlink(path);
	compose_keep(s);
out:
	if (err.kind != ERR_NONE)
		host_say(screen_host(s), STYLE_ERROR, "%s", err.text);
	buf_finish(&back);
	free(path);
	screen_redraw(s);
}
