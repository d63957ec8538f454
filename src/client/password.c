/* The password: asked once, never shown, never kept. */
#include "client.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "balie/i18n.h"

#define PASSWORD_MAX 1024

static bool read_line(int fd, char *ret, size_t size)
{
	size_t len = 0;
	char c;
	ssize_t n;

	/* One byte at a time: what stands behind the line is for whoever reads the input next. */
	while ((n = read(fd, &c, 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || c == '\n')
			break;
		if (len < size - 1)
			ret[len++] = c;
	}
	ret[len] = '\0';
	return len > 0;
}

static bool read_hidden(const char *question, char *ret, size_t size)
{
	struct termios before, hidden;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	bool ok = false;

	if (fd < 0 || tcgetattr(fd, &before) != 0)
		goto out;
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSAFLUSH, &hidden);
	dprintf(fd, "%s", question);
	ok = read_line(fd, ret, size);
	dprintf(fd, "\n");
	tcsetattr(fd, TCSAFLUSH, &before);
out:
	if (fd >= 0)
		close(fd);
	return ok;
}

char *password_ask(const struct session *s, struct err *err)
{
	char text[PASSWORD_MAX] = "", *ret = NULL;
	char *question =
		xasprintf(_("Password of %s at %s: "), s->settings->user, s->settings->server);
	bool ok = isatty(STDIN_FILENO) ? read_hidden(question, text, sizeof(text))
				       : read_line(STDIN_FILENO, text, sizeof(text));

	if (ok)
		ret = xstrdup(text);
	else
		err_set(err, ERR_AUTH, _("no password was given"));
	explicit_bzero(text, sizeof(text));
	free(question);
	return ret;
}

void password_free(char *password)
{
	if (password)
		explicit_bzero(password, strlen(password));
	free(password);
}

bool login_when_needed(struct session *s, bool again, struct err *err)
{
	struct sync_spec spec;
	char *password;
	bool ok;

	if (session_has_token(s) && !again)
		return true;
	password = s->settings->demo ? xstrdup(demo_password()) : password_ask(s, err);
	if (!password)
		return false;
	spec = session_sync(s, password);
	spec.port = NULL;
	ok = sync_login(&spec, err);
	password_free(password);
	return ok;
}
