/* The headers of a message: who, to whom, what it answers, where it came by. */
#include <string.h>
#include <strings.h>
#include "balie/model.h"
#include "balie/text.h"
#include "mail_parts.h"

#define LINE_BYTES_MAX 1000 /* of a header's text as it is shown */
#define SUBJECT_BYTES_MAX 300
#define NAME_BYTES_MAX 200
#define REFS_BYTES_MAX 4000

static const char *clean_line(struct arena *a, const char *text, size_t max)
{
	struct buf clean = {0};
	const char *s, *ret;
	size_t len;

	if (text == NULL)
		return NULL;
	text_clean(&clean, text, strlen(text), TEXT_ONE_LINE);
	buf_add_str(&clean, "");
	s = clean.data != NULL ? clean.data : "";
	s += strspn(s, " ");
	len = strlen(s);
	while (len > 0 && s[len - 1] == ' ')
		len--;
	if (len > max)
		for (len = max; len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
	ret = len > 0 ? arena_strndup(a, s, len) : NULL;
	buf_finish(&clean);
	return ret;
}

static InternetAddressMailbox *mailbox_at(InternetAddressList *list, int i, int depth)
{
	InternetAddress *ia = internet_address_list_get_address(list, i);
	InternetAddressList *members;

	if (INTERNET_ADDRESS_IS_MAILBOX(ia))
		return INTERNET_ADDRESS_MAILBOX(ia);
	members = INTERNET_ADDRESS_IS_GROUP(ia) ? INTERNET_ADDRESS_GROUP(ia)->members : NULL;
	if (depth == 0 && members != NULL && internet_address_list_length(members) > 0)
		return mailbox_at(members, 0, 1);
	return NULL;
}

static const char *address_of(struct arena *a, InternetAddressMailbox *mb)
{
	const char *addr = internet_address_mailbox_get_addr(mb);
	char clean[255];

	if (addr == NULL || email_parse(addr, clean) != CHECK_OK)
		return NULL;
	return arena_strdup(a, clean);
}

static void add_shown(struct arena *a, struct buf *ret, InternetAddressMailbox *mb)
{
	const char *name =
		clean_line(a, internet_address_get_name(INTERNET_ADDRESS(mb)), NAME_BYTES_MAX);
	const char *addr = clean_line(a, internet_address_mailbox_get_addr(mb), NAME_BYTES_MAX);

	if (ret->len > 0)
		buf_add_str(ret, ", ");
	if (name != NULL)
		buf_add_str(ret, name);
	if (addr != NULL)
		buf_printf(ret, name != NULL ? " <%s>" : "%s", addr);
}

static void read_from(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	InternetAddressList *lists[] = {g_mime_message_get_from(m), g_mime_message_get_sender(m),
					g_mime_message_get_reply_to(m)};
	InternetAddressMailbox *mb = NULL;
	struct buf shown = {0};

	for (size_t i = 0; i < 3 && mb == NULL; i++)
		for (int k = 0; lists[i] != NULL && mb == NULL &&
				k < internet_address_list_length(lists[i]) && k < 10;
		     k++)
			mb = mailbox_at(lists[i], k, 0);
	if (mb == NULL) {
		ret->from_text = clean_line(a, g_mime_object_get_header(GMIME_OBJECT(m), "From"),
					    LINE_BYTES_MAX);
		return;
	}
	ret->from_name =
		clean_line(a, internet_address_get_name(INTERNET_ADDRESS(mb)), NAME_BYTES_MAX);
	ret->from_addr = address_of(a, mb);
	add_shown(a, &shown, mb);
	ret->from_text = clean_line(a, shown.data, LINE_BYTES_MAX);
	buf_finish(&shown);
}

static void read_to(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	InternetAddressList *lists[] = {g_mime_message_get_to(m), g_mime_message_get_cc(m)};
	InternetAddressMailbox *mb;
	struct buf shown = {0};
	const char *addr;
	size_t to_len = 0;

	for (size_t i = 0; i < 2; i++) {
		to_len = shown.len;
		for (int k = 0; lists[i] != NULL && k < internet_address_list_length(lists[i]);
		     k++) {
			mb = mailbox_at(lists[i], k, 0);
			if (mb == NULL || ret->to_count == MAIL_ADDRESSES_MAX)
				continue;
			addr = address_of(a, mb);
			if (addr != NULL)
				ret->to_addrs[ret->to_count++] = addr;
			if (shown.len < LINE_BYTES_MAX)
				add_shown(a, &shown, mb);
		}
	}
	ret->to_text = clean_line(a, shown.data, LINE_BYTES_MAX);
	if (shown.len > to_len) {
		const char *cc = shown.data + to_len;

		ret->cc_text = clean_line(a, cc + strspn(cc, ", "), LINE_BYTES_MAX);
	}
	buf_finish(&shown);
}

static bool is_ref(const struct mail_parsed *m, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(m->refs[i], id) == 0)
			return true;
	return false;
}

/* In-Reply-To first, then References from the newest: the order in which they are looked up. */
static void read_ids(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(m), "Message-Id");
	const char *all[MAIL_REFS_MAX * 4];
	size_t count, replied, len;

	if (value != NULL && mail_ids_scan(a, value, all, 0, 1) == 1)
		ret->message_id = all[0];
	value = g_mime_object_get_header(GMIME_OBJECT(m), "In-Reply-To");
	if (value != NULL)
		ret->ref_count = mail_ids_scan(a, value, ret->refs, 0, 5);
	replied = ret->ref_count;
	value = g_mime_object_get_header(GMIME_OBJECT(m), "References");
	if (value == NULL)
		return;
	/* The newest stand at the end. */
	len = strlen(value);
	value += len > REFS_BYTES_MAX ? len - REFS_BYTES_MAX : 0;
	count = mail_ids_scan(a, value, all, 0, MAIL_REFS_MAX * 4);
	while (count-- > 0 && ret->ref_count < MAIL_REFS_MAX)
		if (!is_ref(ret, replied, all[count]))
			ret->refs[ret->ref_count++] = all[count];
}

/* "<an@example.be>", "rfc822;an@example.be", "an@example.be" */
static const char *bare_address(struct arena *a, const char *value)
{
	const char *open = strchr(value, '<');
	char clean[255], *text;
	size_t n;

	if (open != NULL)
		value = open + 1;
	value += strspn(value, " \t");
	n = strcspn(value, "> \t\r\n,;");
	if (n == 0 || n > 320)
		return NULL;
	text = arena_strndup(a, value, n);
	return email_parse(text, clean) == CHECK_OK ? arena_strdup(a, clean) : NULL;
}

static void add_delivered(struct arena *a, struct mail_parsed *ret, const char *value)
{
	const char *addr = bare_address(a, value);

	if (addr == NULL || ret->delivered_count == MAIL_ADDRESSES_MAX)
		return;
	for (size_t i = 0; i < ret->delivered_count; i++)
		if (strcasecmp(ret->delivered[i], addr) == 0)
			return;
	ret->delivered[ret->delivered_count++] = addr;
}

/* Where it was delivered. Servers add a line each, so all are read. */
static void read_delivered(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	static const char *const names[] = {
		"delivered-to",	  "x-original-to",	  "envelope-to", "x-envelope-to",
		"x-delivered-to", "x-original-recipient", NULL};
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(m));
	int count = g_mime_header_list_get_count(list);

	for (int i = 0; i < count; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);

		for (int k = 0; names[k] != NULL; k++)
			if (strcasecmp(g_mime_header_get_name(h), names[k]) == 0 &&
			    g_mime_header_get_value(h) != NULL)
				add_delivered(a, ret, g_mime_header_get_value(h));
	}
}

/* What servers and lists added. */
static void read_envelope(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	const char *path = g_mime_object_get_header(GMIME_OBJECT(m), "Return-Path");
	const char *list = g_mime_object_get_header(GMIME_OBJECT(m), "List-Id"), *open;
	InternetAddressList *reply = g_mime_message_get_reply_to(m);
	InternetAddressMailbox *mb = NULL;

	read_delivered(m, a, ret);
	if (reply != NULL && internet_address_list_length(reply) > 0)
		mb = mailbox_at(reply, 0, 0);
	if (mb != NULL)
		ret->reply_to = address_of(a, mb);
	if (path != NULL)
		ret->envelope_from = strstr(path, "<>") != NULL ? "" : bare_address(a, path);
	if (list != NULL) {
		open = strrchr(list, '<');
		ret->list_id = clean_line(
			a, open != NULL ? arena_strndup(a, open + 1, strcspn(open + 1, ">")) : list,
			NAME_BYTES_MAX);
	}
}

void mail_head_read(GMimeMessage *m, struct arena *a, struct mail_parsed *ret)
{
	GDateTime *date = g_mime_message_get_date(m);

	ret->subject = clean_line(a, g_mime_message_get_subject(m), SUBJECT_BYTES_MAX);
	read_from(m, a, ret);
	read_to(m, a, ret);
	read_ids(m, a, ret);
	read_envelope(m, a, ret);
	if (date != NULL)
		ret->date = g_date_time_to_unix(date) * 1000;
	ret->sender = mail_machine_sender(m, ret->from_addr);
}
