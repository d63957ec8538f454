/* Several balied on one town, and nginx before them as the example of balied.conf(5) has it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "service.h"

#define MANY_MAX 3

struct many {
	int count;
	struct service services[MANY_MAX]; /* the first one owns the town */
	char listen[MANY_MAX][32];	   /* the same after a restart */
	struct service proxy;		   /* to be spoken to; its pid is nginx' own */
};

/* Makes a town, starts its services and the proxy. */
void many_begin(struct many *m, int count);
void many_end(struct many *m);
/* Starts one again, at the address that it had. */
void many_start(struct many *m, int i);
/* Starts nginx again, after service_stop(). */
void many_start_proxy(struct many *m);
