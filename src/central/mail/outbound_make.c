/* From a message of the town to the bytes that go out. */
#include <stdio.h>
#include <string.h>
#include "outbound.h"
#include "balie/i18n.h"
#include "balie/log.h"
#include "balie/text.h"
#include "central_sql.h"
#include "mail_text.h"
#include "mail_token.h"

#define REFS_READ 40
#define SIGNATURE_MAX 4000

struct make {
	struct town *town;
	const struct mailbox_config *box;
	const struct message *message;
	struct arena *arena;
	struct mail_out out;
	struct mail_attachment files[MAIL_OUT_FILES_MAX];
	const char *refs[REFS_READ];
};

/* The conversation so far: what is answered, and the ids by which a mail program finds it. */
static bool add_refs(struct make *m, struct err *err)
{
	struct store_query *q = store_query(m->town->store, CENTRAL_SQL_OUT_REFS);
	const char *newest[REFS_READ];
	enum store_step step;
	size_t n = 0;

	store_bind_text(q, 1, m->message->ticket_id);
	store_bind_text(q, 2, m->message->id);
	while ((step = store_step(q, err)) == STORE_ROW && n < REFS_READ) {
		newest[n] = arena_strdup(m->arena, store_column_text(q, 0));
		/* It answers the newest that came in, not what we said after it. */
		if (m->out.in_reply_to == NULL && strcmp(store_column_text(q, 1), "in") == 0)
			m->out.in_reply_to = newest[n];
		n++;
	}
	store_done(q);
	for (size_t i = 0; i < n; i++)
		m->refs[i] = newest[n - 1 - i];
	m->out.refs = m->refs;
	m->out.ref_count = n;
	return step != STORE_FAILED;
}

static bool add_files(struct make *m, struct err *err)
{
	struct store_query *q = store_query(m->town->store, CENTRAL_SQL_MESSAGE_FILES);
	enum store_step step;
	size_t n = 0, total = 0;

	store_bind_text(q, 1, m->message->id);
	while ((step = store_step(q, err)) == STORE_ROW) {
		struct mail_attachment *f = &m->files[n < MAIL_OUT_FILES_MAX ? n : 0];
		size_t len;
		const void *data = store_column_blob(q, 0, &len);

		total += len;
		if (n == MAIL_OUT_FILES_MAX || total > MAIL_OUT_BYTES_MAX) {
			err_set(err, ERR_INPUT, _("the files are too large to be sent by mail"));
			store_done(q);
			return false;
		}
		f->name = arena_strdup(m->arena, store_column_text(q, 1));
		f->type = arena_strdup(m->arena, store_column_text(q, 2));
		f->len = len;
		f->data = len > 0 ? memcpy(arena_alloc(m->arena, len), data, len) : "";
		n++;
	}
	store_done(q);
	m->out.files = m->files;
	m->out.file_count = n;
	return step != STORE_FAILED;
}

/* NULL: there is none, or not now: a mail goes without rather than not. */
static const char *read_signature(struct make *m)
{
	char text[SIGNATURE_MAX + 1];
	FILE *f;
	size_t n;

	if (m->box->signature_file == NULL)
		return NULL;
	f = fopen(m->box->signature_file, "rbe");
	if (f == NULL) {
		log_line(LOG_LEVEL_WARN, "mailbox %s: cannot read its signature", m->box->name);
		return NULL;
	}
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	while (n > 0 && strchr(" \r\n", text[n - 1]) != NULL)
		text[--n] = '\0';
	return n > 0 ? text_clean_dup(m->arena, text, TEXT_LINES) : NULL;
}

/* The signature stands under what is new, before the text that is answered. */
static const char *sign(struct make *m)
{
	const char *body = m->message->body != NULL ? m->message->body : "";
	const char *signature = read_signature(m);
	size_t at = mail_quote_find(body, MAIL_REPLY), n = at > 0 ? at : strlen(body);

	if (signature == NULL)
		return body;
	while (n > 0 && strchr(" \n", body[n - 1]) != NULL)
		n--;
	return arena_printf(m->arena, "%.*s\n\n-- \n%s\n%s%s", (int)n, body, signature,
			    at > 0 ? "\n" : "", at > 0 ? body + at : "");
}

/* Of the answer that comes back by itself: the address that holds the number, where the server knows it. */
static bool add_identity(struct make *m, const struct ticket *ticket, struct err *err)
{
	struct store_query *q = store_query(m->town->store, CENTRAL_SQL_OUT_HEADER_ID);
	unsigned char key[MAIL_KEY];
	char reply_to[MAIL_TOKEN_TEXT];
	enum store_step step;

	store_bind_text(q, 1, m->message->id);
	step = store_step(q, err);
	if (step == STORE_ROW)
		m->out.message_id = arena_strdup(m->arena, store_column_text(q, 0));
	store_done(q);
	if (step == STORE_FAILED)
		return false;
	if (!m->box->plus)
		return true;
	if (!mail_token_key(m->town, key, err))
		return false;
	if (mail_token_address(key, ticket->number, m->box->address, reply_to))
		m->out.reply_to = arena_strdup(m->arena, reply_to);
	return true;
}

/* As it is known of the text or can be read in it, else of the citizen. */
static bool add_language(struct make *m, const struct ticket *ticket, struct err *err)
{
	struct party party;
	struct err own = {0};

	m->out.language = m->message->language;
	if (m->out.language == NULL && m->message->body != NULL)
		m->out.language = mail_language_guess(m->message->body, strlen(m->message->body));
	if (m->out.language != NULL || ticket->party_id == NULL)
		return true;
	if (town_read(m->town, RECORD_PARTY, ticket->party_id, NULL, &party, m->arena, &own)) {
		m->out.language = party.language;
		return true;
	}
	if (own.kind != ERR_NOT_FOUND)
		*err = own;
	return own.kind == ERR_NOT_FOUND;
}

bool outbound_make(struct town *t, const struct mailbox_config *box, const struct message *message,
		   bool is_auto, int64_t now, struct arena *a, struct mail_built *ret,
		   struct err *err)
{
	struct make *m = arena_alloc(a, sizeof(*m));
	struct ticket ticket;

	*m = (struct make){.town = t, .box = box, .message = message, .arena = a};
	if (!town_read(t, RECORD_TICKET, message->ticket_id, NULL, &ticket, a, err))
		return false;
	m->out.from_name = box->from_name;
	m->out.from_addr = box->address;
	m->out.to = message->to_text;
	m->out.cc = message->cc_text;
	m->out.subject = mail_subject_make(a, message->subject, ticket.number, MAIL_PREFIX_KEPT);
	m->out.body = sign(m);
	m->out.date = now;
	m->out.auto_submitted = is_auto ? "auto-replied" : NULL;
	if (!add_identity(m, &ticket, err) || !add_refs(m, err) || !add_files(m, err) ||
	    !add_language(m, &ticket, err))
		return false;
	return mail_build(&m->out, a, ret, err);
}
