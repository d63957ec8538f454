/* What the two halves of the harness share. */
#pragma once
#include <stdint.h>
#include <termios.h>
#include <vterm.h>
#include "terminal.h"

struct terminal {
	pid_t pid;
	int fd;	   /* our end of the pair; -1 after a hang-up */
	int slave; /* kept open, so that what was written last can still be read */
	int rows, cols;
	VTerm *vt;
	VTermScreen *screen;
	VTermState *state;
	struct termios before;
	bool altscreen, ended, pasting, stopped;
	int status; /* as waitpid gave it, once ended */
	unsigned frames;
	uint64_t key_ns, frame_ns;
	char *bytes; /* the newest that the program wrote, unread by anything */
	size_t bytes_len;
};
