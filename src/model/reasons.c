/* Why a message is in its state. What is stored and sent is a code, since the service speaks another
 * language than some of its readers; the words are made where they are read. */
#include <string.h>
#include "balie/i18n.h"
#include "balie/model.h"

struct reason_row {
	const char *code;
	const char *words; /* %s: what stands behind the code */
};

static const struct reason_row reasons[] = {
	{"no-mail", N_("no mail set up")},
	{"no-address", N_("no mail address is known to send it to")},
	{"bad-address", N_("what was sent to %s came back")},
	{"wrong-address", N_("%s is no mail address")},
	{"too-many-automatic", N_("too many automatic mails to %s in a day")},
	{"own-address", N_("it comes from an address of the town itself")},
	{"twin", N_("the same message as in %s")},
	{"not-configured", N_("the configuration of the service no longer names it")},
	{"paused", N_("paused")},
	{"refused", N_("the mail server refused it: %s")},
	{"try-again", N_("not sent yet, tried again by itself: %s")},
	{"uncertain", N_("the line broke before the mail server said yes: %s")},
	{"service-ended", N_("the service ended while it was being sent")},
	{"unsendable", N_("it cannot be sent: %s")},
	{"mailbox-gone", N_("the mailbox %s is no longer used")},
	{"settled", N_("a colleague says that it went out: %s")},
	{"sent-again", N_("it was sent once more")},
	{"given-up", N_("given up after many tries: %s")},
	{"no-connection", N_("no connection with the mail server: %s")},
	{"login-refused", N_("the mail server refuses the password")},
	{"not-taken", N_("a message could not be taken in: %s")},
	{"too-large", N_("too large (%s bytes): only its beginning was taken in, all of it stays "
			 "in the mailbox")},
	{"stranger", N_("the sender takes no part in this ticket")},
	{"two-numbers", N_("it names %s")},
	{"number-mistyped", N_("the number %s has a typing mistake")},
	{"number-unknown", N_("no ticket has the number %s")},
	{"declined-from", N_("refused as reply on %s")},
	{"split-from", N_("split off from %s")},
	{"returned", N_("it came back: %s")},
	{"text-cut", N_("the text was cut")},
	{"too-deep-whole", N_("nested too deep, the whole message is attached")},
	{"too-deep", N_("nested too deep, the rest is in the raw message")},
	{"too-many-parts", N_("too many parts, the rest is in the raw message")},
	{"one-part", N_("its parts cannot be told apart")},
	{"unreadable", N_("this is no message that can be read: it is attached whole")},
	{"hidden-files", N_("files may be hidden in winmail.dat")},
	{"header-cut", N_("its headers were too long and were cut")},
	{"html-unreadable", N_("its page could not be read: it is attached")},
	{"disguised", N_("the file %s is a program in disguise")},
	{"program", N_("the file %s is a program")},
	{"smime-signed", N_("signed with S/MIME, which is not checked")},
	{"smime-opaque", N_("signed with S/MIME in a way that hides the text: see the file")},
	{"smime-encrypted", N_("encrypted with S/MIME: only the attached file holds the text")},
	{"pgp-signed", N_("signed with PGP, which is not checked")},
	{"pgp-encrypted", N_("encrypted with PGP: it cannot be read here")},
};

static const struct reason_row *find(const char *part, size_t len)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strlen(reasons[i].code) == len && strncmp(reasons[i].code, part, len) == 0)
			return &reasons[i];
	return NULL;
}

static void put_part(struct buf *ret, const char *part, size_t len)
{
	size_t code = 0;
	const struct reason_row *row;
	const char *words, *hole;

	while (code < len && part[code] != ' ')
		code++;
	row = find(part, code);
	if (!row) {
		buf_add(ret, part, len);
		return;
	}
	words = _(row->words);
	hole = strstr(words, "%s");
	if (!hole) {
		buf_add_str(ret, words);
		return;
	}
	buf_add(ret, words, (size_t)(hole - words));
	if (code < len)
		buf_add(ret, part + code + 1, len - code - 1);
	buf_add_str(ret, hole + 2);
}

void reason_put(struct buf *ret, const char *reason)
{
	const char *end;

	for (; (end = strstr(reason, "; ")); reason = end + 2) {
		put_part(ret, reason, (size_t)(end - reason));
		buf_add_str(ret, "; ");
	}
	put_part(ret, reason, strlen(reason));
}
