/* Typing in a contact: letters are text, Tab and Enter go from field to field, Space changes a word. */
#include <stdlib.h>
#include <string.h>
#include "balie/i18n.h"
#include "register.h"

/* ---- going round ---- */

void reg_focus_on(struct screen *s, enum reg_field f)
{
	struct reg *v = screen_state(s);

	v->focus = f;
	reg_find(s);
}

static void move_focus(struct screen *s, int step)
{
	struct reg *v = screen_state(s);
	int f = (int)v->focus;

	do
		f = (f + step + REG_FIELDS) % REG_FIELDS;
	while (!reg_shows(v, (enum reg_field)f));
	reg_focus_on(s, (enum reg_field)f);
}

/* Enter and Tab: what the letters mean is taken; what means nothing is said and stays. */
void reg_go_on(struct screen *s, bool enter)
{
	struct reg *v = screen_state(s);

	if (!reg_take_offer(s)) {
		host_say(screen_host(s), STYLE_WARNING, "%s",
			 v->said[0] && v->focus == REG_PARTY
				 ? v->said
				 : _("Nothing fits these letters. Change them; Ctrl+U empties the "
				     "field."));
		return;
	}
	/* A new citizen whose name is known: only the phone is asked. */
	if (v->focus == REG_PARTY && v->is_new)
		reg_focus_on(s, line_text(v->name)[0] ? REG_PHONE : REG_NAME);
	else if (enter && v->focus == REG_PARTY)
		reg_focus_on(s, REG_ABOUT);
	else if (enter && (v->focus == REG_PHONE || v->focus == REG_BEHALF))
		reg_focus_on(s, REG_ABOUT);
	else
		move_focus(s, 1);
}

/* ---- typing ---- */

/* What was chosen holds no longer when its text is changed. */
static void unchoose(struct screen *s)
{
	struct reg *v = screen_state(s);
	struct question *q = reg_question(v);

	switch ((int)v->focus) {
	case REG_PARTY:
		v->party_id[0] = '\0';
		v->is_new = false;
		v->card.there = false;
		return;
	case REG_BEHALF:
		v->behalf_id[0] = '\0';
		return;
	case REG_TOPIC:
		q->topic_id[0] = '\0';
		return;
	case REG_HANDLER:
		q->team_id[0] = q->agent_id[0] = '\0';
		return;
	case REG_ABOUT:
		reg_check_about(s);
		return;
	}
}

static void feed_line(struct screen *s, struct line *line, const struct key *key)
{
	char *before = xstrdup(line_text(line));

	line_feed(line, key);
	if (strcmp(before, line_text(line)) != 0) {
		unchoose(s);
		reg_find(s);
	}
	free(before);
}

static bool move_offer(struct reg *v, int step)
{
	if (v->offer_count < 2)
		return false;
	v->offer_now = (v->offer_now + v->offer_count + (size_t)step) % v->offer_count;
	return true;
}

static bool type_in_line(struct screen *s, struct line *line, const struct key *key)
{
	struct reg *v = screen_state(s);

	if (strcmp(key->name, "Enter") == 0)
		reg_go_on(s, true);
	else if (strcmp(key->name, "Down") == 0 && !move_offer(v, 1))
		move_focus(s, 1);
	else if (strcmp(key->name, "Up") == 0 && !move_offer(v, -1))
		move_focus(s, -1);
	else if (strcmp(key->name, "Down") != 0 && strcmp(key->name, "Up") != 0)
		feed_line(s, line, key);
	return true;
}

/* Fields that hold one of a few words. */
static bool type_in_word(struct screen *s, const struct key *key)
{
	struct reg *v = screen_state(s);
	struct question *q = reg_question(v);
	const char *name = key->name;
	int step = key->ch == ' ' || strcmp(name, "Right") == 0 ? 1
		   : strcmp(name, "Left") == 0			? -1
								: 0;

	if (strcmp(name, "Enter") == 0 || strcmp(name, "Down") == 0)
		move_focus(s, 1);
	else if (strcmp(name, "Up") == 0)
		move_focus(s, -1);
	else if (step && v->focus == REG_HANDLING)
		q->answered = !q->answered;
	else if (step)
		q->priority = (q->priority + step + priorities.count) % priorities.count;
	else
		return key->ch != 0 || key->paste;
	return true;
}

/* Keys that mean something everywhere and nothing in a field. */
static bool is_global(const struct key *key)
{
	return key->ch == 0 && !key->paste &&
	       ((key->name[0] == 'F' && key->name[1] >= '0' && key->name[1] <= '9') ||
		strcmp(key->name, "Esc") == 0 || strcmp(key->name, "Ctrl+L") == 0 ||
		strcmp(key->name, "Ctrl+Q") == 0);
}

static bool type_in_form(struct screen *s, const struct key *key)
{
	struct reg *v = screen_state(s);
	struct line *line = reg_line(v, v->focus);
	struct editor *editor = reg_editor(v, v->focus);

	if (strcmp(key->name, "Shift+Tab") == 0) {
		move_focus(s, -1);
		return true;
	}
	if (strcmp(key->name, "Tab") == 0) {
		reg_go_on(s, false);
		return true;
	}
	if (line)
		return type_in_line(s, line, key);
	return editor ? editor_feed(editor, key) : type_in_word(s, key);
}

bool reg_typed(struct screen *s, const struct key *key)
{
	struct reg *v = screen_state(s);
	bool taken;

	if (is_global(key) || v->mode == REG_MADE)
		return false;
	if (v->mode == REG_WRAP) {
		uint64_t before = editor_changes(v->summary);

		taken = editor_feed(v->summary, key);
		v->summary_own |= editor_changes(v->summary) != before;
	} else {
		taken = type_in_form(s, key);
	}
	if (taken) {
		reg_keep(s);
		screen_redraw(s);
	}
	return taken;
}
