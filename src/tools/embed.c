/* Puts text files into the program.
 *
 *	embed NAME OUT.h OUT.c FILE...
 *
 * makes NAME_names[] (base names without their ending), NAME_texts[] in the same order, both ended
 * by NULL, and NAME_count. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_or_die(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (f == NULL) {
		fprintf(stderr, "embed: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return f;
}

static void close_or_die(FILE *f, const char *path)
{
	if (ferror(f) || fclose(f) != 0) {
		fprintf(stderr, "embed: %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

static void write_name(FILE *out, const char *path)
{
	const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	size_t n = strcspn(base, ".");

	fprintf(out, "\t\"%.*s\",\n", (int)n, base);
}

/* One string literal a line. What is not plain is written in octal, which three digits end. */
static void write_text(FILE *out, const char *path)
{
	FILE *in = open_or_die(path, "r");
	int c, column = 0;

	fputs("\t\"", out);
	while ((c = getc(in)) != EOF) {
		if (c == '\0') {
			fprintf(stderr, "embed: %s: not a text file\n", path);
			exit(1);
		}
		if (c == '\n')
			fputs("\\n", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 128 && isprint(c) && c != '?')
			putc(c, out);
		else
			fprintf(out, "\\%03o", (unsigned)c);
		if (c == '\n' || ++column > 80) {
			fputs("\"\n\t\"", out);
			column = 0;
		}
	}
	fputs("\",\n", out);
	close_or_die(in, path);
}

int main(int argc, char **argv)
{
	FILE *header, *source;

	if (argc < 5) {
		fputs("usage: embed NAME OUT.h OUT.c FILE...\n", stderr);
		return 2;
	}
	header = open_or_die(argv[2], "w");
	fprintf(header,
		"/* Made by embed. */\n#pragma once\n#include <stddef.h>\n\n"
		"extern const char *const %s_names[];\t/* ended by NULL */\n"
		"extern const char *const %s_texts[];\n"
		"extern const size_t %s_count;\n",
		argv[1], argv[1], argv[1]);
	close_or_die(header, argv[2]);

	source = open_or_die(argv[3], "w");
	fprintf(source, "/* Made by embed. */\n#include \"%s\"\n\n",
		strrchr(argv[2], '/') != NULL ? strrchr(argv[2], '/') + 1 : argv[2]);
	fprintf(source, "const char *const %s_names[] = {\n", argv[1]);
	for (int i = 4; i < argc; i++)
		write_name(source, argv[i]);
	fprintf(source, "\tNULL,\n};\n\nconst char *const %s_texts[] = {\n", argv[1]);
	for (int i = 4; i < argc; i++)
		write_text(source, argv[i]);
	fprintf(source, "\tNULL,\n};\n\nconst size_t %s_count = %d;\n", argv[1], argc - 4);
	close_or_die(source, argv[3]);
	return 0;
}
