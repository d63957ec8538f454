#include "curl_load.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include "balie/i18n.h"

/* Every version 7 and 8 of it on every distribution carries this name. */
#define LIBRARY "libcurl.so.4"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct curl_api api;
static bool loaded;

/* clang-format off */
#define ROW(member, name) {name, offsetof(struct curl_api, member)}
/* clang-format on */
static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
	ROW(global_init, "curl_global_init"),
	ROW(easy_init, "curl_easy_init"),
	ROW(easy_cleanup, "curl_easy_cleanup"),
	ROW(easy_setopt, "curl_easy_setopt"),
	ROW(easy_getinfo, "curl_easy_getinfo"),
	ROW(easy_strerror, "curl_easy_strerror"),
	ROW(slist_append, "curl_slist_append"),
	ROW(slist_free_all, "curl_slist_free_all"),
	ROW(getdate, "curl_getdate"),
	ROW(multi_init, "curl_multi_init"),
	ROW(multi_cleanup, "curl_multi_cleanup"),
	ROW(multi_add_handle, "curl_multi_add_handle"),
	ROW(multi_remove_handle, "curl_multi_remove_handle"),
	ROW(multi_perform, "curl_multi_perform"),
	ROW(multi_poll, "curl_multi_poll"),
	ROW(multi_wakeup, "curl_multi_wakeup"),
	ROW(multi_info_read, "curl_multi_info_read"),
};

/* Stays loaded to the end of the program: it keeps threads and memory of its own. */
static void load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return;
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *found = dlsym(library, symbols[i].name);

		if (found == NULL)
			return;
		/* POSIX grants that a function fits in a void pointer; C does not let us cast it. */
		memcpy((char *)&api + symbols[i].offset, &found, sizeof(found));
	}
	loaded = api.global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

const struct curl_api *curl_load(struct err *err)
{
	pthread_once(&once, load);
	if (loaded)
		return &api;
	err_set(err, ERR_NET, _("%s is missing or too old on this computer"), LIBRARY);
	return NULL;
}
