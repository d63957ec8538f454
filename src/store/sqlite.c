#include "balie/store.h"
