/* What a stranger's bytes could break most easily, HTML and the recognition of files, is read by a
 * child process: it can open nothing, start nothing, and has a limit on memory and time. It is
 * started at first need, lives long, and is started again when it died. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "balie/mem.h"

#define MAIL_CHILD_COMMAND "mail-child" /* what the program is told, as its one word */
#define MAIL_CHILD_PATIENCE 10000	/* ms for one question */

/* From now on "PROGRAM mail-child" reads what is asked below, each within patience ms. Until this is
 * called, and with NULL, this process reads it itself: for tests. */
void mail_child_use(const char *program, int patience);
/* Ends the child that runs. The next question starts one again. */
void mail_child_stop(void);
/* Main of the child: answers what comes in on descriptor 0 until that ends. Gives an exit code. */
int mail_child_main(void);
/* The child that runs; 0 when none does. */
pid_t mail_child_pid(void);

/* Both may be called by any thread, after mail_init(). False: the child died of it, or took too long,
 * and nothing was appended; the next question is answered by a new one.
 * As mail_html_to_text(); *ret_whole is what that gives. */
bool mail_child_html(struct buf *ret, const char *html, size_t len, bool *ret_whole);
/* Appends the type of a file by its bytes, as mail_type_guess() does. */
bool mail_child_type(struct buf *ret, const void *data, size_t len);
