/* HTML to text: what a reader would see, and nothing that is hidden from him. */
#include "mail_text.h"
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* libxml2 needs time in proportion to size times depth for hostile pages: both are bounded. */
#define HTML_BYTES_MAX (2u * 1024 * 1024)
#define HTML_TEXT_MAX (512u * 1024)
#define HTML_DEPTH_MAX 256
#define PARSE_DEPTH_MAX 500
#define HTML_QUOTE_MAX 8
#define HREF_MAX 300

enum what { INLINE, BLOCK, PARAGRAPH, LINE, SKIP, ITEM, CELL, RULE, QUOTE, PRE, LINK, IMAGE };

static const struct {
	const char *name;
	enum what what;
} elements[] = {
	{"a", LINK},	       {"address", BLOCK}, {"article", BLOCK}, {"audio", SKIP},
	{"blockquote", QUOTE}, {"br", LINE},	   {"button", SKIP},   {"center", BLOCK},
	{"dd", BLOCK},	       {"div", BLOCK},	   {"dl", BLOCK},      {"dt", BLOCK},
	{"fieldset", BLOCK},   {"footer", BLOCK},  {"form", BLOCK},    {"h1", PARAGRAPH},
	{"h2", PARAGRAPH},     {"h3", PARAGRAPH},  {"h4", PARAGRAPH},  {"h5", PARAGRAPH},
	{"h6", PARAGRAPH},     {"head", SKIP},	   {"header", BLOCK},  {"hr", RULE},
	{"iframe", SKIP},      {"img", IMAGE},	   {"input", SKIP},    {"li", ITEM},
	{"main", BLOCK},       {"math", SKIP},	   {"noscript", SKIP}, {"object", SKIP},
	{"ol", PARAGRAPH},     {"p", PARAGRAPH},   {"pre", PRE},       {"script", SKIP},
	{"section", BLOCK},    {"select", SKIP},   {"style", SKIP},    {"svg", SKIP},
	{"table", BLOCK},      {"td", CELL},	   {"template", SKIP}, {"textarea", SKIP},
	{"th", CELL},	       {"title", SKIP},	   {"tr", BLOCK},      {"ul", PARAGRAPH},
	{"video", SKIP},
};

struct walk {
	struct buf *out;
	size_t start; /* of our text in out */
	int lines;    /* line ends owed before the next word */
	bool space;   /* a space is owed */
	bool filler; /* a no-break space stands alone on the line at hand: it makes the line empty */
	int quote, pre;
	size_t link_at; /* where the words of the link at hand begin in out */
	bool full;	/* no room for more text */
	bool deep;	/* some of it was too deep to go into */
};

static enum what what_is(const xmlNode *node)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (strcasecmp((const char *)node->name, elements[i].name) == 0)
			return elements[i].what;
	return INLINE;
}

static void owe_lines(struct walk *w, int lines)
{
	if (w->lines < lines)
		w->lines = lines;
	w->space = false;
}

/* Pays what is owed: line ends, the marks of quoted text, a space. */
static void pay(struct walk *w)
{
	bool first = w->out->len == w->start;

	w->filler = false;
	if (w->lines > 0 || first) {
		for (int i = 0; i < w->lines && !first; i++) {
			buf_add_char(w->out, '\n');
			for (int q = 0; q < w->quote && i + 1 < w->lines; q++)
				buf_add_char(w->out, '>');
		}
		for (int q = 0; q < w->quote; q++)
			buf_add_str(w->out, q + 1 < w->quote ? ">" : "> ");
		w->lines = 0;
		w->space = false;
	} else if (w->space) {
		buf_add_char(w->out, ' ');
		w->space = false;
	}
}

static void put(struct walk *w, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (w->out->len - w->start > HTML_TEXT_MAX) {
			w->full = true;
			return;
		}
		if (w->pre > 0 && s[i] == '\n') {
			/* An owed line end is one; the next one makes an empty line. */
			w->lines++;
			if (w->lines > 3)
				w->lines = 3;
		} else if (w->pre == 0 && strchr(" \t\r\n\f", s[i]) != NULL) {
			w->space = w->lines == 0 && w->out->len > w->start;
		} else if (w->pre == 0 && s[i] == '\xc2' && i + 1 < len && s[i + 1] == '\xa0') {
			/* no-break space: fillers between words */
			w->space = true;
			w->filler = w->lines > 0;
			i++;
		} else {
			pay(w);
			buf_add_char(w->out, s[i]);
		}
	}
}

static char *attribute(xmlNode *node, const char *name)
{
	return (char *)xmlGetProp(node, (const xmlChar *)name);
}

/* "display: none" and its kin, in any spacing and case. */
static bool style_hides(const char *style)
{
	static const char *const hiding[] = {"display:none", "visibility:hidden", "mso-hide:all",
					     "font-size:0;", "font-size:0px",	  "font-size:0pt",
					     "opacity:0;",   "max-height:0px",	  "max-height:0;"};
	char flat[1024];
	size_t n = 0;

	for (; *style != '\0' && n + 2 < sizeof(flat); style++)
		if (strchr(" \t\r\n", *style) == NULL)
			flat[n++] = *style >= 'A' && *style <= 'Z' ? *style + 32 : *style;
	flat[n++] = ';';
	flat[n] = '\0';
	for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++)
		if (strstr(flat, hiding[i]) != NULL)
			return true;
	return false;
}

static bool is_hidden(xmlNode *node)
{
	char *style;
	bool ret;

	if (xmlHasProp(node, (const xmlChar *)"hidden") != NULL)
		return true;
	style = attribute(node, "style");
	ret = style != NULL && style_hides(style);
	xmlFree(style);
	return ret;
}

/* A paragraph of Outlook is a line: it has no space around it. */
static enum what what_of(xmlNode *node)
{
	enum what ret = what_is(node);
	char *class;

	if (ret != PARAGRAPH || node->name[0] != 'p' || node->name[1] != '\0')
		return ret;
	class = attribute(node, "class");
	if (class != NULL && strncmp(class, "Mso", 3) == 0)
		ret = BLOCK;
	xmlFree(class);
	return ret;
}

/* Of a picture that came along, which one; of one that stands elsewhere, what it says instead. */
static void put_image(struct walk *w, xmlNode *node)
{
	char *alt = attribute(node, "alt"), *src = attribute(node, "src");

	if (src != NULL && strncasecmp(src, "cid:", 4) == 0 && strlen(src) < HREF_MAX &&
	    strchr(src, ']') == NULL) {
		put(w, "[cid:", 5);
		put(w, src + 4, strlen(src + 4));
		put(w, "]", 1);
	} else if (alt != NULL && alt[0] != '\0' && strlen(alt) < HREF_MAX) {
		put(w, "[", 1);
		put(w, alt, strlen(alt));
		put(w, "]", 1);
	}
	xmlFree(alt);
	xmlFree(src);
}

/* Where a link leads, unless the words say it already. The agent must see that "www.mijnbank.be"
 * leads elsewhere. */
static void put_target(struct walk *w, xmlNode *node)
{
	char *href = attribute(node, "href");
	const char *words = w->out->data != NULL ? w->out->data + w->link_at : "";
	size_t n = w->out->len - w->link_at, bare_len;
	const char *bare;

	if (href == NULL || n == 0 || strlen(href) > HREF_MAX)
		goto out;
	if (strncasecmp(href, "http://", 7) != 0 && strncasecmp(href, "https://", 8) != 0)
		goto out;
	bare = strstr(href, "//") + 2;
	bare_len = strlen(bare);
	if (bare_len > 0 && bare[bare_len - 1] == '/')
		bare_len--;
	if (n >= bare_len && memcmp(words + n - bare_len, bare, bare_len) == 0)
		goto out;
	w->space = true;
	put(w, "<", 1);
	put(w, href, strlen(href));
	put(w, ">", 1);
out:
	xmlFree(href);
}

/* False: do not go into it. */
static bool open_element(struct walk *w, xmlNode *node)
{
	enum what what = what_of(node);

	if (what == SKIP || is_hidden(node))
		return false;
	switch (what) {
	case BLOCK:
	case LINE:
		if (what == LINE && w->lines > 0 && w->lines < 2)
			w->lines++;
		owe_lines(w, 1);
		break;
	case PARAGRAPH:
		owe_lines(w, 2);
		break;
	case ITEM:
		owe_lines(w, 1);
		pay(w);
		buf_add_str(w->out, "- ");
		break;
	case CELL:
		w->space = w->lines == 0 && w->out->len > w->start;
		break;
	case RULE:
		owe_lines(w, 1);
		put(w, "________________________________", 32);
		owe_lines(w, 1);
		break;
	case QUOTE:
		owe_lines(w, 1);
		if (w->quote < HTML_QUOTE_MAX)
			w->quote++;
		break;
	case PRE:
		owe_lines(w, 1);
		w->pre++;
		break;
	case IMAGE:
		put_image(w, node);
		break;
	case LINK:
		pay(w);
		w->link_at = w->out->len;
		break;
	case INLINE:
	case SKIP:
		break;
	}
	return true;
}

static void close_element(struct walk *w, xmlNode *node)
{
	switch (what_of(node)) {
	case BLOCK:
	case ITEM:
		owe_lines(w, w->filler ? 2 : 1);
		w->filler = false;
		break;
	case PARAGRAPH:
		owe_lines(w, 2);
		break;
	case QUOTE:
		/* More quotes than marks: the marks stay at their most until all are closed. */
		owe_lines(w, 1);
		if (w->quote > 0)
			w->quote--;
		break;
	case PRE:
		w->pre--;
		owe_lines(w, 1);
		break;
	case LINK:
		put_target(w, node);
		break;
	case INLINE:
	case LINE:
	case SKIP:
	case CELL:
	case RULE:
	case IMAGE:
		break;
	}
}

/* Goes through the tree without recursion: its depth is a stranger's. */
static void walk_tree(struct walk *w, xmlNode *root)
{
	xmlNode *node = root;
	int depth = 0;
	bool down;

	while (node != NULL && !w->full) {
		down = true;
		if (node->type == XML_ELEMENT_NODE) {
			down = open_element(w, node);
		} else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
			put(w, (const char *)node->content, strlen((const char *)node->content));
			down = false;
		} else if (node->type != XML_HTML_DOCUMENT_NODE) {
			down = false;
		}
		if (down && node->children != NULL && depth < HTML_DEPTH_MAX) {
			node = node->children;
			depth++;
			continue;
		}
		if (down && node->children != NULL)
			w->deep = true;
		if (down && node->type == XML_ELEMENT_NODE)
			close_element(w, node);
		while (node != root && node->next == NULL) {
			node = node->parent;
			depth--;
			if (node != root && node->type == XML_ELEMENT_NODE)
				close_element(w, node);
		}
		if (node == root)
			break;
		node = node->next;
	}
}

/* libxml2 looks back over all open elements at each new one: it stops where the walk would too. */
static void start_element(void *user, const xmlChar *name, const xmlChar **attributes)
{
	htmlParserCtxtPtr parser = user;

	if (parser->nameNr > PARSE_DEPTH_MAX) {
		*(bool *)parser->_private = true;
		xmlStopParser(parser);
		return;
	}
	/* It would take <o:p> of Outlook for a paragraph. */
	if (strchr((const char *)name, ':') != NULL)
		name = (const xmlChar *)"span";
	xmlSAX2StartElement(user, name, attributes);
}

/* "Stad <info@example.be>" that a program forgot to escape: no tag has a '@' in its name. NULL when
 * there is none, else a copy in which it is text. */
static char *spare_addresses(const char *html, size_t len, size_t *ret_len)
{
	const char *end = html + len, *s = html, *from = html, *p;
	struct buf out = {0};

	while ((s = memchr(s, '<', (size_t)(end - s))) != NULL) {
		bool at = false;

		for (p = ++s; p < end && p - s < 200 && (unsigned char)*p > ' ' && *p != '>' &&
			      *p != '<' && *p != '"' && *p != '=';
		     p++)
			at = at || *p == '@';
		if (!at || p >= end || *p != '>' || strncasecmp(s, "mailto:", 7) == 0)
			continue;
		buf_add(&out, from, (size_t)(s - 1 - from));
		buf_add_str(&out, "&lt;");
		from = s;
	}
	if (out.len == 0)
		return NULL;
	buf_add(&out, from, (size_t)(end - from));
	*ret_len = out.len;
	return buf_take(&out);
}

void mail_html_init(void)
{
	xmlInitParser();
}

void mail_html_finish(void)
{
	xmlCleanupParser();
}

bool mail_html_to_text(struct buf *ret, const char *html, size_t len)
{
	int flags = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		    HTML_PARSE_NONET | HTML_PARSE_COMPACT;
	struct walk w = {.out = ret, .start = ret->len, .link_at = ret->len};
	bool whole = len <= HTML_BYTES_MAX, stopped = false;
	htmlParserCtxtPtr parser = htmlNewParserCtxt();
	htmlDocPtr doc = NULL;
	char *spared;

	len = whole ? len : HTML_BYTES_MAX;
	spared = spare_addresses(html, len, &len);
	if (parser != NULL) {
		parser->_private = &stopped;
		parser->sax->startElement = start_element;
		doc = htmlCtxtReadMemory(parser, spared != NULL ? spared : html, (int)len, NULL,
					 "UTF-8", flags);
	}
	if (doc != NULL) {
		walk_tree(&w, (xmlNode *)doc);
		xmlFreeDoc(doc);
	}
	htmlFreeParserCtxt(parser);
	free(spared);
	return whole && !stopped && !w.full && !w.deep;
}
