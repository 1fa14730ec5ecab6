#include "servers/core/server/socket_io.h"

#include <errno.h>
#include <sys/socket.h>

ssize_t socket_send(int fd, struct http *http)
{
	struct iovec pieces[HTTP_PIECES];
	struct msghdr message = {.msg_iov = pieces};
	ssize_t sent;

	message.msg_iovlen = (size_t)http_output(http, pieces, HTTP_PIECES);
	do {
		if (message.msg_iovlen == 1)
			sent = send(fd, pieces[0].iov_base, pieces[0].iov_len,
				    MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		sent = -errno;
	if (sent == -EAGAIN)
		http_written(http, 0);
	else if (sent > 0)
		http_written(http, (size_t)sent);
	return sent;
}

ssize_t socket_receive_so(int fd, void *buffer, size_t size, int flags)
{
	ssize_t length;

	do
		length = recv(fd, buffer, size, flags);
	while (length < 0 && errno == EINTR);
	return length < 0 ? -errno : length;
}

ssize_t socket_receive(int fd, void *buffer, size_t size)
{
	return socket_receive_so(fd, buffer, size, 0);
}

void socket_reset_on_close(int fd)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}
