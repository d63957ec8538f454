#include "balie/clock.h"
