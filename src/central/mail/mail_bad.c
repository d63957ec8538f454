/* Addresses at which nobody is. */
#include <string.h>
#include <strings.h>
#include <cjson/cJSON.h>
#include "mail.h"

/* The list with this address marked as one where nothing arrives; NULL when it is not in it, or is so. */
static const char *with_bad(const char *emails, const char *addr, struct arena *a)
{
	struct cJSON *list = cJSON_Parse(emails), *item;
	const char *value, *ret = NULL;
	char *text;

	cJSON_ArrayForEach(item, list)
	{
		value = cJSON_GetStringValue(cJSON_GetObjectItem(item, "value"));
		if (value == NULL || strcasecmp(value, addr) != 0 ||
		    cJSON_IsTrue(cJSON_GetObjectItem(item, "bad")))
			continue;
		cJSON_DeleteItemFromObject(item, "bad");
		cJSON_AddBoolToObject(item, "bad", true);
		text = cJSON_PrintUnformatted(list);
		ret = arena_strdup(a, text);
		cJSON_free(text);
	}
	cJSON_Delete(list);
	return ret;
}

bool mail_mark_bad(struct town *t, const char *party_id, const char *addr, const struct mark *mark,
		   struct arena *a, struct err *err)
{
	struct party before, after;

	if (party_id == NULL)
		return true;
	if (!town_read(t, RECORD_PARTY, party_id, NULL, &before, a, err) ||
	    !party_survivor(t, &before, a, err))
		return false;
	after = before;
	after.emails = before.emails != NULL ? with_bad(before.emails, addr, a) : NULL;
	if (after.emails == NULL)
		return true;
	after.updated_at = mark->at;
	return town_update(t, RECORD_PARTY, &before, &after, mark, err);
}
