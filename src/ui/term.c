#include "term.h"
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "balie/config.h"
#include "balie/i18n.h"

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
#define FRAME_MARK "\033]7777;frame\007"

static SCREEN *screen;
static bool frames;	 /* a test wants to see where a frame ends */
static int cursor_shown; /* what curs_set was last told; -1 unknown */

/* What the fatal-signal handler needs: all made before, since it may call next to nothing. */
static volatile sig_atomic_t taken; /* the terminal is ours now */
static struct termios saved_tty;
static char farewell[256];
static size_t farewell_len;

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
static struct sigaction fatal_before[sizeof(fatal_signals) / sizeof(fatal_signals[0])];
static void *fatal_stack;

static void write_all(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

/* Gives the terminal back with nothing but write and tcsetattr, puts back the handler that was
 * there (a sanitizer's, or the default one that leaves a core) and lets the signal strike again. */
static void on_fatal(int signo)
{
	int keep = errno;

	if (taken) {
		taken = 0;
		write_all(farewell, farewell_len);
		tcsetattr(STDIN_FILENO, TCSANOW, &saved_tty);
	}
	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++)
		if (fatal_signals[i] == signo)
			sigaction(signo, &fatal_before[i], NULL);
	errno = keep;
	raise(signo);
}

static void fatal_install(void)
{
	struct sigaction sa = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
	size_t size = 64 * 1024;
	stack_t st, before;

	/* A stack that ran over has no room for a handler: it gets one of its own. */
	if (sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE) != 0) {
		fatal_stack = xcalloc(1, size);
		st = (stack_t){.ss_sp = fatal_stack, .ss_size = size};
		sigaltstack(&st, NULL);
	}
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++)
		sigaction(fatal_signals[i], &sa, &fatal_before[i]);
}

static void fatal_remove(void)
{
	stack_t off = {.ss_flags = SS_DISABLE};

	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++)
		sigaction(fatal_signals[i], &fatal_before[i], NULL);
	if (fatal_stack != NULL) {
		sigaltstack(&off, NULL);
		free(fatal_stack);
		fatal_stack = NULL;
	}
}

/* Adds a capability without its padding marks ("$<5>"), which only tputs understands. */
static void farewell_add(const char *s)
{
	if (s == NULL || s == (const char *)-1)
		return;
	while (*s != '\0' && farewell_len < sizeof(farewell)) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL) {
			s = strchr(s, '>') + 1;
			continue;
		}
		farewell[farewell_len++] = *s++;
	}
}

/* ncurses counts characters by the locale. In one that is not UTF-8 (a bare "C" over ssh) it would
 * show every é as two signs, while all that we have is UTF-8. */
static void use_utf8(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static void paste_ask(bool on)
{
	write_all(on ? PASTE_ON : PASTE_OFF, sizeof(PASTE_ON) - 1);
}

static void restore_at_exit(void)
{
	term_pause();
}

static void set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* Without this ncurses stops in the middle of an update when a key waits, and asks the
	 * kernel about it for every few lines. */
	typeahead(-1);
	set_escdelay(25);
	cursor_shown = -1;
}

static bool has_mouse_now;

bool term_has_mouse(void)
{
	return has_mouse_now;
}

bool term_open(bool no_colour, bool mouse, struct err *err)
{
	static bool registered;
	const char *term = env_get("TERM");
	const char *cup;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(err, ERR_INPUT, _("this is not a terminal"));
		return false;
	}
	if (term == NULL || strcmp(term, "dumb") == 0) {
		err_set(err, ERR_INPUT,
			_("the terminal type is %s: set TERM to what the terminal is"),
			term == NULL ? _("not set") : term);
		return false;
	}
	use_utf8();
	if (tcgetattr(STDIN_FILENO, &saved_tty) != 0) {
		err_errno(err, _("cannot read the settings of the terminal"));
		return false;
	}
	screen = newterm(NULL, stdout, stdin);
	cup = screen != NULL ? tigetstr("cup") : NULL;
	if (screen == NULL || cup == NULL || cup == (const char *)-1) {
		if (screen != NULL) {
			endwin();
			delscreen(screen);
			screen = NULL;
		}
		tcsetattr(STDIN_FILENO, TCSANOW, &saved_tty);
		err_set(err, ERR_INPUT,
			_("the terminal type %s is unknown or cannot move its cursor"), term);
		return false;
	}
	frames = env_get("BALIE_FRAMES") != NULL;
	set_modes();
	theme_init(no_colour || env_get("NO_COLOR") != NULL);
	keys_init();
	/* No waiting for a second click: that is known by the time between them. */
	has_mouse_now = mouse;
	mouseinterval(0);
	mousemask(mouse ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	farewell_len = 0;
	if (mouse)
		farewell_add(MOUSE_OFF);
	farewell_add(PASTE_OFF);
	farewell_add(tigetstr("sgr0"));
	farewell_add(tigetstr("cnorm"));
	farewell_add(tigetstr("rmkx"));
	farewell_add(tigetstr("rmcup"));
	paste_ask(true);
	taken = 1;
	fatal_install();
	if (!registered)
		atexit(restore_at_exit);
	registered = true;
	return true;
}

void term_close(void)
{
	if (screen == NULL)
		return;
	term_pause();
	fatal_remove();
	keys_finish();
	cells_forget();
	delscreen(screen);
	screen = NULL;
}

bool term_is_open(void)
{
	return screen != NULL && taken;
}

void term_settle(void)
{
	if (screen != NULL)
		set_term(screen);
}

void term_pause(void)
{
	if (screen == NULL || !taken)
		return;
	paste_ask(false);
	curs_set(1);
	endwin();
	/* ncurses' idea of the old modes is lost when libedit asked terminfo in between. */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_tty);
	taken = 0;
}

void term_resume(void)
{
	if (screen == NULL)
		return;
	/* Even when it was ours all along: a shell that stopped us has set its own modes. */
	reset_prog_mode();
	taken = 1;
	set_modes();
	paste_ask(true);
	clearok(curscr, TRUE);
	term_resized();
}

void term_resized(void)
{
	struct winsize ws;

	if (screen == NULL || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0)
		return;
	if (ws.ws_row > 0 && ws.ws_col > 0 && (ws.ws_row != LINES || ws.ws_col != COLS))
		resizeterm(ws.ws_row, ws.ws_col);
}

void term_flush(void)
{
	if (!term_is_open())
		return;
	move(cells_cursor_wanted.row, cells_cursor_wanted.col);
	if (cursor_shown != cells_cursor_wanted.visible) {
		cursor_shown = cells_cursor_wanted.visible;
		curs_set(cursor_shown);
	}
	wnoutrefresh(stdscr);
	doupdate();
	if (frames)
		write_all(FRAME_MARK, sizeof(FRAME_MARK) - 1);
}
