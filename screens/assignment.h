/* Inside of the board: its rows and their drawing. */
#pragma once
#include "balie/id.h"
#include "deed.h"
#include "workload.h"

enum board_kind { BOARD_POOL, BOARD_NONE, BOARD_TEAM, BOARD_TEAM_POOL, BOARD_AGENT };
struct board_row {
	enum board_kind kind;
	const char *id, *name; /* of the team or agent; NULL: of neither */
	const struct load *load;
	bool away; /* this colleague does not work here any more */
};
struct board {
	struct deed deed;
	char team_id[ID_TEXT]; /* whose colleagues are shown; "": the teams */
	char was[ID_TEXT];     /* the team that was gone into, to stand on again */
	struct arena arenas[2];
	int arena_now;
	const char *team_name;
	struct board_row *rows;
	size_t count;
	int64_t most;
	bool counting; /* more is to be counted before anything can be said */
	bool counted;  /* else the names stand here, and the counts follow */
	struct list list;
	struct loop_watch *timer;
};
void board_draw(const struct screen *s, struct cells c);
