/* libedit wants to read keys itself and block; the loop wants to hand keys over one by one. So
 * libedit runs on a stack of its own and yields when it asks for a key. Counts, "f" + character,
 * quoted insert, ESC sequences and vi mode all work, as nothing is taken from it but the reading. */
#include "line.h"
#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <pty.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/mem.h"
#include "term.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define WITH_TSAN 1
#endif
#ifdef WITH_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define STACK_SIZE ((size_t)512 * 1024)
#define HISTORY_MAX 200

struct ed {
	EditLine *el;
	HistoryW *history;
	FILE *tty, *null;
	int master;
	/* the two sides */
	ucontext_t inside, outside;
	void *stack;
	void *fake_inside, *fake_outside; /* ASan: stacks of the side that sleeps */
	const void *outside_bottom;
	size_t outside_size;
	void *fiber_inside, *fiber_outside; /* TSan */
	/* passed across */
	wchar_t key;
	bool have_key, quit, complete, done, ended;
};

/* One that was let go is kept for the next field: to start costs a look at terminfo, and ncurses
 * leaks a little at each. */
static struct ed *spare;

/* ---- switching ---- */

static void swap(ucontext_t *from, const ucontext_t *to)
{
#ifdef WITH_ASAN
	/* ASan's own swapcontext writes a warning on the screen, although it is told of each switch. */
	volatile bool back = false;

	getcontext(from);
	if (!back) {
		back = true;
		setcontext(to);
	}
#else
	swapcontext(from, to);
#endif
}

static void enter(struct ed *ed)
{
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(&ed->fake_outside, ed->stack, STACK_SIZE);
#endif
#ifdef WITH_TSAN
	ed->fiber_outside = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(ed->fiber_inside, 0);
#endif
	swap(&ed->outside, &ed->inside);
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(ed->fake_outside, NULL, NULL);
#endif
}

/* last: this side will not be come back to. */
static void leave(struct ed *ed, bool last)
{
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(last ? NULL : &ed->fake_inside, ed->outside_bottom,
				       ed->outside_size);
#endif
#ifdef WITH_TSAN
	__tsan_switch_to_fiber(ed->fiber_outside, 0);
#endif
	if (last)
		setcontext(&ed->outside);
	swap(&ed->inside, &ed->outside);
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(ed->fake_inside, &ed->outside_bottom, &ed->outside_size);
#endif
}

static int next_key(EditLine *el, wchar_t *ret)
{
	struct ed *ed;

	el_wget(el, EL_CLIENTDATA, &ed);
	if (!ed->have_key && !ed->quit)
		leave(ed, false);
	if (ed->quit)
		return 0;
	ed->have_key = false;
	*ret = ed->key;
	return 1;
}

/* makecontext() passes only ints, so the editor being started is handed over here. It is taken
 * before anything else runs: all of this is the UI thread. */
static struct ed *starting;

static void inside_main(void)
{
	struct ed *ed = starting;
	int count;

#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(NULL, &ed->outside_bottom, &ed->outside_size);
#endif
	while (!ed->quit) {
		ed->ended = el_wgets(ed->el, &count) == NULL;
		ed->done = true;
		if (!ed->quit)
			leave(ed, false);
	}
	leave(ed, true);
}

/* ---- what libedit calls ---- */

static unsigned char on_complete(EditLine *el, int ch)
{
	struct ed *ed;

	/* The work is done outside, by line.c: this stack is small. */
	el_wget(el, EL_CLIENTDATA, &ed);
	ed->complete = true;
	return CC_NORM;
}

static wchar_t *no_prompt(EditLine *el)
{
	static wchar_t empty[] = L"";

	return empty;
}

/* ---- life ---- */

/* Keys as line.c spells them, whatever the terminal: libedit would take them from terminfo. Before
 * the user's ~/.editrc, so that his bindings win. */
static void bind_keys(EditLine *el)
{
	static const wchar_t *const keys[][2] = {
		{L"\\e[A", L"ed-prev-history"},	     {L"\\e[B", L"ed-next-history"},
		{L"\\e[C", L"ed-next-char"},	     {L"\\e[D", L"ed-prev-char"},
		{L"\\e[H", L"ed-move-to-beg"},	     {L"\\e[F", L"ed-move-to-end"},
		{L"\\e[3~", L"ed-delete-next-char"}, {L"\\e[1;5C", L"em-next-word"},
		{L"\\e[1;5D", L"ed-prev-word"},	     {L"^R", L"em-inc-search-prev"},
		{L"^W", L"ed-delete-prev-word"},     {L"^I", L"balie-complete"},
	};

	el_wset(el, EL_EDITOR, L"emacs");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		el_wset(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

/* In and out must be terminals when libedit starts, or it edits nothing without a word: it gets a
 * private one, so wide that nothing ever wraps. Afterwards its output goes nowhere, since nobody
 * reads the other end and it would block once that is full. */
static bool open_terminal(struct ed *ed)
{
	struct winsize size = {.ws_row = 24, .ws_col = 32000};
	int slave;

	if (openpty(&ed->master, &slave, NULL, NULL, &size) != 0) {
		ed->master = -1;
		return false;
	}
	fcntl(ed->master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	ed->tty = fdopen(slave, "r+");
	ed->null = fopen("/dev/null", "we");
	return ed->tty != NULL && ed->null != NULL;
}

static void start(struct ed *ed)
{
	getcontext(&ed->inside);
	ed->inside.uc_stack.ss_sp = ed->stack;
	ed->inside.uc_stack.ss_size = STACK_SIZE;
	ed->inside.uc_link = NULL;
	makecontext(&ed->inside, inside_main, 0);
	starting = ed;
#ifdef WITH_TSAN
	ed->fiber_inside = __tsan_create_fiber(0);
#endif
	enter(ed);
}

static void ed_free(struct ed *ed);

static struct ed *ed_new(struct err *err)
{
	struct ed *ed = xcalloc(1, sizeof(*ed));
	HistEventW ev;

	if (!open_terminal(ed))
		goto fail;
	ed->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (ed->stack == MAP_FAILED) {
		ed->stack = NULL;
		goto fail;
	}
	ed->el = el_init("balie", ed->tty, ed->tty, ed->null);
	if (ed->el == NULL)
		goto fail;
	el_wset(ed->el, EL_SETFP, 1, ed->null);
	ed->history = history_winit();
	history_w(ed->history, &ev, H_SETSIZE, HISTORY_MAX);
	history_w(ed->history, &ev, H_SETUNIQUE, 1);
	el_wset(ed->el, EL_CLIENTDATA, ed);
	el_wset(ed->el, EL_SIGNAL, 0);
	el_wset(ed->el, EL_PROMPT, no_prompt);
	el_wset(ed->el, EL_HIST, history_w, ed->history);
	el_wset(ed->el, EL_ADDFN, L"balie-complete", L"Complete the word", on_complete);
	term_settle();
	return ed;
fail:
	err_errno(err, _("cannot start the line editor"));
	ed_free(ed);
	return NULL;
}

struct ed *ed_create(struct err *err)
{
	struct ed *ed = spare;
	HistEventW ev;

	spare = NULL;
	if (ed == NULL)
		ed = ed_new(err);
	if (ed == NULL)
		return NULL;
	history_w(ed->history, &ev, H_CLEAR);
	bind_keys(ed->el);
	el_source(ed->el, NULL);
	/* "bind -v" in there starts from an empty map; completion is ours to keep. */
	if (ed_is_vi(ed))
		el_wset(ed->el, EL_BIND, L"^I", L"balie-complete", NULL);
	el_wset(ed->el, EL_GETCFN, next_key);
	ed->quit = ed->done = ed->ended = ed->have_key = ed->complete = false;
	start(ed);
	return ed;
}

void ed_destroy(struct ed *ed)
{
	if (ed == NULL)
		return;
	/* libedit holds memory on its own stack: let it return. */
	ed->quit = true;
	enter(ed);
#ifdef WITH_TSAN
	__tsan_destroy_fiber(ed->fiber_inside);
#endif
	if (spare == NULL)
		spare = ed;
	else
		ed_free(ed);
}

void ed_wipe(struct ed *ed)
{
	const LineInfoW *li = el_wline(ed->el);

	explicit_bzero((void *)(uintptr_t)li->buffer,
		       (size_t)(li->lastchar - li->buffer) * sizeof(wchar_t));
}

void ed_forget(void)
{
	ed_free(spare);
	spare = NULL;
}

static void ed_free(struct ed *ed)
{
	if (ed == NULL)
		return;
	if (ed->el != NULL) {
		history_wend(ed->history);
		el_end(ed->el);
		term_settle();
	}
	if (ed->stack != NULL)
		munmap(ed->stack, STACK_SIZE);
	if (ed->tty != NULL)
		fclose(ed->tty);
	if (ed->null != NULL)
		fclose(ed->null);
	if (ed->master >= 0)
		close(ed->master);
	free(ed);
}

/* ---- use ---- */

enum ed_result ed_feed(struct ed *ed, wchar_t ch)
{
	/* After a finished line libedit first starts the next one. */
	if (ed->done) {
		ed->done = ed->ended = false;
		enter(ed);
	}
	ed->key = ch;
	ed->have_key = true;
	enter(ed);
	if (ed->complete) {
		ed->complete = false;
		return ED_COMPLETE;
	}
	if (ed->done)
		return ed->ended ? ED_END : ED_LINE;
	return ED_MORE;
}

const wchar_t *ed_line(struct ed *ed, size_t *len, size_t *cursor)
{
	const LineInfoW *li = el_wline(ed->el);
	size_t n = (size_t)(li->lastchar - li->buffer);

	if (n > 0 && li->buffer[n - 1] == L'\n')
		n--;
	*len = n;
	*cursor = (size_t)(li->cursor - li->buffer);
	if (*cursor > n)
		*cursor = n;
	return li->buffer;
}

void ed_replace(struct ed *ed, size_t before, const wchar_t *text)
{
	if (before > 0)
		el_wdeletestr(ed->el, (int)before);
	if (*text != L'\0')
		el_winsertstr(ed->el, text);
}

void ed_clear(struct ed *ed)
{
	const LineInfoW *li = el_wline(ed->el);
	int len = (int)(li->lastchar - li->buffer);

	if (ed->done) {
		ed->done = ed->ended = false;
		enter(ed);
		return;
	}
	el_cursor(ed->el, len - (int)(li->cursor - li->buffer));
	if (len > 0)
		el_wdeletestr(ed->el, len);
}

bool ed_is_vi(struct ed *ed)
{
	const wchar_t *editor = NULL;

	return el_wget(ed->el, EL_EDITOR, &editor) == 0 && editor != NULL &&
	       wcscmp(editor, L"vi") == 0;
}

void ed_remember(struct ed *ed, const wchar_t *line)
{
	HistEventW ev;

	history_w(ed->history, &ev, H_ENTER, line);
}
