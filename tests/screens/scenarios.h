/* Keys in, screen out: one scenario is a town, keys, and the screen that must stand there at the end. */
#pragma once
#include "town.h"

struct step {
	const char *keys; /* names with spaces between, or NULL */
	const char *text; /* typed as it is, or NULL */
	const char *wait; /* must come before the next step */
};
struct scenario {
	const char *name; /* of the expected screen */
	int rows, cols;
	int tickets;
	void (*prepare)(const char *dir_work);
	const char *language;
	struct step steps[12]; /* ended by an empty one */
};

/* On the status line when the client has found out that there is no network: then all is quiet. */
#define OFFLINE "no network"

/* ---- register.c: contacts ---- */
extern const struct scenario register_scenarios[];
extern const size_t register_scenario_count;

/* ---- prepare.c: what was there before ---- */
void prepare_conflict(const char *dir_work);
void prepare_party_conflict(const char *dir_work);
void prepare_outbox(const char *dir_work);
void prepare_left(const char *dir_work);
void prepare_unreadable(const char *dir_work);
extern const struct scenario mail_scenarios[];
extern const size_t mail_scenario_count;
extern const struct scenario citizen_scenarios[];
extern const size_t citizen_scenario_count;
