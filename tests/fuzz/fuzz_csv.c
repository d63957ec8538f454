/* A list of tickets that somebody was given: cut in rows, its columns found, and its rows read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "csv/tickets.h"
#include "balie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct ticket_row *row)
{
	if (!text_valid(row->ticket.subject, strlen(row->ticket.subject)) ||
	    strlen(row->ticket.subject) > 300 || strlen(row->key) > 200)
		abort();
	if (row->body && !text_valid(row->body, strlen(row->body)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_options options = {0};
	struct arena a = {0}, one = {0};
	struct column_map *map = xcalloc(1, sizeof(*map));
	struct town_lists lists = {0};
	struct row_reader reader = {
		.map = map,
		.lists = &lists,
		.create_missing = true,
		.now = INT64_C(1790000000000),
	};
	struct ticket_row ticket;
	struct csv *csv = NULL;
	struct csv_row row;
	struct err err;
	enum csv_step step;
	const char *column;
	FILE *f = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;

	if (f && csv_open(&csv, f, &options, &err) && csv_next(csv, &row, &err) == CSV_ROW &&
	    column_map_make(&row, NULL, 0, map, &a, &err))
		while ((step = csv_next(csv, &row, &err)) == CSV_ROW || step == CSV_BAD) {
			arena_reset(&one);
			if (step == CSV_ROW &&
			    row_read(&reader, &row, &ticket, &one, &column, &err))
				check_row(&ticket);
		}
	csv_close(csv);
	if (f)
		fclose(f);
	town_lists_finish(&lists);
	free(map);
	arena_finish(&one);
	arena_finish(&a);
	return 0;
}
