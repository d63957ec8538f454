/* The screens, and the one place they all stand on. Made by the client's main before the host. */
#pragma once
#include <stdbool.h>
#include "balie/cache.h"
#include "balie/ui.h"

/* The list that a ticket was opened from: so that "next" is the next of that list, whatever became
 * of the ticket meanwhile. */
struct order {
	bool set;
	struct queue_query query; /* its filter and ids live in arena */
	struct filter filter;
	struct queue_place place; /* of the ticket that was opened last */
	char ticket_id[37];
	bool moved; /* it changed since the list was shown: select it there */
	struct arena arena;
};

/* The change made last, for doing it again on other tickets. */
struct repeat {
	const struct action *action; /* NULL: none yet */
	struct args args;	     /* text in arena */
	struct arena arena;
};

/* How much of what others did was not looked at yet. Counted when the mirror changed, never while a
 * screen is drawn. */
struct newsstand {
	int64_t count, seen_at; /* the newest that was looked at; 0: not read from disk yet */
	int64_t mails;		/* of his that did not arrive, or perhaps not */
};

/* What is about to be done to many tickets, and is shown before it is. */
struct bulk {
	struct batch batch;
	struct arena arena; /* of its arguments */
	int64_t done;	    /* how many times one was done: marks have served then */
};

/* host_app() of our hosts. */
struct workplace {
	struct desk desk;
	struct loop *loop;
	const char *run_dir; /* for a short while on disk: the text that an editor edits */
	struct order order;
	struct repeat repeat;
	struct newsstand news;
	struct bulk bulk;
	char mail_alarm[120]; /* what is wrong with a mailbox, in a few words; "" when nothing is */
	int channel_used;     /* of the ticket registered last, plus one; 0: none yet */
	int64_t registered;   /* grows with each change of a contact that is being registered */
};
void workplace_finish(struct workplace *w); /* what the screens keep in it, not the desk */

/* A list that the agent kept under a name. False: there is none of this name. */
struct saved_view {
	const char *name;
	enum filter_view view;
	enum queue_sort sort;
	bool descending;
	const char *columns, *filter; /* as typed; "" for the usual ones and for none */
};
bool screens_saved_view(struct work *w, const char *name, struct saved_view *ret, struct arena *a);
/* Finds how far the news was read. */
void notices_begin(struct workplace *w);
/* Counts the news anew; true when the number changed. */
bool notices_count(struct workplace *w);
/* Looks how the mailboxes do; true when there is something else to tell of them. */
bool mailboxes_watch(struct workplace *w);
struct mailbox_alarm {
	int64_t since;
	const char *name, *text;
};
/* Those with something wrong; none for an outside organisation. */
size_t mailboxes_alarms(struct desk *d, struct mailbox_alarm *ret, size_t max, struct arena *a);
#define NOTICES_MAX 100 /* so many are counted and shown */
extern const struct screen_ops assignment_screen, batch_screen, bulk_screen, card_screen,
	person_screen, same_screen, citizen_screen, compose_screen, conflict_screen, merge_screen,
	outbox_screen, queue_screen, ticket_screen, notices_screen, mailboxes_screen;
/* All of them, NULL-ended: host_spec.screens. */
extern const struct screen_ops *const screens_all[];
extern const struct screen_ops register_screen;

/* Says at the start which contacts are still open. */
void screens_tell_contacts(struct host *h, const struct desk *d);

/* Names behind the ids of teams, agents and topics. */
struct names {
	struct team *teams;
	struct agent *agents;
	struct topic *topics;
	size_t team_count, agent_count, topic_count;
};
/* What cannot be read stays empty: names are a comfort, not a need. */
void screens_names(struct desk *d, struct names *ret, struct arena *a);
/* Fills args from words as a person types them ("wegen", "planned 1/12"): the ':' prompt and balie do
 * read the same way. What the action needs and is not there stays unset: args_check() says so. */
bool screens_read_args(const struct desk *d, const struct names *names, const struct action *action,
		       const char *text, struct args *ret, struct arena *a, struct err *err);
/* An action of an administrator from words as a person types them, "Wegen name=Openbaar domein active=no":
 * the ':' prompt and balie do read the same way. Into the outbox; told gets a sentence. */
bool screens_do_admin(struct desk *d, const struct action *action, const char *text,
		      char ret_envelope_id[37], struct buf *told, struct err *err);
bool screens_is_admin(const struct action *action); /* is it one of those? */
/* "today", "5d", "2w", "1/12", "1/12/2026", "2026-12-01": the start of that day in Brussels. */
bool screens_read_day(const char *text, int64_t now, int64_t *ret);
/* The ticket that a person named; a number with a typing mistake is told as one. */
bool screens_find_ticket(struct desk *d, const char *ref, struct queue_row *ret, struct arena *a,
			 struct err *err);
/* One change in words: "state: open → closed". */
void screens_put_change(const struct names *names, const struct change *change, struct buf *ret);
/* One envelope in words: "Answer: Dank u voor …", "State: closed". */
void screens_put_envelope(const struct names *names, const struct envelope *e, struct buf *ret);
/* "3 d late", "today", "5 d"; "" when there is nothing to meet any more. */
const char *screens_due(const struct ticket *t, int64_t now, char *ret, size_t size);
