/* Event streams: a line "up to N" when something was committed, who looks at a ticket, and now and
 * then a sign of life, by which a client that left is noticed. */
#include "bell.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "balie/clock.h"

#define COMMENT_MS 20000
#define OUT_MAX 65536
#define BLOCK 512 /* one a stream: an idle one must cost little */

struct stream {
	struct stream *next, *prev;
	struct bell *bell;
	struct MHD_Connection *connection;
	unsigned char token_hash[32];
	char agent_id[ID_TEXT], team_id[ID_TEXT];
	struct viewer viewer;
	/* under the bell's lock */
	int64_t sent_seq; /* -1: nothing yet */
	int64_t comment_at;
	struct buf out;
	size_t out_at;
	bool waiting; /* suspended: must be resumed to send */
	bool over;
};

static void wake(struct stream *s)
{
	if (!s->waiting)
		return;
	s->waiting = false;
	MHD_resume_connection(s->connection);
}

void streams_upto(struct bell *b)
{
	struct stream *s;

	for (s = b->streams; s; s = s->next)
		wake(s);
}

void streams_tick(struct bell *b, int64_t now)
{
	struct stream *s;

	for (s = b->streams; s; s = s->next)
		if (now >= s->comment_at)
			wake(s);
}

void bell_recheck(struct bell *b, const unsigned char *token_hash, const char *agent_id)
{
	struct stream *s;

	pthread_mutex_lock(&b->lock);
	for (s = b->streams; s; s = s->next) {
		if (token_hash ? memcmp(s->token_hash, token_hash, sizeof(s->token_hash)) != 0
			       : strcmp(s->agent_id, agent_id) != 0)
			continue;
		s->comment_at = 0;
		wake(s);
	}
	pthread_mutex_unlock(&b->lock);
}

void streams_end(struct bell *b)
{
	struct stream *s;

	for (s = b->streams; s; s = s->next) {
		s->over = true;
		wake(s);
	}
}

void bell_say(struct bell *b, const char *team_id, const char *event)
{
	struct ticket ticket = {.team_id = team_id};
	struct stream *s;

	pthread_mutex_lock(&b->lock);
	for (s = b->streams; s; s = s->next) {
		/* Who does not read in time misses who looks where, never that there is news. */
		if (!sees(&s->viewer, &ticket) || s->out.len + strlen(event) > OUT_MAX)
			continue;
		buf_add_str(&s->out, event);
		wake(s);
	}
	pthread_mutex_unlock(&b->lock);
}

/* Fills out when there is something to say. */
static void compose(struct stream *s, int64_t now)
{
	char cursor[CURSOR_TEXT];

	if (s->out_at < s->out.len)
		return;
	buf_reset(&s->out);
	s->out_at = 0;
	if (s->bell->seq > s->sent_seq) {
		cursor_make(s->bell->service, &s->viewer, s->bell->seq, cursor);
		buf_printf(&s->out, "id: %s\nevent: upto\ndata: {\"seq\":\"%lld\"}\n\n", cursor,
			   (long long)s->bell->seq);
		s->sent_seq = s->bell->seq;
	} else if (now >= s->comment_at) {
		buf_add_str(&s->out, ":\n\n");
	}
	if (s->out.len)
		s->comment_at = now + COMMENT_MS;
}

/* A login that ended ends its stream too: at once when this was heard, else with a sign of life. */
static bool still_allowed(struct stream *s)
{
	struct request rq = {.service = s->bell->service};
	struct worker *w = worker_get(&rq);
	struct auth_who who;
	int retry;

	if (!w)
		return true;
	switch (auth_check(s->bell->service->auth, &w->town, s->token_hash, false, &who, &retry)) {
	case AUTH_OK:
		return strcmp(who.team_id, s->team_id) == 0;
	case AUTH_FAILED: /* a database that is away for a moment says nothing of logins */
	case AUTH_TOO_MANY:
		return true;
	case AUTH_UNKNOWN:
	case AUTH_EXPIRED:
		break;
	}
	return false;
}

static ssize_t stream_read(void *user, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = user;
	int64_t now = clock_mono();
	size_t n = 0;
	ssize_t ret = 0;
	bool due;

	(void)pos;
	pthread_mutex_lock(&s->bell->lock);
	due = now >= s->comment_at && !s->over;
	pthread_mutex_unlock(&s->bell->lock);
	if (due && !still_allowed(s))
		return MHD_CONTENT_READER_END_OF_STREAM;

	pthread_mutex_lock(&s->bell->lock);
	if (s->over) {
		ret = MHD_CONTENT_READER_END_OF_STREAM;
		goto out;
	}
	compose(s, now);
	n = s->out.len - s->out_at;
	if (n == 0) {
		s->waiting = true;
		MHD_suspend_connection(s->connection);
		goto out;
	}
	if (n > max)
		n = max;
	memcpy(buf, s->out.data + s->out_at, n);
	s->out_at += n;
	ret = (ssize_t)n;
out:
	pthread_mutex_unlock(&s->bell->lock);
	return ret;
}

static void stream_free(void *user)
{
	struct stream *s = user;
	struct bell *b = s->bell;

	pthread_mutex_lock(&b->lock);
	if (s->prev)
		s->prev->next = s->next;
	else
		b->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
	b->stream_count--;
	pthread_mutex_unlock(&b->lock);
	buf_finish(&s->out);
	free(s);
}

/* Who looks where now, and from here on every change of it: nothing falls in between. */
static void stream_join(void *user, const char *presence)
{
	struct stream *s = user;
	struct bell *b = s->bell;

	pthread_mutex_lock(&b->lock);
	buf_add_str(&s->out, presence);
	s->over = b->closed;
	s->next = b->streams;
	if (s->next)
		s->next->prev = s;
	b->streams = s;
	b->stream_count++;
	pthread_mutex_unlock(&b->lock);
}

void bell_stream(struct bell *b, struct request *rq)
{
	struct stream *s = xcalloc(1, sizeof(*s));
	struct MHD_Response *response;

	s->bell = b;
	s->connection = rq->connection;
	s->sent_seq = -1;
	s->comment_at = clock_mono() + COMMENT_MS;
	memcpy(s->token_hash, rq->token_hash, sizeof(s->token_hash));
	memcpy(s->agent_id, rq->agent_id, ID_TEXT);
	memcpy(s->team_id, rq->team_id, ID_TEXT);
	s->viewer = rq->viewer;
	s->viewer.agent_id = s->agent_id;
	s->viewer.team_id = s->team_id;
	presence_all(b->service->presence, &s->viewer, stream_join, s);

	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, stream_read, s,
						     stream_free);
	if (!response) {
		stream_free(s);
		answer_problem(rq, PROBLEM_BUSY, NULL, NULL);
		return;
	}
	MHD_add_response_header(response, "Content-Type", "text/event-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	/* A proxy that gathers would keep the news from the reader. */
	MHD_add_response_header(response, "X-Accel-Buffering", "no");
	rq->event_stream = true;
	answer_response(rq, MHD_HTTP_OK, response);
}
