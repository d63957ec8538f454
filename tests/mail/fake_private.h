/* Between the files of the scripted IMAP server. */
#pragma once
#include <pthread.h>
#include "balie/mem.h"
#include "fake_imap.h"

#define FAKE_FOLDERS 8
#define FAKE_CONNECTIONS 64
#define FAKE_NAMES 24

struct fake_raw { /* of all copies of a message */
	int refs;
	bool sent;
	size_t len;
	char *data;
};
struct fake_message {
	uint32_t uid;
	struct fake_raw *raw;
	int64_t date;
	char flags[100];
	bool deleted;
};
struct fake_folder {
	char name[100];
	uint32_t validity, next;
	struct fake_message *messages;
	size_t count;
};
struct fake_connection {
	struct fake_imap *server;
	pthread_t thread;
	int fd, wake; /* wake: eventfd, something changed in the folder */
	bool used, ended;
	bool in, idles;		  /* logged in; within IDLE */
	int folder;		  /* selected; -1 none */
	uint32_t told, told_next; /* EXISTS said last, and what was to come then */
	struct buf line, answer;
	char tag[20];
	/* of the command that is carried out */
	enum fake_fault fault; /* FAKE_FAULTS: none */
	long argument;
	bool spent; /* the fault was done */
};
struct fake_imap {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	int listening, port;
	bool stopping;
	bool idle, move, uidplus;
	char *token;
	struct fake_folder folders[FAKE_FOLDERS];
	int folder_count;
	struct fake_connection connections[FAKE_CONNECTIONS];
	struct {
		int times;
		long argument;
	} faults[FAKE_FAULTS];
	long done[FAKE_FAULTS];
	struct {
		char name[20];
		long count;
	} names[FAKE_NAMES];
	int name_count;
	long bytes;
	int most;
	uint64_t seed;
	int permille;
};

uint64_t fake_next(struct fake_imap *f); /* by chance, from the seed */
/* Under the lock. */
int fake_find_folder(struct fake_imap *f, const char *name); /* -1 */
int fake_make_folder(struct fake_imap *f, const char *name);
struct fake_message *fake_append(struct fake_folder *folder, struct fake_raw *raw, int64_t date);
void fake_drop(struct fake_folder *folder, size_t at);
bool fake_use(struct fake_connection *c, enum fake_fault fault); /* now is when it fits */
void fake_count_command(struct fake_imap *f, const char *command);
void *fake_talk(void *connection);
