/* The one terminal of the process, for the files of this room only. */
#pragma once
#include <curses.h>
#include "balie/ui.h"

/* ---- term.c: taking the terminal and giving it back ---- */
bool term_open(bool no_colour, bool mouse, struct err *err);
bool term_has_mouse(void);
void term_close(void);
/* Gives the terminal back for a while (suspend, an editor); nothing may be drawn until resume. */
void term_pause(void);
void term_resume(void);
/* Asks the system for the size and tells ncurses. */
void term_resized(void);
/* Sends what was drawn. The frame mark follows it when BALIE_FRAMES asks for it. */
void term_flush(void);
bool term_is_open(void);
/* libedit asks terminfo too and leaves ncurses with its terminal; this puts ours back. */
void term_settle(void);

/* ---- theme.c ---- */
void theme_init(bool no_colour);
/* A blank cell in this style; its first character may be replaced. */
const cchar_t *theme_cell(enum style style);

/* ---- cells.c ---- */
struct cursor {
	int row, col;
	bool visible;
};
extern struct cursor cells_cursor_wanted;
void cells_forget(void); /* frees the buffer kept between calls */

/* ---- keys.c, utf8.c ---- */
/* One character from *pos of well-formed UTF-8, and back: bytes written. */
uint32_t utf8_next(const char *s, size_t len, size_t *pos);
size_t utf8_put(uint32_t ch, char ret[4]);

void keys_init(void);
void keys_finish(void);
/* The next key that is there already; false when there is none (yet). ret->paste is valid until the
 * next call. */
bool keys_next(struct key *ret);
/* Writes the one right spelling of a key as people write it ("ctrl+s" gives "Ctrl+S"). On failure
 * *ret_near is the nearest known word, or NULL. */
bool key_spell(const char *text, size_t len, char ret[KEY_NAME], const char **ret_near);

/* ---- keymap.c ---- */
struct keymap_row {
	const char *keys;
	const struct action *action;
	const char *args;
	bool everywhere;
};
/* Every binding that works in a screen, one a call from *pos = 0 on; those that the screen binds
 * otherwise are left out. */
bool keymap_each(const struct keymap *km, const char *screen, size_t *pos, struct keymap_row *ret);
/* The screen's own section binds this key, or something that begins with it. */
bool keymap_binds(const struct keymap *km, const char *screen, const char *key);
/* keymap_key_of, but where letters are text: a key that types something is none there. */
const char *keymap_key_for(const struct keymap *km, const char *screen, const char *action,
			   const char *args, bool letters_are_text);
bool keymap_has(const struct keymap *km, const char *action); /* some screen binds it */
bool keymap_types(const char *keys); /* the first of these keys types a character */
