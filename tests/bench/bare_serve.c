/* The bare program that balied is measured against: libmicrohttpd, SQLite, nothing else. No login, no
 * rights, no journal. GET /page: 50 rows of the town as JSON. POST /insert: one durable insert. */
#include <microhttpd.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sqlite3_stmt *page, *insert;

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		exit(1);
	}
	return q;
}

static size_t put_text(char *p, const unsigned char *s)
{
	size_t n = 0;
	p[n++] = '"';
	for (; s && *s; s++) {
		if (*s == '"' || *s == '\\')
			p[n++] = '\\';
		p[n++] = *s < 32 ? ' ' : (char)*s;
	}
	p[n++] = '"';
	return n;
}

static char *make_page(size_t *ret_len)
{
	size_t cap = 1 << 18, n = 0;
	char *out = malloc(cap);
	int cols = sqlite3_column_count(page);
	out[n++] = '[';
	while (sqlite3_step(page) == SQLITE_ROW) {
		if (n > 1)
			out[n++] = ',';
		out[n++] = '{';
		for (int c = 0; c < cols && n < cap - 8192; c++) {
			n += (size_t)sprintf(out + n, "%s\"%s\":", c ? "," : "",
					     sqlite3_column_name(page, c));
			n += put_text(out + n, sqlite3_column_text(page, c));
		}
		out[n++] = '}';
	}
	out[n++] = ']';
	sqlite3_reset(page);
	*ret_len = n;
	return out;
}

static enum MHD_Result answer(void *user, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **ctx)
{
	static int seen;
	struct MHD_Response *r;
	size_t len;
	(void)user, (void)version, (void)data;
	if (!*ctx) {
		*ctx = &seen;
		return MHD_YES;
	}
	if (*size) {
		*size = 0;
		return MHD_YES;
	}
	if (!strcmp(method, "POST")) {
		sqlite3_bind_text(insert, 1, "Een melding over het voetpad", -1, SQLITE_STATIC);
		sqlite3_step(insert);
		sqlite3_reset(insert);
		r = MHD_create_response_from_buffer(2, (void *)(size_t) "{}",
						    MHD_RESPMEM_PERSISTENT);
	} else if (!strcmp(url, "/page")) {
		char *body = make_page(&len);
		r = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	} else {
		r = MHD_create_response_from_buffer(0, (void *)(size_t) "", MHD_RESPMEM_PERSISTENT);
	}
	MHD_add_response_header(r, "Content-Type", "application/json");
	enum MHD_Result ok = MHD_queue_response(c, 200, r);
	MHD_destroy_response(r);
	return ok;
}

int main(int argc, char **argv)
{
	sqlite3 *town, *own;
	sigset_t set;
	int sig;
	if (argc < 4 || sqlite3_open_v2(argv[1], &town, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_open(argv[2], &own))
		return 1;
	sqlite3_exec(own,
		     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t "
		     "(id INTEGER PRIMARY KEY, subject TEXT)",
		     NULL, NULL, NULL);
	page = prepare(town, "SELECT * FROM ticket WHERE is_open = 1 "
			     "ORDER BY due_key, id LIMIT 50");
	insert = prepare(own, "INSERT INTO t (subject) VALUES (?1)");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	struct MHD_Daemon *d =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)atoi(argv[3]), NULL, NULL,
				 answer, NULL, MHD_OPTION_END);
	if (!d)
		return 1;
	puts("ready");
	fflush(stdout);
	sigwait(&set, &sig);
	MHD_stop_daemon(d);
	return 0;
}
