#include "terminal_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

#define BYTES_MAX (1u << 20)

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int on_osc(const char *command, size_t len, void *user)
{
	struct terminal *t = user;

	if (len >= 4 && memcmp(command, "7777", 4) == 0) {
		t->frames++;
		t->frame_ns = now_ns();
	}
	return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	struct terminal *t = user;

	if (property == VTERM_PROP_ALTSCREEN)
		t->altscreen = value->boolean;
	return 1;
}

static const VTermParserCallbacks parser_callbacks = {.osc = on_osc};
static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_property};

static void child_run(char *const argv[], const char *const env[])
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("BALIE_FRAMES", "1", 1);
	setenv("ESCDELAY", "25", 1);
	unsetenv("LANGUAGE");
	unsetenv("LINES");
	unsetenv("COLUMNS");
	for (size_t i = 0; env && env[i]; i++) {
		char *copy = strdup(env[i]);
		char *equals = copy ? strchr(copy, '=') : NULL;

		if (equals)
			putenv(copy);
		else
			unsetenv(env[i]);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void make_screen(struct terminal *t)
{
	t->vt = vterm_new(t->rows, t->cols);
	vterm_set_utf8(t->vt, 1);
	t->screen = vterm_obtain_screen(t->vt);
	t->state = vterm_obtain_state(t->vt);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_set_callbacks(t->screen, &screen_callbacks, t);
	vterm_screen_set_unrecognised_fallbacks(t->screen, &parser_callbacks, t);
	vterm_screen_reset(t->screen, 1);
}

struct terminal *terminal_start(char *const argv[], const char *const env[], int rows, int cols)
{
	struct terminal *t = calloc(1, sizeof(*t));
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	if (!t || !(t->bytes = malloc(BYTES_MAX)))
		abort();
	t->rows = rows;
	t->cols = cols;
	make_screen(t);
	if (openpty(&t->fd, &t->slave, NULL, NULL, &size) != 0)
		abort();
	fcntl(t->fd, F_SETFD, FD_CLOEXEC);
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	fcntl(t->slave, F_SETFD, FD_CLOEXEC);
	tcgetattr(t->slave, &t->before);
	t->pid = fork();
	if (t->pid == 0) {
		int slave = dup(t->slave);

		login_tty(slave);
		child_run(argv, env);
	}
	return t;
}

static void flush_answers(struct terminal *t)
{
	char out[256];
	size_t n;

	while ((n = vterm_output_read(t->vt, out, sizeof(out))) > 0)
		terminal_raw(t, out, n);
}

static void read_marks(struct terminal *t, const char *bytes, size_t len)
{
	static const char on[] = "\033[?2004h", off[] = "\033[?2004l";

	if (memmem(bytes, len, on, sizeof(on) - 1))
		t->pasting = true;
	if (memmem(bytes, len, off, sizeof(off) - 1))
		t->pasting = false;
}

/* Of what was written the last half megabyte at least is kept. */
static void keep_bytes(struct terminal *t, const char *bytes, size_t len)
{
	size_t half = BYTES_MAX / 2;

	if (t->bytes_len + len > BYTES_MAX) {
		memmove(t->bytes, t->bytes + t->bytes_len - half, half);
		t->bytes_len = half;
	}
	memcpy(t->bytes + t->bytes_len, bytes, len);
	t->bytes_len += len;
}

static void reap(struct terminal *t)
{
	int status;

	if (t->ended || waitpid(t->pid, &status, WNOHANG | WUNTRACED) != t->pid)
		return;
	t->stopped = WIFSTOPPED(status);
	if (t->stopped)
		return;
	t->status = status;
	t->ended = true;
}

/* Reads what came, waiting at most ms. True when bytes came. */
static bool pump(struct terminal *t, int ms)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	char bytes[65536];
	ssize_t n;

	if (t->fd < 0) {
		poll(NULL, 0, ms);
		return false;
	}
	if (poll(&p, 1, ms) <= 0)
		return false;
	n = read(t->fd, bytes, sizeof(bytes));
	if (n <= 0)
		return false;
	keep_bytes(t, bytes, (size_t)n);
	read_marks(t, bytes, (size_t)n);
	vterm_input_write(t->vt, bytes, (size_t)n);
	flush_answers(t);
	return true;
}

/* Reads on while it writes: a program that waits until its output is read takes no input. */
void terminal_raw(struct terminal *t, const void *bytes, size_t len)
{
	uint64_t end = now_ns() + TERMINAL_LIMIT_MS * UINT64_C(1000000);
	const char *p = bytes;

	t->key_ns = now_ns();
	while (len > 0 && t->fd >= 0 && now_ns() < end) {
		ssize_t n = write(t->fd, p, len);

		if (n < 0 && errno == EAGAIN)
			pump(t, 20);
		else if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

void terminal_type(struct terminal *t, const char *utf8)
{
	terminal_raw(t, utf8, strlen(utf8));
}

void terminal_paste(struct terminal *t, const char *utf8)
{
	if (t->pasting)
		terminal_type(t, "\033[200~");
	terminal_type(t, utf8);
	if (t->pasting)
		terminal_type(t, "\033[201~");
}

static const struct {
	const char *name;
	VTermKey key;
} special_keys[] = {
	{"Backspace", VTERM_KEY_BACKSPACE},
	{"Delete", VTERM_KEY_DEL},
	{"Down", VTERM_KEY_DOWN},
	{"End", VTERM_KEY_END},
	{"Enter", VTERM_KEY_ENTER},
	{"Esc", VTERM_KEY_ESCAPE},
	{"Escape", VTERM_KEY_ESCAPE},
	{"Home", VTERM_KEY_HOME},
	{"Insert", VTERM_KEY_INS},
	{"Left", VTERM_KEY_LEFT},
	{"PageDown", VTERM_KEY_PAGEDOWN},
	{"PageUp", VTERM_KEY_PAGEUP},
	{"Right", VTERM_KEY_RIGHT},
	{"Tab", VTERM_KEY_TAB},
	{"Up", VTERM_KEY_UP},
};

static VTermModifier take_modifiers(const char **name)
{
	VTermModifier mod = VTERM_MOD_NONE;

	for (;;) {
		if (strncasecmp(*name, "Ctrl+", 5) == 0 && (*name)[5]) {
			mod |= VTERM_MOD_CTRL;
			*name += 5;
		} else if (strncasecmp(*name, "Alt+", 4) == 0 && (*name)[4]) {
			mod |= VTERM_MOD_ALT;
			*name += 4;
		} else if (strncasecmp(*name, "Shift+", 6) == 0 && (*name)[6]) {
			mod |= VTERM_MOD_SHIFT;
			*name += 6;
		} else {
			return mod;
		}
	}
}

static bool send_special(struct terminal *t, const char *name, VTermModifier mod)
{
	for (size_t i = 0; i < sizeof(special_keys) / sizeof(special_keys[0]); i++) {
		if (strcasecmp(name, special_keys[i].name) == 0) {
			vterm_keyboard_key(t->vt, special_keys[i].key, mod);
			flush_answers(t);
			return true;
		}
	}
	if (name[0] == 'F' && name[1] >= '0' && name[1] <= '9') {
		vterm_keyboard_key(t->vt, (VTermKey)VTERM_KEY_FUNCTION(atoi(name + 1)), mod);
		flush_answers(t);
		return true;
	}
	return false;
}

bool terminal_key(struct terminal *t, const char *name)
{
	VTermModifier mod = take_modifiers(&name);

	if (send_special(t, name, mod))
		return true;
	if (strcasecmp(name, "Space") == 0)
		name = " ";
	if ((mod & VTERM_MOD_CTRL) && !name[1]) {
		char byte = (char)(name[0] & 0x1f);

		if (mod & VTERM_MOD_ALT)
			terminal_raw(t, "\033", 1);
		terminal_raw(t, &byte, 1);
		return true;
	}
	if (mod & VTERM_MOD_ALT)
		terminal_raw(t, "\033", 1);
	if (name[1] && (unsigned char)name[0] < 0x80)
		return false;
	terminal_type(t, name);
	return true;
}

int terminal_keys(struct terminal *t, const char *names)
{
	char *copy = strdup(names), *save = NULL;
	int pressed = 0;

	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		if (terminal_key(t, p))
			pressed++;
		else
			fprintf(stderr, "no key is called %s\n", p);
	}
	free(copy);
	return pressed;
}

/* A screen is looked at between frames, not in the middle of one. What follows the last mark is either
 * the beginning of a frame, whose mark is on its way, or no frame at all: then nothing more comes. */
#define REST_MS 200

static void finish_frame(struct terminal *t)
{
	static const char mark[] = "\033]7777;frame\007";
	const size_t len = sizeof(mark) - 1;

	do {
		while (pump(t, 0))
			;
		if (t->bytes_len >= len && memcmp(t->bytes + t->bytes_len - len, mark, len) == 0)
			return;
	} while (t->frames > 0 && pump(t, REST_MS));
}

static bool wait_text(struct terminal *t, const char *text, bool there, int ms)
{
	uint64_t end = now_ns() + (uint64_t)ms * 1000000u;

	for (;;) {
		finish_frame(t);
		if (terminal_has_text(t, text) == there)
			return true;
		reap(t);
		if (now_ns() >= end || (t->ended && !pump(t, 0)))
			return terminal_has_text(t, text) == there;
		pump(t, 20);
	}
}

bool terminal_wait_text(struct terminal *t, const char *text, int ms)
{
	return wait_text(t, text, true, ms);
}

bool terminal_wait_no_text(struct terminal *t, const char *text, int ms)
{
	return wait_text(t, text, false, ms);
}

unsigned terminal_frames(const struct terminal *t)
{
	return t->frames;
}

bool terminal_wait_frames(struct terminal *t, unsigned upto, int ms)
{
	uint64_t end = now_ns() + (uint64_t)ms * 1000000u;

	while (t->frames < upto && now_ns() < end) {
		reap(t);
		if (!pump(t, 20) && t->ended)
			break;
	}
	return t->frames >= upto;
}

bool terminal_wait_exit(struct terminal *t, int ms)
{
	uint64_t end = now_ns() + (uint64_t)ms * 1000000u;

	while (!t->ended && now_ns() < end) {
		pump(t, 5);
		reap(t);
	}
	while (pump(t, 0))
		;
	return t->ended;
}

bool terminal_wait_stopped(struct terminal *t, int ms)
{
	uint64_t end = now_ns() + (uint64_t)ms * 1000000u;

	while (!t->stopped && !t->ended && now_ns() < end) {
		pump(t, 5);
		reap(t);
	}
	while (pump(t, 0))
		;
	return t->stopped;
}

const char *terminal_bytes(const struct terminal *t, size_t *len)
{
	*len = t->bytes_len;
	return t->bytes;
}

void terminal_resize(struct terminal *t, int rows, int cols)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	t->rows = rows;
	t->cols = cols;
	vterm_set_size(t->vt, rows, cols);
	ioctl(t->fd, TIOCSWINSZ, &size);
}

void terminal_signal(struct terminal *t, int signo)
{
	if (t->ended)
		return;
	if (signo == SIGCONT)
		t->stopped = false;
	kill(t->pid, signo);
}

void terminal_hang_up(struct terminal *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

pid_t terminal_pid(const struct terminal *t)
{
	return t->pid;
}

bool terminal_is_restored(const struct terminal *t)
{
	struct termios now;

	return tcgetattr(t->slave, &now) == 0 && now.c_lflag == t->before.c_lflag &&
	       now.c_iflag == t->before.c_iflag && now.c_oflag == t->before.c_oflag;
}

uint64_t terminal_key_to_frame_ns(const struct terminal *t)
{
	return t->frame_ns > t->key_ns ? t->frame_ns - t->key_ns : 0;
}

int terminal_stop(struct terminal *t)
{
	int status;

	if (!t)
		return -1;
	reap(t);
	if (!t->ended) {
		kill(t->pid, SIGTERM);
		kill(t->pid, SIGCONT);
		if (!terminal_wait_exit(t, TERMINAL_LIMIT_MS)) {
			kill(t->pid, SIGKILL);
			waitpid(t->pid, &t->status, 0);
		}
	}
	status = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : 128 + WTERMSIG(t->status);
	if (t->fd >= 0)
		close(t->fd);
	close(t->slave);
	vterm_free(t->vt);
	free(t->bytes);
	free(t);
	return status;
}
