#include "servers/core/tasks/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SYMBOLS_64  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
#define FOUR(text)  text text text text
#define SYMBOLS_1K  FOUR(FOUR(SYMBOLS_64))
#define SYMBOLS_16K FOUR(FOUR(SYMBOLS_1K))

const char reply_pattern[REPLY_PATTERN_BYTES + 1] = FOUR(SYMBOLS_16K);

const char *status_phrase(unsigned status)
{
	static const struct {
		unsigned status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"},
		{400, "Bad Request"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{417, "Expectation Failed"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

void reply_bytes(struct reply *reply, const char *type, const char *bytes, size_t length)
{
	reply->status = 200;
	reply->body = REPLY_TEXT;
	reply->content_type = type;
	reply->bytes = bytes;
	reply->body_length = length;
}

void reply_own(struct reply *reply, const char *type, char *bytes, size_t length)
{
	reply_release(reply);
	reply->owned = bytes;
	reply_bytes(reply, type, bytes, length);
}

void reply_say(struct reply *reply, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(reply->text, sizeof reply->text, format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof reply->text)
		length = sizeof reply->text - 1;
	reply_bytes(reply, "text/plain", reply->text, (size_t)length);
}

void reply_failure(struct reply *reply, unsigned status, const char *reason)
{
	reply_say(reply, "%u %s%s%s\n", status, status_phrase(status), reason ? ": " : "",
		  reason ? reason : "");
	reply->status = status;
	reply->allow = NULL;
	reply->task.kind = NULL;
}

void reply_status(struct reply *reply, unsigned status)
{
	reply_failure(reply, status, NULL);
}

void reply_release(struct reply *reply)
{
	free(reply->owned);
	reply->owned = NULL;
}
