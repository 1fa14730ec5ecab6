/*
 * What core answers, whatever the pieces in which requests come and answers leave.
 */
#include "tests/unit/http_core_fixture.h"

/* One or more requests on one connection, and all that comes back. */
struct sample {
	const char *name, *request, *answer;
};

#define POST(fields, body)	     "POST /echo HTTP/1.1\r\nHost: tenk\r\n" fields "\r\n" body
#define WITH(fields)		     "GET /json HTTP/1.1\r\nHost: tenk\r\n" fields "\r\n\r\n"
#define BAD_REQUEST		     REFUSED("400 Bad Request", "16")
#define TOO_LARGE		     REFUSED("413 Content Too Large", "22")
#define NOT_IMPLEMENTED		     REFUSED("501 Not Implemented", "20")
#define VERSION_UNSUPPORTED	     REFUSED("505 HTTP Version Not Supported", "31")
#define ERROR(status, length, extra) RESPONSE(status, "text/plain", length, extra, status "\n")
#define NOT_FOUND		     ERROR("404 Not Found", "14", "")
#define ALLOWED(methods)	     ERROR("405 Method Not Allowed", "23", "\r\nAllow: " methods)

/* Served, and the connection lives on. */
static const struct sample served[] = {
	{"plaintext", GET("/plaintext"), HELLO("")},
	{"json", GET("/json"), JSON("")},
	{"bytes", GET("/bytes/12"), ECHO("12", "0123456789AB")},
	{"no bytes", GET("/bytes/0"), ECHO("0", "")},
	{"more bytes than are copied behind the head", GET("/bytes/130"),
	 ECHO("130", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
		     "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_01")},
	{"wait", GET("/wait/7"), RESPONSE("200 OK", "text/plain", "11", "", "Waited 7 ms")},
	{"a query is no part of the path", GET("/json?a=/plaintext&b"), JSON("")},
	{"absolute form", GET("http://tenk:80/json"), JSON("")},
	{"absolute form without a path", GET("http://tenk"), NOT_FOUND},
	{"an empty line before a request", "\r\n" GET("/json"), JSON("")},
	{"names in any case, blanks around values",
	 "GET /json HTTP/1.1\r\nhOST:\t tenk \t\r\naccept:\r\n\r\n", JSON("")},
	{"HEAD", "HEAD /plaintext HTTP/1.1\r\nHost: a\r\n\r\n",
	 RESPONSE("200 OK", "text/plain", "13", "", "")},
	{"HEAD of many bytes", "HEAD /bytes/1000000 HTTP/1.1\r\nHost: a\r\n\r\n",
	 RESPONSE("200 OK", "application/octet-stream", "1000000", "", "")},
	{"HEAD of nothing", "HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
	 RESPONSE("404 Not Found", "text/plain", "14", "", "")},
	{"a body by length", POST("Content-Length: 5\r\n", "hello"), ECHO("5", "hello")},
	{"an empty body", POST("Content-Length: 0\r\n", ""), ECHO("0", "")},
	{"no body at all", POST("", ""), ECHO("0", "")},
	{"a chunked body",
	 POST("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n00B\r\n, \r\nchunks\n\r\n0\r\n\r\n"),
	 ECHO("16", "hello, \r\nchunks\n")},
	{"chunks with extensions and trailers",
	 POST("Transfer-Encoding: Chunked\r\n",
	      "2;a=\"b;c\";d\r\nhe\r\n3;e=f\r\nllo\r\n0\r\nHost: x\r\nHost: y\r\n\r\n"),
	 ECHO("5", "hello")},
	{"a body that nobody asked for",
	 WITH("Content-Length: 3") "abc" POST("Content-Length: 1\r\n", "x"),
	 JSON("") ECHO("1", "x")},
	{"an unknown path, its body, and the next",
	 "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET " GET("/json"),
	 NOT_FOUND JSON("")},
	{"paths that are almost served",
	 GET("/") GET("/plaintext/") GET("/jso") GET("/bytes/") GET("/bytes/1x")
		 GET("/bytes/1073741825") GET("/bytes/99999999999999999999") GET("/wait/60001")
			 GET("/wait/-1"),
	 NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND NOT_FOUND},
	{"methods that a route does not have",
	 GET("/echo") "POST /json HTTP/1.1\r\nHost: a\r\n\r\n"
		      "DELETE /wait/1 HTTP/1.1\r\nHost: a\r\n\r\n",
	 ALLOWED("POST") ALLOWED("GET, HEAD") ALLOWED("GET, HEAD")},
	{"the server as a whole", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	 RESPONSE("200 OK", "text/plain", "0", "\r\nAllow: GET, HEAD, POST, OPTIONS", "")},
	{"a later minor version", "GET /json HTTP/1.9\r\nHost: a\r\n\r\n", JSON("")},
	{"hosts of all kinds",
	 "GET /json HTTP/1.1\r\nHost:\r\n\r\n"
	 "GET /json HTTP/1.1\r\nHost: a-b_c.d~%4a!$&'()*+,;=:80 \t\r\n\r\n"
	 "GET http://[::1]:/json HTTP/1.1\r\nHost: [::1]:\r\n\r\n",
	 JSON("") JSON("") JSON("")},
	{"trailers have no say",
	 POST("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nConnection: close\r\n"
						"Content-Length: 5\r\n\r\n") GET("/json"),
	 ECHO("1", "a") JSON("")},
	{"nor one that could be no field of a head",
	 POST("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nContent-Length: x\r\n"
						"Content-Length: 99999999999999999999\r\n"
						"Upgrade: h2c\r\n\r\n") GET("/json"),
	 ECHO("1", "a") JSON("")},
	{"line ends of any kind before a request", "\n\r\n\n" GET("/json"), JSON("")},
	{"a path in a query is none", GET("http://tenk?a=/json"), NOT_FOUND},
	{"an upgrade is not taken up",
	 WITH("Connection: Upgrade\r\nUpgrade: websocket") GET("/plaintext"), JSON("") HELLO("")},
	{"nor with a body",
	 POST("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n", "ok") GET("/json"),
	 ECHO("2", "ok") JSON("")},
	{"a pipeline",
	 GET("/plaintext") GET("/json") POST("Content-Length: 2\r\n", "ab") GET("/wait/3")
		 GET("/bytes/129") "HEAD /json HTTP/1.1\r\nHost: a\r\n\r\n" GET("/plaintext"),
	 HELLO("") JSON("") ECHO("2", "ab") RESPONSE("200 OK", "text/plain", "11", "",
						     "Waited 3 ms")
		 ECHO("129", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
			     "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_0")
			 RESPONSE("200 OK", "application/json", "27", "", "") HELLO("")},
	{"nothing to continue: no body", WITH("Expect: 100-continue"), JSON("")},
	{"nor one of length 0", POST("Expect: 100-continue\r\nContent-Length: 0\r\n", ""),
	 ECHO("0", "")},
};

/* Served, and that was the last. */
static const struct sample closed[] = {
	{"close", WITH("Connection: close"), JSON(CLOSING)},
	{"what follows a close is not looked at", WITH("Connection: close") GET("/json"),
	 JSON(CLOSING)},
	{"HTTP/1.0 closes", "GET /json HTTP/1.0\r\n\r\n", JSON(CLOSING)},
	{"HTTP/1.0 keeps alive when asked",
	 "GET /json HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /plaintext HTTP/1.0\r\n\r\n",
	 JSON("\r\nConnection: keep-alive") HELLO(CLOSING)},
	{"HTTP/1.0 closes if one word says so",
	 "GET /json HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", JSON(CLOSING)},
	{"HTTP/1.0 has no expectations",
	 "POST /echo HTTP/1.0\r\nExpect: 100-continue, more\r\nContent-Length: 1\r\n\r\nx",
	 RESPONSE("200 OK", "application/octet-stream", "1", CLOSING, "x")},
};

/* Refused: the client may read why, and the connection ends. */
static const struct sample refused[] = {
	{"no HTTP at all", "\x16\x03\x01\x02", BAD_REQUEST},
	{"no version, as in HTTP/0.9", "GET /json\r\n\r\n", VERSION_UNSUPPORTED},
	{"half a version", "GET /json HTTP/1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"a version in letters", "GET /json HTTP/x.y\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"half a version behind a whole one", GET("/json") "GET /json HTTP/1\r\n",
	 JSON("") BAD_REQUEST},
	{"no target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"two blanks before the target", "GET  /json HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"two blanks behind it", "GET /json  HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"a blank behind the version", "GET /json HTTP/1.1 \r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"a version of two digits", "GET /json HTTP/1.10\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"another protocol", "GET /json RTSP/1.0\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"chunks that end with LF", POST("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\n"),
	 BAD_REQUEST},
	{"a first line that ends with LF", "GET /json HTTP/1.1\nHost: a\r\n\r\n", BAD_REQUEST},
	{"a head that ends with LF", "GET /json HTTP/1.1\r\nHost: a\r\n\n", BAD_REQUEST},
	{"LF, and then something else that is wrong", "GET /json HTTP/2.0\nHost: a\r\n\r\n",
	 BAD_REQUEST},
	{"a fragment", GET("/json#a"), BAD_REQUEST},
	{"a Host with a blank in it", "GET /json HTTP/1.1\r\nHost: a b\r\n\r\n", BAD_REQUEST},
	{"a Host with a path", "GET /json HTTP/1.1\r\nHost: a/b\r\n\r\n", BAD_REQUEST},
	{"a Host with a user", "GET /json HTTP/1.1\r\nHost: a@b\r\n\r\n", BAD_REQUEST},
	{"a port that is no number", "GET /json HTTP/1.1\r\nHost: a:b\r\n\r\n", BAD_REQUEST},
	{"half an address", "GET /json HTTP/1.1\r\nHost: [::1\r\n\r\n", BAD_REQUEST},
	{"half a percent sign", "GET /json HTTP/1.1\r\nHost: a%4\r\n\r\n", BAD_REQUEST},
	{"a user in the target", GET("http://a@b/json"), BAD_REQUEST},
	{"a target without its host", GET("http:///json"), BAD_REQUEST},
	{"a target of another kind", GET("ftp://a/json"), BAD_REQUEST},
	{"more than an asterisk", "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"a coding without a name", POST("Transfer-Encoding:\r\n", "0\r\n\r\n"), BAD_REQUEST},
	{"a coding in two halves",
	 POST("Transfer-Encoding: chu\r\nTransfer-Encoding: nked\r\n", "0\r\n\r\n"),
	 NOT_IMPLEMENTED},
	{"a chunk that is too large from the beginning",
	 POST("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n"), TOO_LARGE},
	{"a target that is no path", "GET json HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"an asterisk without OPTIONS", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", BAD_REQUEST},
	{"no Host", "GET /json HTTP/1.1\r\nAccept: a\r\n\r\n", BAD_REQUEST},
	{"two Hosts", WITH("host: tenk"), BAD_REQUEST},
	{"a folded value", WITH("A: b\r\n c"), BAD_REQUEST},
	{"a folded value that begins empty", WITH("A:\r\n\tb"), BAD_REQUEST},
	{"a fold before the first field", "GET /json HTTP/1.1\r\n Host: a\r\n\r\n", BAD_REQUEST},
	{"a field without a name", WITH(": a"), BAD_REQUEST},
	{"a blank before the colon", WITH("A : b"), BAD_REQUEST},
	{"a name that is no token", WITH("A(b): c"), BAD_REQUEST},
	{"a line that is no field", WITH("nonsense"), BAD_REQUEST},
	{"a control character in a value", WITH("A: b\001c"), BAD_REQUEST},
	{"a length that is no number", POST("Content-Length: 1x\r\n", "a"), BAD_REQUEST},
	{"a negative length", POST("Content-Length: -1\r\n", "a"), BAD_REQUEST},
	{"two lengths", POST("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"), BAD_REQUEST},
	{"a length and chunks",
	 POST("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), BAD_REQUEST},
	{"chunks in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	 BAD_REQUEST},
	{"a chunk without a size", POST("Transfer-Encoding: chunked\r\n", "x\r\n"), BAD_REQUEST},
	{"a chunk longer than its size", POST("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n"),
	 BAD_REQUEST},
	{"a length too large", POST("Content-Length: 1048577\r\n", ""), TOO_LARGE},
	{"a chunk too large", POST("Transfer-Encoding: chunked\r\nConnection: close\r\n", "G\r\n"),
	 BAD_REQUEST},
	{"another expectation", POST("Expect: magic\r\nContent-Length: 1\r\n", "a"),
	 REFUSED("417 Expectation Failed", "23")},
	{"one more expectation", POST("Expect: 100-continue, magic\r\nContent-Length: 1\r\n", "a"),
	 REFUSED("417 Expectation Failed", "23")},
	{"one more on a line of its own", WITH("Expect: 100-continue\r\nExpect: 200-ok"),
	 REFUSED("417 Expectation Failed", "23")},
	{"an expectation without end", WITH("Expect: 100-continue-and-then-some-more-of-that-kind"),
	 REFUSED("417 Expectation Failed", "23")},
	{"an unknown method", "BREW /json HTTP/1.1\r\nHost: a\r\n\r\n", NOT_IMPLEMENTED},
	{"a method in small letters", "get /json HTTP/1.1\r\nHost: a\r\n\r\n", NOT_IMPLEMENTED},
	{"a tunnel", "CONNECT tenk:80 HTTP/1.1\r\nHost: tenk:80\r\n\r\n", NOT_IMPLEMENTED},
	{"an unknown coding", POST("Transfer-Encoding: gzip\r\n", ""), NOT_IMPLEMENTED},
	{"an unknown coding before chunked", POST("Transfer-Encoding: gzip, chunked\r\n", "0\r\n"),
	 NOT_IMPLEMENTED},
	{"chunked twice", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
	 BAD_REQUEST},
	{"almost chunked", POST("Transfer-Encoding: chunkedd\r\n", "0\r\n\r\n"), NOT_IMPLEMENTED},
	{"HTTP/2 with prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION_UNSUPPORTED},
	{"another major version", "GET /json HTTP/2.0\r\nHost: a\r\n\r\n", VERSION_UNSUPPORTED},
	{"one that does not exist", "GET /json HTTP/7.3\r\nHost: a\r\n\r\n", VERSION_UNSUPPORTED},
	{"an old one", "GET /json HTTP/0.9\r\nHost: a\r\n\r\n", VERSION_UNSUPPORTED},
	{"a refusal behind answers", GET("/json") GET("/plaintext") "GET /json HTTP/1.1\r\n\r\n",
	 JSON("") HELLO("") REFUSED("400 Bad Request", "16")},
	{"what follows a refusal is not looked at", "GET /json HTTP/1.1\r\n\r\n" GET("/json"),
	 BAD_REQUEST},
	{"HEAD is refused without a body", "HEAD /json HTTP/1.1\r\n\r\n",
	 RESPONSE("400 Bad Request", "text/plain", "16", CLOSING, "")},
};

/*
 * Says the sample in pieces that end at `first`, `first + step`, `first + 2 * step` ...
 * Whether all is as it should be: one complaint a sample is enough.
 */
static bool check_pieces(const struct sample *sample, enum http_step end,
			 const struct driving *driving, size_t first, size_t step)
{
	size_t length = strlen(sample->request), stop = first;
	enum http_step last = HTTP_READ;
	struct test_client client;
	struct test_loop loop;
	bool good;

	loop_open(&loop, driving->completes);
	client_open(&client, &loop, driving);
	for (size_t at = 0; at < length; at = stop, stop += step) {
		if (stop > length)
			stop = length;
		last = client_feed(&client, sample->request + at, stop - at);
	}
	good = strcmp(client_heard(&client), sample->answer) == 0 && last == end &&
	       (end != HTTP_READ || !client.http.exchange); /* idle ones hold nothing */
	cr_expect(good, "%s, %s, pieces at %zu and every %zu: ends with step %d after\n%s",
		  sample->name, driving->name, first, step, last, client.received);
	client_close(&client);
	loop_close(&loop);
	return good;
}

static bool check_sample(const struct sample *sample, enum http_step end,
			 const struct driving *driving)
{
	size_t length = strlen(sample->request);

	for (size_t split = 1; split <= length; split++)
		if (!check_pieces(sample, end, driving, split, length))
			return false;
	return check_pieces(sample, end, driving, 1, 1) && check_pieces(sample, end, driving, 2, 3);
}

static void check_samples(const struct sample *samples, size_t count, enum http_step end)
{
	for (size_t i = 0; i < count; i++)
		for (size_t way = 0; way < WAYS_TO_DRIVE; way++)
			if (!check_sample(&samples[i], end, &ways_to_drive[way]))
				break;
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

Test(http_core, serves_the_same_however_requests_are_split, .timeout = 60)
{
	check_samples(served, COUNT(served), HTTP_READ);
}

Test(http_core, closes_the_same_however_requests_are_split, .timeout = 60)
{
	check_samples(closed, COUNT(closed), HTTP_CLOSE);
}

Test(http_core, refuses_the_same_however_requests_are_split, .timeout = 60)
{
	check_samples(refused, COUNT(refused), HTTP_LINGER);
}
