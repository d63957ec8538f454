/* Templates: texts with fields in braces, filled in for the ticket at hand. */
#include "balie/model.h"
#include <string.h>

#define NAME_MAX 24

/* The names of a field in the languages that texts are written in. */
static const struct {
	const char *names[5];
	size_t offset; /* in struct template_values */
} known[] = {
	{{"name", "naam", "nom"}, offsetof(struct template_values, name)},
	{{"number", "nummer", "numero", "numéro"}, offsetof(struct template_values, number)},
	{{"topic", "onderwerp", "sujet", "thema"}, offsetof(struct template_values, topic)},
	{{"agent", "medewerker", "collaborateur", "mitarbeiter"},
	 offsetof(struct template_values, agent)},
	{{"team", "dienst", "service"}, offsetof(struct template_values, team)},
	{{"due", "termijn", "delai", "délai", "frist"}, offsetof(struct template_values, due)},
};

static bool is_name(const char *name, const char *text, size_t len)
{
	return name && strlen(name) == len && strncmp(name, text, len) == 0;
}

/* Index in known, -1 when the text is no field. */
static int find(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (int n = 0; n < 5; n++)
			if (is_name(known[i].names[n], text, len))
				return (int)i;
	return -1;
}

int template_expand(const char *body, const struct template_values *values, struct buf *ret)
{
	const char *open, *close;
	int left = 0;

	while ((open = strchr(body, '{')) && (close = strchr(open, '}'))) {
		size_t len = (size_t)(close - open) - 1;
		int field = len <= NAME_MAX ? find(open + 1, len) : -1;
		const char *value = NULL;

		if (field >= 0)
			value = *(const char *const *)(const void *)((const char *)values +
								     known[field].offset);
		if (field < 0) {
			/* The next brace may open a field. */
			buf_add(ret, body, (size_t)(open - body) + 1);
			body = open + 1;
			continue;
		}
		buf_add(ret, body, (size_t)(open - body));
		if (value && value[0])
			buf_add_str(ret, value);
		else
			buf_add(ret, open, len + 2);
		left += !(value && value[0]);
		body = close + 1;
	}
	buf_add_str(ret, body);
	return left;
}

const char *name_called(const char *name, struct arena *a)
{
	const char *comma = name ? strstr(name, ", ") : NULL;

	if (!comma || comma == name || !comma[2] || strchr(comma + 1, ','))
		return name;
	return arena_printf(a, "%s %.*s", comma + 2, (int)(comma - name), name);
}
