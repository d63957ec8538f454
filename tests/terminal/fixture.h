/* A town with a service of its own in a folder of its own, and agents who work in it on terminals.
 *
 * Whatever goes wrong ends the test with the screen as it was. town_remove() stops what still runs, by
 * its process id, and takes the folder away. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <sys/types.h>
#include <cmocka.h>
#include "terminal.h"

#define TOWN_TERMINALS 8
#define TOWN_PASSWORD "rode fiets 1"

struct town {
	char dir[48];
	char db[80]; /* the file */
	pid_t pid;   /* of the service; 0: it does not run */
	struct terminal *open[TOWN_TERMINALS];
};

/* The programs under test: from BALIE_BIN and BALIED_BIN. */
const char *program_balie(void);
const char *program_balied(void);

/* An empty folder only. */
void town_folder(struct town *t);
/* And in it a town with the agents an, bart and loket of one team, and the service. */
void town_make(struct town *t);
/* With the town's balied.conf when there is one. */
void town_serve(struct town *t);
void town_stop(struct town *t);
void town_remove(struct town *t);

/* Each agent reaches the service by an address of his own: taken away, he alone has no network. For
 * connections made from now on. */
void town_cut(struct town *t, const char *user);
void town_join(struct town *t, const char *user);

/* Runs balie without a screen as an agent; words is NULL-ended. Gives what it printed, which the
 * caller frees. code NULL: it must end well. */
char *town_balie(struct town *t, const char *user, int *code, const char *const *words);
#define BALIE(t, user, ...) \
	free(town_balie(t, user, NULL, (const char *const[]){__VA_ARGS__, NULL}))
/* Registers a ticket of the agents' team, as agent loket. */
void town_ticket(struct town *t, const char *subject, const char *body);

/* Runs balied with words and the town's --db, also while the service runs; it must end well. */
#define town_balied(t, ...) town_balied_words(t, (const char *const[]){__VA_ARGS__, NULL}, NULL)
void town_balied_words(const struct town *t, const char *const *words, const char *input);
char *town_path(const struct town *t, const char *name); /* in its folder; the caller frees it */

/* The first value of a question to the town's database; each "?" is text. */
int64_t town_number(struct town *t, const char *sql, const char *text);
/* A change in the town's database while the service does not run. */
void town_change(struct town *t, const char *sql, const char *text);

/* Starts the screens as an agent whose files are in a home of his own. words and env may be NULL. The
 * terminal is stopped by town_remove() when the test did not. */
struct terminal *town_open(struct town *t, const char *user, const char *const *words,
			   const char *const *env, int rows, int cols);
/* The same, and types the password that is asked the first time; waits for the queue. */
struct terminal *town_log_in(struct town *t, const char *user, int rows, int cols);
/* Any program on a terminal, with the town's folder as its home. */
struct terminal *town_run(struct town *t, const char *const *argv, const char *const *env, int rows,
			  int cols);
int town_close(struct town *t, struct terminal *terminal); /* gives its exit status */
/* Leaves with Q and checks that the terminal is as it was and the status 0. */
void town_leave(struct town *t, struct terminal *terminal);
char *town_home(struct town *t, const char *user); /* the caller frees it */

/* Where a session is written down: the file that BALIE_RECORD names with this ending; NULL when it names none.
 * fclose() it. */
FILE *record_open(const char *ending);
/* The screen as it is, below what was done. record NULL: nothing. */
void record_screen(FILE *record, struct terminal *t, const char *caption);

/* What must be on the screen, at once or soon. The screen is printed when it is not. */
#define see(terminal, text) see_at(terminal, text, true, __FILE__, __LINE__)
#define see_not(terminal, text) see_at(terminal, text, false, __FILE__, __LINE__)
void see_at(struct terminal *terminal, const char *text, bool there, const char *file, int line);
#define check(terminal, condition) check_at(terminal, condition, #condition, __FILE__, __LINE__)
void check_at(struct terminal *terminal, bool holds, const char *what, const char *file, int line);
/* Waits until a question to the database gives this number. */
#define town_wait(t, sql, text, wanted) town_wait_at(t, sql, text, wanted, __FILE__, __LINE__)
void town_wait_at(struct town *t, const char *sql, const char *text, int64_t wanted,
		  const char *file, int line);
/* True when the process is there (a zombie is not). */
bool process_runs(pid_t pid);
/* The first child of a process; 0 when it has none. */
pid_t process_child(pid_t pid);
