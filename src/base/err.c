#include "balie/err.h"
