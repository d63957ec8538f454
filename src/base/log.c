#include "balie/log.h"
