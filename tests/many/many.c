#include "many.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "balie/mem.h"

#define PORT_FIRST 20000 /* below those that the system gives to clients */
#define PORT_COUNT 12000
#define EXAMPLE_SERVERS 3

/* ---- addresses ---- */

/* A listening socket at an address that no client can get by chance. */
static int listen_somewhere(char ret[32])
{
	static unsigned next;
	struct sockaddr_in at = {.sin_family = AF_INET};
	int on = 1;
	int fd;

	if (next == 0)
		next = (unsigned)getpid() * 7;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (;;) {
		unsigned port = PORT_FIRST + next++ % PORT_COUNT;

		fd = socket(AF_INET, SOCK_STREAM, 0);
		assert_true(fd >= 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		at.sin_port = htons((uint16_t)port);
		if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1024) == 0) {
			snprintf(ret, 32, "127.0.0.1:%u", port);
			return fd;
		}
		close(fd);
	}
}

/* ---- nginx ---- */

static char *read_file(const char *path)
{
	struct buf text = {0};
	char part[4096];
	size_t n;
	char *ret;
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		buf_add(&text, part, n);
	fclose(in);
	ret = buf_take(&text);
	buf_finish(&text);
	return ret;
}

/* Puts `to` in the place of `from`, which stands there once. Frees text. */
static char *replace(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from);
	char *ret;

	if (!at || strstr(at + 1, from))
		fail_msg("the example does not say once: %s", from);
	ret = xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	free(text);
	return ret;
}

/* The example of the manual: only its addresses and its certificate are others. */
static char *make_site(struct many *m)
{
	char *site = read_file(EXAMPLE_PATH);
	char from[100], to[250];
	int i;

	for (i = 0; i < EXAMPLE_SERVERS; i++) {
		snprintf(from, sizeof(from), "\tserver 10.0.0.1%d:8450 ", i + 1);
		snprintf(to, sizeof(to), "\t%sserver %s ", i < m->count ? "" : "#",
			 i < m->count ? m->listen[i] : "none");
		site = replace(site, from, to);
	}
	snprintf(to, sizeof(to), "listen %s;", m->proxy.address);
	site = replace(site, "listen 443 ssl;", to);
	site = replace(site, "\tssl_certificate /etc/balie/tls.crt;\n", "");
	return replace(site, "\tssl_certificate_key /etc/balie/tls.key;\n", "");
}

static void write_config(struct many *m, const char *path)
{
	char *site = make_site(m);
	const char *dir = m->services[0].dir;
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fprintf(out,
		"%sdaemon off; pid %s/nginx.pid; error_log %s/nginx.log;\n"
		"events { worker_connections 1024; }\n"
		"http {\naccess_log off;\nclient_body_temp_path %s/t1; proxy_temp_path %s/t2;\n"
		"fastcgi_temp_path %s/t3; uwsgi_temp_path %s/t4; scgi_temp_path %s/t5;\n%s}\n",
		geteuid() == 0 ? "user root;\n" : "", dir, dir, dir, dir, dir, dir, dir, site);
	assert_int_equal(fclose(out), 0);
	free(site);
}

/* It takes over a socket that listens already, so nobody has to wait until it is there. */
static void run_nginx(const char *config, const char *log, int fd)
{
	char sockets[16];
	int other;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (other = 3; other < 256; other++)
		if (other != fd)
			close(other);
	snprintf(sockets, sizeof(sockets), "%d;", fd);
	setenv("NGINX", sockets, 1);
	execl(NGINX_PATH, "nginx", "-e", log, "-c", config, (char *)NULL);
	_exit(127);
}

void many_start_proxy(struct many *m)
{
	char config[100], log[100];
	int fd = listen_somewhere(m->proxy.address);

	snprintf(m->proxy.url, sizeof(m->proxy.url), "http://%s", m->proxy.address);
	snprintf(config, sizeof(config), "%s/nginx.conf", m->services[0].dir);
	snprintf(log, sizeof(log), "%s/nginx.log", m->services[0].dir);
	write_config(m, config);
	m->proxy.pid = fork();
	assert_true(m->proxy.pid >= 0);
	if (m->proxy.pid == 0)
		run_nginx(config, log, fd);
	close(fd);
}

/* ---- services ---- */

void many_start(struct many *m, int i)
{
	const char *args[] = {"--listen",      m->listen[i], "--rate",	"1000000",
			      "--burst",       "1000000",    "--proxy", "127.0.0.1",
			      "--per-address", "0",	     NULL};

	service_start(&m->services[i], args);
}

void many_begin(struct many *m, int count)
{
	int i;

	memset(m, 0, sizeof(*m));
	m->count = count;
	service_make(&m->services[0]);
	for (i = 0; i < count; i++) {
		if (i > 0)
			m->services[i] = m->services[0];
		m->services[i].pid = 0;
		close(listen_somewhere(m->listen[i]));
		many_start(m, i);
	}
	many_start_proxy(m);
}

void many_end(struct many *m)
{
	static const char *const names[] = {"nginx.conf", "nginx.log", "nginx.pid", "t1",
					    "t2",	  "t3",	       "t4",	    "t5"};
	char path[128];
	size_t k;
	int i;

	service_stop(&m->proxy, SIGTERM);
	for (i = m->count - 1; i > 0; i--)
		service_stop(&m->services[i], SIGKILL);
	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		snprintf(path, sizeof(path), "%s/%s", m->services[0].dir, names[k]);
		remove(path);
	}
	service_remove(&m->services[0]);
}
