#include "balie/id.h"
