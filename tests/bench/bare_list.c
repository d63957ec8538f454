/* The bare program that balie's queue is measured against: ncurses, SQLite, one list, nothing else.
 * It reads the same cache.db, page by page, and marks each frame as balie does.
 *   bare_list CACHE.db [KEPT.db]     with a second file each key is one row in its log, and on disk,
 *                                    before anything is shown: what text that is kept cannot do without */
#include <curses.h>
#include <locale.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	sqlite3_int64 key, rowid;
};

static sqlite3_stmt *after, *before;
static struct place places[512];
static int shown;

static void put_row(int y, sqlite3_stmt *q, struct place *p)
{
	p->key = sqlite3_column_int64(q, 0);
	p->rowid = sqlite3_column_int64(q, 1);
	mvprintw(y, 0, "%-13s %-12s %-40.40s %-24.24s", sqlite3_column_text(q, 2),
		 sqlite3_column_text(q, 3), sqlite3_column_text(q, 4),
		 sqlite3_column_text(q, 5) ? (const char *)sqlite3_column_text(q, 5) : "");
	clrtoeol();
}

static void load(sqlite3_stmt *q, sqlite3_int64 key, sqlite3_int64 rowid, int rows)
{
	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, key);
	sqlite3_bind_int64(q, 2, rowid);
	sqlite3_bind_int(q, 3, rows);
	int n = 0;
	while (n < rows && sqlite3_step(q) == SQLITE_ROW) {
		int y = q == before ? rows - 1 - n : n;
		put_row(y, q, &places[y]);
		n++;
	}
	sqlite3_reset(q);
	if (n > 0)
		shown = n;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		exit(1);
	}
	return q;
}

static sqlite3_stmt *open_kept(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
			 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
			 "CREATE TABLE IF NOT EXISTS kept(key INTEGER NOT NULL)",
			 NULL, NULL, NULL) != SQLITE_OK)
		exit(1);
	return prepare(db, "INSERT INTO kept(key) VALUES (?1)");
}

static void keep(sqlite3_stmt *q, int key)
{
	sqlite3_bind_int(q, 1, key);
	if (sqlite3_step(q) != SQLITE_DONE)
		exit(1);
	sqlite3_reset(q);
}

int main(int argc, char **argv)
{
	sqlite3_stmt *kept = NULL;
	sqlite3 *db;
	if (argc < 2 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return 1;
	after = prepare(db, "SELECT due_key, rowid, number, state, subject, party_name FROM ticket "
			    "WHERE (due_key, rowid) > (?1, ?2) ORDER BY due_key, rowid LIMIT ?3");
	before =
		prepare(db, "SELECT due_key, rowid, number, state, subject, party_name FROM ticket "
			    "WHERE (due_key, rowid) < (?1, ?2) "
			    "ORDER BY due_key DESC, rowid DESC LIMIT ?3");
	if (argc > 2)
		kept = open_kept(argv[2]);
	setlocale(LC_ALL, "");
	initscr();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	int sel = 0, rows = LINES - 2;
	load(after, -1, -1, rows);
	for (;;) {
		mvchgat(sel, 0, -1, A_REVERSE, 0, NULL);
		move(sel, 0);
		refresh();
		dprintf(STDOUT_FILENO, "\033]7777;frame\007");
		int k = getch();
		mvchgat(sel, 0, -1, A_NORMAL, 0, NULL);
		if (kept)
			keep(kept, k);
		if (k == 'q')
			break;
		if (k == 'j' || k == KEY_DOWN)
			sel = sel < shown - 1 ? sel + 1 : sel;
		else if (k == 'k' || k == KEY_UP)
			sel = sel > 0 ? sel - 1 : sel;
		else if (k == KEY_NPAGE)
			load(after, places[shown - 1].key, places[shown - 1].rowid, rows);
		else if (k == KEY_PPAGE)
			load(before, places[0].key, places[0].rowid, rows);
	}
	endwin();
	sqlite3_close(db);
	return 0;
}
