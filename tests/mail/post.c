#include "post.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../src/central/mail/mail.h"
#include "central_sql.h"

#define WAITING_MAX 20000

static void must(bool ok, const struct err *err)
{
	if (!ok)
		fail_msg("%s", err->text);
}

static void add_mailbox(struct post *p, int64_t now)
{
	char id[ID_TEXT];
	struct mailbox box = {.id = id_new(id),
			      .name = p->box.name,
			      .address = p->box.address,
			      .active = true,
			      .since = now};
	struct mark mark = {.operation = box.id, .action = "test", .at = now};
	struct err err = {0};

	must(town_begin(&p->town, &err), &err);
	must(town_insert(&p->town, RECORD_MAILBOX, &box, NULL, &mark, &p->arena, &err), &err);
	must(town_commit(&p->town, &err), &err);
}

void post_open(struct post *p, const char *db, int64_t now)
{
	static bool begun;
	struct err err = {0};

	memset(p, 0, sizeof(*p));
	/* GMime can be begun once in a process. */
	if (!begun) {
		id_init();
		mail_init();
		store_know_postgres();
		atexit(mail_finish);
		begun = true;
	}
	p->box = (struct mailbox_config){.name = "info",
					 .address = POST_ADDRESS,
					 .from_name = "Stad Voorbeeld",
					 .smtp = "smtp+plain://127.0.0.1:1"};
	strcpy(p->folder, "/tmp/balie-post-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	if (db != NULL)
		snprintf(p->url, sizeof(p->url), "%s", db);
	else if (postgres_wanted())
		postgres_database(p->url);
	else
		snprintf(p->url, sizeof(p->url), "%s/t.db", p->folder);
	must(town_open(&p->town, p->url, db != NULL ? 0 : STORE_CREATE | STORE_PREPARE, &err),
	     &err);
	add_mailbox(p, now);
}

void post_close(struct post *p)
{
	char command[100];

	town_close(&p->town);
	arena_finish(&p->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", p->folder);
	assert_int_equal(system(command), 0);
}

void post_take(struct post *p, const char *raw, int64_t now)
{
	struct mail_source source = {
		.mailbox = p->box.name, .uidvalidity = 1, .uid = ++p->uid, .now = now};
	struct mail_outcome out;
	struct err err = {0};

	must(town_begin(&p->town, &err), &err);
	must(mail_take(&p->town, &source, raw, strlen(raw), &out, &err), &err);
	must(town_commit(&p->town, &err), &err);
	assert_int_equal(out.result, MAIL_TICKET);
	strcpy(p->ticket_id, out.ticket_id);
	strcpy(p->number, out.number);
}

void post_answer(struct post *p, const char *to, const char *cc, const char *body, bool automatic,
		 int64_t now, char id[ID_TEXT])
{
	struct ticket ticket;
	struct message m = {.id = id_new(id),
			    .ticket_id = p->ticket_id,
			    .sender = automatic ? SENDER_MACHINE : SENDER_PERSON,
			    .subject = "Re: put",
			    .body = body,
			    .from_text = "An",
			    .created_at = now};
	struct outgoing o = {.message = &m,
			     .ticket = &ticket,
			     .to = to,
			     .cc = cc,
			     .automatic = automatic,
			     .now = now};
	struct mark mark = {.operation = id, .action = "answer", .at = now};
	const char *pointer;
	struct err err = {0};

	must(town_read(&p->town, RECORD_TICKET, p->ticket_id, NULL, &ticket, &p->arena, &err),
	     &err);
	must(town_begin(&p->town, &err), &err);
	must(outgoing_add(&p->town, &o, &pointer, &mark, &p->arena, &err), &err);
	must(town_commit(&p->town, &err), &err);
	assert_int_equal(m.state, MESSAGE_QUEUED);
}

struct message post_message(struct post *p, const char *id)
{
	struct message ret = {0};
	struct err err = {0};

	must(town_read(&p->town, RECORD_MESSAGE, id, NULL, &ret, &p->arena, &err), &err);
	return ret;
}

int post_row_state(struct post *p, const char *id)
{
	struct outbound_row row;
	struct err err = {0};

	if (outbound_get(&p->town, id, &row, &p->arena, &err))
		return row.state;
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	return -1;
}

size_t post_hurry(struct post *p, int64_t now)
{
	static const char *ids[WAITING_MAX];
	struct store_query *q = store_query(p->town.store, CENTRAL_SQL_OUT_OPEN);
	struct err err = {0};
	size_t waiting = 0, all = 0;

	store_bind_text(q, 1, p->box.name);
	while (store_step(q, &err) == STORE_ROW && waiting < WAITING_MAX) {
		all++;
		if (strcmp(store_column_text(q, 1), "waiting") == 0 && store_column_int(q, 2) > now)
			ids[waiting++] = arena_strdup(&p->arena, store_column_text(q, 0));
	}
	store_done(q);
	if (waiting == 0)
		return all;
	must(town_begin(&p->town, &err), &err);
	for (size_t i = 0; i < waiting; i++)
		must(outbound_again(&p->town, ids[i], now, &p->arena, &err), &err);
	must(town_commit(&p->town, &err), &err);
	return all;
}
