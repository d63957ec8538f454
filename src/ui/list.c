#include "balie/ui.h"
#include <string.h>

void list_set_count(struct list *l, int64_t count)
{
	l->count = count;
	if (count <= 0) {
		l->count = l->top = 0;
		l->selected = -1;
		return;
	}
	if (l->selected >= count)
		l->selected = count - 1;
	if (l->selected < 0)
		l->selected = 0;
	if (l->top >= count)
		l->top = count - 1;
}

void list_show(struct list *l, int height)
{
	l->height = height > 0 ? height : 1;
	if (l->selected < 0) {
		l->top = 0;
		return;
	}
	if (l->selected < l->top)
		l->top = l->selected;
	if (l->selected >= l->top + l->height)
		l->top = l->selected - l->height + 1;
	/* No empty rows at the end while there are rows above. */
	if (l->top > l->count - l->height)
		l->top = l->count - l->height;
	if (l->top < 0)
		l->top = 0;
}

bool list_act(struct list *l, const struct act *act)
{
	const char *name = act->action->name;
	int64_t page = l->height > 1 ? l->height - 1 : 1;
	int64_t to = l->selected;

	if (strcmp(name, "down") == 0)
		to++;
	else if (strcmp(name, "up") == 0)
		to--;
	else if (strcmp(name, "page-down") == 0)
		to += page;
	else if (strcmp(name, "page-up") == 0)
		to -= page;
	else if (strcmp(name, "first") == 0)
		to = 0;
	else if (strcmp(name, "last") == 0)
		to = l->count - 1;
	else
		return false;
	if (to >= l->count)
		to = l->count - 1;
	if (to < 0)
		to = l->count > 0 ? 0 : -1;
	l->selected = to;
	if (l->height > 0)
		list_show(l, l->height);
	return true;
}
