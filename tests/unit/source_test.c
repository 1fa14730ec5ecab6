#include "loadgen/limits.h"
#include "loadgen/source.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct source source;
static struct error error;

/* Which address the n-th connection is bound to. */
static const char *bound_to(uint64_t n)
{
	static char text[INET_ADDRSTRLEN];
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_geq(descriptor, 0);
	cr_assert_eq(source_bind(&source, descriptor, n), 0);
	cr_assert_eq(getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
	close(descriptor);
	cr_assert(inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text)));
	return text;
}

Test(source, of_a_network_all_addresses_are_used_in_turn)
{
	cr_assert_eq(source_parse(&source, "127.0.1.0/24", &error), 0, "%s", error.text);
	cr_assert_eq(source.count, 254);
	cr_assert_str_eq(bound_to(0), "127.0.1.1");
	cr_assert_str_eq(bound_to(253), "127.0.1.254");
	cr_assert_str_eq(bound_to(254), "127.0.1.1");
}

Test(source, may_be_a_single_address_or_none)
{
	cr_assert_eq(source_parse(&source, "127.0.0.9", &error), 0);
	cr_assert_eq(source.count, 1);
	cr_assert_str_eq(bound_to(5), "127.0.0.9");
	cr_assert_eq(source_parse(&source, "::1", &error), 0);
	cr_assert_eq(source.count, 1);
	cr_assert_eq(source_parse(&source, NULL, &error), 0);
	cr_assert_eq(source.count, 0);
	cr_assert_str_eq(bound_to(0), "0.0.0.0");
}

Test(source, what_is_no_address_is_refused)
{
	static const char *const wrong[] = {
		"", "localhost", "127.0.0", "127.0.0.1/33", "127.0.0.1/7", "127.0.0.1/", "::1/64"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert_lt(source_parse(&source, wrong[i], &error), 0, "%s", wrong[i]);
}

static struct options load(uint64_t connections, uint64_t threads)
{
	struct options options = options_default;

	options.connections = connections;
	options.threads = threads;
	return options;
}

static void limit_files(rlim_t most)
{
	struct rlimit limit = {.rlim_cur = most, .rlim_max = most};

	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

Test(limits, as_many_threads_as_the_limit_of_open_files_asks_for)
{
	struct options options = load(1000, 0);

	limit_files(300);
	cr_assert_eq(source_parse(&source, NULL, &error), 0);
	cr_assert_eq(limits_apply(&options, &source, &error), 0, "%s", error.text);
	cr_assert_eq(options.threads, 4);
	options = load(100, 0);
	cr_assert_eq(limits_apply(&options, &source, &error), 0);
	cr_assert_eq(options.threads, 1);
	options = load(1000, 2);
	cr_assert_lt(limits_apply(&options, &source, &error), 0, "two were asked for");
	cr_assert(strstr(error.text, "--threads"), "%s", error.text);
}

/* Where all threads have to share one table, those that begin later find connections of others in it. */
Test(limits, connections_are_not_counted_once_more_in_one_table)
{
	struct options options = load(200, 2);
	int opened[150];

	limit_files(300);
	cr_assert_eq(source_parse(&source, NULL, &error), 0);
	cr_assert_eq(limits_apply(&options, &source, &error), 0, "%s", error.text);
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++)
		cr_assert_geq(opened[i] = dup(STDERR_FILENO), 0);
	cr_expect(limits_fit_one_table(&options));
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++)
		close(opened[i]);
}

Test(limits, every_thread_has_a_connection)
{
	struct options options = load(3, 8);

	cr_assert_eq(source_parse(&source, NULL, &error), 0);
	options.idle = 100;
	cr_assert_eq(limits_apply(&options, &source, &error), 0, "%s", error.text);
	cr_assert_eq(options.threads, 3);
	options = load(0, 8);
	options.idle = 5;
	cr_assert_eq(limits_apply(&options, &source, &error), 0, "%s", error.text);
	cr_assert_eq(options.threads, 5);
}

Test(limits, ports_are_counted_before_they_run_out)
{
	struct options options = load(2000000, 0);

	cr_assert_eq(source_parse(&source, NULL, &error), 0);
	cr_assert_lt(limits_apply(&options, &source, &error), 0);
	cr_assert(strstr(error.text, "--source"), "%s", error.text);
}
