#include "loadgen/response_fields.h"

/* Field names are told apart while they are read, by the words that still fit. */
enum field { FIELD_CONTENT_LENGTH, FIELD_TRANSFER_ENCODING, FIELD_CONNECTION, FIELD_OTHER };

enum { CODING_CHUNKED };

enum { OPTION_CLOSE, OPTION_KEEP_ALIVE };

enum { WORDS_MAX = 3, WORD_NONE = -1 };

static const char *const field_names[WORDS_MAX] = {
	[FIELD_CONTENT_LENGTH] = "content-length",
	[FIELD_TRANSFER_ENCODING] = "transfer-encoding",
	[FIELD_CONNECTION] = "connection",
};

static const char *const coding_names[WORDS_MAX] = {[CODING_CHUNKED] = "chunked"};

static const char *const option_names[WORDS_MAX] = {
	[OPTION_CLOSE] = "close",
	[OPTION_KEEP_ALIVE] = "keep-alive",
};

enum { FIELD_SET = 7, CODING_SET = 1, OPTION_SET = 3 }; /* one bit for each word */

static const uint8_t field_value_state[] = {
	[FIELD_CONTENT_LENGTH] = STATE_VALUE_LENGTH,
	[FIELD_TRANSFER_ENCODING] = STATE_VALUE_LIST,
	[FIELD_CONNECTION] = STATE_VALUE_LIST,
	[FIELD_OTHER] = STATE_VALUE_IGNORED,
};

/* RFC 9110, 5.6.2: what a token is made of, in lower case; 0 for all else. */
static const char token_lower[256] = {
	['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
	['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`',	['|'] = '|',
	['~'] = '~', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',	['5'] = '5',
	['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b',	['c'] = 'c',
	['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',	['j'] = 'j',
	['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p',	['q'] = 'q',
	['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w',	['x'] = 'x',
	['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',	['E'] = 'e',
	['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',	['L'] = 'l',
	['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',	['S'] = 's',
	['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',	['Z'] = 'z',
};

static char byte_token_lower(char byte)
{
	return token_lower[(unsigned char)byte];
}

bool response_byte_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

bool response_byte_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

unsigned response_digit(char byte)
{
	char lower = byte_token_lower(byte);

	if (response_byte_is_digit(byte))
		return (unsigned)(byte - '0');
	return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a' + 10) : 16;
}

const char *response_invalid(struct response_parser *p, const char *at)
{
	p->state = STATE_INVALID;
	return at;
}

/* Words: read byte by byte, the set of those that still fit shrinks. */

static void word_begin(struct response_parser *p, uint8_t set)
{
	p->candidates = set;
	p->matched = 0;
	p->gap = false;
}

static void word_add(struct response_parser *p, const char *const *words, char lower)
{
	for (unsigned i = 0; i < WORDS_MAX; i++)
		if ((p->candidates & 1u << i) && words[i][p->matched] != lower)
			p->candidates &= (uint8_t) ~(1u << i);
	if (p->matched < UINT8_MAX)
		p->matched++;
}

static int word_end(const struct response_parser *p, const char *const *words)
{
	for (int i = 0; i < WORDS_MAX; i++)
		if ((p->candidates & 1u << i) && words[i][p->matched] == '\0')
			return i;
	return WORD_NONE;
}

/* Adds a decimal or hexadecimal digit to the number; false when it grows too large. */
bool response_number_add(struct response_parser *p, unsigned base, unsigned digit)
{
	if (p->number > ((uint64_t)INT64_MAX - digit) / base)
		return false;
	p->number = p->number * base + digit;
	return true;
}

/* RFC 9110, 8.6: a repeated length is fine as long as it is the same. */
static bool length_end(struct response_parser *p)
{
	if (p->matched == 0 || (p->has_length && p->content_length != p->number))
		return false;
	p->has_length = true;
	p->content_length = p->number;
	return true;
}

static bool list_item_end(struct response_parser *p)
{
	if (p->matched == 0)
		return true; /* an empty item is allowed and means nothing */
	if (p->field == FIELD_CONNECTION) {
		int word = word_end(p, option_names);

		p->close_seen |= word == OPTION_CLOSE;
		p->keep_alive_seen |= word == OPTION_KEEP_ALIVE;
		word_begin(p, OPTION_SET);
		return true;
	}
	bool chunked = word_end(p, coding_names) == CODING_CHUNKED;
	bool twice = chunked && p->chunked;

	/* Only as the last coding does it frame the message (RFC 9112, 6.3). */
	p->chunked = chunked;
	p->has_coding = true;
	word_begin(p, CODING_SET);
	return !twice;
}

void response_field_begin(struct response_parser *p)
{
	p->state = STATE_NAME;
	word_begin(p, FIELD_SET);
}

void response_field_continue(struct response_parser *p)
{
	p->state = field_value_state[p->field];
}

/* The line after a field has begun and does not continue it: now its value is complete. */
bool response_field_end(struct response_parser *p)
{
	if (p->field == FIELD_CONTENT_LENGTH)
		return length_end(p);
	return p->field == FIELD_OTHER || list_item_end(p);
}

const char *response_parse_name(struct response_parser *p, const char *at, const char *end)
{
	int word;

	while (at < end && byte_token_lower(*at)) {
		word_add(p, field_names, byte_token_lower(*at));
		at++;
		if (!p->candidates) {
			while (at < end && byte_token_lower(*at))
				at++;
		}
	}
	if (at == end)
		return at;
	if (*at != ':' || p->matched == 0)
		return response_invalid(p, at);
	word = word_end(p, field_names);
	p->field = word == WORD_NONE ? FIELD_OTHER : (uint8_t)word;
	p->state = field_value_state[p->field];
	p->number = 0;
	word_begin(p, p->field == FIELD_CONNECTION ? OPTION_SET : CODING_SET);
	return at + 1;
}

/* CR or LF at the end of a value that is read. */
static const char *value_line_end(struct response_parser *p, const char *at)
{
	p->state = *at == '\r' ? STATE_VALUE_LF : STATE_LINE_START;
	return at + 1;
}

const char *response_parse_length(struct response_parser *p, const char *at, const char *end)
{
	for (; at < end; at++) {
		if (response_byte_is_digit(*at)) {
			if (p->gap || !response_number_add(p, 10, (unsigned)(*at - '0')))
				return response_invalid(p, at);
			p->matched = 1;
		} else if (response_byte_is_blank(*at)) {
			p->gap = p->matched > 0;
		} else if (*at == ',') {
			if (!length_end(p))
				return response_invalid(p, at);
			word_begin(p, 0);
			p->number = 0;
		} else if (*at == '\r' || *at == '\n') {
			return value_line_end(p, at);
		} else {
			return response_invalid(p, at);
		}
	}
	return at;
}

const char *response_parse_list(struct response_parser *p, const char *at, const char *end)
{
	const char *const *words = p->field == FIELD_CONNECTION ? option_names : coding_names;

	for (; at < end; at++) {
		if (response_byte_is_blank(*at)) {
			p->gap = p->matched > 0;
		} else if (*at == ',') {
			if (!list_item_end(p))
				return response_invalid(p, at);
		} else if (*at == '\r' || *at == '\n') {
			return value_line_end(p, at);
		} else {
			char lower = byte_token_lower(*at);

			/* What follows a blank, and parameters, make it a word we do not know. */
			if (p->gap || !lower)
				p->candidates = 0;
			word_add(p, words, lower);
		}
	}
	return at;
}
