/* Other words for what can be done: as an agent would say it, who knows no name of an action. The
 * help and the palette find by them too. */
#include "balie/i18n.h"
#include "balie/model.h"
#include "actions.h"

const char *const action_also[ACT_COUNT] = {
	[ACT_REGISTER] = N_("phone call rings caller counter visit visitor anonymous conversation"),
	[ACT_CONTACTS] = N_("phone call second caller go on switch"),
	[ACT_CITIZEN] = N_("new citizen person name birth date phone number address correct double "
			   "merge search"),
	[ACT_CARD] = N_("citizen person address correct change merge"),
	[ACT_PARTY_CHANGE] = N_("correct phone number address mail person"),
	[ACT_PARTY_MERGE] = N_("merge double records person twice"),
	[ACT_PARTY_UNMERGE] = N_("un-merge separate take apart person"),
	[ACT_CREATE] = N_("new ticket register"),
	[ACT_ASSIGN] = N_("hand over forward pass on another team department give"),
	[ACT_ASSIGNMENT] = N_("workload board who has most busy ill sick leave absent hand over "
			      "everything of a colleague"),
	[ACT_HAND_OVER] = N_("ill sick leave absent workload"),
	[ACT_MERGE] = N_("double duplicate twice the same join"),
	[ACT_UNMERGE] = N_("double separate take apart"),
	[ACT_SPLIT] = N_("split off part second question message"),
	[ACT_MARK] = N_("several many choose select at once"),
	[ACT_MARK_ALL] = N_("several many choose select everything"),
	[ACT_TEMPLATE] = N_("ready standard text template"),
	[ACT_NOTICES] = N_("news messages what happened"),
	[ACT_UNDO] = N_("mistake wrong regret restore"),
	[ACT_REPEAT] = N_("again same once more"),
	[ACT_SAVE_VIEW] = N_("own view list of my own"),
	[ACT_COLUMNS] = N_("show hide fields"),
	[ACT_FILTER] = N_("search find words number"),
	[ACT_OPEN] = N_("number search find ticket"),
	[ACT_DUE] = N_("deadline term date postpone"),
	[ACT_STATE] = N_("close finish done ready planned waiting"),
	[ACT_SUBJECT] = N_("title line"),
	[ACT_BATCH] = N_("many at once bulk"),
	[ACT_MACROS] = N_("own action several steps"),
	[ACT_LANGUAGE] = N_("Dutch English"),
	[ACT_QUIT] = N_("leave stop close end"),
	[ACT_BEHALF] = N_("somebody else mother neighbour for another"),
	[ACT_WRAP_UP] = N_("finish end keep save hang up"),
	[ACT_AT_ONCE] = N_("answered immediately by phone"),
	[ACT_CHANNEL] = N_("counter phone visit letter"),
	[ACT_ABOUT] = N_("existing ticket number"),
};
