/* Starts dovecot and postfix for a test and ends them by their process ids. */
#include "servers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <curl/curl.h>
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "balie/mem.h"

#define DOVECOT "/usr/sbin/dovecot"
#define POSTFIX "/usr/sbin/postfix"
#define MASTER "/usr/lib/postfix/sbin/master"
#define NOBODY 65534
#define START_MS 20000

bool mail_servers_can(void)
{
	if (geteuid() == 0 && access(DOVECOT, X_OK) == 0 && access(POSTFIX, X_OK) == 0)
		return true;
	printf("skipped: dovecot and postfix can be started by root only, where they are "
	       "installed\n");
	return false;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
}

int mail_servers_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

/* ---- files ---- */

static void write_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) == EOF || fclose(f) != 0 || chmod(path, mode) != 0)
		fail_msg("cannot write %s", path);
}

static void make_dir(const char *dir, const char *name, uid_t owner)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (mkdir(path, 0755) != 0 || chown(path, owner, (gid_t)-1) != 0)
		fail_msg("cannot make %s", path);
}

static void make_maildir(const char *dir, const char *user)
{
	static const char *const parts[] = {"", "/Maildir", "/Maildir/new", "/Maildir/cur",
					    "/Maildir/tmp"};
	char name[100];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(name, sizeof(name), "mail/%s%s", user, parts[i]);
		make_dir(dir, name, NOBODY);
	}
}

static pid_t spawn(const char *dir, const char *const *args)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char log[200];

		snprintf(log, sizeof(log), "%s/log/start.log", dir);
		/* Whatever becomes of the test, its servers do not stay. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (!freopen("/dev/null", "r", stdin) || !freopen(log, "a", stdout) ||
		    !freopen(log, "a", stderr))
			_exit(126);
		execv(args[0], (char *const *)args);
		_exit(127);
	}
	return pid;
}

static void run(const char *dir, const char *const *args)
{
	pid_t pid = spawn(dir, args);
	int status = -1;

	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail_msg("%s failed: see %s/log/start.log", args[0], dir);
}

static void make_certificate(struct mail_servers *s)
{
	char key[100];
	const char *const args[] = {"/usr/bin/openssl",
				    "req",
				    "-x509",
				    "-newkey",
				    "ec",
				    "-pkeyopt",
				    "ec_paramgen_curve:prime256v1",
				    "-nodes",
				    "-keyout",
				    key,
				    "-out",
				    s->ca_file,
				    "-days",
				    "30",
				    "-subj",
				    "/CN=localhost",
				    "-addext",
				    "subjectAltName=DNS:localhost,IP:127.0.0.1",
				    NULL};

	snprintf(key, sizeof(key), "%s/key.pem", s->dir);
	snprintf(s->ca_file, sizeof(s->ca_file), "%s/cert.pem", s->dir);
	run(s->dir, args);
}

/* ---- dovecot ---- */

static void configure_dovecot(const struct mail_servers *s)
{
	struct buf b = {0};
	static const char *const users[] = {MAIL_SERVERS_INFO, MAIL_SERVERS_CITIZEN,
					    MAIL_SERVERS_BIG};

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		buf_printf(&b, "%s:{PLAIN}%s:%d:%d::%s/mail/%s::%s\n", users[i],
			   MAIL_SERVERS_PASSWORD, NOBODY, NOBODY, s->dir, users[i],
			   i == 2 ? "userdb_mail=mbox:~/mbox:INBOX=~/inbox" : "");
	write_file(s->dir, "users", b.data, 0644);
	buf_reset(&b);
	buf_printf(&b, "base_dir = %s/dovecot\nstate_dir = %s/dovecot\n", s->dir, s->dir);
	buf_printf(&b, "log_path = %s/log/dovecot.log\nssl_cert = <%s\nssl_key = <%s/key.pem\n",
		   s->dir, s->ca_file, s->dir);
	buf_add_str(&b, "protocols = imap\nlisten = 127.0.0.1\nssl = yes\n"
			"disable_plaintext_auth = yes\nauth_mechanisms = plain login\n"
			"mail_location = maildir:~/Maildir\nfirst_valid_uid = 1\n"
			"default_internal_user = dovecot\ndefault_login_user = dovenull\n"
			"auth_failure_delay = 0\nmail_max_userip_connections = 50\n"
			"service anvil {\n chroot =\n}\n"
			"service stats {\n chroot =\n}\n"
			"namespace inbox {\n inbox = yes\n mailbox Verwerkt {\n auto = create\n"
			" }\n}\nprotocol imap {\n mail_max_userip_connections = 50\n}\n");
	buf_printf(&b,
		   "service imap-login {\n chroot =\n process_min_avail = 1\n"
		   " inet_listener imap {\n port = %d\n }\n"
		   " inet_listener imaps {\n port = %d\n ssl = yes\n }\n}\n",
		   s->imap, s->imaps);
	buf_printf(&b, "passdb {\n driver = passwd-file\n args = %s/users\n}\n", s->dir);
	buf_printf(&b, "userdb {\n driver = passwd-file\n args = %s/users\n}\n", s->dir);
	buf_add_str(&b, "service auth {\n unix_listener auth-postfix {\n mode = 0666\n }\n}\n");
	write_file(s->dir, "dovecot.conf", b.data, 0644);
	buf_finish(&b);
}

/* ---- postfix ---- */

static void configure_postfix(const struct mail_servers *s)
{
	struct buf b = {0};
	const char *d = s->dir;

	buf_printf(&b, "compatibility_level = 3.6\nconfig_directory = %s/postfix/etc\n", d);
	buf_printf(&b, "queue_directory = %s/postfix/spool\ndata_directory = %s/postfix/data\n", d,
		   d);
	buf_add_str(&b, "daemon_directory = /usr/lib/postfix/sbin\ncommand_directory = /usr/sbin\n"
			"mail_owner = postfix\nsetgid_group = postdrop\nmyhostname = localhost\n"
			"mydestination =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n"
			"default_database_type = texthash\nalias_maps =\n"
			"local_recipient_maps =\nmynetworks = 127.0.0.0/8\n"
			"virtual_mailbox_domains = static:all\nvirtual_uid_maps = static:65534\n"
			"virtual_gid_maps = static:65534\nsmtpd_sasl_type = dovecot\n"
			"message_size_limit = 52428800\nmailbox_size_limit = 0\n"
			"virtual_mailbox_limit = 0\nsmtpd_tls_security_level = may\n");
	buf_printf(&b, "maillog_file = %s/log/postfix.log\nmaillog_file_prefixes = %s\n", d, d);
	buf_printf(&b, "virtual_mailbox_base = %s/mail\n", d);
	buf_printf(&b, "virtual_mailbox_maps = regexp:%s/postfix/etc/boxes\n", d);
	buf_printf(&b, "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s/key.pem\n", s->ca_file,
		   d);
	buf_printf(&b, "smtpd_sasl_path = %s/dovecot/auth-postfix\n", d);
	write_file(d, "postfix/etc/main.cf", b.data, 0644);
	write_file(d, "postfix/etc/boxes", "/^burger.*@/ burger/Maildir/\n/@/ info/Maildir/\n",
		   0644);
	buf_reset(&b);
	buf_printf(&b, "127.0.0.1:%d inet n - n - - smtpd\n", s->smtp);
	buf_printf(&b,
		   "127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_security_level=encrypt "
		   "-o smtpd_sasl_auth_enable=yes "
		   "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject "
		   "-o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n",
		   s->submission);
	buf_printf(&b,
		   "127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes "
		   "-o smtpd_sasl_auth_enable=yes "
		   "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject "
		   "-o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n",
		   s->smtps);
	buf_add_str(&b, "cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n"
			"tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\n"
			"bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n"
			"trace unix - - n - 0 bounce\nverify unix - - n - 1 verify\n"
			"proxymap unix - - n - - proxymap\nsmtp unix - - n - - smtp\n"
			"error unix - - n - - error\nretry unix - - n - - error\n"
			"discard unix - - n - - discard\nvirtual unix - n n - - virtual\n"
			"anvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n"
			"postlog unix-dgram n - n - 1 postlogd\n");
	write_file(d, "postfix/etc/master.cf", b.data, 0644);
	buf_finish(&b);
}

static void own_postfix(const char *dir)
{
	char path[200];
	struct stat st;

	/* The owner that its package made; it refuses another. */
	if (stat("/var/lib/postfix", &st) != 0)
		fail_msg("postfix is not set up on this machine");
	snprintf(path, sizeof(path), "%s/postfix/data", dir);
	assert_int_equal(chown(path, st.st_uid, (gid_t)-1), 0);
}

/* ---- start and stop ---- */

static bool listens(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

	close(fd);
	return ok;
}

static void await(const struct mail_servers *s, pid_t pid, int port)
{
	int64_t until = now_ms() + START_MS;

	while (!listens(port)) {
		if (waitpid(pid, NULL, WNOHANG) != 0 || now_ms() > until)
			fail_msg("a mail server does not start: see %s/log", s->dir);
		nap();
	}
}

void mail_servers_start(struct mail_servers *s, unsigned parts)
{
	char path[100];

	if (parts & MAIL_SERVERS_IMAP && s->dovecot == 0) {
		snprintf(path, sizeof(path), "%s/dovecot.conf", s->dir);
		s->dovecot = spawn(s->dir, (const char *[]){DOVECOT, "-F", "-c", path, NULL});
		await(s, s->dovecot, s->imaps);
	}
	if (parts & MAIL_SERVERS_SMTP && s->postfix == 0) {
		snprintf(path, sizeof(path), "%s/postfix/etc", s->dir);
		/* Makes its folders; then its master by itself, as a child that we know. */
		run(s->dir, (const char *[]){POSTFIX, "-c", path, "check", NULL});
		s->postfix = spawn(s->dir, (const char *[]){MASTER, "-s", "-c", path, NULL});
		await(s, s->postfix, s->smtp);
	}
}

void mail_servers_make(struct mail_servers *s, unsigned parts)
{
	memset(s, 0, sizeof(*s));
	strcpy(s->dir, "/tmp/balie-mail-servers-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(chmod(s->dir, 0755), 0);
	make_dir(s->dir, "log", 0);
	make_dir(s->dir, "dovecot", 0);
	make_dir(s->dir, "mail", NOBODY);
	make_maildir(s->dir, MAIL_SERVERS_INFO);
	make_maildir(s->dir, MAIL_SERVERS_CITIZEN);
	make_dir(s->dir, "mail/" MAIL_SERVERS_BIG, NOBODY);
	make_dir(s->dir, "mail/" MAIL_SERVERS_BIG "/mbox", NOBODY);
	make_certificate(s);
	s->imap = mail_servers_port();
	s->imaps = mail_servers_port();
	configure_dovecot(s);
	if (parts & MAIL_SERVERS_SMTP) {
		s->smtp = mail_servers_port();
		s->submission = mail_servers_port();
		s->smtps = mail_servers_port();
		make_dir(s->dir, "postfix", 0);
		make_dir(s->dir, "postfix/etc", 0);
		make_dir(s->dir, "postfix/spool", 0);
		make_dir(s->dir, "postfix/data", 0);
		own_postfix(s->dir);
		configure_postfix(s);
	}
	mail_servers_start(s, parts);
}

static void end(pid_t *pid)
{
	int64_t until = now_ms() + START_MS;

	if (*pid == 0)
		return;
	kill(*pid, SIGTERM);
	while (waitpid(*pid, NULL, WNOHANG) == 0) {
		if (now_ms() > until) {
			kill(-*pid, SIGKILL);
			waitpid(*pid, NULL, 0);
			break;
		}
		nap();
	}
	/* What a master left, when it has a group of its own. */
	kill(-*pid, SIGTERM);
	*pid = 0;
}

void mail_servers_stop(struct mail_servers *s, unsigned parts)
{
	if (parts & MAIL_SERVERS_SMTP)
		end(&s->postfix);
	if (parts & MAIL_SERVERS_IMAP)
		end(&s->dovecot);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	remove(path);
	return 0;
}

void mail_servers_remove(struct mail_servers *s)
{
	mail_servers_stop(s, MAIL_SERVERS_IMAP | MAIL_SERVERS_SMTP);
	/* A child of a server that is ending may still write: once more, then it is gone. */
	for (int i = 0; i < 100 && access(s->dir, F_OK) == 0; i++) {
		nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		if (i > 0)
			nap();
	}
}

/* ---- mail ---- */

void mail_servers_put(struct mail_servers *s, const char *user, const void *raw, size_t len)
{
	static unsigned count;
	char from[200], to[200];
	FILE *f;

	count++;
	snprintf(from, sizeof(from), "%s/mail/%s/Maildir/tmp/%u", s->dir, user, count);
	snprintf(to, sizeof(to), "%s/mail/%s/Maildir/new/%lld.M%uP%d.test", s->dir, user,
		 (long long)time(NULL), count, (int)getpid());
	f = fopen(from, "wb");
	if (!f || fwrite(raw, 1, len, f) != len || fclose(f) != 0 ||
	    chown(from, NOBODY, NOBODY) != 0 || rename(from, to) != 0)
		fail_msg("cannot write %s", to);
}

struct upload {
	const char *at;
};

static size_t read_upload(char *ret, size_t size, size_t count, void *user)
{
	struct upload *up = user;
	size_t n = strnlen(up->at, size * count);

	memcpy(ret, up->at, n);
	up->at += n;
	return n;
}

void mail_servers_send(struct mail_servers *s, const char *from, const char *to, const char *raw)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *list = curl_slist_append(NULL, to);
	struct upload up = {raw};
	char url[60];
	CURLcode code;

	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d/test", s->smtp);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, list);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
	curl_easy_setopt(curl, CURLOPT_READDATA, &up);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	code = curl_easy_perform(curl);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	if (code != CURLE_OK)
		fail_msg("cannot send: %s", curl_easy_strerror(code));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of new/ and cur/ by name, which begins with the time. */
static size_t list_files(const struct mail_servers *s, const char *user, const char *folder,
			 char ***ret)
{
	static const char *const parts[] = {"new", "cur"};
	char **names = NULL;
	size_t count = 0;

	for (int i = 0; i < 2; i++) {
		char path[300];
		struct dirent *e;
		DIR *dir;

		snprintf(path, sizeof(path), "%s/mail/%s/Maildir/%s%s/%s", s->dir, user,
			 folder[0] ? "." : "", folder, parts[i]);
		dir = opendir(path);
		while (dir && (e = readdir(dir)) != NULL) {
			if (e->d_name[0] == '.')
				continue;
			names = xrealloc(names, (count + 1) * sizeof(*names));
			names[count++] = xasprintf("%s/%s/%s", e->d_name, path, e->d_name);
		}
		if (dir)
			closedir(dir);
	}
	qsort(names, count, sizeof(*names), by_name);
	*ret = names;
	return count;
}

static void free_files(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

int mail_servers_count(const struct mail_servers *s, const char *user, const char *folder)
{
	char **names;
	size_t count = list_files(s, user, folder, &names);

	free_files(names, count);
	return (int)count;
}

char *mail_servers_get(const struct mail_servers *s, const char *user, const char *folder, int n)
{
	char **names;
	size_t count = list_files(s, user, folder, &names);
	struct buf b = {0};
	char chunk[4096];
	size_t got;
	FILE *f = NULL;

	if (n >= 0 && (size_t)n < count)
		f = fopen(strchr(names[n], '/'), "rb");
	free_files(names, count);
	if (!f)
		return NULL;
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, got);
	fclose(f);
	return buf_take(&b);
}
