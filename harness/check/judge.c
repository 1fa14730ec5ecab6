/* Whether an answer is what it must be: of our servers to the letter, of others by the standard. */
#include "harness/check/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { DATE_SECONDS = 2 };

static const char pattern[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/*
 * "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7), and between the moments when the
 * request was sent and the answer was read.
 */
static bool date_is_now(const char *value, time_t sent)
{
	struct tm parts = {0};
	char again[64];
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	time_t then, now = time(NULL);

	if (!end || *end)
		return false;
	then = timegm(&parts);
	/* Written anew it must be the same: strptime forgives blanks and missing zeros. */
	strftime(again, sizeof again, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	return strcmp(again, value) == 0 && then >= sent - DATE_SECONDS &&
	       then <= now + DATE_SECONDS;
}

static const char *field_fault(const struct check_trial *trial,
			       const struct http_response *response,
			       const struct check_expectation *expect)
{
	char value[256] = "";

	if (http_response_field(response, "Date", value, sizeof value) != 1 ||
	    !date_is_now(value, trial->sent))
		return "one Date, such as Sun, 06 Nov 1994 08:49:37 GMT, within 2 s of now";
	if (http_response_field(response, "Server", value, sizeof value) != 1 ||
	    strcmp(value, "tenk") != 0)
		return "Server: tenk";
	if (http_response_field(response, "Content-Type", value, sizeof value) != 1 ||
	    strcmp(value, expect->type) != 0)
		return "Content-Type: ";
	if (expect->allow && (http_response_field(response, "Allow", value, sizeof value) != 1 ||
			      strcmp(value, expect->allow) != 0))
		return "Allow: ";
	return NULL;
}

static const char *connection_fault(const struct http_response *response,
				    const struct check_expectation *expect)
{
	char value[256] = "";
	size_t count = http_response_field(response, "Connection", value, sizeof value);

	if (expect->closes)
		return count == 1 && strcasecmp(value, "close") == 0 ? NULL : "Connection: close";
	if (expect->keep_alive)
		return count == 1 && strcasecmp(value, "keep-alive") == 0
			       ? NULL
			       : "Connection: keep-alive";
	return response->closes ? "no Connection: close" : NULL;
}

static size_t expected_length(const struct check_expectation *expect)
{
	if (expect->body_bytes > 0)
		return expect->body_bytes;
	return expect->body ? strlen(expect->body) : strlen(expect->answer) + 1;
}

static bool body_is(const struct http_response *response, const struct check_expectation *expect)
{
	size_t length = expect->head ? 0 : expected_length(expect);

	if (response->body_bytes != length)
		return false;
	if (expect->body)
		return memcmp(response->body, expect->body, length) == 0;
	if (expect->body_bytes == 0)
		return length == 0 || (memcmp(response->body, expect->answer, length - 1) == 0 &&
				       response->body[length - 1] == '\n');
	for (size_t i = 0; i < length; i++)
		if (response->body[i] != pattern[i % 64])
			return false;
	return true;
}

static bool judge_ours(struct check_trial *trial, const struct http_response *response,
		       const struct check_expectation *expect)
{
	char line[128], value[64] = "", length[64];
	const char *fault;

	snprintf(line, sizeof line, "HTTP/1.1 %s\r\n", expect->answer);
	if (strncmp(response->raw, line, strlen(line)) != 0)
		return check_fail_response(trial, response, "HTTP/1.1 ", expect->answer);
	snprintf(length, sizeof length, "%zu", expected_length(expect));
	if (http_response_field(response, "Content-Length", value, sizeof value) != 1 ||
	    strcmp(value, length) != 0)
		return check_fail_response(trial, response, "Content-Length: ", length);
	if (!body_is(response, expect))
		return check_fail_response(trial, response, "the body ",
					   expect->head		    ? "to be left out"
					   : expect->body	    ? expect->body
					   : expect->body_bytes > 0 ? "0123456789ABC..."
								    : expect->answer);
	fault = field_fault(trial, response, expect);
	if (fault)
		return check_fail_response(trial, response, fault,
					   strncmp(fault, "Content-Type", 12) == 0 ? expect->type
					   : strncmp(fault, "Allow", 5) == 0	   ? expect->allow
										   : "");
	fault = connection_fault(response, expect);
	return !fault || check_fail_response(trial, response, fault, "");
}

/* --- servers of other people ---------------------------------------------------------------- */

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; list && *list; list += strcspn(list, " ")) {
		list += strspn(list, " ");
		if (strncmp(list, word, length) == 0 && strchr(" ", list[length]))
			return true;
	}
	return false;
}

bool check_may_be_silent(const struct check_expectation *expect)
{
	return has_word(expect->also, "close");
}

static bool status_is_right(const struct check_trial *trial, unsigned status,
			    const struct check_expectation *expect)
{
	bool served = (trial->target->routes & CHECK_ECHO) != 0;
	char text[8];

	snprintf(text, sizeof text, "%u", status);
	if (strncmp(expect->answer, text, 3) == 0 || has_word(expect->also, text) ||
	    has_word(expect->also, "any"))
		return true;
	/* What would be served is not there, or would have been refused only in its body. */
	return (status == 404 || status == 405) &&
	       ((expect->in_body && !served) || has_word(expect->also, "200"));
}

static bool date_is_right(const struct check_trial *trial, const struct http_response *response,
			  const struct check_expectation *expect)
{
	char value[256] = "";
	size_t count = http_response_field(response, "Date", value, sizeof value);

	if (count == 0)
		return response->status / 100 != 2 && !expect->dated;
	return count == 1 && date_is_now(value, trial->sent);
}

/* The body that belongs to the status, and of HEAD its length if it is told. */
static bool content_is_right(const struct http_response *response,
			     const struct check_expectation *expect)
{
	char value[64], length[64];

	if (expect->answer[0] != '2' || strncmp(expect->answer, response->raw + 9, 3) != 0)
		return true;
	snprintf(length, sizeof length, "%zu", expected_length(expect));
	if (expect->head && http_response_field(response, "Content-Length", value, sizeof value))
		return strcmp(value, length) == 0;
	return body_is(response, expect);
}

static bool judge_foreign(struct check_trial *trial, const struct http_response *response,
			  const struct check_expectation *expect)
{
	char wanted[128];

	if (!status_is_right(trial, response->status, expect)) {
		snprintf(wanted, sizeof wanted, "%s%s%s", expect->answer,
			 expect->also ? " (or " : "", expect->also ? expect->also : "");
		return check_fail_response(trial, response, wanted, expect->also ? ")" : "");
	}
	if (!date_is_right(trial, response, expect))
		return check_fail_response(trial, response, "one Date, within 2 s of now", "");
	if (response->status == 405 && expect->allow &&
	    http_response_field(response, "Allow", NULL, 0) == 0)
		return check_fail_response(trial, response, "Allow beside 405", "");
	if (!content_is_right(response, expect))
		return check_fail_response(trial, response, "the content ",
					   expect->head	  ? "of a HEAD"
					   : expect->body ? expect->body
							  : "0123456789ABC...");
	return true;
}

bool check_judge(struct check_trial *trial, const struct http_response *response,
		 const struct check_expectation *expect)
{
	return trial->target->foreign ? judge_foreign(trial, response, expect)
				      : judge_ours(trial, response, expect);
}
