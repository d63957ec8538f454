/* One full synchronisation, from login to the last timeline. */
#include "balie/clock.h"
#include "balie/i18n.h"
#include "room.h"

#define RETRIES 5

/* Told to come back later, it does, but not for ever. */
static bool send_patiently(struct sync *s, struct err *err)
{
	for (int i = 0; i < RETRIES; i++) {
		if (!send_outbox(s, err))
			return false;
		if (s->send_at < 0)
			return true;
		while (s->send_at > clock_mono())
			http_poll(&s->http, s->send_at - clock_mono());
	}
	return true;
}

bool once_run(struct sync *s, struct err *err)
{
	char id[37];

	if (s->password != NULL) {
		if (!token_login(s, err))
			return false;
	} else if (!token_load(s)) {
		err_set(err, ERR_AUTH, _("you are not logged in"));
		return false;
	}
	if (!token_me(s, err) || !uploads_all(s, err) || !send_patiently(s, err) ||
	    !fetch_changes(s, err) || !fetch_find_prefetch(s, err))
		return false;
	while (wanted_take(&s->prefetch, id))
		if (!fetch_timeline(s, id, err))
			return false;
	return true;
}
