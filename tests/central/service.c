#include "service.h"
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "balie/id.h"
#include "balie/mem.h"
#include "balie/store.h"
#include "postgres.h"

#define START_MS 20000
#define ARGS_MAX 32

static const char *balied(void)
{
	const char *path = getenv("BALIED");

	return path ? path : BALIED_PATH;
}

static void close_files(void)
{
	int fd;

	/* What a test of ours holds open is not the service's. */
	for (fd = 3; fd < 256; fd++)
		close(fd);
}

static pid_t spawn(const char *const *args, int in, int out)
{
	const char *argv[ARGS_MAX + 2] = {balied()};
	pid_t pid;
	int n = 0;

	while (args[n] && n < ARGS_MAX) {
		argv[n + 1] = args[n];
		n++;
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (in >= 0)
			dup2(in, STDIN_FILENO);
		if (out >= 0)
			dup2(out, STDOUT_FILENO);
		close_files();
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t service_spawn(const char *const *args)
{
	return spawn(args, -1, -1);
}

int service_wait(pid_t pid)
{
	return wait_status(pid);
}

int service_run(const char *const *args, const char *input, char **output)
{
	int in[2], out[2];
	struct buf text = {0};
	char part[4096];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid = spawn(args, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (input)
		assert_int_equal(write(in[1], input, strlen(input)), strlen(input));
	close(in[1]);
	while ((n = read(out[0], part, sizeof(part))) > 0)
		buf_add(&text, part, (size_t)n);
	close(out[0]);
	if (output)
		*output = buf_take(&text);
	buf_finish(&text);
	return wait_status(pid);
}

static void add_user(struct service *s, const char *name, const char *team, const char *role,
		     bool outside)
{
	const char *args[] = {"user",	"add", name,	 "--db", s->db,
			      "--team", team,  "--role", role,	 outside ? "--outside" : NULL,
			      NULL};

	assert_int_equal(service_run(args, SERVICE_PASSWORD "\n", NULL), 0);
}

void service_make(struct service *s)
{
	const char *args[] = {"init", "--db", s->db, NULL};
	const char *base = getenv("TMPDIR");

	memset(s, 0, sizeof(*s));
	assert_true(id_init());
	snprintf(s->dir, sizeof(s->dir), "%.40s/balied-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	store_know_postgres(); /* for the tests that look into the town by themselves */
	if (postgres_wanted())
		postgres_database(s->db);
	else
		snprintf(s->db, sizeof(s->db), "%s/town.db", s->dir);
	assert_int_equal(service_run(args, NULL, NULL), 0);
	add_user(s, "an", "Onthaal", "agent", false);
	add_user(s, "bob", "Wegen", "agent", false);
	add_user(s, "chef", "Onthaal", "supervisor", false);
	add_user(s, "ext", "Aannemer", "agent", true);
}

static void start(struct service *s, const char *listen, const char *const *more)
{
	const char *args[ARGS_MAX + 1] = {"serve", "--db", s->db, "--listen", listen};
	struct pollfd p = {.events = POLLIN};
	char line[300] = "";
	size_t len = 0;
	int out[2];
	int n = 5;

	while (more && *more)
		args[n++] = *more++;
	assert_int_equal(pipe(out), 0);
	s->pid = spawn(args, -1, out[1]);
	close(out[1]);
	p.fd = out[0];
	while (!strchr(line, '\n')) {
		assert_int_equal(poll(&p, 1, START_MS), 1);
		ssize_t got = read(out[0], line + len, sizeof(line) - 1 - len);

		assert_true(got > 0);
		len += (size_t)got;
		line[len] = '\0';
	}
	close(out[0]);
	line[strcspn(line, "\n")] = '\0';
	assert_int_equal(strncmp(line, "listening on ", 13), 0);
	snprintf(s->address, sizeof(s->address), "%.199s", line + 13);
	if (strncmp(s->address, "unix:", 5) == 0) {
		snprintf(s->socket, sizeof(s->socket), "%.190s", s->address + 5);
		strcpy(s->url, "http://localhost");
	} else {
		s->socket[0] = '\0';
		snprintf(s->url, sizeof(s->url), "http://%s", s->address);
	}
}

void service_start(struct service *s, const char *const *args)
{
	start(s, "127.0.0.1:0", args);
}

void service_start_unix(struct service *s, const char *const *args)
{
	char where[128];

	snprintf(where, sizeof(where), "unix:%s/socket", s->dir);
	start(s, where, args);
}

int service_stop(struct service *s, int signo)
{
	int status;

	if (!s->pid)
		return 0;
	assert_int_equal(kill(s->pid, signo), 0);
	status = wait_status(s->pid);
	s->pid = 0;
	return status;
}

void service_remove(struct service *s)
{
	static const char *const names[] = {"town.db", "town.db-wal", "town.db-shm", "socket"};
	char path[128];
	size_t i;

	if (s->pid)
		service_stop(s, SIGKILL);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]);
		unlink(path);
	}
	rmdir(s->dir);
}

/* ---- HTTP ---- */

static size_t collect(char *data, size_t size, size_t n, void *user)
{
	buf_add(user, data, size * n);
	return size * n;
}

static struct curl_slist *header_list(const char *token, const char *body,
				      const char *const *headers)
{
	struct curl_slist *list = NULL;
	char line[300];
	bool typed = false;

	if (token) {
		snprintf(line, sizeof(line), "Authorization: Bearer %s", token);
		list = curl_slist_append(list, line);
	}
	for (; headers && *headers; headers++) {
		typed = typed || strncasecmp(*headers, "Content-Type:", 13) == 0;
		list = curl_slist_append(list, *headers);
	}
	if (body && !typed)
		list = curl_slist_append(list, "Content-Type: application/json");
	return curl_slist_append(list, "Expect:");
}

void http_call(const struct service *s, const char *token, const char *method, const char *path,
	       const char *body, const char *const *headers, struct http *ret)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *list = header_list(token, body, headers);
	struct buf in = {0}, head = {0};
	char url[2000];

	snprintf(url, sizeof(url), "%s%s", s->url, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (s->socket[0])
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, s->socket);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &in);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	memset(ret, 0, sizeof(*ret));
	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret->status);
	ret->len = in.len;
	ret->body = buf_take(&in);
	ret->headers = buf_take(&head);
	ret->json = cJSON_ParseWithOpts(ret->body, NULL, true);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
}

void http_get(const struct service *s, const char *token, const char *path, struct http *ret)
{
	http_call(s, token, "GET", path, NULL, NULL, ret);
}

void http_post(const struct service *s, const char *token, const char *path, const char *body,
	       struct http *ret)
{
	http_call(s, token, "POST", path, body, NULL, ret);
}

void http_free(struct http *h)
{
	cJSON_Delete(h->json);
	free(h->body);
	free(h->headers);
	memset(h, 0, sizeof(*h));
}

const char *http_header(const struct http *h, const char *name)
{
	static char value[512];
	const char *line = h->headers;
	size_t n = strlen(name);

	for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		line += n + 1 + strspn(line + n + 1, " ");
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r\n"), line);
		return value;
	}
	return NULL;
}

const cJSON *http_at(const struct http *h, const char *path)
{
	const cJSON *at = h->json;
	char name[64];
	size_t n;

	while (at && *path) {
		n = strcspn(path, ".");
		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(name))
				       : cJSON_GetObjectItemCaseSensitive(at, name);
		path += n + (path[n] == '.');
	}
	return at;
}

const char *http_text(const struct http *h, const char *path)
{
	const cJSON *at = http_at(h, path);

	return cJSON_IsString(at) ? at->valuestring : NULL;
}

double http_number(const struct http *h, const char *path)
{
	const cJSON *at = http_at(h, path);

	return cJSON_IsNumber(at) ? at->valuedouble : cJSON_IsBool(at) ? cJSON_IsTrue(at) : -1;
}

/* ---- the usual ---- */

char *service_login(const struct service *s, const char *name)
{
	char body[200];
	struct http h;
	char *token;

	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"password\":\"" SERVICE_PASSWORD "\"}",
		 name);
	http_post(s, NULL, "/v1/login", body, &h);
	assert_int_equal(h.status, 200);
	token = xstrdup(http_text(&h, "token"));
	http_free(&h);
	return token;
}

void service_act(const struct service *s, const char *token, const char *action, const char *record,
		 int64_t base_version, const char *more, char id[37], struct http *ret)
{
	const char *headers[2] = {NULL, NULL};
	char key[80];
	char *body;

	id_new(id);
	snprintf(key, sizeof(key), "Idempotency-Key: %s", id);
	headers[0] = key;
	body = xasprintf(
		"{\"id\":\"%s\",\"action\":\"%s\",\"record\":\"%s\",\"base_version\":%lld%s%s}", id,
		action, record, (long long)base_version, more ? "," : "", more ? more : "");
	http_call(s, token, "POST", "/v1/actions", body, headers, ret);
	free(body);
}

void service_ticket(const struct service *s, const char *token, const char *subject, char id[37])
{
	char key[37];
	char *more = xasprintf("\"subject\":\"%s\",\"body\":\"%s\",\"channel\":\"phone\"", subject,
			       subject);
	struct http h;

	id_new(id);
	service_act(s, token, "create", id, 0, more, key, &h);
	assert_int_equal(h.status, 200);
	free(more);
	http_free(&h);
}

int service_try_connect(const struct service *s)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	bool local = s->socket[0] != '\0';
	const struct sockaddr *at = local ? (struct sockaddr *)&un : (struct sockaddr *)&in;
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", s->socket);
	if (!local) {
		in.sin_port = htons((uint16_t)atoi(strrchr(s->address, ':') + 1));
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	if (connect(fd, at, local ? sizeof(un) : sizeof(in)) == 0)
		return fd;
	close(fd);
	return -1;
}

int service_connect(const struct service *s)
{
	int fd = service_try_connect(s);

	assert_true(fd >= 0);
	return fd;
}
