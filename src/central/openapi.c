/* The interface as an OpenAPI 3.1 document, made from the tables that the code itself runs by: the
 * routes, the fields of the records, the arguments of the actions, the problems. */
#include "parts.h"
#include <string.h>

static void put_name(struct buf *b, const char *name)
{
	wire_put_text(b, name);
	buf_add_char(b, ':');
}

static void put_words(struct buf *b, const struct words *words, bool or_null)
{
	int i;

	buf_add_str(b, ",\"enum\":[");
	for (i = 0; i < words->count; i++) {
		if (i)
			buf_add_char(b, ',');
		wire_put_text(b, words->code[i]);
	}
	buf_add_str(b, or_null ? ",null]" : "]");
}

/* {"type":…} of a field; what need not be there may be null. */
static void put_field(struct buf *b, const struct field *f)
{
	bool null = !(f->flags & FIELD_REQUIRED);
	const char *text = null ? "{\"type\":[\"string\",\"null\"]" : "{\"type\":\"string\"";

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
		buf_add_str(b, text);
		buf_printf(b, ",\"maxLength\":%lld",
			   (long long)(f->max			? f->max
				       : f->type == FIELD_LINES ? FIELD_LINES_MAX
								: FIELD_TEXT_MAX));
		break;
	case FIELD_ID:
		buf_add_str(b, text);
		buf_add_str(b, ",\"format\":\"uuid\"");
		break;
	case FIELD_INT:
		buf_add_str(b, "{\"type\":\"integer\",\"minimum\":0");
		if (f->max)
			buf_printf(b, ",\"maximum\":%lld", (long long)f->max);
		break;
	case FIELD_BOOL:
		buf_add_str(b, "{\"type\":\"boolean\"");
		break;
	case FIELD_TIME:
		buf_add_str(b, text);
		buf_add_str(b, ",\"format\":\"date-time\"");
		break;
	case FIELD_DATE:
		buf_add_str(b, text);
		buf_add_str(b, ",\"pattern\":\"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$\"");
		break;
	case FIELD_WORD:
		buf_add_str(b, text);
		put_words(b, f->words, null);
		break;
	case FIELD_JSON:
		buf_add_str(b, "{\"type\":[\"array\",\"object\",\"null\"]");
		break;
	}
	if (f->flags & FIELD_READONLY)
		buf_add_str(b, ",\"readOnly\":true");
	buf_add_str(b, ",\"description\":");
	wire_put_text(b, f->help);
	buf_add_char(b, '}');
}

static void put_fields(struct buf *b, const struct field *fields, size_t count, bool first)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!first)
			buf_add_char(b, ',');
		first = false;
		put_name(b, fields[i].name);
		put_field(b, &fields[i]);
	}
}

static void put_required(struct buf *b, const struct field *fields, size_t count, const char *more)
{
	size_t i;
	bool any = more[0] != '\0';

	buf_add_str(b, ",\"required\":[");
	buf_add_str(b, more);
	for (i = 0; i < count; i++) {
		if (!(fields[i].flags & FIELD_REQUIRED))
			continue;
		if (any)
			buf_add_char(b, ',');
		any = true;
		wire_put_text(b, fields[i].name);
	}
	buf_add_char(b, ']');
}

static void put_record(struct buf *b, const struct record_type *type)
{
	put_name(b, type->name);
	buf_add_str(b, "{\"type\":\"object\",\"description\":");
	wire_put_text(b, type->help);
	buf_add_str(b, ",\"properties\":{");
	put_fields(b, type->fields, type->field_count, true);
	buf_add_char(b, '}');
	put_required(b, type->fields, type->field_count, "");
	buf_add_str(b, "},");
	buf_printf(b,
		   "\"%s[]\":{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\","
		   "\"items\":{\"$ref\":\"#/components/schemas/%s\"}},\"next\":{\"type\":"
		   "[\"string\",\"null\"]}},\"required\":[\"items\",\"next\"]}",
		   type->name, type->name);
}

static void put_action(struct buf *b, const struct action *a)
{
	bool additive = a->flags & ACTION_ADDITIVE;

	buf_printf(b, "\"action-%s\":{\"type\":\"object\",\"description\":", a->name);
	wire_put_text(b, a->help);
	buf_printf(b,
		   ",\"properties\":{\"id\":{\"type\":\"string\",\"format\":\"uuid\"},\"action\":"
		   "{\"const\":\"%s\"},\"record\":{\"type\":\"string\",\"format\":\"uuid\"},"
		   "\"base_version\":{\"type\":\"integer\",\"minimum\":0}",
		   a->name);
	put_fields(b, a->fields, a->field_count, false);
	buf_add_char(b, '}');
	put_required(b, a->fields, a->field_count,
		     additive ? "\"id\",\"action\",\"record\""
			      : "\"id\",\"action\",\"record\",\"base_version\"");
	buf_add_str(b, ",\"additionalProperties\":false}");
}

/* Schemas that are no table of ours. */
static const char other_schemas[] =
	"\"Health\":{\"type\":\"object\",\"properties\":{\"status\":{\"const\":\"ok\"},\"version\":"
	"{\"type\":\"string\"},\"epoch\":{\"type\":\"string\",\"format\":\"uuid\"},\"seq\":{"
	"\"type\":"
	"\"string\"},\"time\":{\"type\":\"string\",\"format\":\"date-time\"},"
	"\"streams\":{\"type\":\"integer\"},\"waiting\":{\"type\":\"integer\"},"
	"\"leases\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},\"required\":["
	"\"status\","
	"\"version\",\"epoch\",\"seq\",\"time\"]},"
	"\"Document\":{\"type\":\"object\"},"
	"\"Credentials\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
	"\"password\":{\"type\":\"string\",\"format\":\"password\"}},\"required\":[\"name\","
	"\"password\"],\"additionalProperties\":false},"
	"\"Password\":{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\","
	"\"format\":\"password\",\"minLength\":8}},\"required\":[\"password\"],"
	"\"additionalProperties\":false},"
	"\"Me\":{\"type\":\"object\",\"properties\":{\"agent\":{\"$ref\":\"#/components/schemas/"
	"agent\"},"
	"\"team\":{\"$ref\":\"#/components/schemas/team\"}},\"required\":[\"agent\",\"team\"]},"
	"\"Login\":{\"allOf\":[{\"$ref\":\"#/components/schemas/Me\"}],\"type\":\"object\","
	"\"properties\":{\"token\":{\"type\":\"string\"},\"expires\":{\"type\":\"string\","
	"\"format\":"
	"\"date-time\"}},\"required\":[\"token\",\"expires\"]},"
	"\"Result\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"format\":"
	"\"uuid\"},"
	"\"status\":{\"type\":\"integer\"},\"type\":{\"type\":\"string\"},\"version\":{\"type\":"
	"\"integer\"},\"seq\":{\"type\":\"string\"},\"record\":{\"$ref\":\"#/components/schemas/"
	"ticket\"},"
	"\"problem\":{\"$ref\":\"#/components/schemas/"
	"Problem\"},\"others\":{\"type\":\"array\",\"description\":\"of a dry run: who is at the "
	"ticket now\",\"items\":{\"type\":\"object\",\"properties\":{\"agent_id\":{\"type\":"
	"\"string\",\"format\":\"uuid\"},\"name\":{\"type\":\"string\"},\"typing\":{\"type\":"
	"\"boolean\"}}}}},\"required\":[\"id\",\"status\"]},"
	"\"Results\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Result\"},{\"type\":\"object\","
	"\"properties\":{\"results\":{\"type\":\"array\",\"items\":{\"$ref\":"
	"\"#/components/schemas/Result\"}}},\"required\":[\"results\"]}]},"
	"\"Change\":{\"type\":\"object\",\"properties\":{\"seq\":{\"type\":\"string\"},\"type\":{"
	"\"type\":"
	"\"string\"},\"id\":{\"type\":\"string\",\"format\":\"uuid\"},\"version\":{\"type\":"
	"\"integer\"},"
	"\"op\":{\"enum\":[\"put\",\"gone\"]},\"record\":{\"type\":\"object\"},\"operation\":{"
	"\"type\":"
	"\"string\"},\"action\":{\"type\":\"string\"},\"agent_id\":{\"type\":[\"string\",\"null\"]}"
	","
	"\"at\":{\"type\":\"string\",\"format\":\"date-time\"},\"ticket_id\":{\"type\":[\"string\","
	"\"null\"]},\"before\":{\"type\":[\"object\",\"null\"]},\"after\":{\"type\":[\"object\","
	"\"null\"]}},\"required\":[\"seq\",\"type\",\"id\",\"version\"]},"
	"\"Changes\":{\"type\":\"object\",\"properties\":{\"changes\":{\"type\":\"array\","
	"\"items\":"
	"{\"$ref\":\"#/components/schemas/"
	"Change\"}},\"next\":{\"type\":\"string\"},\"more\":{\"type\":"
	"\"boolean\"}},\"required\":[\"changes\",\"next\",\"more\"]},"
	"\"Snapshot\":{\"type\":\"object\",\"properties\":{\"cursor\":{\"type\":\"string\"}},"
	"\"required\":[\"cursor\"]},"
	"\"Timeline\":{\"type\":\"object\",\"properties\":{\"ticket\":{\"$ref\":"
	"\"#/components/schemas/ticket\"},\"messages\":{\"type\":\"array\",\"items\":{\"$ref\":"
	"\"#/components/schemas/message\"}},\"notes\":{\"type\":\"array\",\"items\":{\"$ref\":"
	"\"#/components/schemas/note\"}},\"changes\":{\"type\":\"array\",\"items\":{\"$ref\":"
	"\"#/components/schemas/"
	"Change\"}},\"cursor\":{\"type\":\"string\"}},\"required\":[\"ticket\","
	"\"messages\",\"notes\",\"changes\",\"cursor\"]},"
	"\"Search\":{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\","
	"\"maxLength\":400}},\"required\":[\"q\"],\"additionalProperties\":false},"
	"\"Found\":{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\","
	"\"items\":{\"$ref\":\"#/components/schemas/party\"}},\"next\":{\"type\":\"null\"},"
	"\"more\":{\"type\":\"boolean\",\"description\":\"there are others than these 50, "
	"which need not be the first of all: ask for another word\"},"
	"\"ticket\":{\"$ref\":\"#/components/schemas/ticket\"}},"
	"\"required\":[\"items\",\"next\",\"more\"]},"
	"\"Card\":{\"type\":\"object\",\"properties\":{"
	"\"party\":{\"$ref\":\"#/components/schemas/party\"},"
	"\"tickets\":{\"type\":\"array\",\"items\":{\"$ref\":"
	"\"#/components/schemas/ticket\"}},\"more_tickets\":{\"type\":\"boolean\"},"
	"\"contacts\":{\"type\":\"array\",\"items\":{\"$ref\":"
	"\"#/components/schemas/contact\"}},\"more_contacts\":{\"type\":\"boolean\"},"
	"\"merged\":{\"type\":\"array\",\"description\":\"those that were taken over\","
	"\"items\":{\"$ref\":\"#/components/schemas/party\"}},"
	"\"more_merged\":{\"type\":\"boolean\"}},\"required\":[\"party\",\"tickets\","
	"\"more_tickets\",\"contacts\",\"more_contacts\",\"merged\",\"more_merged\"]},"
	"\"Looking\":{\"type\":\"object\",\"properties\":{\"ticket_id\":{\"type\":[\"string\","
	"\"null\"],"
	"\"format\":\"uuid\"},\"typing\":{\"type\":\"boolean\"}},\"additionalProperties\":false},";

static void put_problem(struct buf *b)
{
	int i;

	buf_add_str(b,
		    "\"Problem\":{\"type\":\"object\",\"description\":\"RFC 9457\",\"properties\":"
		    "{\"type\":{\"type\":\"string\",\"enum\":[");
	for (i = 0; i < PROBLEM_COUNT; i++)
		buf_printf(b, "%s\"urn:problem-type:balie:%s\"", i ? "," : "",
			   problem_rows[i].name);
	buf_add_str(b,
		    "]},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
		    "\"detail\":{\"type\":\"string\"},\"pointer\":{\"type\":\"string\"},"
		    "\"request_id\":{\"type\":\"string\"},\"current\":{\"$ref\":"
		    "\"#/components/schemas/ticket\"},\"changes\":{\"type\":\"array\",\"items\":"
		    "{\"$ref\":\"#/components/schemas/Change\"}}},\"required\":[\"type\",\"title\","
		    "\"status\"]}");
}

static void put_envelopes(struct buf *b)
{
	size_t i;
	int pass;

	for (i = 0; i < actions.count; i++) {
		if (actions.rows[i].kind != ACTION_SENT)
			continue;
		put_action(b, &actions.rows[i]);
		buf_add_char(b, ',');
	}
	buf_add_str(b, "\"Envelope\":{\"oneOf\":[");
	for (i = 0, pass = 0; i < actions.count; i++) {
		if (actions.rows[i].kind != ACTION_SENT)
			continue;
		buf_printf(b, "%s{\"$ref\":\"#/components/schemas/action-%s\"}", pass++ ? "," : "",
			   actions.rows[i].name);
	}
	buf_add_str(b, "]},\"Envelopes\":{\"oneOf\":[{\"$ref\":\"#/components/schemas/Envelope\"},"
		       "{\"type\":\"array\",\"maxItems\":100,\"items\":{\"$ref\":"
		       "\"#/components/schemas/Envelope\"}}]},");
}

static void put_schemas(struct buf *b)
{
	int i;

	buf_add_str(b, "\"schemas\":{");
	for (i = 0; i < RECORD_KINDS; i++) {
		put_record(b, &record_types[i]);
		buf_add_char(b, ',');
	}
	put_envelopes(b);
	buf_add_str(b, other_schemas);
	put_problem(b);
	buf_add_char(b, '}');
}

static void put_param(struct buf *b, const struct param *p)
{
	buf_add_str(b, "{\"in\":\"query\",\"name\":");
	wire_put_text(b, p->name);
	buf_add_str(b, ",\"description\":");
	wire_put_text(b, p->help);
	buf_add_str(b, ",\"schema\":");
	switch (p->kind) {
	case PARAM_TEXT:
		buf_add_str(b, "{\"type\":\"string\"}}");
		break;
	case PARAM_ID:
		buf_add_str(b, "{\"type\":\"string\",\"format\":\"uuid\"}}");
		break;
	case PARAM_NUMBER:
		buf_printf(b, "{\"type\":\"integer\",\"minimum\":0,\"maximum\":%lld}}",
			   (long long)p->max);
		break;
	case PARAM_FLAG:
		buf_add_str(b, "{\"enum\":[\"0\",\"1\"]}}");
		break;
	case PARAM_WORD:
		buf_add_str(b, "{\"type\":\"string\"");
		put_words(b, p->words, false);
		buf_add_str(b, "}}");
		break;
	}
}

static void put_params(struct buf *b, const struct route *r)
{
	const struct param *p;
	const char *open = r->path;
	const char *close;
	bool any = false;

	buf_add_str(b, ",\"parameters\":[");
	while ((open = strchr(open, '{')) != NULL) {
		close = strchr(open, '}');
		buf_printf(b,
			   "%s{\"in\":\"path\",\"name\":\"%.*s\",\"required\":true,\"schema\":"
			   "{\"type\":\"string\"}}",
			   any ? "," : "", (int)(close - open - 1), open + 1);
		any = true;
		open = close;
	}
	for (p = r->params; p && p->name; p++) {
		if (any)
			buf_add_char(b, ',');
		put_param(b, p);
		any = true;
	}
	if (strcmp(r->path, "/v1/actions") == 0)
		buf_add_str(b,
			    ",{\"in\":\"header\",\"name\":\"Idempotency-Key\",\"required\":false,"
			    "\"description\":\"the id of the envelope, or of a list one of its "
			    "own; needed unless it is a dry "
			    "run\",\"schema\":{\"type\":\"string\",\"format\":\"uuid\"}}");
	buf_add_char(b, ']');
}

static void put_route(struct buf *b, const struct route *r)
{
	const char *method = strcmp(r->method, "GET") == 0   ? "get"
			     : strcmp(r->method, "PUT") == 0 ? "put"
							     : "post";

	buf_printf(b, "\"%s\":{\"summary\":", method);
	wire_put_text(b, r->help);
	put_params(b, r);
	if (r->body && strcmp(r->body, BODY_FILE) == 0)
		buf_printf(b, ",\"requestBody\":{\"required\":true,\"content\":{\"%s\":{}}}",
			   r->body);
	else if (r->body)
		buf_printf(b,
			   ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":"
			   "{\"schema\":{\"$ref\":\"#/components/schemas/%s\"}}}}",
			   r->body);
	if (r->scope == SCOPE_PUBLIC)
		buf_add_str(b, ",\"security\":[]");
	buf_printf(b, ",\"responses\":{\"%d\":{\"description\":\"done\"", r->status);
	if (r->content == CONTENT_JSON)
		buf_printf(b,
			   ",\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
			   "\"#/components/schemas/%s\"}}}",
			   r->answer);
	else if (r->content == CONTENT_BYTES)
		buf_printf(b, ",\"content\":{\"%s\":{}}", r->answer);
	buf_add_str(b, "},\"default\":{\"description\":\"a problem\",\"content\":"
		       "{\"application/problem+json\":{\"schema\":{\"$ref\":"
		       "\"#/components/schemas/Problem\"}}}}}}");
}

char *openapi_make(void)
{
	struct buf b = {0};
	size_t i, j;

	buf_add_str(
		&b,
		"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Balie\",\"version\":\"" BALIE_VERSION
		"\",\"license\":{\"name\":\"EUPL-1.2\",\"identifier\":\"EUPL-1.2\"}},"
		"\"security\":[{\"token\":[]}],\"paths\":{");
	for (i = 0; i < route_count; i++) {
		for (j = 0; j < i && strcmp(routes[j].path, routes[i].path) != 0; j++)
			;
		if (j < i)
			continue;
		if (i)
			buf_add_char(&b, ',');
		put_name(&b, routes[i].path);
		buf_add_char(&b, '{');
		put_route(&b, &routes[i]);
		for (j = i + 1; j < route_count; j++) {
			if (strcmp(routes[j].path, routes[i].path) != 0)
				continue;
			buf_add_char(&b, ',');
			put_route(&b, &routes[j]);
		}
		buf_add_char(&b, '}');
	}
	buf_add_str(&b, "},\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\","
			"\"scheme\":\"bearer\"}},");
	put_schemas(&b);
	buf_add_str(&b, "}}");
	return buf_take(&b);
}
