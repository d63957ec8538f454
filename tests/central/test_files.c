/* What came in by mail: kept byte for byte, with its attachments, for those who may see the ticket. */
#include "group.h"

static const char mail[] = "From: Lies <lies@example.be>\r\nTo: info@example.be\r\n"
			   "Subject: Foto van de put\r\nMessage-ID: <put-1@example.be>\r\n"
			   "Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
			   "Content-Type: multipart/mixed; boundary=grens\r\n\r\n"
			   "--grens\r\nContent-Type: text/plain\r\n\r\nZie bijlage.\r\n"
			   "--grens\r\nContent-Type: image/jpeg\r\n"
			   "Content-Disposition: attachment; filename=\"../../etc/put.jpg\"\r\n"
			   "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--grens--\r\n";

static int start(void **state)
{
	const char *const few[] = {"--lag", "10", NULL};
	struct group *g;
	char path[128];
	FILE *f;

	group_start(state, few);
	g = *state;
	snprintf(path, sizeof(path), "%s/een.eml", g->service.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(mail, f);
	assert_int_equal(fclose(f), 0);
	const char *const take[] = {"import", "mail", path, "--db", g->service.db, NULL};
	assert_int_equal(service_run(take, NULL, NULL), 0);
	return 0;
}

/* The ticket, the message and the attachment that the mail became. */
static void find(struct group *g, char ticket[37], char message[37], char attachment[37])
{
	struct http h;
	char path[100];

	http_get(&g->service, g->an, "/v1/tickets?limit=1", &h);
	snprintf(ticket, 37, "%s", http_text(&h, "items.0.id"));
	http_free(&h);
	snprintf(path, sizeof(path), "/v1/tickets/%s/timeline", ticket);
	http_get(&g->service, g->an, path, &h);
	snprintf(message, 37, "%s", http_text(&h, "messages.0.id"));
	snprintf(attachment, 37, "%s", http_text(&h, "messages.0.attachments.0.id"));
	assert_string_equal(http_text(&h, "messages.0.attachments.0.name"), "put.jpg");
	http_free(&h);
}

static void test_bytes_and_rights(void **state)
{
	struct group *g = *state;
	char ticket[37], message[37], attachment[37], raw[100], file[100];
	struct http h;

	find(g, ticket, message, attachment);
	snprintf(raw, sizeof(raw), "/v1/messages/%s/raw", message);
	snprintf(file, sizeof(file), "/v1/attachments/%s", attachment);
	http_get(&g->service, g->an, raw, &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(h.len, sizeof(mail) - 1);
	assert_memory_equal(h.body, mail, h.len);
	http_free(&h);
	http_get(&g->service, g->an, file, &h);
	assert_int_equal(h.status, 200);
	assert_int_equal(h.len, 3);
	assert_memory_equal(h.body, "\0\1\2", 3);
	assert_string_equal(http_header(&h, "X-Content-Type-Options"), "nosniff");
	http_free(&h);
	/* An outside team to whom it was not handed cannot tell it from one that does not exist. */
	const char *const hidden[] = {raw, file};
	for (size_t i = 0; i < 2; i++) {
		http_get(&g->service, g->ext, hidden[i], &h);
		assert_problem(&h, 404, "not-found");
		http_free(&h);
		http_get(&g->service, NULL, hidden[i], &h);
		assert_problem(&h, 401, "login");
		http_free(&h);
	}
}

static void test_a_merge_hands_no_file_over(void **state)
{
	struct group *g = *state;
	char ticket[37], message[37], attachment[37], into[37], team[37], key[37], more[100];
	struct http h;

	find(g, ticket, message, attachment);
	group_find(g, "/v1/teams", "Aannemer", team);
	service_ticket(&g->service, g->an, "Voor de aannemer", into);
	snprintf(more, sizeof(more), "\"team_id\":\"%s\"", team);
	service_act(&g->service, g->an, "assign", into, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "\"into_id\":\"%s\"", into);
	service_act(&g->service, g->an, "merge", ticket, 1, more, key, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	snprintf(more, sizeof(more), "/v1/messages/%s/raw", message);
	http_get(&g->service, g->ext, more, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
	snprintf(more, sizeof(more), "/v1/attachments/%s", attachment);
	http_get(&g->service, g->ext, more, &h);
	assert_problem(&h, 404, "not-found");
	http_free(&h);
}

static void test_too_far_behind_begins_anew(void **state)
{
	struct group *g = *state;
	char path[200], id[37];
	struct http h;

	http_get(&g->service, g->an, "/v1/snapshot", &h);
	snprintf(path, sizeof(path), "/v1/changes?after=%s", http_text(&h, "cursor"));
	http_free(&h);
	http_get(&g->service, g->an, path, &h);
	assert_int_equal(h.status, 200);
	http_free(&h);
	for (int i = 0; i < 12; i++)
		service_ticket(&g->service, g->an, "Nog een", id);
	http_get(&g->service, g->an, path, &h);
	assert_problem(&h, 410, "gone-cursor");
	http_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_and_rights),
		cmocka_unit_test(test_a_merge_hands_no_file_over),
		cmocka_unit_test(test_too_far_behind_begins_anew),
	};

	return cmocka_run_group_tests(tests, start, group_stop);
}
