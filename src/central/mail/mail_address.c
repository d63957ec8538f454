/* Addresses as agents type them. */
#include "mail_build.h"
#include <gmime/gmime.h>
#include <string.h>
#include "balie/i18n.h"
#include "balie/model.h"
#include "balie/text.h"

#define LIST_BYTES_MAX 20000
#define NAME_BYTES_MAX 200
#define LOCAL_BYTES_MAX 64
#define ADDRESS_BYTES_MAX 254
#define SHOWN_BYTES_MAX 80

struct piece {
	const char *s;
	size_t len;
};

static struct piece trim(struct piece p)
{
	while (p.len > 0 && (*p.s == ' ' || *p.s == '\t'))
		p.s++, p.len--;
	while (p.len > 0 && (p.s[p.len - 1] == ' ' || p.s[p.len - 1] == '\t'))
		p.len--;
	return p;
}

static const char *shown(struct arena *a, struct piece p)
{
	size_t n = p.len;

	if (n > SHOWN_BYTES_MAX)
		for (n = SHOWN_BYTES_MAX; n > 0 && ((unsigned char)p.s[n] & 0xc0) == 0x80;)
			n--;
	return arena_strndup(a, p.s, n);
}

static bool is_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

bool mail_address_needs_utf8(const char *addr)
{
	return !is_ascii(addr, strlen(addr));
}

/* What the network knows a domain by: "köln.example" is "xn--kln-sna.example". NULL: there is no such. */
static const char *domain_ascii(struct arena *a, const char *domain)
{
	char *full = arena_printf(a, "x@%s", domain);
	char clean[255];
	InternetAddress *mb;
	const char *idn, *ret = NULL;

	mb = internet_address_mailbox_new(NULL, full);
	idn = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(mb));
	if (idn != NULL && is_ascii(idn, strlen(idn)) && email_parse(idn, clean) == CHECK_OK)
		ret = arena_strdup(a, strchr(clean, '@') + 1);
	g_object_unref(mb);
	return ret;
}

/* The first part as in email_parse(), with letters of any language; not in quotes, which few servers take,
 * and without letters that hide others. */
static bool local_good(struct arena *a, const char *s, size_t len)
{
	char *local = arena_strndup(a, s, len), clean[255];

	return len > 0 && len <= LOCAL_BYTES_MAX && s[0] != '"' &&
	       strcmp(text_clean_dup(a, local, TEXT_ONE_LINE), local) == 0 &&
	       email_parse(arena_printf(a, "%s@x.be", local), clean) == CHECK_OK;
}

/* NULL: no address. */
static const char *address_make(struct arena *a, struct piece p)
{
	const char *at = p.len > 0 ? memrchr(p.s, '@', p.len) : NULL, *domain, *ret;
	size_t local;

	if (at == NULL || p.len > ADDRESS_BYTES_MAX)
		return NULL;
	local = (size_t)(at - p.s);
	if (p.len - local - 1 == 0 || !local_good(a, p.s, local))
		return NULL;
	domain = domain_ascii(a, arena_strndup(a, at + 1, p.len - local - 1));
	if (domain == NULL)
		return NULL;
	ret = arena_printf(a, "%.*s@%s", (int)local, p.s, domain);
	return strlen(ret) <= ADDRESS_BYTES_MAX ? ret : NULL;
}

/* "\"Claes, An\"" -> "Claes, An". */
static const char *name_make(struct arena *a, struct piece p)
{
	struct buf b = {0};
	const char *ret;

	p = trim(p);
	if (p.len >= 2 && p.s[0] == '"' && p.s[p.len - 1] == '"')
		p.s++, p.len -= 2;
	for (size_t i = 0; i < p.len; i++) {
		if (p.s[i] == '\\' && i + 1 < p.len)
			i++;
		buf_add_char(&b, p.s[i]);
	}
	p = trim((struct piece){b.data, b.len});
	ret = p.len > 0 ? arena_strndup(a, p.s, p.len) : NULL;
	buf_finish(&b);
	return ret;
}

static bool item_parse(struct arena *a, struct piece p, struct mail_address *ret, struct err *err)
{
	struct piece name = {0}, addr = p;
	const char *open = p.len > 0 && p.s[p.len - 1] == '>' ? memrchr(p.s, '<', p.len) : NULL;

	if (open != NULL) {
		name = (struct piece){p.s, (size_t)(open - p.s)};
		addr = trim((struct piece){open + 1, p.len - name.len - 2});
	}
	ret->addr = address_make(a, addr);
	ret->name = name.len > 0 ? name_make(a, name) : NULL;
	if (ret->addr == NULL) {
		err_set(err, ERR_INPUT, _("\"%s\" is no mail address"), shown(a, p));
		return false;
	}
	if (ret->name != NULL && strlen(ret->name) > NAME_BYTES_MAX) {
		err_set(err, ERR_INPUT, _("the name before %s is too long"), ret->addr);
		return false;
	}
	return true;
}

/* Length up to the comma that ends an item. *ret_group: it is a name with a list behind it. False: a
 * quote or an angle is not closed. */
static bool item_length(const char *s, size_t *ret, bool *ret_group)
{
	bool quote = false, angle = false;
	size_t n = 0;

	*ret_group = false;
	for (; s[n] != '\0'; n++) {
		if (s[n] == '\\' && quote && s[n + 1] != '\0')
			n++;
		else if (s[n] == '"')
			quote = !quote;
		else if (quote)
			continue;
		else if (s[n] == '<')
			angle = true;
		else if (s[n] == '>')
			angle = false;
		else if (s[n] == ':' && !angle)
			*ret_group = true;
		else if ((s[n] == ',' || s[n] == ';') && !angle)
			break;
	}
	*ret = n;
	return !quote && !angle;
}

static bool text_fit_for_list(const char *text, struct err *err)
{
	size_t len = strlen(text);

	if (len > LIST_BYTES_MAX) {
		err_set(err, ERR_INPUT, _("the list of addresses is too long"));
		return false;
	}
	if (!text_valid(text, len) || !text_plain(text, false)) {
		err_set(err, ERR_INPUT,
			_("a list of addresses can hold no line end or control character"));
		return false;
	}
	return true;
}

bool mail_addresses_parse(const char *text, struct arena *a, struct mail_addresses *ret,
			  struct err *err)
{
	struct mail_address *items = arena_alloc(a, MAIL_RECIPIENTS_MAX * sizeof(*items));
	size_t count = 0, n;
	bool group;

	if (text != NULL && !text_fit_for_list(text, err))
		return false;
	for (; text != NULL && *text != '\0'; text += n + (text[n] != '\0')) {
		bool closed = item_length(text, &n, &group);
		struct piece p = trim((struct piece){text, n});

		if (!closed) {
			err_set(err, ERR_INPUT, _("\"%s\" is no mail address"), shown(a, p));
			return false;
		}
		if (group) {
			err_set(err, ERR_INPUT,
				_("\"%s\": a group of addresses cannot be sent to; name each"),
				shown(a, p));
			return false;
		}
		if (p.len == 0)
			continue;
		if (count == MAIL_RECIPIENTS_MAX) {
			err_set(err, ERR_INPUT, _("more than %d addresses"), MAIL_RECIPIENTS_MAX);
			return false;
		}
		if (!item_parse(a, p, &items[count], err))
			return false;
		count++;
	}
	*ret = (struct mail_addresses){items, count};
	return true;
}
