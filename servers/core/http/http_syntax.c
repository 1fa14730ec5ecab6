#include "servers/core/http/http_syntax.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_hexadecimal(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool http_is_token_character(char c)
{
	return is_alphanumeric(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* RFC 3986 section 3.2.2: unreserved and sub-delims. */
static const bool name_characters[UCHAR_MAX + 1] = {
	['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['-'] = true,
	['.'] = true,	      ['_'] = true,	    ['~'] = true,	  ['!'] = true,
	['$'] = true,	      ['&'] = true,	    ['\''] = true,	  ['('] = true,
	[')'] = true,	      ['*'] = true,	    ['+'] = true,	  [','] = true,
	[';'] = true,	      ['='] = true,
};

static bool is_name_character(char c)
{
	return name_characters[(unsigned char)c];
}

static enum http_host read_name(char c)
{
	if (is_name_character(c))
		return HOST_NAME;
	if (c == '%')
		return HOST_PERCENT;
	if (c == ':')
		return HOST_PORT;
	return http_is_blank(c) ? HOST_BLANK : HOST_WRONG;
}

static enum http_host read_port(char c, bool digits)
{
	if (digits && c >= '0' && c <= '9')
		return HOST_PORT;
	if (!digits && c == ':')
		return HOST_PORT;
	return http_is_blank(c) ? HOST_BLANK : HOST_WRONG;
}

static enum http_host read_one(enum http_host state, char c)
{
	switch (state) {
	case HOST_BEGINS:
		return c == '[' ? HOST_ADDRESS_BEGINS : read_name(c);
	case HOST_NAME:
		return read_name(c);
	case HOST_PERCENT:
		return is_hexadecimal(c) ? HOST_PERCENT_DIGIT : HOST_WRONG;
	case HOST_PERCENT_DIGIT:
		return is_hexadecimal(c) ? HOST_NAME : HOST_WRONG;
	case HOST_ADDRESS_BEGINS:
		return c == ':' || is_name_character(c) ? HOST_ADDRESS : HOST_WRONG;
	case HOST_ADDRESS:
		if (c == ']')
			return HOST_ADDRESS_ENDED;
		return c == ':' || is_name_character(c) ? HOST_ADDRESS : HOST_WRONG;
	case HOST_ADDRESS_ENDED:
		return read_port(c, false);
	case HOST_PORT:
		return read_port(c, true);
	case HOST_BLANK:
		return http_is_blank(c) ? HOST_BLANK : HOST_WRONG;
	case HOST_WRONG:
		break;
	}
	return HOST_WRONG;
}

enum http_host http_host_read(enum http_host state, const char *at, size_t length)
{
	size_t i = 0;

	/* Most of most. */
	if (state == HOST_BEGINS || state == HOST_NAME)
		while (i < length && is_name_character(at[i]))
			i++;
	if (i > 0)
		state = HOST_NAME;
	for (; i < length && state != HOST_WRONG; i++)
		state = read_one(state, at[i]);
	return state;
}

bool http_host_is_whole(enum http_host state)
{
	return state == HOST_BEGINS || state == HOST_NAME || state == HOST_ADDRESS_ENDED ||
	       state == HOST_PORT || state == HOST_BLANK;
}

bool http_is_absolute(const char *target, size_t length, bool cut)
{
	static const char *const schemes[] = {"http://", "https://"};
	enum http_host state;

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t begin = strlen(schemes[i]), end = begin;

		if (length <= begin || strncasecmp(target, schemes[i], begin) != 0)
			continue;
		while (end < length && target[end] != '/' && target[end] != '?')
			end++;
		state = http_host_read(HOST_BEGINS, target + begin, end - begin);
		if (end == begin || target[begin] == ':' || state == HOST_BLANK)
			return false;
		return end == length && cut ? state != HOST_WRONG : http_host_is_whole(state);
	}
	return false;
}
