#include "balie/screens.h"

const struct screen_ops *const screens_all[] = {
	&compose_screen, &conflict_screen, &outbox_screen, &queue_screen, &ticket_screen, NULL,
};
