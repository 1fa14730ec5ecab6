#include "loadgen/header_match.h"

#include <ctype.h>

/* Zero is the status line, which is no field: it differs at its first byte or is not wanted. */
enum { MATCH_NAME, MATCH_BLANKS, MATCH_VALUE, MATCH_TRAILING, MATCH_SKIP };

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* What is wanted of the value, from behind the colon and the blanks; "" if any will do. */
static const char *skip_colon(const char *at)
{
	if (*at == ':')
		at++;
	while (is_blank(*at))
		at++;
	return at;
}

static void line_end(struct header_match *match, const char *field)
{
	bool value_begun = match->state == MATCH_VALUE || match->state == MATCH_TRAILING ||
			   match->state == MATCH_BLANKS;

	if (value_begun && field[match->matched] == '\0')
		match->found = true;
	match->state = MATCH_NAME;
	match->matched = 0;
}

static void read_name(struct header_match *match, const char *field, char byte)
{
	char wanted = field[match->matched];

	if (byte == ':' && (wanted == ':' || wanted == '\0') && match->matched > 0) {
		match->named = true;
		match->matched = (uint16_t)(skip_colon(field + match->matched) - field);
		/* Any value will do. */
		match->found |= field[match->matched] == '\0';
		match->state = MATCH_BLANKS;
	} else if (wanted != '\0' && wanted != ':' &&
		   tolower((unsigned char)byte) == tolower((unsigned char)wanted)) {
		match->matched++;
	} else {
		match->state = MATCH_SKIP;
	}
}

static void read_value(struct header_match *match, const char *field, char byte)
{
	if (match->state == MATCH_BLANKS && is_blank(byte))
		return;
	/* (A NUL that comes is not the end of what is wanted.) */
	if (match->state != MATCH_TRAILING && byte != '\0' && field[match->matched] == byte) {
		match->matched++;
		match->state = MATCH_VALUE;
	} else if (field[match->matched] == '\0' && is_blank(byte)) {
		match->state = MATCH_TRAILING;
	} else {
		match->state = MATCH_SKIP;
	}
}

void header_match_read(struct header_match *match, const char *field, const char *bytes,
		       size_t size)
{
	for (size_t i = 0; i < size && !match->found; i++) {
		char byte = bytes[i];

		if (byte == '\n')
			line_end(match, field);
		else if (byte == '\r' || match->state == MATCH_SKIP)
			continue;
		else if (match->state == MATCH_NAME)
			read_name(match, field, byte);
		else
			read_value(match, field, byte);
	}
}
