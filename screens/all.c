#include "balie/screens.h"

const struct screen_ops *const screens_all[] = {
	&assignment_screen, &batch_screen,  &card_screen,
	&citizen_screen,    &bulk_screen,   &compose_screen,
	&conflict_screen,   &merge_screen,  &mailboxes_screen,
	&notices_screen,    &outbox_screen, &queue_screen,
	&register_screen,   &person_screen, &same_screen,
	&ticket_screen,	    NULL,
};
