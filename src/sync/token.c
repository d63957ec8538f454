/* Login, and the token that is kept between two starts. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/text.h"
#include "room.h"

#define TOKEN_MAX 4096

void answer_error(const struct call *c, struct err *err)
{
	struct cJSON *json = NULL;
	const char *detail = NULL;
	enum err_kind kind;

	if (strncmp(c->content_type, "application/problem+json", 24) == 0 && c->body.data != NULL)
		json = wire_parse(c->body.data, c->body.len, NULL);
	if (json != NULL)
		wire_get_problem(json, &detail);
	if (c->status == 401)
		kind = ERR_AUTH;
	else if (c->status == 429)
		kind = ERR_BUSY;
	else if (c->status == 404 || c->status == 410)
		kind = ERR_NOT_FOUND;
	else if (c->status >= 500 || c->status < 400)
		kind = ERR_NET;
	else
		kind = ERR_INPUT;
	if (detail != NULL)
		err_set(err, kind, "%s", detail);
	else
		err_set(err, kind, _("the service answered %ld"), c->status);
	wire_free(json);
}

static void set_token(struct sync *s, const char *token)
{
	if (s->http.token != NULL)
		explicit_bzero(s->http.token, strlen(s->http.token));
	free(s->http.token);
	s->http.token = token != NULL ? xstrdup(token) : NULL;
	s->token_refused = false;
}

/* It goes into a header: anything but plain visible characters would be a way to add others. */
static bool token_sane(const char *token)
{
	size_t i;

	for (i = 0; token[i] != '\0'; i++)
		if (token[i] <= ' ' || token[i] > '~')
			return false;
	return i > 0 && i < TOKEN_MAX;
}

bool token_load(struct sync *s)
{
	char text[TOKEN_MAX + 1];
	ssize_t len;
	int fd = open(s->token_file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	len = read(fd, text, TOKEN_MAX);
	close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (!token_sane(text))
		return false;
	set_token(s, text);
	explicit_bzero(text, sizeof(text));
	return true;
}

static bool write_all(int fd, const char *text, struct err *err)
{
	size_t len = strlen(text), at = 0;

	while (at < len) {
		ssize_t n = write(fd, text + at, len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_errno(err, _("cannot write the login token"));
			return false;
		}
		at += (size_t)n;
	}
	return true;
}

/* Whole or not at all, and never readable for others. */
static bool token_save(struct sync *s, struct err *err)
{
	char *temp = xasprintf("%s.new", s->token_file);
	bool ok = false;
	int fd;

	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_errno(err, _("cannot write the login token"));
		goto out;
	}
	if (!write_all(fd, s->http.token, err))
		goto out;
	if (fsync(fd) < 0 || rename(temp, s->token_file) < 0) {
		err_errno(err, _("cannot write the login token"));
		goto out;
	}
	ok = true;
out:
	if (fd >= 0)
		close(fd);
	if (!ok)
		unlink(temp);
	free(temp);
	return ok;
}

void token_drop(struct sync *s)
{
	set_token(s, NULL);
	unlink(s->token_file);
}

static bool take_login(struct sync *s, const struct call *c, struct err *err)
{
	struct cJSON *json = apply_parse(c, err);
	const char *token = json_text(json, "token");
	bool ok = false;

	if (json == NULL)
		return false;
	if (token == NULL || !token_sane(token)) {
		err_set(err, ERR_NET, _("the service gave no login token"));
	} else {
		set_token(s, token);
		ok = token_save(s, err);
	}
	wire_free(json);
	return ok;
}

bool token_login(struct sync *s, struct err *err)
{
	struct buf body = {0};
	struct call *c;
	bool ok;

	set_token(s, NULL);
	buf_add_str(&body, "{\"name\":");
	wire_put_text(&body, s->name);
	buf_add_str(&body, ",\"password\":");
	wire_put_text(&body, s->password);
	buf_add_char(&body, '}');
	c = http_do(&s->http, "POST", "/v1/login", body.data, NULL, &ok, err);
	explicit_bzero(body.data, body.len);
	buf_finish(&body);
	if (ok && c->status != 200) {
		answer_error(c, err);
		ok = false;
	} else if (ok) {
		ok = take_login(s, c, err);
	}
	call_finish(c);
	if (ok && s->password != NULL) {
		explicit_bzero(s->password, strlen(s->password));
		free(s->password);
		s->password = NULL;
	}
	return ok;
}

static void copy_id(char ret[37], const char *id)
{
	ret[0] = '\0';
	if (id != NULL)
		strncat(ret, id, 36);
}

/* Another agent or another service than the mirror is of: it must not be shown to this one. */
static bool clear_if_other(struct sync *s, struct err *err)
{
	struct arena a = {0};
	const char *me = cache_get(s->cache, "me", &a);
	const char *server = cache_get(s->cache, "server", &a);
	bool other = (me != NULL && strcmp(me, s->me) != 0) ||
		     (server != NULL && strcmp(server, s->server) != 0);
	bool ok = !other || cache_clear(s->cache, err);

	arena_finish(&a);
	return ok && cache_set(s->cache, "me", s->me, err) &&
	       cache_set(s->cache, "server", s->server, err) &&
	       cache_set(s->cache, "name", s->my_display, err);
}

static bool take_me(struct sync *s, const struct call *c, struct err *err)
{
	struct cJSON *json = apply_parse(c, err);
	const struct cJSON *agent = json_member(json, "agent"), *team = json_member(json, "team");
	const char *display = json_text(agent, "display");
	bool ok = false;

	if (json == NULL)
		return false;
	copy_id(s->me, json_text(agent, "id"));
	copy_id(s->my_team, json_text(agent, "team_id"));
	snprintf(s->my_display, sizeof(s->my_display), "%.127s", display != NULL ? display : "");
	if (s->me[0] == '\0') {
		err_set(err, ERR_NET, _("the service does not say who is logged in"));
		goto out;
	}
	if (!cache_begin(s->cache, err))
		goto out;
	ok = clear_if_other(s, err) && apply_record(s, RECORD_AGENT, agent, err) &&
	     (team == NULL || apply_record(s, RECORD_TEAM, team, err)) &&
	     cache_commit(s->cache, err);
	if (!ok)
		cache_rollback(s->cache);
out:
	wire_free(json);
	return ok;
}

bool token_me(struct sync *s, struct err *err)
{
	bool ok;
	struct call *c = http_do(&s->http, "GET", "/v1/me", NULL, NULL, &ok, err);

	if (ok && c->status != 200) {
		answer_error(c, err);
		ok = false;
	} else if (ok) {
		ok = take_me(s, c, err);
	}
	call_finish(c);
	return ok;
}
