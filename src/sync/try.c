/* Asks the service what would become of envelopes, in lists as they would be sent. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/id.h"
#include "room.h"

static void tell(const struct sync_try *what, size_t first, size_t n, const struct cJSON *json)
{
	struct arena a = {0};
	const char **refusals;
	size_t count;

	wire_get_refusals(json, &refusals, &count, &a);
	for (size_t i = 0; i < n && i < count; i++)
		what->tell(what->user, first + i,
			   refusals[i] && !refusals[i][0] ? _("it was not done") : refusals[i]);
	arena_finish(&a);
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

		n = wire_put_envelopes(&body, &what->envelopes[first], what->count - first);
		c = http_do(&s->http, "POST", "/v1/actions?dry_run=1", body.data, id_new(key), &ok,
			    err);
		if (ok && c->status != 200) {
			answer_error(c, err);
			ok = false;
		}
		ok = ok && (json = apply_parse(c, err)) != NULL;
		if (ok)
			tell(what, first, n, json);
		wire_free(json);
		call_finish(c);
		buf_finish(&body);
		if (!ok)
			return false;
	}
	return true;
}
