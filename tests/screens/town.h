/* A small town on disk, the same every time: what the sync thread would have fetched for An Claes.
 * The clock of the tests stands at TOWN_NOW. */
#pragma once
#include <stdbool.h>
#include "balie/cache.h"

#define TOWN_NOW "2026-11-24T09:00:00Z"
#define TOWN_SERVER "unix:/nowhere/balie.sock"
#define TOWN_USER "an"

enum { TOWN_TEAM_DESK = 1, TOWN_TEAM_ROADS, TOWN_TEAM_PARKS, TOWN_TEAM_WATER };
enum { TOWN_AGENT_AN = 1, TOWN_AGENT_JAN, TOWN_AGENT_MIEKE };

/* Fills home (a BALIE_HOME) with the mirror. tickets: how many beside the first, which has a
 * history; 0 gives an empty desk. Returns the folder of work.db, owned by the caller. */
char *town_make(const char *home, int tickets);
/* The same ids every time: kind is 't' team, 'a' agent, 'o' topic, 'p' party, 'k' ticket. */
const char *town_id(char kind, int number, char ret[37]);
/* Opens the agent's outbox and drafts, as a program that was here before. */
struct work *town_work(const char *dir_work);
