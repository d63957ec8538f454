/* Keys as people name them. Escape sequences are decoded by ncurses alone, from terminfo. */
#include "term.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include "balie/clock.h"
#include "balie/text.h"

/* Numbers of our own for define_key: above KEY_MAX and above those that ncurses hands out to the
 * extended keys of terminfo. */
#define KEY_PASTE_BEGIN 3000
#define KEY_PASTE_END 3001
#define PASTE_MAX (1024 * 1024) /* bytes; what comes behind them is not taken */
/* A paste whose end never comes must not lock the keyboard. */
#define PASTE_PATIENCE_MS 3000

struct named {
	int code;
	const char *name;
};

static const struct named curses_keys[] = {
	{KEY_UP, "Up"},
	{KEY_DOWN, "Down"},
	{KEY_LEFT, "Left"},
	{KEY_RIGHT, "Right"},
	{KEY_HOME, "Home"},
	{KEY_END, "End"},
	{KEY_NPAGE, "PageDown"},
	{KEY_PPAGE, "PageUp"},
	{KEY_DC, "Delete"},
	{KEY_IC, "Insert"},
	{KEY_BACKSPACE, "Backspace"},
	{KEY_ENTER, "Enter"},
	{KEY_BTAB, "Shift+Tab"},
	{KEY_SR, "Shift+Up"},
	{KEY_SF, "Shift+Down"},
	{KEY_SLEFT, "Shift+Left"},
	{KEY_SRIGHT, "Shift+Right"},
	{KEY_SHOME, "Shift+Home"},
	{KEY_SEND, "Shift+End"},
	{KEY_SNEXT, "Shift+PageDown"},
	{KEY_SPREVIOUS, "Shift+PageUp"},
	{KEY_SDC, "Shift+Delete"},
	{KEY_SIC, "Shift+Insert"},
	{KEY_A1, "Home"},
	{KEY_A3, "PageUp"},
	{KEY_C1, "End"},
	{KEY_C3, "PageDown"},
	{KEY_FIND, "Home"},
	{KEY_SELECT, "End"},
	{KEY_HELP, "Help"},
	{KEY_CANCEL, "Cancel"},
};

/* Names that people may write in a keymap. */
static const char *const key_words[] = {
	"Up",	  "Down",   "Left",	 "Right", "Home", "End", "PageDown", "PageUp",
	"Delete", "Insert", "Backspace", "Enter", "Tab",  "Esc", "Space",    "Hash",
	"Help",	  "Cancel", "F1",	 "F2",	  "F3",	  "F4",	 "F5",	     "F6",
	"F7",	  "F8",	    "F9",	 "F10",	  "F11",  "F12", NULL};

static struct {
	struct buf text;
	bool inside;
	int64_t last; /* when its newest character came */
} paste;

/* What terminals send for these keys besides what terminfo says of them: TERM is often only nearly
 * right (tmux and the Linux console under TERM=xterm). */
static const struct {
	const char *sent;
	int code;
} also_sent[] = {
	{"\033[A", KEY_UP},	{"\033[B", KEY_DOWN},	{"\033[C", KEY_RIGHT},
	{"\033[D", KEY_LEFT},	{"\033[H", KEY_HOME},	{"\033[F", KEY_END},
	{"\033[1~", KEY_HOME},	{"\033[4~", KEY_END},	{"\033[7~", KEY_HOME},
	{"\033[8~", KEY_END},	{"\033OA", KEY_UP},	{"\033OB", KEY_DOWN},
	{"\033OC", KEY_RIGHT},	{"\033OD", KEY_LEFT},	{"\033OH", KEY_HOME},
	{"\033OF", KEY_END},	{"\033[3~", KEY_DC},	{"\033[5~", KEY_PPAGE},
	{"\033[6~", KEY_NPAGE}, {"\033[11~", KEY_F(1)}, {"\033[12~", KEY_F(2)},
	{"\033[13~", KEY_F(3)}, {"\033[14~", KEY_F(4)},
};

void keys_init(void)
{
	for (size_t i = 0; i < sizeof(also_sent) / sizeof(also_sent[0]); i++)
		if (key_defined(also_sent[i].sent) == 0)
			define_key(also_sent[i].sent, also_sent[i].code);
	define_key("\033[200~", KEY_PASTE_BEGIN);
	define_key("\033[201~", KEY_PASTE_END);
	paste.inside = false;
}

void keys_finish(void)
{
	buf_finish(&paste.text);
	paste.inside = false;
}

/* "kLFT5", the name of an extended key in terminfo: base and xterm's number of the modifiers. */
static bool name_extended(int code, char ret[KEY_NAME])
{
	static const struct {
		const char *cap, *name;
	} bases[] = {{"kUP", "Up"},	{"kDN", "Down"},  {"kLFT", "Left"},	{"kRIT", "Right"},
		     {"kHOM", "Home"},	{"kEND", "End"},  {"kNXT", "PageDown"}, {"kPRV", "PageUp"},
		     {"kDC", "Delete"}, {"kIC", "Insert"}};
	const char *cap = keyname(code);
	int mods;

	if (cap == NULL)
		return false;
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		size_t n = strlen(bases[i].cap);

		if (strncmp(cap, bases[i].cap, n) != 0)
			continue;
		if (cap[n] == '\0')
			mods = 1;
		else if (cap[n] >= '2' && cap[n] <= '8' && cap[n + 1] == '\0')
			mods = cap[n] - '1';
		else
			continue;
		snprintf(ret, KEY_NAME, "%s%s%s%s", mods & 4 ? "Ctrl+" : "", mods & 2 ? "Alt+" : "",
			 mods & 1 ? "Shift+" : "", bases[i].name);
		return true;
	}
	return false;
}

static bool name_curses(int code, char ret[KEY_NAME])
{
	for (size_t i = 0; i < sizeof(curses_keys) / sizeof(curses_keys[0]); i++) {
		if (curses_keys[i].code == code) {
			snprintf(ret, KEY_NAME, "%s", curses_keys[i].name);
			return true;
		}
	}
	if (code > KEY_F0 && code <= KEY_F0 + 48) {
		int n = code - KEY_F0 - 1;
		static const char *const mods[] = {"", "Shift+", "Ctrl+", "Ctrl+Shift+"};

		snprintf(ret, KEY_NAME, "%sF%d", mods[n / 12], n % 12 + 1);
		return true;
	}
	return name_extended(code, ret);
}

/* Names a character; ret->ch is set when it types one. */
static void name_char(uint32_t ch, struct key *ret)
{
	ret->ch = 0;
	if (ch == '\r' || ch == '\n')
		strcpy(ret->name, "Enter");
	else if (ch == '\t')
		strcpy(ret->name, "Tab");
	else if (ch == 27)
		strcpy(ret->name, "Esc");
	else if (ch == 8 || ch == 127)
		strcpy(ret->name, "Backspace");
	else if (ch == 0)
		strcpy(ret->name, "Ctrl+Space");
	else if (ch < 32)
		snprintf(ret->name, KEY_NAME, "Ctrl+%c", (char)(ch + 64));
	else {
		ret->ch = ch;
		if (ch == ' ')
			strcpy(ret->name, "Space");
		else
			ret->name[utf8_put(ch, ret->name)] = '\0';
	}
}

static void name_alt(struct key *key)
{
	char plain[KEY_NAME];

	/* Ctrl stands before Alt in our names, Shift behind it. */
	memcpy(plain, key->name, KEY_NAME);
	if (strncmp(plain, "Ctrl+", 5) == 0 && plain[5] != '\0')
		snprintf(key->name, KEY_NAME, "Ctrl+Alt+%.12s", plain + 5);
	else
		snprintf(key->name, KEY_NAME, "Alt+%.18s", plain);
	key->ch = 0;
}

/* Takes what is there of a paste. True when it is complete. */
static bool paste_collect(void)
{
	char bytes[4];
	MEVENT pasted;
	wint_t ch;
	int kind;

	while ((kind = get_wch(&ch)) != ERR) {
		paste.last = clock_mono();
		if (kind == KEY_CODE_YES) {
			if (ch == KEY_PASTE_END) {
				paste.inside = false;
				return true;
			}
			/* Pasted text may look like a click: it must not wait for the next one. */
			if (ch == KEY_MOUSE)
				getmouse(&pasted);
			continue;
		}
		if (ch == '\r')
			ch = '\n';
		if (paste.text.len < PASTE_MAX && ch != 0)
			buf_add(&paste.text, bytes, utf8_put((uint32_t)ch, bytes));
	}
	return false;
}

static bool paste_ended(struct key *ret)
{
	if (paste.last != 0 && clock_mono() - paste.last > PASTE_PATIENCE_MS)
		paste.inside = false;
	else if (!paste_collect())
		return false;
	strcpy(ret->name, "Paste");
	ret->ch = 0;
	ret->paste = paste.text.data != NULL ? paste.text.data : "";
	return true;
}

/* The rest of a control sequence that ncurses does not know (ECMA-48 5.4): its letters are no keys, or a
 * stray one would act. False: nothing followed, so it was Alt+[. */
static bool skip_sequence(void)
{
	wint_t ch;
	bool any = false;

	while (get_wch(&ch) == OK) {
		any = true;
		if (ch < 0x20 || ch > 0x3F)
			break;
	}
	return any;
}

/* ncurses has read it whole; anything else that it sends is let go. */
static bool name_mouse(struct key *ret)
{
	MEVENT event;

	/* Nobody asked for it, so ncurses leaves the rest of what came where it is. */
	if (!term_has_mouse())
		skip_sequence();
	if (getmouse(&event) != OK)
		return false;
	if (event.bstate & BUTTON1_PRESSED)
		strcpy(ret->name, "Click");
	else if (event.bstate & BUTTON4_PRESSED)
		strcpy(ret->name, "Wheel+Up");
	else if (event.bstate & BUTTON5_PRESSED)
		strcpy(ret->name, "Wheel+Down");
	else
		return false;
	ret->row = event.y;
	ret->col = event.x;
	ret->is_mouse = true;
	return true;
}

enum found { FOUND_NONE, FOUND_KEY, FOUND_STRAY };

static enum found next_key(struct key *ret)
{
	wint_t ch, next;
	int kind;

	ret->paste = NULL;
	ret->is_mouse = false;
	if (paste.inside)
		return paste_ended(ret) ? FOUND_KEY : FOUND_NONE;
	for (;;) {
		kind = get_wch(&ch);
		if (kind == ERR)
			return FOUND_NONE;
		if (kind != KEY_CODE_YES)
			break;
		ret->ch = 0;
		if (ch == KEY_PASTE_BEGIN) {
			buf_reset(&paste.text);
			paste.inside = true;
			paste.last = clock_mono();
			return paste_ended(ret) ? FOUND_KEY : FOUND_NONE;
		}
		if (ch == KEY_MOUSE ? name_mouse(ret) : name_curses((int)ch, ret->name))
			return FOUND_KEY;
	}
	name_char((uint32_t)ch, ret);
	if (ch != 27)
		return FOUND_KEY;
	/* What comes directly behind an ESC that starts no known sequence was typed with Alt. */
	kind = get_wch(&next);
	if (kind == ERR)
		return FOUND_KEY;
	if (kind == KEY_CODE_YES && next < KEY_PASTE_BEGIN && name_curses((int)next, ret->name))
		name_alt(ret);
	else if (kind == KEY_CODE_YES)
		ungetch((int)next);
	else if (next == 27)
		unget_wch((wchar_t)next);
	else if (next == '[' && skip_sequence())
		return FOUND_STRAY;
	else {
		name_char((uint32_t)next, ret);
		name_alt(ret);
	}
	return FOUND_KEY;
}

bool keys_next(struct key *ret)
{
	enum found found;

	do
		found = next_key(ret);
	while (found == FOUND_STRAY);
	return found == FOUND_KEY;
}

/* ---- spelling, for keymaps ---- */

static bool spell_base(const char *text, size_t len, bool ctrl, char *ret, size_t size,
		       const char **ret_near)
{
	char word[KEY_NAME];
	size_t pos = 0;
	int width, best = 4;

	*ret_near = NULL;
	if (len == 0 || len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (text_next(word, len, &pos, &width) && pos == len && (unsigned char)word[0] > 32) {
		if (ctrl && word[0] >= 'a' && word[0] <= 'z')
			word[0] = (char)(word[0] - 32);
		snprintf(ret, size, "%s", word);
		return true;
	}
	for (const char *const *w = key_words; *w != NULL; w++) {
		int d = text_distance(word, *w, best);

		if (strcasecmp(word, *w) == 0) {
			snprintf(ret, size, "%s", strcmp(*w, "Hash") == 0 ? "#" : *w);
			return true;
		}
		if (d < best) {
			best = d;
			*ret_near = *w;
		}
	}
	return false;
}

/* Some chords reach us as another key: what is bound must be what can be typed. */
static void settle(bool on[3], char *base)
{
	static const char *const same[][2] = {
		{"H", "Backspace"}, {"I", "Tab"}, {"J", "Enter"}, {"M", "Enter"}, {"[", "Esc"}};

	if (base[0] == '\0' || base[1] != '\0')
		return;
	if (on[0]) {
		for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
			if (strcmp(base, same[i][0]) == 0) {
				strcpy(base, same[i][1]);
				on[0] = false;
				return;
			}
		}
	} else if (on[2] && base[0] >= 'a' && base[0] <= 'z') {
		base[0] = (char)(base[0] - 32);
		on[2] = false;
	} else if (on[2] && base[0] >= 'A' && base[0] <= 'Z') {
		on[2] = false;
	}
}

bool key_spell(const char *text, size_t len, char ret[KEY_NAME], const char **ret_near)
{
	static const char *const mods[] = {"Ctrl+", "Alt+", "Shift+"};
	bool on[3] = {false};
	char base[KEY_NAME];
	bool found = true;

	while (found) {
		found = false;
		for (int i = 0; i < 3; i++) {
			size_t n = strlen(mods[i]);

			if (len > n && strncasecmp(text, mods[i], n) == 0) {
				on[i] = found = true;
				text += n;
				len -= n;
			}
		}
	}
	if (!spell_base(text, len, on[0], base, sizeof(base), ret_near))
		return false;
	settle(on, base);
	if (snprintf(ret, KEY_NAME, "%s%s%s%s", on[0] ? mods[0] : "", on[1] ? mods[1] : "",
		     on[2] ? mods[2] : "", base) >= KEY_NAME)
		return false;
	return true;
}
