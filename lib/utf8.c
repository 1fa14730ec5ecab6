#include "lib/utf8.h"

#include <stddef.h>
#include <stdint.h>

/* How many bytes the character at `at` has; 0: it is none. The end of the text is no continuation. */
static size_t character_length(const unsigned char *at)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least; /* shorter forms have these */
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	for (size_t more = 0; more < sizeof forms / sizeof *forms; more++) {
		uint32_t value = at[0] & (uint8_t)~forms[more].mask;

		if ((at[0] & forms[more].mask) != forms[more].lead)
			continue;
		for (size_t i = 1; i <= more; i++) {
			if ((at[i] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (at[i] & 0x3f);
		}
		return value < forms[more].least || value > 0x10ffff ||
				       (value >= 0xd800 && value <= 0xdfff) /* halves of UTF-16 */
			       ? 0
			       : more + 1;
	}
	return 0;
}

char *utf8_mend(char *text)
{
	for (char *at = text; *at;) {
		size_t length = character_length((const unsigned char *)at);

		if (length == 0)
			*at = '?';
		at += length ? length : 1;
	}
	return text;
}
