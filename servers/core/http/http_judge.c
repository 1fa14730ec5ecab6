/* Judging the head of a request when all of it is there: what llhttp has read may still be refused. */
#include "servers/core/http/http_exchange.h"

#include <string.h>
#include <strings.h>

/* RFC 9112 sections 6.1 and 6.3. We know one coding, chunked, and it must come once and last. */
static unsigned judge_transfer_coding(const struct http_exchange *exchange)
{
	size_t length = exchange->coding_length;

	while (length && http_is_blank(exchange->coding[length - 1]))
		length--;
	if (length == 0)
		return 400; /* a field that names none: who knows what was meant */
	if (exchange->parser.http_minor == 0)
		return 400; /* HTTP/1.0 has none: framing would be guesswork */
	if (length == 7 && strncasecmp(exchange->coding, "chunked", 7) == 0)
		return 0;
	return 501;
}

/*
 * RFC 9110 section 10.1.1. The one expectation that we know is 100-continue; any other gets 417,
 * as a server may answer, so that a client that counts on something is not left to believe that it
 * was met. HTTP/1.0 knows no expectations: there the field is ignored.
 *
 * A final status that the head alone decides may take the place of "100 Continue". A refusal does,
 * since it closes the connection; 404 and 405 do not, since their connection lives on and the body
 * would have to be read all the same.
 */
static unsigned judge_expectation(struct http_exchange *exchange)
{
	static const char known[] = "100-continue";
	const char *list = exchange->expectation;
	size_t length = exchange->expectation_length, start = 0;

	if (exchange->parser.http_minor == 0)
		return 0;
	if (length == HTTP_EXPECTATION_KEPT)
		return 417;
	for (size_t i = 0; i <= length; i++) {
		size_t end = i;

		if (i < length && list[i] != ',')
			continue;
		while (start < end && http_is_blank(list[start]))
			start++;
		while (start < end && http_is_blank(list[end - 1]))
			end--;
		if (start < end) {
			if (end - start != sizeof known - 1 ||
			    strncasecmp(list + start, known, sizeof known - 1) != 0)
				return 417;
			exchange->expects = true;
		}
		start = i + 1;
	}
	return 0;
}

/* RFC 9112 section 3.2. */
static bool target_is_right(const struct http_exchange *exchange)
{
	bool cut = exchange->target_length > HTTP_TARGET_KEPT;

	if (exchange->target[0] == '/')
		return true;
	if (exchange->target[0] == '*')
		return exchange->target_length == 1 && exchange->parser.method == HTTP_OPTIONS;
	return http_is_absolute(exchange->target, cut ? HTTP_TARGET_KEPT : exchange->target_length,
				cut);
}

unsigned http_judge_head(struct http_exchange *exchange)
{
	const llhttp_t *parser = &exchange->parser;

	if (parser->http_major != 1)
		return 505;
	if (parser->method == HTTP_CONNECT)
		return 501;
	if (exchange->host_count == 0 && parser->http_minor > 0)
		return 400;
	if (!http_host_is_whole(exchange->host) || !target_is_right(exchange))
		return 400;
	if (exchange->coded && judge_transfer_coding(exchange))
		return judge_transfer_coding(exchange);
	if ((parser->flags & F_CONTENT_LENGTH) && parser->content_length > REQUEST_BODY_MOST)
		return 413;
	return judge_expectation(exchange);
}
