/* A form that is not saved yet, on disk: as the draft of an answer, so that it is listed with those in the
 * outbox and stops a logout. */
#include <string.h>
#include "balie/clock.h"
#include "person.h"

bool person_draft_read(struct desk *d, const char *id, struct person_draft *ret, struct arena *a)
{
	struct draft draft;
	char *text, *line;

	if (!work_draft(d->work, id, PERSON_DRAFT, &draft, a, NULL) || !draft.body)
		return false;
	ret->version = draft.cursor;
	text = arena_strdup(a, draft.body);
	for (int i = 0; i < PERSON_FIELDS; i++) {
		line = strsep(&text, "\n");
		ret->texts[i] = line ? line : "";
	}
	return true;
}

bool person_draft_is_new(struct desk *d, const char *id)
{
	struct person_draft draft;
	struct arena a = {0};
	bool ret = person_draft_read(d, id, &draft, &a) && draft.version == 0;

	arena_finish(&a);
	return ret;
}

bool person_draft_keep(struct desk *d, const char *id, const struct person_draft *from,
		       struct err *err)
{
	struct buf body = {0};
	struct draft draft = {.ticket_id = id,
			      .kind = PERSON_DRAFT,
			      .subject = from->texts[PERSON_FAMILY],
			      .cursor = from->version,
			      .at = clock_now()};
	bool ok;

	/* A field is one line: none of them can end it. */
	for (int i = 0; i < PERSON_FIELDS; i++)
		buf_printf(&body, "%s%s", i ? "\n" : "", from->texts[i]);
	draft.body = body.data;
	ok = work_put_draft(d->work, &draft, err);
	buf_finish(&body);
	return ok;
}

void person_draft_drop(struct desk *d, const char *id)
{
	work_drop_draft(d->work, id, PERSON_DRAFT, NULL);
}
