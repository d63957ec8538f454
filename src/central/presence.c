/* Who looks at which ticket, and who is typing. In memory only, gone after a while without renewal,
 * never in the journal. */
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
	int64_t until;	/* clock_mono() */
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

/* Under the lock. */
static void put_event(struct presence *p, const char *ticket_id, struct buf *ret)
{
	bool any = false;
	size_t i;

	buf_add_str(ret, "event: presence\ndata: {\"ticket_id\":");
	wire_put_text(ret, ticket_id);
	buf_add_str(ret, ",\"who\":[");
	for (i = 0; i < p->count; i++) {
		const struct looker *l = &p->lookers[i];

		if (strcmp(l->ticket_id, ticket_id) != 0)
			continue;
		buf_add_str(ret, any ? ",{\"agent_id\":" : "{\"agent_id\":");
		wire_put_text(ret, l->agent_id);
		buf_add_str(ret, ",\"name\":");
		wire_put_text(ret, l->name);
		buf_add_str(ret, l->typing ? ",\"typing\":true}" : ",\"typing\":false}");
		any = true;
	}
	buf_add_str(ret, "]}\n\n");
}

/* What must be said once the lock is free. */
struct saying {
	char team_id[ID_TEXT];
	struct buf event;
};

static void prepare(struct presence *p, const struct looker *l, struct saying *ret)
{
	memcpy(ret->team_id, l->team_id, ID_TEXT);
	put_event(p, l->ticket_id, &ret->event);
}

static void say(struct service *s, struct saying *what)
{
	if (what->event.len)
		bell_say(s->bell, what->team_id[0] ? what->team_id : NULL, what->event.data);
	buf_finish(&what->event);
}

void presence_set(struct presence *p, struct service *s, const char *agent_id, const char *name,
		  const char *ticket_id, const char *team_id, bool typing)
{
	struct saying left = {0}, came = {0};
	struct looker old = {0};
	struct looker *l;
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
		if (strcmp(old.ticket_id, ticket_id) != 0 || old.typing != typing)
			prepare(p, l, &came);
	} else if (!ticket_id && i < p->count) {
		*l = p->lookers[--p->count];
	}
	if (old.ticket_id[0] && (!ticket_id || strcmp(old.ticket_id, ticket_id) != 0))
		prepare(p, &old, &left);
	pthread_mutex_unlock(&p->lock);
	say(s, &left);
	say(s, &came);
}

void presence_expire(struct presence *p, struct service *s)
{
	struct saying left;
	struct looker old;
	int64_t now = clock_mono();
	size_t i;

	pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->count;) {
		if (p->lookers[i].until > now) {
			i++;
			continue;
		}
		old = p->lookers[i];
		p->lookers[i] = p->lookers[--p->count];
		memset(&left, 0, sizeof(left));
		prepare(p, &old, &left);
		pthread_mutex_unlock(&p->lock);
		say(s, &left);
		pthread_mutex_lock(&p->lock);
		i = 0;
	}
	pthread_mutex_unlock(&p->lock);
}

void presence_all(struct presence *p, const struct viewer *v, struct buf *ret)
{
	size_t i, j;

	pthread_mutex_lock(&p->lock);
	for (i = 0; i < p->count; i++) {
		const struct looker *l = &p->lookers[i];
		struct ticket ticket = {.team_id = l->team_id};

		for (j = 0; j < i && strcmp(p->lookers[j].ticket_id, l->ticket_id) != 0; j++)
			;
		if (j == i && sees(v, &ticket))
			put_event(p, l->ticket_id, ret);
	}
	pthread_mutex_unlock(&p->lock);
}
