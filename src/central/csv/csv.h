/* A file with comma separated values (RFC 4180) as spreadsheets really write it, row by row and in
 * bounded memory. Our own reader and no library's: libcsv tells no line, and knows no bound on what a
 * cell or a row may grow to before it hands it over; and where quotes do not fit, it goes on behind
 * the rows that they swallowed, while here only the line with the wrong quote is lost. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "balie/err.h"

#define CSV_ROW_BYTES (1024 * 1024)
#define CSV_CELLS 1000
#define CSV_QUOTE_FAULTS 1000

struct csv;
enum csv_charset { CSV_DETECT, CSV_UTF8, CSV_WINDOWS_1252 };
struct csv_options {
	char separator; /* 0: what the first line has most of: ; , or a tab */
	enum csv_charset charset;
};
struct csv_row {
	int64_t line; /* where it begins, from 1 */
	size_t count;
	const char *const *cells; /* UTF-8; valid until the next row */
};
enum csv_step {
	CSV_ROW,
	CSV_BAD, /* err says what is wrong with the row; those behind it can be read */
	CSV_END,
	CSV_FAILED, /* err says why there will be no more */
};

/* Reads the file once from end to end to see what it is (charset, NUL bytes), and stands then before
 * its first row. The file must be one that can be read again; it stays the caller's. */
bool csv_open(struct csv **ret, FILE *file, const struct csv_options *options, struct err *err);
void csv_close(struct csv *c);
/* Empty lines are left out. */
enum csv_step csv_next(struct csv *c, struct csv_row *ret, struct err *err);
