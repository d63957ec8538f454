/* Other words for what can be done, beside the table of it. */
#pragma once

#include "balie/model.h"

extern const char *const action_also[ACT_COUNT]; /* N_(); NULL for those without */
