/* Asks the service what would become of envelopes, in lists as they would be sent. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "room.h"

#define LIST_MAX 100
#define BODY_MAX ((size_t)600 * 1024)

/* How many of them, from the first on, make one list. */
static size_t put_list(const struct sync_try *what, size_t first, struct buf *ret)
{
	struct buf one = {0};
	size_t n = 0;

	while (first + n < what->count && n < LIST_MAX) {
		buf_reset(&one);
		wire_put_envelope(&one, &what->envelopes[first + n]);
		if (n > 0 && ret->len + one.len > BODY_MAX)
			break;
		buf_printf(ret, "%c%s", n > 0 ? ',' : '[', one.data);
		n++;
	}
	buf_add_char(ret, ']');
	buf_finish(&one);
	return n;
}

static void tell(const struct sync_try *what, size_t first, size_t n, const struct cJSON *results)
{
	const struct cJSON *at = json_first(results);

	for (size_t i = first; i < first + n && at != NULL; i++, at = json_next(at)) {
		const struct cJSON *problem = json_member(at, "problem");
		const char *detail = NULL;

		if (problem != NULL) {
			wire_get_problem(problem, &detail);
			if (detail == NULL)
				detail = json_text(problem, "title");
			if (detail == NULL)
				detail = _("it was not done");
		}
		what->tell(what->user, i, detail);
	}
}

bool try_run(struct sync *s, struct err *err)
{
	const struct sync_try *what = s->what;
	size_t n;

	if (!token_load(s)) {
		err_set(err, ERR_AUTH, _("you are not logged in"));
		return false;
	}
	for (size_t first = 0; first < what->count; first += n) {
		struct buf body = {0};
		struct cJSON *json = NULL;
		char key[ID_TEXT];
		struct call *c;
		bool ok;

		n = put_list(what, first, &body);
		c = http_do(&s->http, "POST", "/v1/actions?dry_run=1", body.data, id_new(key), &ok,
			    err);
		if (ok && c->status != 200) {
			answer_error(c, err);
			ok = false;
		}
		ok = ok && (json = apply_parse(c, err)) != NULL;
		if (ok)
			tell(what, first, n, json_member(json, "results"));
		wire_free(json);
		call_finish(c);
		buf_finish(&body);
		if (!ok)
			return false;
	}
	return true;
}
