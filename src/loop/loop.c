#include "balie/loop.h"
