/* Inside of registering a contact: its state, keeping it, wrapping it up, drawing it. */
#pragma once
#include "balie/id.h"
#include "parts.h"

#define QUESTIONS_MAX 30
#define OFFERS_MAX 6
#define CARD_MAX 20

/* The fields in the order of Tab. */
enum reg_field {
	REG_PARTY,
	REG_NAME,  /* of a new citizen */
	REG_PHONE, /* the same */
	REG_BIRTH, /* the same */
	REG_BEHALF,
	REG_ABOUT, /* subject, or the number of a ticket that is there already */
	REG_TOPIC,
	REG_DETAILS,
	REG_HANDLING, /* answered at once or to be followed up */
	REG_HANDLER,
	REG_PRIORITY,
	REG_ANSWER,
	REG_PAD,
	REG_FIELDS
};
enum reg_mode { REG_FORM, REG_WRAP, REG_MADE };

struct question {
	struct line *about, *topic, *handler;
	struct editor *details, *answer;
	char ticket_id[ID_TEXT]; /* a ticket that is there already; "" none */
	char topic_id[ID_TEXT], team_id[ID_TEXT], agent_id[ID_TEXT];
	bool answered;
	int priority;
	uint64_t saved[8]; /* what is on disk of it */
};

/* What the letters in a field may mean; the first is taken by Enter. */
struct offer {
	char key[ID_TEXT + 1]; /* "" means a new citizen */
	const char *label, *hint;
};

/* A citizen as it is shown beside. */
struct reg_card {
	char id[ID_TEXT];
	bool there;
	struct party party;
	struct ticket *tickets;	  /* newest first */
	struct contact *contacts; /* as the service told them */
	size_t ticket_count, contact_count;
	struct arena arena;
};

/* A ticket that the contact made, to read its number to the citizen. */
struct reg_made {
	char id[ID_TEXT], number[TRACKING_TEXT];
	char *subject;
};

struct reg {
	char id[ID_TEXT]; /* of the contact; "" when none is open */
	int64_t started_at;
	int channel;
	struct line *party, *name, *phone, *birth, *behalf;
	char party_id[ID_TEXT], behalf_id[ID_TEXT], new_id[ID_TEXT];
	bool is_new, has_behalf;
	struct editor *pad, *summary;
	bool summary_own; /* the agent changed the summary */
	struct question *questions[QUESTIONS_MAX];
	size_t count, now;
	uint64_t saved[16];
	int64_t writes;	   /* of the workplace, when this was read or kept */
	bool touched;	   /* something was typed */
	char trouble[256]; /* why keeping it failed; "" when all is well */

	enum reg_mode mode;
	enum reg_field focus;
	struct offer offers[OFFERS_MAX];
	size_t offer_count, offer_now;
	struct arena offer_arena;
	char said[200];	 /* below the box of the citizen: how it was understood, or what is wrong */
	char about[200]; /* below the subject: which ticket it is, or what is wrong */
	struct reg_card card;
	struct names names;
	struct arena name_arena;
	struct registration *open; /* all that are open */
	size_t open_count;
	struct arena open_arena;
	struct reg_made made[QUESTIONS_MAX];
	size_t made_count;
	struct loop_watch *timer;
};

/* register.c */
struct question *reg_question(const struct reg *v);
bool reg_shows(const struct reg *v, enum reg_field f);
/* The widgets of a field; NULL when it has none of that kind. */
struct line *reg_line(const struct reg *v, enum reg_field f);
struct editor *reg_editor(const struct reg *v, enum reg_field f);
const char *reg_who(const struct reg *v); /* name of the citizen, "" for anonymous */

/* register_type.c */
void reg_focus_on(struct screen *s, enum reg_field f);
/* Takes what the letters mean and goes to the next field; says it when they mean nothing. */
void reg_go_on(struct screen *s, bool enter);
bool reg_typed(struct screen *s, const struct key *key);

/* register_keep.c */
bool reg_new(struct screen *s, const char *party_id, struct err *err);
bool reg_read(struct screen *s, const char *id, struct err *err);
void reg_clear(struct reg *v);
/* On failure what was typed stays on screen and the next key tries again. */
void reg_keep(struct screen *s);
bool reg_drop(struct screen *s, struct err *err);
bool reg_add_question(struct reg *v);
void reg_read_open(struct screen *s);

/* register_find.c */
/* What the letters of the field in focus may mean. */
void reg_find(struct screen *s);
/* Takes the offer in the field; false when there is none and something is typed. */
bool reg_take_offer(struct screen *s);
void reg_set_party(struct screen *s, const char *id);
void reg_set_topic(struct screen *s, const char *id);
void reg_check_about(struct screen *s);
void reg_read_card(struct screen *s);
const struct topic *reg_topic(const struct reg *v, const struct question *q);

/* register_wrap.c */
/* What is still wrong is said, and the field at fault gets the focus. */
bool reg_may_wrap(struct screen *s);
void reg_fill_summary(struct screen *s);
bool reg_wrap_up(struct screen *s);
void reg_put_question(const struct reg *v, size_t i, struct buf *ret); /* in one line */
bool reg_is_asked(const struct question *q); /* something is written in it */
void reg_read_numbers(struct screen *s);

/* register_draw.c */
void reg_draw(const struct screen *s, struct cells c);
