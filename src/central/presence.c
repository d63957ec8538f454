/* Who looks at which ticket, and who is typing. In memory only, gone after a while without renewal (so
 * that a service that dies takes along who spoke to it), never in the journal.
 *
 * Where services hear each other, a change is put here when it is heard, also by the service that was
 * asked: an agent's requests come in at any of them, and all must end with the same last word. */
#include "parts.h"
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "balie/clock.h"

#define LOOKERS_MAX 2048
#define NAME_SIZE 104
#define LIVES_MS 30000

struct looker {
	char agent_id[ID_TEXT], ticket_id[ID_TEXT], team_id[ID_TEXT];
	char name[NAME_SIZE];
	bool typing;
	int64_t until; /* clock_mono() */
};

struct presence {
	pthread_mutex_t lock;
	struct looker lookers[LOOKERS_MAX];
	size_t count;
};

bool presence_create(struct presence **ret)
{
	struct presence *p = xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	*ret = p;
	return true;
}

void presence_destroy(struct presence *p)
{
	if (!p)
		return;
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Under the lock. not_this: an agent who is left out, or NULL. */
static void put_who(struct presence *p, const char *ticket_id, const char *not_this,
		    struct buf *ret)
{
	bool any = false;
	size_t i;

	buf_add_char(ret, '[');
	for (i = 0; i < p->count; i++) {
		const struct looker *l = &p->lookers[i];

		if (strcmp(l->ticket_id, ticket_id) != 0 ||
		    (not_this && strcmp(l->agent_id, not_this) == 0))
			continue;
		buf_add_str(ret, any ? ",{\"agent_id\":" : "{\"agent_id\":");
		wire_put_text(ret, l->agent_id);
		buf_add_str(ret, ",\"name\":");
		wire_put_text(ret, l->name);
		buf_add_str(ret, l->typing ? ",\"typing\":true}" : ",\"typing\":false}");
		any = true;
	}
	buf_add_char(ret, ']');
}

/* Under the lock. */
static void put_event(struct presence *p, const char *ticket_id, struct buf *ret)
{
	buf_add_str(ret, "event: presence\ndata: {\"ticket_id\":");
	wire_put_text(ret, ticket_id);
	buf_add_str(ret, ",\"who\":");
	put_who(p, ticket_id, NULL, ret);
	buf_add_str(ret, "}\n\n");
}

void presence_others(struct presence *p, const char *ticket_id, const char *agent_id,
		     struct buf *ret)
{
	pthread_mutex_lock(&p->lock);
	put_who(p, ticket_id, agent_id, ret);
	pthread_mutex_unlock(&p->lock);
}

/* Under the lock, so that what is said of a ticket is said in the order in which it became true: a
 * stream keeps the last word. The bell's lock is always taken inside this one. */
static void say(struct presence *p, struct service *s, const struct looker *l)
{
	struct buf event = {0};

	put_event(p, l->ticket_id, &event);
	bell_say(s->bell, l->team_id[0] ? l->team_id : NULL, event.data);
	buf_finish(&event);
}

void presence_put(struct presence *p, struct service *s, const char *agent_id, const char *name,
		  const char *ticket_id, const char *team_id, bool typing)
{
	struct looker old = {0};
	struct looker *l;
	bool news = false;
	size_t i = 0;

	pthread_mutex_lock(&p->lock);
	while (i < p->count && strcmp(p->lookers[i].agent_id, agent_id) != 0)
		i++;
	l = &p->lookers[i];
	if (i < p->count)
		old = *l;
	if (ticket_id && i < LOOKERS_MAX) {
		if (i == p->count)
			p->count++;
		snprintf(l->agent_id, ID_TEXT, "%s", agent_id);
		snprintf(l->ticket_id, ID_TEXT, "%s", ticket_id);
		snprintf(l->team_id, ID_TEXT, "%s", team_id ? team_id : "");
		snprintf(l->name, sizeof(l->name), "%s", name);
		l->typing = typing;
		l->until = clock_mono() + LIVES_MS;
		news = strcmp(old.ticket_id, ticket_id) != 0 || old.typing != typing;
	} else if (!ticket_id && i < p->count) {
		*l = p->lookers[--p->count];
	}
	if (old.ticket_id[0] && (!ticket_id || strcmp(old.ticket_id, ticket_id) != 0))
		say(p, s, &old);
	if (news)
		say(p, s, l);
	pthread_mutex_unlock(&p->lock);
}

void presence_expire(struct presence *p, struct service *s)
{
	int64_t now = clock_mono();
	size_t i = 0;

	pthread_mutex_lock(&p->lock);
	while (i < p->count) {
		struct looker old = p->lookers[i];

		if (old.until > now) {
			i++;
			continue;
		}
		p->lookers[i] = p->lookers[--p->count];
		say(p, s, &old);
	}
	pthread_mutex_unlock(&p->lock);
}

void presence_all(struct presence *p, const struct viewer *v, void (*take)(void *, const char *),
		  void *user)
{
	struct buf all = {0};
	size_t i, j;

	pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->count; i++) {
		const struct looker *l = &p->lookers[i];
		struct ticket ticket = {.team_id = l->team_id};

		for (j = 0; j < i && strcmp(p->lookers[j].ticket_id, l->ticket_id) != 0; j++)
			;
		if (j == i && sees(v, &ticket))
			put_event(p, l->ticket_id, &all);
	}
	take(user, all.data ? all.data : "");
	pthread_mutex_unlock(&p->lock);
	buf_finish(&all);
}
