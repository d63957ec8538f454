/* Files to the service, one at a time, before the mail that they go along with: the outbox holds that back until
 * they are there. Nothing else waits for them. Sent twice they are there once. */
#include <string.h>
#include "balie/clock.h"
#include "balie/i18n.h"
#include "room.h"

#define WAIT_MS 5000 /* after a service in trouble */

static bool start(struct sync *s, struct err *err)
{
	struct buf bytes = {0};
	struct err why = {0};
	char path[sizeof(s->upload_sha256) + 16];

	if (!work_file_to_send(s->work, s->upload_sha256, &why)) {
		s->upload_due = false;
		if (why.kind != ERR_NOT_FOUND && err != NULL)
			*err = why;
		return why.kind == ERR_NOT_FOUND;
	}
	if (!work_file_read(s->work, s->upload_sha256, &bytes, err)) {
		buf_finish(&bytes);
		return false;
	}
	snprintf(path, sizeof(path), "/v1/uploads/%s", s->upload_sha256);
	s->upload = http_start_upload(&s->http, path, &bytes);
	http_poll(&s->http, 0);
	return true;
}

/* The next one, or the mail, has its turn. */
static bool go_on(struct sync *s)
{
	s->send_at = 0;
	sync_changed(s, WATCH_OUTBOX);
	return true;
}

static bool take_answer(struct sync *s, const struct call *c, struct err *err)
{
	struct err why = {0};

	if (c->status == 204 || c->status == 200 || c->status == 201)
		return work_file_sent(s->work, s->upload_sha256, clock_now(), err) && go_on(s);
	answer_error(c, &why);
	switch (send_fate_of(c)) {
	case FATE_LOGIN:
		answer_error(c, err);
		return false;
	case FATE_CONFLICT:
	case FATE_REFUSED:
		send_tell(s, TOLD_REFUSED);
		s->report.refused++;
		return work_file_refused(s->work, s->upload_sha256, why.text, err) && go_on(s);
	case FATE_DONE:
	case FATE_LATER:
	case FATE_UNSURE:
		s->upload_at = clock_mono() + (c->retry_after_ms > 0 ? c->retry_after_ms : WAIT_MS);
		break;
	}
	return true;
}

bool uploads_check(struct sync *s, struct err *err)
{
	struct call *c = s->upload;
	bool ok = true;

	if (c != NULL) {
		if (!c->done)
			return true;
		s->upload = NULL;
		ok = !call_failed(c, err) && take_answer(s, c, err);
		call_finish(c);
	}
	if (!ok || !s->upload_due || clock_mono() < s->upload_at)
		return ok;
	return start(s, err);
}

bool uploads_all(struct sync *s, struct err *err)
{
	s->upload_due = true;
	while (s->upload_due && s->upload_at == 0) {
		if (!uploads_check(s, err))
			return false;
		if (s->upload != NULL && !http_wait(&s->http, s->upload, err)) {
			uploads_stop(s);
			return false;
		}
	}
	return true;
}

void uploads_stop(struct sync *s)
{
	call_finish(s->upload);
	s->upload = NULL;
}
