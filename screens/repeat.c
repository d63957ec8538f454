/* The change that was made last, so that one key does it again on another ticket. */
#include "repeat.h"

static bool is_text(const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_ID:
	case FIELD_DATE:
	case FIELD_JSON:
		return true;
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_BOOL:
	case FIELD_WORD:
		return false;
	}
	return false;
}

void repeat_copy(const struct action *action, const struct args *from, struct args *ret,
		 struct arena *a)
{
	*ret = *from;
	for (size_t i = 0; i < action->field_count; i++) {
		const struct field *f = &action->fields[i];
		const char **at = (const char **)(void *)((char *)ret + f->offset);

		if (is_text(f))
			*at = arena_strdup(a, *at);
	}
}

/* What belongs to one ticket alone is not done to another: its answer, its doubtful message. */
static bool can_repeat(int id)
{
	return id != ACT_CREATE && id != ACT_ANSWER && id != ACT_FORWARD && id != ACT_SEND_AGAIN &&
	       id != ACT_SETTLE && id != ACT_ACCEPT && id != ACT_DECLINE && id != ACT_UNDO &&
	       id != ACT_SPLIT && id != ACT_UNMERGE;
}

void repeat_keep(struct workplace *w, const struct action *action, const struct args *args)
{
	struct repeat *r = &w->repeat;
	struct arena a = {0};
	struct args copy;

	if (!can_repeat(action->id))
		return;
	/* args may be those that are kept already. */
	repeat_copy(action, args, &copy, &a);
	arena_finish(&r->arena);
	*r = (struct repeat){action, copy, a};
}
