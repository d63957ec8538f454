#include "balie/action.h"
