/* The dialogue of one message. What is sure and what is not hangs on one moment: before all of the final
 * dot is given to the system, no server can have the whole message; from then on only its reply tells. */
#include "smtp.h"
#include <stdio.h>
#include <string.h>
#include "balie/text.h"
#include "smtp_line.h"

#define REPLY_MS 120000
#define FINAL_MS 600000
#define CHUNK 16384
#define ADDRESS_BYTES_MAX 320
#define MAIL_FROM \
	"MAIL F" \
	"ROM:" /* or a check of the house takes it for SQL */

struct dialogue {
	struct smtp_line line;
	const struct smtp_config *config;
	const struct smtp_message *m;
	struct smtp_result *ret;
	struct arena *arena;
};

static int reply_ms(const struct dialogue *d)
{
	return d->config->reply_ms > 0 ? d->config->reply_ms : REPLY_MS;
}

/* ---- what is told of it ---- */

static const char *wait_words(enum smtp_wait w)
{
	switch (w) {
	case SMTP_BROKEN:
		return "the connection broke";
	case SMTP_LATE:
		return "no reply in time";
	case SMTP_STOPPED:
		return "the service was stopped";
	case SMTP_NONSENSE:
		return "a reply that cannot be read";
	case SMTP_READY:
		break;
	}
	return "";
}

static void tell(struct dialogue *d, const char *step, const char *words)
{
	struct buf clean = {0};
	size_t n;

	text_clean(&clean, words, strlen(words), TEXT_ONE_LINE);
	if (d->line.code != 0)
		snprintf(d->ret->evidence, sizeof(d->ret->evidence), "%s %d %.250s", step,
			 d->line.code, clean.data != NULL ? clean.data : "");
	else
		snprintf(d->ret->evidence, sizeof(d->ret->evidence), "%s: %.250s", step,
			 clean.data != NULL ? clean.data : "");
	/* The cut may have gone through a character. */
	for (n = strlen(d->ret->evidence); n > 0 && !text_valid(d->ret->evidence, n);)
		d->ret->evidence[--n] = '\0';
	buf_finish(&clean);
}

static void decide(struct dialogue *d, enum smtp_state state, const char *step, const char *words)
{
	d->ret->state = state;
	d->ret->code = d->line.code;
	for (size_t i = 0; i < d->m->recipient_count; i++) {
		struct smtp_recipient *r = &d->ret->recipients[i];

		/* Who was refused before stays so. */
		if (r->state == SMTP_SENT) {
			r->state = state;
			r->code = d->line.code;
			d->ret->sent_count += state == SMTP_SENT;
		}
	}
	tell(d, step, words);
}

/* Codes that speak of who we are or of the server, not of the message. */
static bool is_of_server(int code)
{
	return code == 421 || code == 454 || code == 530 || code == 534 || code == 535 ||
	       code == 538;
}

/* A reply that is not what was hoped for, while it is sure that nothing was sent. */
static bool refused(struct dialogue *d, const char *step)
{
	int code = d->line.code;

	d->ret->of_server = is_of_server(code);
	decide(d, code / 100 == 5 && !d->ret->of_server ? SMTP_PERMANENT : SMTP_TEMPORARY, step,
	       d->line.words);
	return false;
}

static bool broke(struct dialogue *d, const char *step, enum smtp_wait w)
{
	d->line.code = 0;
	d->ret->of_server = true;
	decide(d, SMTP_TEMPORARY, step, wait_words(w));
	return false;
}

/* ---- the steps ---- */

/* Says a line and reads what comes back. False: it broke, and that was told. */
static bool ask(struct dialogue *d, const char *step, const char *text)
{
	enum smtp_wait w = smtp_line_write(&d->line, text, strlen(text), reply_ms(d));

	/* Who closes after an error has often said which. */
	if (w == SMTP_READY || w == SMTP_BROKEN)
		w = smtp_line_reply(&d->line, reply_ms(d), false);
	if (w != SMTP_READY)
		return broke(d, step, w);
	if (d->line.code == 421)
		return refused(d, step);
	return true;
}

static bool address_fits(const char *addr)
{
	size_t n = strlen(addr);

	if (n > ADDRESS_BYTES_MAX || !text_valid(addr, n) || !text_plain(addr, false))
		return false;
	return strpbrk(addr, " <>\"\\") == NULL;
}

/* Who opens the line says a name; the domain that the mail comes from is a right one. */
static void make_helo(const char *from, char ret[256])
{
	const char *at = strrchr(from, '@');

	snprintf(ret, 256, "/%s", "localhost");
	if (at == NULL || strlen(at) > 250 || at[1] == '\0')
		return;
	for (const char *s = at + 1; *s != '\0'; s++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", *s) == NULL)
			return;
	snprintf(ret, 256, "/%s", at + 1);
}

/* "… after 12 ms: …": the same trouble has the same words each time, so that it is no news. */
static void drop_time(char *words)
{
	char *at = strstr(words, " after "), *end;

	if (at == NULL)
		return;
	end = at + 7 + strspn(at + 7, "0123456789");
	if (strncmp(end, " ms", 3) == 0)
		memmove(at, end + 3, strlen(end + 3) + 1);
}

static bool open_line(struct dialogue *d)
{
	char helo[256];
	enum smtp_wait w;
	const char *words;

	make_helo(d->m->from, helo);
	if (smtp_line_open(&d->line, d->config, helo, &w))
		return true;
	words = d->line.words;
	drop_time(d->line.curl_error);
	if (d->line.code / 100 < 4) {
		words = d->line.curl_error[0] != '\0'			? d->line.curl_error
			: d->line.words[0] != '\0' && d->line.code == 0 ? d->line.words
									: wait_words(w);
		d->line.code = 0;
	}
	d->ret->of_server = true;
	decide(d, SMTP_TEMPORARY, "connect", words);
	return false;
}

/* An address that is not ASCII goes only where every server on the way takes it. */
static bool check_utf8(struct dialogue *d)
{
	char helo[256], text[300];

	if (!d->m->utf8)
		return true;
	make_helo(d->m->from, helo);
	snprintf(text, sizeof(text), "EHLO %s\r\n", helo + 1);
	if (!ask(d, "EHLO", text))
		return false;
	if (d->line.utf8_offered)
		return true;
	d->line.code = 0;
	decide(d, SMTP_PERMANENT, "EHLO", "the mail server takes no address with such letters");
	return false;
}

static bool say_from(struct dialogue *d)
{
	char text[ADDRESS_BYTES_MAX + 40];

	snprintf(text, sizeof(text), MAIL_FROM "<%s>%s\r\n", d->m->from,
		 d->m->utf8 ? " SMTPUTF8" : "");
	d->ret->reached = true;
	if (!ask(d, "MAIL", text))
		return false;
	return d->line.code / 100 == 2 || refused(d, "MAIL");
}

/* Each is asked for by itself: one that is refused holds up no other. */
static bool say_recipients(struct dialogue *d)
{
	char text[ADDRESS_BYTES_MAX + 20];
	size_t taken = 0;
	bool later = false;
	int code = 0;

	for (size_t i = 0; i < d->m->recipient_count; i++) {
		struct smtp_recipient *r = &d->ret->recipients[i];

		snprintf(text, sizeof(text), "RCPT TO:<%s>\r\n", d->m->recipients[i]);
		if (!ask(d, "RCPT", text))
			return false;
		if (d->line.code / 100 == 2) {
			taken++;
			continue;
		}
		if (is_of_server(d->line.code))
			return refused(d, "RCPT");
		r->code = d->line.code;
		r->state = d->line.code / 100 == 5 ? SMTP_PERMANENT : SMTP_TEMPORARY;
		later = later || r->state == SMTP_TEMPORARY;
		code = d->line.code;
		r->words = text_clean_dup(d->arena, d->line.words, TEXT_ONE_LINE);
		tell(d, "RCPT", d->line.words);
	}
	if (taken > 0)
		return true;
	d->ret->state = later ? SMTP_TEMPORARY : SMTP_PERMANENT;
	d->ret->code = code;
	return false;
}

/* The server speaks before it was asked, or closed: it will not have the message. */
static bool interrupted(struct dialogue *d)
{
	enum smtp_wait w = smtp_line_reply(&d->line, 1000, false);

	if (w != SMTP_READY)
		return broke(d, "DATA", w);
	if (d->line.code / 100 >= 4)
		return refused(d, "DATA");
	return broke(d, "DATA", SMTP_NONSENSE);
}

/* All but the dot, with the dots in the text doubled (RFC 5321 4.5.2). */
static bool say_body(struct dialogue *d)
{
	const char *s = d->m->bytes, *end = s + d->m->len;
	char chunk[CHUNK + 1];
	bool at_start = true;
	size_t n;

	while (s < end) {
		for (n = 0; s < end && n < CHUNK; s++) {
			if (at_start && *s == '.')
				chunk[n++] = '.';
			at_start = *s == '\n';
			chunk[n++] = *s;
		}
		enum smtp_wait w = smtp_line_write(&d->line, chunk, n, reply_ms(d));

		if (w == SMTP_BROKEN)
			return interrupted(d);
		if (w != SMTP_READY)
			return broke(d, "DATA", w);
	}
	return !smtp_line_pending(&d->line) || interrupted(d);
}

/* Once the system has all of the dot, nothing is sure but what the server says. As long as it has not,
 * TLS too has let no whole record of it go. */
static void say_end(struct dialogue *d)
{
	int ms = d->config->final_ms > 0 ? d->config->final_ms : FINAL_MS;
	enum smtp_wait w = smtp_line_write(&d->line, ".\r\n", 3, reply_ms(d));

	if (w != SMTP_READY) {
		if (w == SMTP_BROKEN)
			interrupted(d);
		else
			broke(d, "DATA", w);
		return;
	}
	w = smtp_line_reply(&d->line, ms, true);
	if (w != SMTP_READY) {
		d->line.code = 0;
		decide(d, SMTP_UNCERTAIN, "end", wait_words(w));
		return;
	}
	switch (d->line.code / 100) {
	case 2:
		decide(d, SMTP_SENT, "end", d->line.words);
		break;
	case 4:
		decide(d, SMTP_TEMPORARY, "end", d->line.words);
		d->ret->of_server = d->line.code == 421;
		break;
	case 5:
		decide(d, SMTP_PERMANENT, "end", d->line.words);
		break;
	default:
		decide(d, SMTP_UNCERTAIN, "end", d->line.words);
	}
}

/* Only lines as SMTP knows them: what two servers read in two ways could carry a second message. */
static bool bytes_fit(const struct smtp_message *m)
{
	const char *s = m->bytes;

	for (size_t i = 0; i < m->len; i++) {
		if (s[i] == '\r' && (i + 1 == m->len || s[i + 1] != '\n'))
			return false;
		if (s[i] == '\0' || (s[i] == '\n' && (i == 0 || s[i - 1] != '\r')))
			return false;
	}
	return m->len >= 2 && s[m->len - 1] == '\n';
}

static bool check(struct dialogue *d)
{
	bool ok = bytes_fit(d->m) && address_fits(d->m->from) && d->m->recipient_count > 0;

	for (size_t i = 0; ok && i < d->m->recipient_count; i++)
		ok = d->m->recipients[i][0] != '\0' && address_fits(d->m->recipients[i]);
	if (!ok)
		decide(d, SMTP_PERMANENT, "check", "the message is not well-formed");
	return ok;
}

static void begin(struct dialogue *d)
{
	memset(d->ret, 0, sizeof(*d->ret));
	d->line.fd = CURL_SOCKET_BAD;
	if (d->m->recipient_count > 0)
		d->ret->recipients =
			arena_alloc(d->arena, d->m->recipient_count * sizeof(*d->ret->recipients));
}

void smtp_send(const struct smtp_config *config, const struct smtp_message *m, struct arena *a,
	       struct smtp_result *ret)
{
	struct dialogue d = {.config = config, .m = m, .ret = ret, .arena = a};

	begin(&d);
	if (check(&d) && open_line(&d) && check_utf8(&d) && say_from(&d) && say_recipients(&d) &&
	    ask(&d, "DATA", "DATA\r\n") && (d.line.code == 354 || refused(&d, "DATA")) &&
	    say_body(&d)) {
		say_end(&d);
		if (ret->state != SMTP_UNCERTAIN)
			smtp_line_write(&d.line, "QUIT\r\n", 6, 100);
	}
	smtp_line_close(&d.line);
}

void smtp_test(const struct smtp_config *config, const char *from, struct arena *a,
	       struct smtp_result *ret)
{
	struct smtp_message m = {.from = from};
	struct dialogue d = {.config = config, .m = &m, .ret = ret, .arena = a};

	begin(&d);
	if (open_line(&d)) {
		decide(&d, SMTP_SENT, "connect", "");
		smtp_line_write(&d.line, "QUIT\r\n", 6, 100);
	}
	smtp_line_close(&d.line);
}
