/* From a key to an action. */
#include "host.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "balie/i18n.h"
#include "term.h"

/* The terminal may be too small to see what a key does; only what is safe unseen works then. */
static bool safe_unseen(const struct act *act)
{
	return strcmp(act->action->name, "suspend") == 0 ||
	       strcmp(act->action->name, "redraw") == 0;
}

static bool cancels(const struct key *key)
{
	return strcmp(key->name, "Esc") == 0 || strcmp(key->name, "Backspace") == 0 ||
	       strcmp(key->name, "Ctrl+C") == 0 || strcmp(key->name, "Ctrl+G") == 0;
}

/* A key that goes to the text before the keymap sees it: what types something, and what the
 * screen's own section does not bind (so that arrows of [everywhere] move in the text). */
static bool typed(struct host *h, struct screen *s, const struct key *key)
{
	if (!s->ops->takes_text || s->ops->typed == NULL || h->pending[0] != '\0')
		return false;
	if (key->ch == 0 && key->paste == NULL &&
	    keymap_binds(h->spec.keymap, s->ops->name, key->name))
		return false;
	if (!s->ops->typed(s, key))
		return false;
	host_mark(h, true);
	return true;
}

static void take_key(struct host *h, const struct key *key)
{
	struct screen *s;
	struct act act = {0};
	char keys[PENDING_MAX];
	bool pending = false, found;

	if (h->said.len > 0) {
		buf_reset(&h->said);
		host_mark(h, false);
	}
	/* It waits until what was begun the long way is done. */
	if (h->hint.len > 0 && h->top != NULL && h->top->place == PLACE_MIDDLE) {
		buf_reset(&h->hint);
		host_mark(h, false);
	}
	host_load(h);
	s = h->top;
	if (s == NULL)
		return;
	if (!h->small && typed(h, s, key))
		return;
	if (key->paste != NULL) {
		host_say(h, STYLE_WARNING, _("pasted text is not taken as keys"));
		return;
	}
	if (h->pending[0] != '\0' && cancels(key)) {
		h->pending[0] = '\0';
		host_mark(h, true);
		return;
	}
	/* What could follow stood over the middle. */
	if (h->pending[0] != '\0')
		host_mark(h, true);
	if (h->pending[0] != '\0')
		snprintf(keys, sizeof(keys), "%.100s %s", h->pending, key->name);
	else
		snprintf(keys, sizeof(keys), "%s", key->name);
	found = keymap_find(h->spec.keymap, s->ops->name, keys, &act, &pending);
	h->pending[0] = '\0';
	if (h->small && !(found && safe_unseen(&act)))
		return;
	host_mark(h, false);
	if (pending)
		strcpy(h->pending, keys);
	else if (found)
		host_run_act(h, &act);
	else
		host_say(h, STYLE_WARNING, _("'%s' does nothing here"), keys);
}

/* Esc and the next key typed quickly behind it look like that key with Alt. When nothing knows the
 * latter, it was the former: type-ahead is not lost. */
static bool is_two_keys(struct host *h, const struct key *key, struct key *ret)
{
	const struct screen *s = h->top;
	struct act act;
	bool pending;
	size_t pos = 0, len;

	if (strncmp(key->name, "Alt+", 4) != 0 || s == NULL || s->place != PLACE_MIDDLE ||
	    h->pending[0] != '\0')
		return false;
	if (keymap_find(h->spec.keymap, s->ops->name, key->name, &act, &pending) || pending)
		return false;
	*ret = (struct key){0};
	snprintf(ret->name, sizeof(ret->name), "%s", key->name + 4);
	len = strlen(ret->name);
	if (strcmp(ret->name, "Space") == 0) {
		ret->ch = ' ';
		return true;
	}
	ret->ch = utf8_next(ret->name, len, &pos);
	if (pos < len)
		ret->ch = 0;
	return true;
}

void host_key(struct host *h, const struct key *key)
{
	struct key esc = {.name = "Esc"}, rest;
	struct screen *s = h->top;

	if (!is_two_keys(h, key, &rest)) {
		take_key(h, key);
		return;
	}
	/* Text screens have keys with Alt of their own. */
	if (s->ops->takes_text && !h->small && typed(h, s, key))
		return;
	take_key(h, &esc);
	take_key(h, &rest);
}

void host_input(void *user, int fd, unsigned events)
{
	struct host *h = user;
	struct pollfd gone = {.fd = fd, .events = POLLIN};
	struct key key;
	bool any = false;

	while (term_is_open() && keys_next(&key)) {
		any = true;
		if (key.is_mouse)
			host_mouse(h, &key);
		else
			host_key(h, &key);
		host_steps_go(h);
		host_reap(h);
	}
	/* A terminal that went away is readable for ever. */
	if (!any && poll(&gone, 1, 0) > 0 && (gone.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		host_quit(h);
}
