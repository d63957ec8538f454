/* One PostgreSQL of the test process's own: in a temporary folder, on a Unix socket only, run by
 * somebody who is not root, gone with the process whatever ends that. Anybody's tests may use it:
 * `postgres_test_dep` in meson. Everything here ends the program with a message when it cannot do
 * what it should. Not for several threads at once. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define POSTGRES_URL 300
/* Owns the databases and may do no more than that, as balied's role should. */
#define POSTGRES_ROLE "balied"
/* Must give a password, which everybody else need not. Made by the test that wants it. */
#define POSTGRES_LOCKED_ROLE "locked"

/* Whether the test is to run on PostgreSQL: BALIE_ENGINE is "postgres". */
bool postgres_wanted(void);

enum postgres_flag {
	POSTGRES_FSYNC = 1, /* keep what was committed through a power cut; slower */
};
/* The first call starts it, or the first postgres_database() does, without flags. The folder is made
 * in TMPDIR, which everybody must be able to enter. */
void postgres_begin(unsigned flags);
/* Makes an empty database and gives its URL, for POSTGRES_ROLE. */
void postgres_database(char ret_url[POSTGRES_URL]);
/* The same URL for another role (and other parameters after it, "&…"; "" for none). */
void postgres_url(const char *url, const char *role, const char *more, char ret[POSTGRES_URL]);
/* Runs statements as the superuser, in the database of url (NULL: one of no matter). What they give
 * is the first column of the first row, to be freed; NULL when there is none. */
char *postgres_run(const char *url, const char *sql);
/* kill -9 of the server, and nothing of it is left when this returns. */
void postgres_kill(void);
/* Starts it again on the same data. */
void postgres_restart(void);
/* An orderly end, connections or not; postgres_restart() afterwards is right. */
void postgres_stop(void);
/* 0 while it does not run. */
pid_t postgres_pid(void);
/* Where the socket is, and the file `log` with all that the server said. */
const char *postgres_folder(void);
