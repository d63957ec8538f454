/* Shared by the files of this room. */
#pragma once
#include "balie/wire.h"

/* One value of a struct, without its name. */
void wire_put_value(struct buf *ret, const struct field *f, const void *from);
/* False for NULL and "" text, time 0 and a word out of range: what an envelope leaves out. */
bool wire_has_value(const struct field *f, const void *from);
/* wire_get, with names that the caller reads himself: skipped even when strict. */
bool wire_get_except(const struct cJSON *object, const struct field *fields, size_t count,
		     bool strict, const char *const *except, size_t except_count, void *ret,
		     struct arena *a, const char **pointer, struct err *err);
/* *pointer = "/name" with the escapes of RFC 6901; pointer may be NULL. */
void wire_point(const char **pointer, struct arena *a, const char *name);
