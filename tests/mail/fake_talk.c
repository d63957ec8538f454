/* One connection of the scripted server: reads a command, carries it out, answers, or does wrong. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "fake_private.h"

/* ---- faults ---- */

bool fake_use(struct fake_connection *c, enum fake_fault fault)
{
	if (c->fault != fault || c->spent)
		return false;
	c->spent = true;
	c->server->done[fault]++;
	return true;
}

static bool fits(enum fake_fault fault, const char *command)
{
	bool body = strstr(command, "BODY.PEEK[]") != NULL;
	bool select = strncmp(command, "SELECT", 6) == 0;

	switch (fault) {
	case FAKE_NO_STORE:
		return strncmp(command, "UID STORE", 9) == 0 ||
		       strncmp(command, "UID MOVE", 8) == 0 || strncmp(command, "UID COPY", 8) == 0;
	case FAKE_WRONG_UID:
	case FAKE_NO_UID:
	case FAKE_LEFT_OUT:
	case FAKE_TWICE:
	case FAKE_SHORT_LITERAL:
	case FAKE_CUT_LITERAL:
	case FAKE_LONG_LITERAL:
	case FAKE_HUGE_LITERAL:
		return body;
	case FAKE_HIGH_NEXT:
	case FAKE_LOW_NEXT:
	case FAKE_OTHER_VALIDITY:
		return select;
	case FAKE_LOGIN:
		return strncmp(command, "LOGIN", 5) == 0 || strncmp(command, "AUTH", 4) == 0;
	case FAKE_CUT:
	case FAKE_CUT_BEFORE:
	case FAKE_CUT_AFTER:
	case FAKE_SILENT:
	case FAKE_NO:
	case FAKE_BAD:
	case FAKE_WRONG_TAG:
	case FAKE_STORM:
	case FAKE_LINE:
	case FAKE_GARBAGE:
	case FAKE_BYE:
	case FAKE_FAULTS:
		return strncmp(command, "LOGOUT", 6) != 0;
	}
	return false;
}

static long argument_for(struct fake_imap *f, enum fake_fault fault)
{
	if (fault == FAKE_STORM)
		return 1 + (long)(fake_next(f) % 3000);
	if (fault == FAKE_LINE)
		return 1 + (long)(fake_next(f) % 200000);
	/* Short ones and long: every place of an answer gets its turn. */
	return (long)(fake_next(f) % (fake_next(f) % 4 == 0 ? 20000 : 300));
}

/* What goes wrong with this command, if anything. */
static void choose_fault(struct fake_connection *c, const char *command)
{
	struct fake_imap *f = c->server;
	int permille = f->permille;

	c->fault = FAKE_FAULTS;
	c->spent = false;
	for (int i = 0; i < FAKE_FAULTS; i++)
		if (f->faults[i].times > 0 && fits((enum fake_fault)i, command)) {
			f->faults[i].times--;
			c->fault = (enum fake_fault)i;
			c->argument = f->faults[i].argument;
			return;
		}
	/* Bodies are asked for seldom, and much can be wrong with them. */
	if (strstr(command, "BODY.PEEK[]"))
		permille *= 2;
	if (!fits(FAKE_CUT, command))
		return;
	if (permille == 0 || (int)(fake_next(f) % 1000) >= permille)
		return;
	do
		c->fault = (enum fake_fault)(fake_next(f) % FAKE_FAULTS);
	while (!fits(c->fault, command));
	c->argument = argument_for(f, c->fault);
}

/* ---- sending ---- */

static void hang_up(struct fake_connection *c)
{
	shutdown(c->fd, SHUT_RDWR);
}

static void send_bytes(struct fake_connection *c, const char *data, size_t len)
{
	c->server->bytes += (long)len;
	pthread_mutex_unlock(&c->server->lock);
	while (len > 0) {
		ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		data += n;
		len -= (size_t)n;
	}
	pthread_mutex_lock(&c->server->lock);
}

/* The answer as it stands goes out, with what goes wrong in its bytes. */
static void send_answer(struct fake_connection *c)
{
	size_t len = c->answer.len;
	bool cut = false;

	if (fake_use(c, FAKE_CUT)) {
		if ((size_t)c->argument < len)
			len = (size_t)c->argument;
		cut = true;
	}
	if (len > 0)
		send_bytes(c, c->answer.data, len);
	buf_reset(&c->answer);
	if (cut)
		hang_up(c);
}

static void end_command(struct fake_connection *c, const char *status)
{
	buf_printf(&c->answer, "%s %s\r\n", c->tag, status);
}

/* Faults that need not know the command. True: nothing more is to be done. */
static bool spoil_command(struct fake_connection *c)
{
	if (fake_use(c, FAKE_CUT_BEFORE)) {
		hang_up(c);
		return true;
	}
	if (fake_use(c, FAKE_SILENT))
		return true;
	if (fake_use(c, FAKE_NO) || fake_use(c, FAKE_NO_STORE) || fake_use(c, FAKE_LOGIN)) {
		end_command(c, "NO [UNAVAILABLE] not now");
		return true;
	}
	if (fake_use(c, FAKE_BAD)) {
		end_command(c, "BAD what is that");
		return true;
	}
	if (fake_use(c, FAKE_BYE)) {
		buf_add_str(&c->answer, "* BYE going down\r\n");
		send_answer(c);
		hang_up(c);
		return true;
	}
	if (fake_use(c, FAKE_STORM))
		for (long i = 0; i < c->argument; i++)
			buf_printf(&c->answer, "* %ld EXISTS\r\n", i);
	if (fake_use(c, FAKE_LINE)) {
		buf_add_str(&c->answer, "* OK ");
		for (long i = 0; i < c->argument; i++)
			buf_add_char(&c->answer, 'x');
		buf_add_str(&c->answer, "\r\n");
	}
	if (fake_use(c, FAKE_GARBAGE))
		buf_add(&c->answer, "\0\xff)(\"{\r\n* 1 FETCH (((\r\n* (UID\r\n{3}\r\n", 36);
	return false;
}

/* ---- messages ---- */

static const char *date_text(int64_t ms, char ret[40])
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(ret, 40, "%d-%b-%Y %H:%M:%S +0000", &tm);
	return ret;
}

/* Is it in a set such as 3,5:9 or 4:*? */
static bool in_set(const char *set, uint32_t uid, uint32_t highest)
{
	while (*set >= '0' && *set <= '9') {
		char *end;
		uint32_t a = (uint32_t)strtoul(set, &end, 10), b = a;

		if (*end == ':') {
			if (end[1] == '*') {
				b = highest > a ? highest : a;
				if (a > highest && uid == highest)
					return true;
				end += 2;
			} else {
				b = (uint32_t)strtoul(end + 1, &end, 10);
			}
		}
		if (uid >= a && uid <= b)
			return true;
		set = *end == ',' ? end + 1 : end;
	}
	return false;
}

static struct fake_folder *selected(struct fake_connection *c)
{
	return c->folder >= 0 ? &c->server->folders[c->folder] : NULL;
}

static void put_body(struct fake_connection *c, size_t number, struct fake_folder *in,
		     const struct fake_message *m, long limit)
{
	size_t len = m->raw->len, said;
	uint32_t uid = m->uid;
	bool whole = true;

	if (limit > 0 && (size_t)limit < len)
		len = (size_t)limit;
	if (len > 10 && fake_use(c, FAKE_CUT_LITERAL)) {
		len -= 1 + fake_next(c->server) % 9;
		whole = false;
	}
	said = len;
	if (fake_use(c, FAKE_WRONG_UID)) {
		uid = in->messages[fake_next(c->server) % in->count].uid +
		      (uint32_t)(in->count == 1);
		whole = uid == m->uid;
	}
	if (len > 20 && fake_use(c, FAKE_SHORT_LITERAL)) {
		said = len - 12;
		whole = false;
	}
	if (fake_use(c, FAKE_LONG_LITERAL)) {
		said = len + 100000;
		whole = false;
	}
	buf_printf(&c->answer, "* %zu FETCH (", number);
	if (fake_use(c, FAKE_NO_UID))
		whole = false;
	else
		buf_printf(&c->answer, "UID %u ", uid);
	if (fake_use(c, FAKE_HUGE_LITERAL)) {
		buf_add_str(&c->answer, "BODY[] {99999999999}\r\n");
		whole = false;
	} else {
		buf_printf(&c->answer, limit > 0 ? "BODY[]<0> {%zu}\r\n" : "BODY[] {%zu}\r\n",
			   said);
	}
	buf_add(&c->answer, m->raw->data, len);
	buf_add_str(&c->answer, ")\r\n");
	if (whole)
		m->raw->sent = true;
}

static void uid_fetch(struct fake_connection *c, char *args)
{
	struct fake_folder *in = selected(c);
	uint32_t highest = in && in->count ? in->messages[in->count - 1].uid : 0;
	const char *partial = strstr(args, "BODY.PEEK[]<0.");
	bool body = strstr(args, "BODY.PEEK[]") != NULL;
	long limit = partial ? atol(partial + 14) : 0;
	char date[40];

	for (size_t i = 0; in && i < in->count; i++) {
		struct fake_message *m = &in->messages[i];

		if (!in_set(args, m->uid, highest) || (body && fake_use(c, FAKE_LEFT_OUT)))
			continue;
		if (!body) {
			buf_printf(&c->answer,
				   "* %zu FETCH (UID %u INTERNALDATE \"%s\" RFC822.SIZE %zu)\r\n",
				   i + 1, m->uid, date_text(m->date, date), m->raw->len);
			continue;
		}
		put_body(c, i + 1, in, m, limit);
		if (fake_use(c, FAKE_TWICE))
			put_body(c, i + 1, in, m, limit);
	}
	end_command(c, "OK FETCH done");
}

static void uid_store(struct fake_connection *c, char *args)
{
	struct fake_folder *in = selected(c);
	char *flags = strchr(args, '(');

	if (flags)
		flags[strcspn(flags, ")")] = '\0';
	for (size_t i = 0; in && flags && i < in->count; i++) {
		struct fake_message *m = &in->messages[i];

		if (!in_set(args, m->uid, 0))
			continue;
		if (strstr(flags, "\\Deleted"))
			m->deleted = true;
		if (!strstr(m->flags, flags + 1) && strlen(m->flags) + strlen(flags) < 90) {
			strcat(m->flags, " ");
			strcat(m->flags, flags + 1);
		}
	}
	end_command(c, "OK STORE done");
}

static char *unquote(char *text)
{
	char *end;

	if (*text != '"')
		return text;
	end = strrchr(text, '"');
	*end = '\0';
	return text + 1;
}

static void uid_copy(struct fake_connection *c, char *args, bool move)
{
	struct fake_imap *f = c->server;
	struct fake_folder *in = selected(c);
	char *name = strchr(args, ' ');
	int to = name ? fake_find_folder(f, unquote(name + 1)) : -1;

	if (to < 0 || !in) {
		end_command(c, "NO [TRYCREATE] no such folder");
		return;
	}
	for (size_t i = 0; i < in->count; i++) {
		struct fake_message *m = &in->messages[i];

		if (!in_set(args, m->uid, 0))
			continue;
		fake_append(&f->folders[to], m->raw, m->date);
		if (move) {
			buf_printf(&c->answer, "* %zu EXPUNGE\r\n", i + 1);
			fake_drop(in, i--);
		}
	}
	end_command(c, "OK done");
}

static void uid_expunge(struct fake_connection *c, char *args)
{
	struct fake_folder *in = selected(c);

	for (size_t i = 0; in && i < in->count; i++)
		if (in->messages[i].deleted && in_set(args, in->messages[i].uid, 0)) {
			buf_printf(&c->answer, "* %zu EXPUNGE\r\n", i + 1);
			fake_drop(in, i--);
		}
	end_command(c, "OK EXPUNGE done");
}

/* ---- commands ---- */

static void put_capabilities(struct fake_connection *c)
{
	const struct fake_imap *f = c->server;

	buf_printf(&c->answer, "* CAPABILITY IMAP4rev1%s%s%s%s\r\n", f->idle ? " IDLE" : "",
		   f->move ? " MOVE" : "", f->uidplus ? " UIDPLUS" : "",
		   f->token ? " SASL-IR AUTH=XOAUTH2" : "");
}

static void select_folder(struct fake_connection *c, char *name)
{
	struct fake_imap *f = c->server;
	struct fake_folder *in;
	uint32_t next, validity;

	c->folder = fake_find_folder(f, unquote(name));
	if (c->folder < 0) {
		end_command(c, "NO no such folder");
		return;
	}
	in = selected(c);
	next = fake_use(c, FAKE_HIGH_NEXT) ? UINT32_MAX : in->next;
	next = fake_use(c, FAKE_LOW_NEXT) ? 1 : next;
	validity = in->validity + (fake_use(c, FAKE_OTHER_VALIDITY) ? 5000 : 0);
	c->told = (uint32_t)in->count;
	c->told_next = in->next;
	buf_printf(&c->answer,
		   "* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* %u EXISTS\r\n"
		   "* OK [UIDVALIDITY %u] x\r\n* OK [UIDNEXT %u] x\r\n",
		   c->told, validity, next);
	end_command(c, "OK [READ-WRITE] SELECT done");
}

static void login(struct fake_connection *c, const char *args, bool by_token)
{
	struct fake_imap *f = c->server;
	int now = 0;

	if (by_token ? !f->token : f->token || !strstr(args, "geheim")) {
		end_command(c, "NO [AUTHENTICATIONFAILED] no");
		return;
	}
	c->in = true;
	for (int i = 0; i < FAKE_CONNECTIONS; i++)
		now += f->connections[i].used && !f->connections[i].ended && f->connections[i].in;
	if (now > f->most)
		f->most = now;
	end_command(c, "OK welcome");
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* AUTHENTICATE XOAUTH2 user=…^Aauth=Bearer TOKEN^A^A, in base64. */
static void login_token(struct fake_connection *c, const char *args)
{
	const char *p = strchr(args, ' ');
	struct buf plain = {0};
	bool ok;
	unsigned v = 0;
	int bits = 0;

	for (p = p ? p + 1 : ""; base64_digit(*p) >= 0; p++) {
		v = v << 6 | (unsigned)base64_digit(*p);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_add_char(&plain, (char)(v >> bits));
		}
	}
	ok = c->server->token && plain.data && strstr(plain.data, "auth=Bearer ") &&
	     strncmp(strstr(plain.data, "auth=Bearer ") + 12, c->server->token,
		     strlen(c->server->token)) == 0;
	buf_finish(&plain);
	if (ok)
		login(c, "", true);
	else
		end_command(c, "NO [AUTHENTICATIONFAILED] no");
}

static void idle(struct fake_connection *c)
{
	c->idles = true;
	pthread_cond_broadcast(&c->server->changed);
	buf_add_str(&c->answer, "+ idling\r\n");
	/* What came before is told at once. */
	eventfd_write(c->wake, 1);
}

/* With its answer in c->answer. */
static void carry_out(struct fake_connection *c, char *command)
{
	char *args = strchr(command, ' ');

	args = args ? args + 1 : command + strlen(command);
	if (strncmp(command, "CAPABILITY", 10) == 0) {
		put_capabilities(c);
		end_command(c, "OK done");
	} else if (strncmp(command, "LOGIN ", 6) == 0) {
		login(c, args, false);
	} else if (strncmp(command, "AUTHENTICATE XOAUTH2", 20) == 0) {
		login_token(c, args);
	} else if (strncmp(command, "LOGOUT", 6) == 0) {
		buf_add_str(&c->answer, "* BYE\r\n");
		end_command(c, "OK bye");
	} else if (!c->in) {
		end_command(c, "BAD log in first");
	} else if (strncmp(command, "SELECT ", 7) == 0 || strncmp(command, "EXAMINE ", 8) == 0) {
		select_folder(c, args);
	} else if (strncmp(command, "CREATE ", 7) == 0) {
		fake_make_folder(c->server, unquote(args));
		end_command(c, "OK made");
	} else if (strncmp(command, "UID FETCH ", 10) == 0) {
		uid_fetch(c, args + 6);
	} else if (strncmp(command, "UID STORE ", 10) == 0) {
		uid_store(c, args + 6);
	} else if (strncmp(command, "UID MOVE ", 9) == 0) {
		uid_copy(c, args + 5, true);
	} else if (strncmp(command, "UID COPY ", 9) == 0) {
		uid_copy(c, args + 5, false);
	} else if (strncmp(command, "UID EXPUNGE ", 12) == 0) {
		uid_expunge(c, args + 8);
	} else if (strncmp(command, "IDLE", 4) == 0) {
		idle(c);
	} else {
		end_command(c, strncmp(command, "NOOP", 4) == 0 ? "OK" : "BAD what is that");
	}
}

static void take_line(struct fake_connection *c, char *line)
{
	char *command = strchr(line, ' ');

	if (c->idles) {
		c->idles = false;
		end_command(c, "OK IDLE done");
		send_answer(c);
		return;
	}
	if (!command || command - line >= (int)sizeof(c->tag)) {
		hang_up(c);
		return;
	}
	*command++ = '\0';
	snprintf(c->tag, sizeof(c->tag), "%s", line);
	fake_count_command(c->server, command);
	choose_fault(c, command);
	if (!spoil_command(c)) {
		bool silent = fake_use(c, FAKE_WRONG_TAG);

		if (silent)
			strcpy(c->tag, "B99998");
		carry_out(c, command);
		if (fake_use(c, FAKE_CUT_AFTER)) {
			hang_up(c);
			buf_reset(&c->answer);
		}
	}
	send_answer(c);
	if (c->fault == FAKE_LONG_LITERAL && c->spent)
		hang_up(c);
}

/* What is new in the folder, to one that idles. */
static void tell_news(struct fake_connection *c)
{
	struct fake_folder *in = selected(c);
	eventfd_t n;

	eventfd_read(c->wake, &n);
	if (!c->idles || !in || (in->count == c->told && in->next == c->told_next))
		return;
	c->told = (uint32_t)in->count;
	c->told_next = in->next;
	buf_printf(&c->answer, "* %u EXISTS\r\n", c->told);
	send_answer(c);
}

static bool read_lines(struct fake_connection *c)
{
	char chunk[4096];
	ssize_t n = recv(c->fd, chunk, sizeof(chunk), 0);
	char *nl;

	if (n <= 0)
		return false;
	buf_add(&c->line, chunk, (size_t)n);
	pthread_mutex_lock(&c->server->lock);
	while (c->line.len > 0 && (nl = memchr(c->line.data, '\n', c->line.len)) != NULL) {
		size_t used = (size_t)(nl - c->line.data) + 1;

		nl[nl > c->line.data && nl[-1] == '\r' ? -1 : 0] = '\0';
		take_line(c, c->line.data);
		memmove(c->line.data, c->line.data + used, c->line.len - used);
		c->line.len -= used;
	}
	pthread_mutex_unlock(&c->server->lock);
	return true;
}

void *fake_talk(void *connection)
{
	struct fake_connection *c = connection;
	struct pollfd p[2] = {{c->fd, POLLIN, 0}, {c->wake, POLLIN, 0}};

	send(c->fd, "* OK IMAP4rev1 fake\r\n", 21, MSG_NOSIGNAL);
	while (!c->server->stopping && poll(p, 2, -1) >= 0) {
		if (p[1].revents) {
			pthread_mutex_lock(&c->server->lock);
			tell_news(c);
			pthread_mutex_unlock(&c->server->lock);
		}
		if (p[0].revents && !read_lines(c))
			break;
	}
	pthread_mutex_lock(&c->server->lock);
	shutdown(c->fd, SHUT_RDWR);
	c->ended = true;
	c->in = c->idles = false;
	pthread_mutex_unlock(&c->server->lock);
	return NULL;
}
