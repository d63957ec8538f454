/* The socket to listen on: an address and port, or a path. */
#include "service.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "balie/i18n.h"
#include "balie/text.h"

#define BACKLOG 1024
#define UNIX_PREFIX "unix:"

/* A path that nobody listens on any more is left over from a kill. */
static bool path_is_stale(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool stale = false;

	if (fd >= 0) {
		stale = connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0;
		close(fd);
	}
	return stale;
}

static bool listen_unix(const char *path, int *ret_fd, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat st;
	int fd = -1;

	if (strlen(path) >= sizeof(at.sun_path) || !path[0]) {
		err_set(err, ERR_INPUT, _("the path of a socket is too long: %s"), path);
		return false;
	}
	strcpy(at.sun_path, path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && path_is_stale(&at))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		err_errno(err, _("cannot listen on %s"), path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}

/* "127.0.0.1:8450", "[::1]:8450", ":8450" for all addresses. */
static bool split(const char *where, char host[256], const char **port)
{
	const char *colon = strrchr(where, ':');
	size_t n;

	if (!colon || !colon[1])
		return false;
	*port = colon + 1;
	n = (size_t)(colon - where);
	if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
		where++;
		n -= 2;
	}
	if (n >= 256)
		return false;
	memcpy(host, where, n);
	host[n] = '\0';
	return true;
}

static int open_address(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

bool service_listen(const char *where, int *ret_fd, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *list = NULL;
	struct addrinfo *ai;
	char host[256];
	const char *port;
	int64_t number;
	int fd = -1;
	int code;

	if (strncmp(where, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		return listen_unix(where + strlen(UNIX_PREFIX), ret_fd, err);
	if (!split(where, host, &port)) {
		err_set(err, ERR_INPUT, _("cannot listen on \"%s\": say ADDRESS:PORT or unix:PATH"),
			where);
		return false;
	}
	/* The system would take the rest of a larger one. */
	if (!text_to_int(port, 0, 65535, &number)) {
		err_set(err, ERR_INPUT, _("cannot listen on \"%s\": %s"), where,
			_("a port is a number from 0 to 65535"));
		return false;
	}
	code = getaddrinfo(host[0] ? host : NULL, port, &hints, &list);
	if (code != 0) {
		err_set(err, ERR_INPUT, _("cannot listen on \"%s\": %s"), where,
			gai_strerror(code));
		return false;
	}
	for (ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = open_address(ai);
	if (fd < 0)
		err_errno(err, _("cannot listen on %s"), where);
	else
		*ret_fd = fd;
	freeaddrinfo(list);
	return fd >= 0;
}

void service_where(int fd, const char *where, char *ret, size_t size)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char host[256], port[16];

	snprintf(ret, size, "%s", where);
	if (strncmp(where, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(ret, size, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}
