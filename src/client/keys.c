/* The keys: the built-in map, the chosen one over it, the agent's own over both. And what the ':'
 * prompt offers behind an action. */
#include "app.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "keymaps.h"

#define KEYMAP_MAX 262144

static const char *built_in(const char *name)
{
	for (size_t i = 0; i < keymaps_count; i++)
		if (strcmp(keymaps_names[i], name) == 0)
			return keymaps_texts[i];
	return NULL;
}

static bool read_text(const char *path, struct buf *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char bytes[4096];
	ssize_t n = 0;

	if (fd < 0) {
		if (errno == ENOENT)
			return true;
		err_errno(err, _("cannot read %s"), path);
		return false;
	}
	while (ret->len < KEYMAP_MAX && (n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(ret, bytes, (size_t)n);
	close(fd);
	if (n < 0)
		err_errno(err, _("cannot read %s"), path);
	return n >= 0;
}

static bool add_own(struct keymap *km, const char *const *screens, struct err *err)
{
	struct buf text = {0};
	char *dir, *path;
	bool ok;

	if (!env_dir('c', &dir, err))
		return false;
	path = xasprintf("%s/keymap", dir);
	ok = read_text(path, &text, err) &&
	     (!text.len || keymap_add(km, path, text.data, screens, err));
	buf_finish(&text);
	free(path);
	free(dir);
	return ok;
}

bool app_keymap(struct keymap **ret, const struct settings *settings, const char *const *screens,
		struct err *err)
{
	const char *name = settings->keymap ? settings->keymap : "default";
	const char *text = built_in(name);
	struct keymap *km = NULL;
	bool ok = false;

	if (!text) {
		err_set(err, ERR_INPUT,
			_("there is no keymap “%s”: default, azerty, vi or classic"), name);
		return false;
	}
	if (!keymap_create(&km, &actions, err) ||
	    !keymap_add(km, "default.keymap", built_in("default"), screens, err))
		goto out;
	if (strcmp(name, "default") != 0 && !keymap_add(km, name, text, screens, err))
		goto out;
	if (!add_own(km, screens, err))
		goto out;
	*ret = km;
	km = NULL;
	ok = true;
out:
	keymap_destroy(km);
	return ok;
}

/* ---- completion ---- */

struct offers {
	const char **ret;
	size_t count, max;
	const char *word;
};

static void offer(struct offers *o, const char *text)
{
	if (text && o->count < o->max && strncasecmp(text, o->word, strlen(o->word)) == 0)
		o->ret[o->count++] = text;
}

static void offer_words(struct offers *o, const struct words *words)
{
	for (int i = 0; i < words->count; i++)
		offer(o, words_code(words, i));
}

static void offer_names(struct offers *o, int action, struct desk *d, struct arena *a)
{
	struct names names;

	screens_names(d, &names, a);
	for (size_t i = 0; action == ACT_ASSIGN && i < names.team_count; i++)
		if (names.teams[i].active)
			offer(o, names.teams[i].name);
	for (size_t i = 0; action == ACT_ASSIGN && i < names.agent_count; i++)
		if (names.agents[i].active)
			offer(o, names.agents[i].name);
	for (size_t i = 0; action == ACT_TOPIC && i < names.topic_count; i++)
		if (names.topics[i].active)
			offer(o, names.topics[i].name);
}

static void offer_kept(struct offers *o, const char *kind, struct desk *d, struct arena *a)
{
	struct kept *rows;
	size_t count;

	if (!work_kept_all(d->work, kind, &rows, &count, a, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		offer(o, rows[i].name);
}

size_t app_complete(void *user, const char *text, const char **ret, size_t max, struct arena *a)
{
	struct desk *d = &app_here()->session->place.desk;
	const char *space = strrchr(text, ' ');
	struct offers o = {.ret = ret, .max = max, .word = space ? space + 1 : text};
	const struct action *action =
		action_find(&actions, arena_strndup(a, text, strcspn(text, " ")));

	if (!action)
		return 0;
	switch (action->id) {
	case ACT_STATE:
		offer_words(&o, &ticket_states);
		break;
	case ACT_KIND:
		offer_words(&o, &ticket_kinds);
		break;
	case ACT_PRIORITY:
		offer_words(&o, &priorities);
		break;
	case ACT_VIEW:
	case ACT_QUEUE:
		offer_words(&o, &filter_views);
		offer_kept(&o, "view", d, a);
		break;
	case ACT_DROP_MACRO:
		offer_kept(&o, "macro", d, a);
		break;
	case ACT_DROP_VIEW:
		offer_kept(&o, "view", d, a);
		break;
	case ACT_SORT:
		offer_words(&o, &queue_sorts);
		break;
	case ACT_FILTER:
		return filter_complete(text, ret, max, a);
	case ACT_ASSIGN:
	case ACT_TOPIC:
		offer_names(&o, action->id, d, a);
		break;
	}
	return o.count;
}
