/* Which machines load the servers: those of the command line, else those that a scenario names, else this one. */
#include "harness/run/parts.h"

#include "harness/trial/load_hosts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line of mpirun's hostfile: "name", "name slots=2 max_slots=4", "# comment". False: it is none. */
static bool add_line(const char *line, char *hosts, size_t size)
{
	char name[256] = "";
	size_t length = strlen(hosts);
	const char *slots = strstr(line, "slots=");
	unsigned long count = slots ? strtoul(slots + strlen("slots="), NULL, 10) : 1;

	line += strspn(line, " \t");
	if (*line == '#' || *line == '\n' || *line == '\0')
		return true;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " \t\n"), line);
	return count > 0 && snprintf(hosts + length, size - length, "%s%s:%lu", length ? "," : "",
				     name, count) < (int)(size - length);
}

static int read_hostfile(const char *path, char *hosts, size_t size, struct error *error)
{
	FILE *file = fopen(path, "re");
	char line[512];
	int number = 0, result = 0;

	if (!file)
		return error_set(error, "%s: %s", path, strerror(errno));
	while (result == 0 && fgets(line, sizeof line, file)) {
		number++;
		if (!add_line(line, hosts, size))
			result = error_set(error,
					   "%s:%d: a line names a machine, and how many ranks it "
					   "has: a slots=1",
					   path, number);
	}
	fclose(file);
	if (result == 0 && !*hosts)
		result = error_set(error, "%s names no machine", path);
	return result;
}

/* What is needed here for that. */
static int check_programs(const struct run *run, struct error *error)
{
	char path[PATH_MAX + 8];

	snprintf(path, sizeof path, "%s-mpi", run->paths.load_generator);
	if (access(path, X_OK) < 0)
		return error_set(error,
				 "a load from other machines needs tenk-load-mpi, which was not "
				 "built: install the package tenk-load-mpi, or in tenk's source "
				 "scripts/install-deps --with mpi && make");
	if (*load_hosts_mpirun() == '\0')
		return error_set(error, "a load from other machines needs mpirun: "
					"apt-get install openmpi-bin");
	return 0;
}

int run_choose_hosts(struct run *run, const struct run_request *request, struct error *error)
{
	char asked[LOAD_HOSTS_BYTES] = "";
	bool any = false;
	int result = 0;

	if (request->hosts &&
	    snprintf(asked, sizeof asked, "%s", request->hosts) >= (int)sizeof asked)
		return error_set(error, "--hosts: more machines than fit into %d bytes",
				 LOAD_HOSTS_BYTES);
	if (request->hosts)
		result = load_hosts_check(asked, error);
	else if (request->hostfile)
		result = read_hostfile(request->hostfile, asked, sizeof asked, error);
	if (result < 0) {
		error_prefix(error, "%s", request->hosts ? "--hosts" : "--hostfile");
		return result;
	}
	for (size_t i = 0; i < run->scenario_count && result == 0; i++)
		for (size_t j = 0; j < run->scenarios[i].part_count && result == 0; j++) {
			struct load *load = &run->scenarios[i].parts[j].load;

			if (*asked)
				memcpy(load->hosts, asked, sizeof asked);
			if (*load->hosts)
				result = load_hosts_check(load->hosts, error);
			any |= *load->hosts != '\0';
		}
	return result == 0 && any ? check_programs(run, error) : result;
}
