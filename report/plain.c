#include "report/plain.h"

#include <stddef.h>
#include <string.h>

/* The signs that pages are written with. */
static const struct {
	const char *sign, *ascii;
} signs[] = {
	{"\xc2\xb5", "u"}, /* micro */
	{"\xc3\x97", "x"}, /* times */
	{"\xe2\x89\xa5", ">="}, {"\xe2\x89\xa4", "<="}, {"\xe2\x80\x93", "-"}, {"\xc2\xb1", "+-"},
};

/* One character of UTF-8: its bytes, and as what it is shown. */
struct shown {
	size_t bytes;
	const char *text;
	size_t length;
	int columns;
};

static struct shown look(const char *text, bool utf8)
{
	static const char no_break[] = "\xc2\xa0";
	size_t bytes = 1;

	if (strncmp(text, no_break, 2) == 0)
		return (struct shown){2, " ", 1, 1};
	for (size_t i = 0; !utf8 && i < sizeof signs / sizeof *signs; i++) {
		size_t length = strlen(signs[i].ascii);

		if (strncmp(text, signs[i].sign, strlen(signs[i].sign)) == 0)
			return (struct shown){strlen(signs[i].sign), signs[i].ascii, length,
					      (int)length};
	}
	while (((unsigned char)text[bytes] & 0xC0) == 0x80)
		bytes++;
	return (struct shown){bytes, text, bytes, 1};
}

/* The columns of the first `length` bytes, printed if `out` is not NULL. */
static int show(const char *text, size_t length, bool utf8, FILE *out)
{
	const char *end = text + length;
	int columns = 0;

	while (text < end) {
		struct shown shown = look(text, utf8);

		if (out)
			fwrite(shown.text, 1, shown.length, out);
		columns += shown.columns;
		text += shown.bytes;
	}
	return columns;
}

int plain_print(const char *text, bool utf8, FILE *out)
{
	return show(text, strlen(text), utf8, out);
}

void plain_print_padded(const char *text, int width, bool utf8, FILE *out)
{
	int columns = plain_print(text, utf8, out);

	fprintf(out, "%*s", columns < width ? width - columns : 1, "");
}

void plain_print_wrapped(const char *text, int indent, int width, bool utf8, FILE *out)
{
	int column = 0;

	while (*(text += strspn(text, " \n"))) {
		size_t length = strcspn(text, " \n");
		int columns = show(text, length, utf8, NULL);

		if (column > 0 && column + 1 + columns > width) {
			fputc('\n', out);
			column = 0;
		}
		column += column == 0 ? fprintf(out, "%*s", indent, "") : fprintf(out, " ");
		column += show(text, length, utf8, out);
		text += length;
	}
	fputc('\n', out);
}
