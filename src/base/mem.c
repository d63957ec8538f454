#include "balie/mem.h"
