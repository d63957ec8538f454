/* The first answer to what comes in: its number, and what happens next. Sent by no person, so it says so
 * (RFC 3834), goes to nobody who did not write himself, and only so often to one address in a day. */
#include "mail.h"
#include <string.h>
#include <strings.h>
#include "balie/clock.h"
#include "balie/id.h"
#include "central_sql.h"
#include "outgoing.h"

/* What is said when the town has no text of its own. In the citizen's language, not in that of the
 * service. */
static const struct {
	const char *language, *subject, *body, *body_due;
	const char *somebody, *topic, *town; /* when that is not known */
} texts[] = {
	{"nl", "We hebben je bericht goed ontvangen",
	 "Beste {naam}\n\nWe hebben je bericht goed ontvangen. Het nummer is {nummer}.\n"
	 "Wil je nog iets laten weten? Antwoord gewoon op deze mail.\n\n"
	 "Vriendelijke groeten\n{dienst}\n",
	 "Beste {naam}\n\nWe hebben je bericht goed ontvangen. Het nummer is {nummer}.\n"
	 "Je krijgt een antwoord ten laatste op {termijn}.\n"
	 "Wil je nog iets laten weten? Antwoord gewoon op deze mail.\n\n"
	 "Vriendelijke groeten\n{dienst}\n",
	 "mevrouw, meneer", "je vraag", "De gemeente"},
	{"fr", "Nous avons bien reçu votre message",
	 "Bonjour {nom}\n\nNous avons bien reçu votre message. Son numéro est {numero}.\n"
	 "Vous voulez ajouter quelque chose ? Répondez simplement à ce mail.\n\n"
	 "Cordialement\n{service}\n",
	 "Bonjour {nom}\n\nNous avons bien reçu votre message. Son numéro est {numero}.\n"
	 "Vous recevrez une réponse au plus tard le {delai}.\n"
	 "Vous voulez ajouter quelque chose ? Répondez simplement à ce mail.\n\n"
	 "Cordialement\n{service}\n",
	 "Madame, Monsieur", "votre demande", "La commune"},
	{"en", "We have received your message",
	 "Dear {name}\n\nWe have received your message. Its number is {number}.\n"
	 "Do you want to add something? Just answer this mail.\n\nKind regards\n{team}\n",
	 "Dear {name}\n\nWe have received your message. Its number is {number}.\n"
	 "You will have an answer by {due}.\n"
	 "Do you want to add something? Just answer this mail.\n\nKind regards\n{team}\n",
	 "Sir or Madam", "your question", "The municipality"},
	{"de", "Wir haben Ihre Nachricht erhalten",
	 "Guten Tag {name}\n\nWir haben Ihre Nachricht erhalten. Die Nummer ist {nummer}.\n"
	 "Möchten Sie etwas hinzufügen? Antworten Sie einfach auf diese Mail.\n\n"
	 "Freundliche Grüße\n{team}\n",
	 "Guten Tag {name}\n\nWir haben Ihre Nachricht erhalten. Die Nummer ist {nummer}.\n"
	 "Sie bekommen bis zum {frist} eine Antwort.\n"
	 "Möchten Sie etwas hinzufügen? Antworten Sie einfach auf diese Mail.\n\n"
	 "Freundliche Grüße\n{team}\n",
	 "Damen und Herren", "Ihre Anfrage", "Die Gemeinde"},
};

bool mail_answers_nobody(struct town *t, const char *addr, bool *ret, struct err *err)
{
	static const char *const names[] = {
		"noreply",	 "no-reply",	      "no_reply",	  "donotreply",
		"do-not-reply",	 "niet-beantwoorden", "nietbeantwoorden", "ne-pas-repondre",
		"mailer-daemon", "postmaster",	      "bounce",		  "bounces"};
	struct store_query *q;
	enum store_step step;
	size_t len = strcspn(addr, "@+");

	*ret = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && strncasecmp(addr, names[i], len) == 0)
			*ret = true;
	q = store_query(t->store, CENTRAL_SQL_MAILBOX_ADDRESS);
	store_bind_text(q, 1, addr);
	step = store_step(q, err);
	if (step == STORE_ROW)
		*ret = true;
	store_done(q);
	return step != STORE_FAILED;
}

/* *ret NULL: the town has no text of its own for it. */
static bool own_text(struct town *t, const struct ticket *ticket, const char *language,
		     const char **ret, struct arena *a, struct err *err)
{
	struct store_query *q = store_query(t->store, CENTRAL_SQL_ACKNOWLEDGEMENT);
	enum store_step step;

	store_bind_text(q, 1, language);
	store_bind_text(q, 2, ticket->topic_id);
	step = store_step(q, err);
	*ret = step == STORE_ROW ? arena_strdup(a, store_column_text(q, 0)) : NULL;
	store_done(q);
	return step != STORE_FAILED;
}

static bool fill_values(struct town *t, const struct ticket *ticket, struct template_values *ret,
			struct arena *a, struct err *err)
{
	struct topic topic;
	struct team team;
	struct clock_local day;

	*ret = (struct template_values){.name = name_called(ticket->party_name, a),
					.number = ticket->number};
	if (ticket->topic_id != NULL) {
		if (!town_read(t, RECORD_TOPIC, ticket->topic_id, NULL, &topic, a, err))
			return false;
		ret->topic = topic.name;
	}
	if (ticket->team_id != NULL) {
		if (!town_read(t, RECORD_TEAM, ticket->team_id, NULL, &team, a, err))
			return false;
		ret->team = team.name;
	}
	/* A day that has gone by cannot be promised. */
	if (ticket->due_at > ticket->updated_at) {
		clock_local(ticket->due_at, &day);
		ret->due = arena_printf(a, "%02d/%02d/%d", day.day, day.month, day.year);
	}
	return true;
}

/* Nothing may stand there in braces: who would fill it in? */
static const char *fill(const char *own, size_t i, const struct template_values *values,
			struct arena *a)
{
	struct template_values all = *values;
	struct buf text = {0};
	const char *ret;

	all.name = all.name != NULL ? all.name : texts[i].somebody;
	all.topic = all.topic != NULL ? all.topic : texts[i].topic;
	all.team = all.team != NULL ? all.team : texts[i].town;
	all.agent = all.team;
	if (own == NULL || template_expand(own, &all, &text) > 0) {
		buf_reset(&text);
		template_expand(all.due != NULL ? texts[i].body_due : texts[i].body, &all, &text);
	}
	ret = arena_strdup(a, text.data);
	buf_finish(&text);
	return ret;
}

bool mail_acknowledge(struct town *t, const struct ticket *ticket, const char *to,
		      const char *language, const struct mark *mark, struct arena *a,
		      struct err *err)
{
	struct template_values values;
	struct message m;
	struct outgoing o = {.message = &m, .ticket = ticket, .to = to, .automatic = true};
	const char *own, *pointer;
	size_t i = 0;

	for (size_t n = 0; n < sizeof(texts) / sizeof(texts[0]); n++)
		if (language != NULL && strcmp(texts[n].language, language) == 0)
			i = n;
	if (!own_text(t, ticket, texts[i].language, &own, a, err) ||
	    !fill_values(t, ticket, &values, a, err))
		return false;
	/* A text of one dash: for this topic the town answers nothing by itself. */
	if (own != NULL && own[0] == '-' && own[1 + strspn(own + 1, " \n")] == '\0')
		return true;
	m = (struct message){
		.id = id_new(arena_alloc(a, ID_TEXT)),
		.ticket_id = ticket->id,
		.sender = SENDER_MACHINE,
		.subject = texts[i].subject,
		.body = fill(own, i, &values, a),
		.language = texts[i].language,
		.created_at = mark->at,
	};
	o.now = mark->at;
	return outgoing_add(t, &o, &pointer, mark, a, err);
}
