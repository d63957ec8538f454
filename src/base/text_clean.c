#include "balie/text.h"
