/* The servers that other tests stand on: mail sent by SMTP lies in the mailbox, and all ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "servers.h"

static void mail_goes_through_both(void **state)
{
	struct mail_servers s;
	char *raw;
	pid_t pids[2];

	(void)state;
	mail_servers_make(&s, MAIL_SERVERS_IMAP | MAIL_SERVERS_SMTP);
	mail_servers_send(&s, "an@a.example", "info+x@stad.example",
			  "Subject: een\r\n\r\ntekst\r\n");
	mail_servers_send(&s, "an@a.example", "burger1@b.example",
			  "Subject: twee\r\n\r\ntekst\r\n");
	for (int i = 0; i < 2000 && (mail_servers_count(&s, "info", "") < 1 ||
				     mail_servers_count(&s, "burger", "") < 1);
	     i++)
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	assert_int_equal(mail_servers_count(&s, "info", ""), 1);
	raw = mail_servers_get(&s, "burger", "", 0);
	assert_non_null(raw);
	assert_non_null(strstr(raw, "Subject: twee"));
	free(raw);
	pids[0] = s.dovecot;
	pids[1] = s.postfix;
	mail_servers_remove(&s);
	assert_int_not_equal(kill(pids[0], 0), 0);
	assert_int_not_equal(kill(pids[1], 0), 0);
	assert_int_not_equal(access(s.dir, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(mail_goes_through_both)};

	if (!mail_servers_can())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
