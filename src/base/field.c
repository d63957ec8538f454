#include "balie/field.h"
