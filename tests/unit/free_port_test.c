/* Ports for servers, beside made-up ranges of those that connections are given. */
#include "harness/machine/free_port.h"

#include "lib/temporary.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char root[256];

static void set_up(void)
{
	static const char *const folders[] = {"/proc", "/proc/sys", "/proc/sys/net",
					      "/proc/sys/net/ipv4"};
	char path[512];

	temporary_template(root, sizeof root, "tenk-ports");
	cr_assert_not_null(mkdtemp(root));
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s%s", root, folders[i]);
		mkdir(path, 0755);
	}
}

static void tear_down(void)
{
	temporary_remove(root);
}

TestSuite(free_port, .init = set_up, .fini = tear_down);

static void deal_out(const char *range)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/proc/sys/net/ipv4/ip_local_port_range", root);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(range, file);
	fclose(file);
}

Test(free_port, is_none_that_a_connection_will_be_given)
{
	uint16_t port = 0, before;
	int same = 0;

	deal_out("20000\t60999\n");
	for (int i = 0; i < 100; i++) {
		before = port;
		cr_assert_eq(free_port_find(root, &port), 0);
		cr_assert(port >= 10240 && port < 20000, "%u", port);
		same += port == before;
	}
	cr_assert_lt(same, 5, "two who ask hardly get the same");
}

Test(free_port, is_any_where_connections_are_given_nearly_all)
{
	uint16_t port = 0;

	deal_out("1024\t65535\n");
	cr_assert_eq(free_port_find(root, &port), 0);
	cr_assert_geq(port, 1024);
	tear_down(); /* nobody can tell */
	cr_assert_eq(free_port_find(root, &port), 0);
	cr_assert_geq(port, 1024);
	set_up();
}
