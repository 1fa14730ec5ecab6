#include "harness/machine/free_port.h"

#include "harness/machine/machine_files.h"
#include "lib/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* Below are those that services are known by. */
enum { LOWEST = 10240, LEAST = 1000, TRIES = 64 };

/* Takes it for a moment; 0 lets the kernel choose. 0 or -errno. */
static int try_port(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(*port),
				      .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result = 0;

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		result = -errno;
	*port = ntohs(address.sin_port);
	if (fd >= 0)
		close(fd);
	return result;
}

/* Anywhere, so that several of us do not meet. */
static uint64_t draw(uint64_t below)
{
	uint64_t value = 0;

	if (getrandom(&value, sizeof value, GRND_NONBLOCK) != sizeof value)
		value = clock_now_ns();
	return value % below;
}

int free_port_find(const char *root, uint16_t *port)
{
	uint64_t range[2];
	bool known = machine_read_numbers(root, "/proc/sys/net/ipv4/ip_local_port_range", range,
					  2) == 2;

	for (int i = 0; known && range[0] >= LOWEST + LEAST && i < TRIES; i++) {
		*port = (uint16_t)(LOWEST + draw(range[0] - LOWEST));
		if (try_port(port) == 0)
			return 0;
	}
	*port = 0;
	return try_port(port);
}
