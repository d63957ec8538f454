/* A program on a real pseudo-terminal, its screen read by libvterm. For tests of whole programs.
 *
 * No call sleeps: each waits for a text, a frame or the end of the program, up to a limit that is
 * only reached when the program is broken. The program runs with BALIE_FRAMES=1, so it says after
 * each frame that the frame is complete. In meson: dependencies: terminal_dep. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Long enough for a loaded machine under the sanitizers; a passing test never waits for it. */
#define TERMINAL_LIMIT_MS 20000

struct terminal;

/* Starts argv[0] on a terminal of rows x cols. env: "NAME=value" rows that are added to the
 * environment (NULL-ended, or NULL); "NAME" alone takes the variable away. TERM is xterm-256color,
 * the locale C.UTF-8 and BALIE_FRAMES 1 unless env says otherwise. */
struct terminal *terminal_start(char *const argv[], const char *const env[], int rows, int cols);

void terminal_type(struct terminal *t, const char *utf8); /* as typed: plain characters */
/* One key by its keymap name: "Enter", "Esc", "Tab", "Shift+Tab", "Up", "PageDown", "F2", "Ctrl+S",
 * "Alt+x", "Backspace", "Delete", "Home", "a". False when the name is unknown. */
bool terminal_key(struct terminal *t, const char *name);
int terminal_keys(struct terminal *t,
		  const char *names); /* several, separated by spaces; how many */
void terminal_paste(struct terminal *t, const char *utf8); /* bracketed when the program asks */
void terminal_raw(struct terminal *t, const void *bytes, size_t len);

/* True when text stands on the screen, in one row, within ms; it may stand there already. */
bool terminal_wait_text(struct terminal *t, const char *text, int ms);
bool terminal_wait_no_text(struct terminal *t, const char *text, int ms);
/* Frames drawn since the start, and waiting until at least that many are there. */
unsigned terminal_frames(const struct terminal *t);
bool terminal_wait_frames(struct terminal *t, unsigned upto, int ms);
bool terminal_wait_exit(struct terminal *t, int ms);	/* the program ended by itself */
bool terminal_wait_stopped(struct terminal *t, int ms); /* it was suspended; SIGCONT goes on */

bool terminal_has_text(struct terminal *t, const char *text);
/* The whole screen, one line a row, trailing blanks cut. The caller frees it. */
char *terminal_screen_text(struct terminal *t);
char *terminal_row_text(struct terminal *t, int row);	   /* the caller frees it */
int terminal_row_of(struct terminal *t, const char *text); /* -1 when it stands nowhere */
/* What the program wrote, byte for byte: the last half megabyte of it at least. */
const char *terminal_bytes(const struct terminal *t, size_t *len);
void terminal_cursor(struct terminal *t, int *row, int *col);
bool terminal_is_reverse(struct terminal *t, int row, int col);
bool terminal_is_coloured(struct terminal *t); /* any cell in another colour than the default */
bool terminal_in_altscreen(const struct terminal *t);

void terminal_resize(struct terminal *t, int rows, int cols);
void terminal_signal(struct terminal *t, int signo); /* to the program alone */
/* Closes the terminal's other end, as when a window is closed: the program gets SIGHUP. */
void terminal_hang_up(struct terminal *t);
pid_t terminal_pid(const struct terminal *t);
/* The terminal's settings as they are now: true when they are as before the program started. */
bool terminal_is_restored(const struct terminal *t);
/* Nanoseconds from the last key to the last frame mark that was read. */
uint64_t terminal_key_to_frame_ns(const struct terminal *t);

/* Ends the program when it still runs (SIGTERM, and SIGKILL after the limit), frees t. Gives the
 * exit status as a shell would: 0 to 255, 128 + signal when a signal ended it. */
int terminal_stop(struct terminal *t);
