#include "lib/own_address.h"

#include <errno.h>
#include <unistd.h>

int own_address_find(const struct sockaddr *to, socklen_t to_bytes, struct sockaddr_storage *own)
{
	int descriptor = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), result = 0;
	socklen_t size = sizeof *own;

	if (descriptor < 0)
		return -errno;
	if (connect(descriptor, to, to_bytes) < 0 ||
	    getsockname(descriptor, (struct sockaddr *)own, &size) < 0)
		result = -errno;
	close(descriptor);
	return result;
}
