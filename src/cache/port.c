/* Two queues of plain values: all that the two threads share. */
#include "balie/cache.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 10000 /* a side that takes nothing any more must not fill the memory */

struct item {
	struct port_message message;
	struct item *next;
};

struct queue {
	struct item *first, **last;
	size_t count;
};

struct port {
	pthread_mutex_t lock;
	/* under the lock */
	struct queue to_sync, to_ui;
	/* set once */
	void (*wake_sync)(void *), (*wake_ui)(void *);
	void *sync_user, *ui_user;
};

void port_message_finish(struct port_message *m)
{
	free(m->text);
	m->text = NULL;
}

struct port *port_create(void (*wake_sync)(void *), void *sync_user, void (*wake_ui)(void *),
			 void *ui_user)
{
	struct port *p = xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	p->to_sync.last = &p->to_sync.first;
	p->to_ui.last = &p->to_ui.first;
	p->wake_sync = wake_sync;
	p->sync_user = sync_user;
	p->wake_ui = wake_ui;
	p->ui_user = ui_user;
	return p;
}

static struct item *queue_take(struct queue *q)
{
	struct item *item = q->first;

	if (item == NULL)
		return NULL;
	q->first = item->next;
	if (q->first == NULL)
		q->last = &q->first;
	q->count--;
	return item;
}

static void free_item(struct item *item)
{
	if (item == NULL)
		return;
	port_message_finish(&item->message);
	free(item);
}

void port_destroy(struct port *p)
{
	struct item *item;

	if (p == NULL)
		return;
	while ((item = queue_take(&p->to_sync)) != NULL)
		free_item(item);
	while ((item = queue_take(&p->to_ui)) != NULL)
		free_item(item);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Only the last word counts of these, so one that still waits is overwritten. */
static bool melt(struct queue *q, struct port_message *m)
{
	for (struct item *item = q->first; item != NULL; item = item->next) {
		if (item->message.kind != m->kind)
			continue;
		if (m->kind == PORT_CHANGED) {
			item->message.number |= m->number;
			return true;
		}
		if (m->kind == PORT_ASK && ASK_OF(item->message.number) == ASK_OF(m->number)) {
			struct port_message before = item->message;

			/* The older question is of no use any more; what is in m is freed. */
			item->message = *m;
			*m = before;
			return true;
		}
		if (m->kind == PORT_OUTBOX || m->kind == PORT_REFRESH)
			return true;
		if (m->kind == PORT_TIMELINE && strcmp(item->message.id, m->id) == 0)
			return true;
	}
	return false;
}

static void put(struct port *p, struct queue *q, struct port_message *m)
{
	struct item *item = xcalloc(1, sizeof(*item)), *old = NULL;

	pthread_mutex_lock(&p->lock);
	if (melt(q, m)) {
		old = item;
		old->message = *m;
	} else {
		if (q->count >= QUEUE_MAX)
			old = queue_take(q);
		item->message = *m;
		*q->last = item;
		q->last = &item->next;
		q->count++;
	}
	pthread_mutex_unlock(&p->lock);
	free_item(old);
}

static void fill(struct port_message *m, enum port_kind kind, const char *id, int64_t number,
		 bool flag, const char *text)
{
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	if (id != NULL)
		strncat(m->id, id, sizeof(m->id) - 1);
	m->number = number;
	m->flag = flag;
	m->text = text != NULL ? xstrdup(text) : NULL;
}

void port_to_sync(struct port *p, enum port_kind kind, const char *id, int64_t number, bool flag,
		  const char *text)
{
	struct port_message m;

	fill(&m, kind, id, number, flag, text);
	put(p, &p->to_sync, &m);
	if (p->wake_sync != NULL)
		p->wake_sync(p->sync_user);
}

void port_to_ui(struct port *p, enum port_kind kind, const char *id, int64_t number, bool flag,
		const char *text)
{
	struct port_message m;

	fill(&m, kind, id, number, flag, text);
	put(p, &p->to_ui, &m);
	if (p->wake_ui != NULL)
		p->wake_ui(p->ui_user);
}

static bool take(struct port *p, struct queue *q, struct port_message *ret)
{
	struct item *item;

	pthread_mutex_lock(&p->lock);
	item = queue_take(q);
	pthread_mutex_unlock(&p->lock);
	if (item == NULL)
		return false;
	*ret = item->message;
	free(item);
	return true;
}

bool port_take_sync(struct port *p, struct port_message *ret)
{
	return take(p, &p->to_sync, ret);
}

bool port_take_ui(struct port *p, struct port_message *ret)
{
	return take(p, &p->to_ui, ret);
}
