#include "servers/core/server/socket_io.h"

#include "servers/core/tasks/route.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

/* Of a file at a time: as much as of other large bodies. */
enum { FILE_MOST_BYTES = HTTP_PIECES * REPLY_PATTERN_BYTES };

/* The file goes from the kernel's cache to the socket without coming by here. */
static ssize_t send_file(int fd, const struct http *http)
{
	struct http_file file;
	ssize_t sent;
	off_t offset;

	http_file(http, &file);
	offset = (off_t)file.offset;
	sent = sendfile(fd, file.fd, &offset,
			file.length < FILE_MOST_BYTES ? (size_t)file.length : FILE_MOST_BYTES);
	if (sent == 0) { /* it has become shorter */
		errno = ENODATA;
		return -1;
	}
	return sent;
}

/* A head waits in the kernel for the beginning of its file, and leaves with it. */
static ssize_t send_pieces(int fd, const struct http *http, struct msghdr *message)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (http_sends_file(http) ? MSG_MORE : 0);

	if (message->msg_iovlen == 1)
		return send(fd, message->msg_iov->iov_base, message->msg_iov->iov_len, flags);
	if (message->msg_iovlen == 0)
		return send_file(fd, http);
	return sendmsg(fd, message, flags);
}

ssize_t socket_send(int fd, struct http *http)
{
	struct iovec pieces[HTTP_PIECES];
	struct msghdr message = {.msg_iov = pieces};
	ssize_t sent;

	message.msg_iovlen = (size_t)http_output(http, pieces, HTTP_PIECES);
	do
		sent = send_pieces(fd, http, &message);
	while (sent < 0 && errno == EINTR);
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
