/* Stands between a client and a real service on Unix sockets, and loses answers: once the service has
 * begun to answer an action, and so has done it, the connection ends before or within the answer. */
#pragma once
#include <stdint.h>

struct proxy;
struct proxy *proxy_start(const char *path, const char *to, uint64_t seed);
/* Of a thousand answers to actions, how many are lost and how many are cut in the middle. */
void proxy_set(struct proxy *p, int lost, int cut);
int proxy_broken(struct proxy *p); /* how many so far */
void proxy_stop(struct proxy *p);
