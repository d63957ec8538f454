/* Writes the header and the table in C. */
#include "sqlgen.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static FILE *open_out(const char *path)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		die(path, 0, "%s", strerror(errno));
	return out;
}

static void close_out(FILE *out, const char *path)
{
	bool bad = ferror(out) != 0;

	if (fclose(out) != 0 || bad)
		die(path, 0, "cannot write: %s", strerror(errno));
}

static void write_upper(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		fputc(toupper((unsigned char)*s), out);
}

void write_header(const char *path, const char *prefix, const struct dialect *dialects)
{
	const struct list *list = &dialects[SQLITE].out;
	FILE *out = open_out(path);

	fprintf(out,
		"/* Made by sqlgen; change the .sql files. */\n#pragma once\n"
		"#include \"balie/store.h\"\n\nenum %s_sql {\n",
		prefix);
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].kind != PIECE_STATEMENT)
			continue;
		fputc('\t', out);
		write_upper(out, prefix);
		fputs("_SQL_", out);
		write_upper(out, list->items[i].name);
		fputs(",\n", out);
	}
	fputc('\t', out);
	write_upper(out, prefix);
	fputs("_SQL_COUNT\n};\n", out);
	for (int i = 0; i < DIALECTS; i++) {
		const char *name = dialects[i].name;

		if (!dialects[i].wanted)
			continue;
		fprintf(out, "\nextern const struct store_text %s_%s_statements[", prefix, name);
		write_upper(out, prefix);
		fprintf(out,
			"_SQL_COUNT];\nextern const struct store_text %s_%s_migrations[];\n"
			"extern const size_t %s_%s_migration_count;\n",
			prefix, name, prefix, name);
	}
	close_out(out, path);
}

static void write_literal(FILE *out, const char *s)
{
	fputs("\t \"", out);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			fputs(s[1] != '\0' ? "\\n\"\n\t \"" : "\\n", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\%03o", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void write_row(FILE *out, const struct piece *piece, bool copies)
{
	fprintf(out, "\t{\"%s\",\n", piece->name);
	write_literal(out, text_of(&piece->body));
	if (copies && piece->copy != NULL) {
		fputs(",\n", out);
		write_literal(out, piece->copy);
		fputs("},\n", out);
	} else {
		fputs(", NULL},\n", out);
	}
}

/* In the order of the numbers, which is SQLite's. */
static void write_statements(FILE *out, const struct dialect *dialects, int engine)
{
	const struct list *order = &dialects[SQLITE].out, *list = &dialects[engine].out;

	for (size_t i = 0; i < order->count; i++) {
		if (order->items[i].kind != PIECE_STATEMENT)
			continue;
		for (size_t k = 0; k < list->count; k++)
			if (list->items[k].kind == PIECE_STATEMENT &&
			    strcmp(list->items[k].name, order->items[i].name) == 0)
				write_row(out, &list->items[k], engine == POSTGRES);
	}
}

static size_t write_migrations(FILE *out, const struct list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].kind != PIECE_MIGRATION)
			continue;
		write_row(out, &list->items[i], false);
		count++;
	}
	return count;
}

void write_source(const char *path, const char *header, const char *prefix,
		  const struct dialect *dialects)
{
	FILE *out = open_out(path);
	const char *slash = strrchr(header, '/');

	fprintf(out, "/* Made by sqlgen; change the .sql files. */\n#include \"%s\"\n",
		slash != NULL ? slash + 1 : header);
	for (int i = 0; i < DIALECTS; i++) {
		const char *name = dialects[i].name;
		size_t migrations;

		if (!dialects[i].wanted)
			continue;
		fprintf(out, "\nconst struct store_text %s_%s_statements[", prefix, name);
		write_upper(out, prefix);
		fputs("_SQL_COUNT] = {\n", out);
		write_statements(out, dialects, i);
		fprintf(out, "};\n\nconst struct store_text %s_%s_migrations[] = {\n", prefix,
			name);
		migrations = write_migrations(out, &dialects[i].out);
		/* One row more than counted: C has no empty arrays. */
		fprintf(out,
			"\t{NULL, NULL, NULL}\n};\n\n"
			"const size_t %s_%s_migration_count = %zu;\n",
			prefix, name, migrations);
	}
	close_out(out, path);
}
