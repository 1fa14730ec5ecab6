/* Rows of what is too large, and of refusals that can be read. */
#include "harness/check/row_macros.h"

/* clang-format off */
#define TOO_MANY_FIELDS(...) REFUSED("431 Request Header Fields Too Large", __VA_ARGS__)

static const struct check_row rows[] = {
#define GROUP "Limits"
	{ROW("body-1-mib-and-1", "RFC 9110 15.5.14", "413 for a length above 1 MiB, at once"),
	 .request = ECHO_WITH("Content-Length: 1048577\r\n", ""), .ours = true,
	 .expect = TOO_LARGE()},
	{ROW("chunks-above-1-mib", "RFC 9110 15.5.14", "413 for chunks beyond 1 MiB, before their end"),
	 .run = check_run_long_chunks, .size = 1048576 + 4096, .ours = true,
	 .expect = TOO_LARGE()},
	{ROW("chunk-extension-40000", "RFC 9112 7.1.1", "413 for an extension of 40,000 bytes"),
	 .run = check_run_long_extension, .size = 40000, .needs = CHECK_ECHO,
	 .expect = TOO_LARGE(.also = "200 400 431", .may_stay = true)},
	{ROW("target-8192", "RFC 9112 3", "a target of 8,192 bytes is taken"),
	 .run = check_run_long_target, .size = 8192, .needs = CHECK_PLAINTEXT,
	 .expect = HELLO(.also = "414")},
	{ROW("target-8193", "RFC 9110 15.5.15", "414 for a longer one"),
	 .run = check_run_long_target, .size = 8193,
	 .expect = REFUSED("414 URI Too Long", .also = "200 400 431", .may_stay = true)},
	{ROW("target-100000", "RFC 9110 15.5.15", "414 for a much longer one"),
	 .run = check_run_long_target, .size = 100000,
	 .expect = REFUSED("414 URI Too Long", .also = "200 400 431", .may_stay = true)},
	{ROW("head-16384", "RFC 6585 5", "a head of 16,384 bytes is taken"),
	 .run = check_run_long_head, .size = 16384, .needs = CHECK_PLAINTEXT,
	 .expect = HELLO(.also = "400 413 431")},
	{ROW("head-16385", "RFC 6585 5", "431 for a longer one"),
	 .run = check_run_long_head, .size = 16385,
	 .expect = TOO_MANY_FIELDS(.also = "200 400 413", .may_stay = true)},
	{ROW("head-1000000", "RFC 6585 5", "431 for a much longer one"),
	 .run = check_run_long_head, .size = 1000000,
	 .expect = TOO_MANY_FIELDS(.also = "200 400 413", .may_stay = true)},
	{ROW("refused-body", "RFC 9112 9.6", "413 can be read though the client goes on sending"),
	 .run = check_run_still_sending, .size = 4194304,
	 .request = ECHO_WITH("Content-Length: 8388608\r\n", ""), .ours = true,
	 .expect = TOO_LARGE()},
	{ROW("refused-garbage", "RFC 9112 9.6", "400 can be read though the client goes on sending"),
	 .run = check_run_still_sending, .size = 1048576,
	 .request = "\001garbage\r\n\r\n", .expect = BAD_REQUEST(.also = "close")},
	{ROW("field-one-20000", "RFC 6585 5", "431 for one field that is too long"),
	 .run = check_run_long_field, .size = 20000,
	 .expect = TOO_MANY_FIELDS(.also = "200 400 413", .may_stay = true)},
	{ROW("field-name-20000", "RFC 6585 5", "431 for a name that is too long"),
	 .run = check_run_long_name, .size = 20000,
	 .expect = TOO_MANY_FIELDS(.also = "200 400 413", .may_stay = true)},
	{ROW("empty-lines-20000", "RFC 9112 2.2", "431 for line ends without end before a request"),
	 .run = check_run_line_ends, .size = 20000,
	 .expect = TOO_MANY_FIELDS(.also = "200 400 close", .may_stay = true)},
#undef GROUP
};
/* clang-format on */

TABLE(check_rows_limits, rows);
