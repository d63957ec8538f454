#include "mail_config.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "balie/config.h"
#include "balie/i18n.h"
#include "balie/model.h"

#define SECRET_MAX 8000
#define POLL_DEFAULT 60

/* clang-format off */
#define OPT(name, kind, member, argument, help, min, max) \
	{name, kind, argument, help, offsetof(struct mailbox_config, member), min, max}
/* clang-format on */

/* Each is described in balied.conf(5). */
static const struct option_row rows[] = {
	OPT("imap", OPTION_TEXT, imap, "URL", N_("Where it is read"), 0, 0),
	OPT("user", OPTION_TEXT, user, "NAME", N_("Login name"), 0, 0),
	OPT("password-file", OPTION_TEXT, password_file, "FILE", N_("File with its password"), 0,
	    0),
	OPT("oauth-token-url", OPTION_TEXT, oauth_token_url, "URL", N_("Where tokens are given"), 0,
	    0),
	OPT("oauth-client", OPTION_TEXT, oauth_client, "NAME", N_("Name of the client there"), 0,
	    0),
	OPT("oauth-secret-file", OPTION_TEXT, oauth_secret_file, "FILE",
	    N_("File with the secret of the client"), 0, 0),
	OPT("oauth-refresh-file", OPTION_TEXT, oauth_refresh_file, "FILE",
	    N_("File with the refresh token"), 0, 0),
	OPT("team", OPTION_TEXT, team, "NAME", N_("Team that gets what comes in"), 0, 0),
	OPT("topic", OPTION_TEXT, topic, "NAME", N_("Topic of what comes in"), 0, 0),
	OPT("address", OPTION_TEXT, address, "ADDRESS", N_("Sender of what goes out"), 0, 0),
	OPT("name", OPTION_TEXT, from_name, "TEXT", N_("Name of the sender"), 0, 0),
	OPT("signature-file", OPTION_TEXT, signature_file, "FILE",
	    N_("File with the text below each mail"), 0, 0),
	OPT("plus", OPTION_FLAG, plus, NULL, N_("The server delivers ADDRESS+anything here"), 0, 0),
	OPT("done", OPTION_TEXT, done_text, "leave|flag|move FOLDER",
	    N_("What the server is told of a message that was taken in"), 0, 0),
	OPT("existing", OPTION_TEXT, existing, "leave|take",
	    N_("What to do with messages from before the first time"), 0, 0),
	OPT("poll", OPTION_NUMBER, poll, "SECONDS", N_("How often to look"), 1, 3600),
	OPT("acknowledge", OPTION_FLAG, acknowledge, NULL,
	    N_("Answer each citizen at once with the tracking number"), 0, 0),
	OPT("ca-file", OPTION_TEXT, ca_file, "FILE", N_("Certificates to trust"), 0, 0),
	OPT("smtp", OPTION_TEXT, smtp, "URL", N_("Where it is sent from"), 0, 0),
	OPT("smtp-user", OPTION_TEXT, smtp_user, "NAME", N_("Login name there"), 0, 0),
	OPT("smtp-password-file", OPTION_TEXT, smtp_password_file, "FILE",
	    N_("File with the password there"), 0, 0),
	{0},
};

struct reading {
	struct mail_config *ret;
	struct arena *a;
};

const struct mailbox_config *mail_config_find(const struct mail_config *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->mailboxes[i].name, name) == 0)
			return &c->mailboxes[i];
	return NULL;
}

static void *begin_section(void *user, const char *name, struct err *err)
{
	struct reading *r = user;
	struct mailbox_config *m;

	if (name[0] == '\0') {
		err_set(err, ERR_INPUT, _("a mailbox needs a name: [mailbox NAME]"));
		return NULL;
	}
	if (mail_config_find(r->ret, name) != NULL) {
		err_set(err, ERR_INPUT, _("mailbox '%s' stands there twice"), name);
		return NULL;
	}
	if (r->ret->count == MAILBOXES_MAX) {
		err_set(err, ERR_INPUT, _("there are at most %d mailboxes"), MAILBOXES_MAX);
		return NULL;
	}
	m = &r->ret->mailboxes[r->ret->count++];
	*m = (struct mailbox_config){.name = name, .poll = POLL_DEFAULT};
	return m;
}

static bool fail(const struct mailbox_config *m, const char *option, const char *words,
		 struct err *err)
{
	err_set(err, ERR_INPUT, _("mailbox '%s': %s: %s"), m->name, option, words);
	return false;
}

static bool starts_any(const char *url, const char *const *schemes)
{
	for (; *schemes != NULL; schemes++)
		if (strncasecmp(url, *schemes, strlen(*schemes)) == 0)
			return true;
	return false;
}

static bool check_done(struct mailbox_config *m, struct err *err)
{
	const char *text = m->done_text;

	if (text == NULL || strcmp(text, "leave") == 0) {
		m->done = DONE_LEAVE;
	} else if (strcmp(text, "flag") == 0) {
		m->done = DONE_FLAG;
	} else if (strncmp(text, "move ", 5) == 0 && text[5 + strspn(text + 5, " ")] != '\0') {
		m->done = DONE_MOVE;
		m->done_folder = text + 5 + strspn(text + 5, " ");
	} else {
		return fail(m, "done", _("it is leave, flag or move FOLDER"), err);
	}
	return true;
}

static bool check_address(struct mailbox_config *m, struct arena *a, struct err *err)
{
	char clean[255];

	if (m->address == NULL)
		return m->smtp == NULL || fail(m, "address", _("it is missing"), err);
	if (email_parse(m->address, clean) != CHECK_OK)
		return fail(m, "address", _("this is no mail address"), err);
	m->address = arena_strdup(a, clean);
	return true;
}

/* What cannot be is said when the service starts, not when the first mail fails. */
static bool check(struct mailbox_config *m, struct arena *a, struct err *err)
{
	static const char *const imap[] = {"imaps://", "imap://", "imap+plain://", NULL};
	static const char *const smtp[] = {"smtps://", "smtp://", "smtp+plain://", NULL};

	if (m->imap == NULL && m->smtp == NULL)
		return fail(m, "imap", _("it is missing"), err);
	if (m->imap != NULL && !starts_any(m->imap, imap))
		return fail(m, "imap", _("it begins with imaps:// or imap://"), err);
	if (m->smtp != NULL && !starts_any(m->smtp, smtp))
		return fail(m, "smtp", _("it begins with smtps:// or smtp://"), err);
	/* "imap://info:secret@host": a secret in a file that others may read. */
	if ((m->imap != NULL && strchr(m->imap, '@') != NULL) ||
	    (m->smtp != NULL && strchr(m->smtp, '@') != NULL))
		return fail(m, "imap", _("names and passwords do not stand in the address"), err);
	if (m->imap != NULL && m->user == NULL)
		return fail(m, "user", _("it is missing"), err);
	if (m->user != NULL && m->password_file == NULL && m->oauth_token_url == NULL)
		return fail(m, "password-file", _("it is missing"), err);
	if (m->oauth_token_url != NULL &&
	    (m->oauth_client == NULL || m->oauth_refresh_file == NULL))
		return fail(m, "oauth-refresh-file", _("it is missing"), err);
	if (m->existing != NULL && strcmp(m->existing, "leave") != 0 &&
	    strcmp(m->existing, "take") != 0)
		return fail(m, "existing", _("it is leave or take"), err);
	m->take_existing = m->existing != NULL && strcmp(m->existing, "take") == 0;
	return check_done(m, err) && check_address(m, a, err);
}

bool mail_config_read(const char *path, struct mail_config *ret, struct arena *a, struct err *err)
{
	struct mail_config config = {0};
	struct reading reading = {&config, a};
	struct err own = {0};

	config.mailboxes = arena_alloc(a, MAILBOXES_MAX * sizeof(*config.mailboxes));
	if (!options_read_sections(rows, path, "mailbox", begin_section, &reading, a, &own)) {
		if (own.kind != ERR_NOT_FOUND) {
			*err = own;
			return false;
		}
	}
	for (size_t i = 0; i < config.count; i++) {
		if (!check(&config.mailboxes[i], a, err)) {
			err_prefix(err, "%s", path);
			return false;
		}
	}
	*ret = config;
	return true;
}

/* ---- secrets ---- */

bool mail_secret_read(const char *path, char **ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	char *text;
	ssize_t n;

	if (fd < 0) {
		err_errno(err, "%s", path);
		return false;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		err_set(err, ERR_DENIED, _("%s: others may read this secret; give it mode 0600"),
			path);
		close(fd);
		return false;
	}
	text = xcalloc(1, SECRET_MAX + 1);
	n = read(fd, text, SECRET_MAX);
	close(fd);
	if (n <= 0 || strcspn(text, "\r\n") == 0 || strcspn(text, "\r\n") == SECRET_MAX) {
		mail_secret_free(text);
		err_set(err, ERR_INPUT, _("%s: no secret stands there"), path);
		return false;
	}
	text[strcspn(text, "\r\n")] = '\0';
	*ret = text;
	return true;
}

void mail_secret_free(char *secret)
{
	if (secret == NULL)
		return;
	sodium_memzero(secret, strlen(secret));
	free(secret);
}
