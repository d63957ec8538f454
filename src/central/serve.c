/* balied serve: starts the parts in the order of their needs, waits for a signal, stops them in the
 * other order. */
#include "parts.h"
#include "mail/mail_config.h"
#include "mail/mail_parse.h"
#include "mail/mailbox.h"
#include "mail/outbound.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/log.h"

static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* The epoch, and where the journal stands. Refuses a town that was never made. */
static bool read_town(struct service *s, int64_t *ret_seq, struct err *err)
{
	struct town t = {0};
	struct arena a = {0};
	const char *epoch;
	bool ok = false;

	if (!town_open(&t, s->settings->db, STORE_PREPARE, err)) {
		if (err->kind == ERR_NOT_FOUND)
			err_set(err, ERR_NOT_FOUND,
				_("there is no town at %s; run balied init first"),
				s->settings->db_shown);
		goto out;
	}
	epoch = town_meta(&t, "epoch", &a);
	if (!epoch || strlen(epoch) >= sizeof(s->epoch)) {
		err_set(err, ERR_CORRUPT, _("the town has no epoch"));
		goto out;
	}
	strcpy(s->epoch, epoch);
	ok = town_last_seq(&t, ret_seq, err);
out:
	town_close(&t);
	arena_finish(&a);
	return ok;
}

static void stop_parts(struct service *s)
{
	server_stop(s);
	warm_stop(s->warm);
	doorman_stop(s->doorman);
	mailboxes_stop(s->mailboxes);
	outbound_stop(atomic_load(&s->outbound));
	writer_stop(s->writer);
	bell_stop(s->bell);
	outbound_destroy(atomic_load(&s->outbound)); /* the bell wakes it */
	leases_destroy(s->leases);
	presence_destroy(s->presence);
	auth_destroy(s->auth);
	free((char *)s->openapi);
}

static bool start_outbound(struct service *s, struct err *err)
{
	struct outbound *o;

	if (!outbound_start(&o, s, err))
		return false;
	atomic_store(&s->outbound, o);
	return true;
}

static bool start_parts(struct service *s, int fd, struct err *err)
{
	int64_t seq;

	s->openapi = openapi_make();
	leases_create(&s->leases);
	return read_town(s, &seq, err) && auth_create(&s->auth, s->settings) &&
	       presence_create(&s->presence) && bell_start(&s->bell, s, seq, err) &&
	       writer_start(&s->writer, s, err) && doorman_start(&s->doorman, s, err) &&
	       start_outbound(s, err) && mailboxes_start(&s->mailboxes, s, s->mail, err) &&
	       server_start(s, fd, err);
}

/* The last to close a file folds its log into it, but a reader cannot, and the last may have been one:
 * who copies the file of a service that has stopped has all of it. */
static void fold_log(const struct settings *settings)
{
	struct town t = {0};

	if (store_engine_of(settings->db) == STORE_SQLITE && town_open(&t, settings->db, 0, NULL))
		town_close(&t);
}

static void wait_for_signal(const sigset_t *set)
{
	int signo = 0;

	while (sigwait(set, &signo) != 0)
		;
	log_line(LOG_LEVEL_INFO, "stopping: %s", strsignal(signo));
}

int command_serve(const struct settings *settings, const struct option_list *operands,
		  struct err *err)
{
	struct mail_config mail = {0};
	struct arena arena = {0};
	struct service s = {.settings = settings, .mail = &mail};
	sigset_t set;
	char where[300];
	int fd = -1;
	int code = 1;

	if (operands->count > 0) {
		command_extra(operands->items[0], err);
		return 2;
	}
	raise_limit();
	/* Before any thread: they all inherit it, and only this one takes signals. */
	signal(SIGPIPE, SIG_IGN);
	/* A file at its limit is told as a full disk, instead of ending the program. */
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if ((settings->config && !mail_config_read(settings->config, &mail, &arena, err)) ||
	    !service_listen(settings->listen, &fd, err)) {
		arena_finish(&arena);
		return 1;
	}
	mail_init();
	service_where(fd, settings->listen, where, sizeof(where));
	if (start_parts(&s, fd, err)) {
		warm_start(&s.warm, settings);
		printf("listening on %s\n", where);
		fflush(stdout);
		log_line(LOG_LEVEL_INFO, "serving on %s", where);
		wait_for_signal(&set);
		code = 0;
	} else {
		close(fd);
	}
	stop_parts(&s);
	fold_log(settings);
	if (strncmp(settings->listen, "unix:", 5) == 0)
		unlink(settings->listen + 5);
	mail_finish();
	arena_finish(&arena);
	return code;
}
