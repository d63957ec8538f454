/* Runs lists of scenarios as one test program. */
#pragma once
#include "scenarios.h"

struct scenarios {
	const struct scenario *rows;
	size_t count;
};
/* argv: the client, and the folder of the expected screens. */
int runner_main(int argc, char **argv, const struct scenarios *lists, size_t list_count);
