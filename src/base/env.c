#include "balie/config.h"
