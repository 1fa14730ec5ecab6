/*
 * Rows of `tenk check` in which the library answers otherwise than our core, with the reasons; a
 * difference that is not listed fails the suite, and so does one that is gone.
 */
#include "servers/models/libmicrohttpd/known.h"

#include <microhttpd.h>
#include <stddef.h>

/* clang-format off */
#define ACCEPTS "the library accepts it"
#define TARGET "the library takes any target"
#define METHOD "the library takes any word for a method that is not known: 501"
#define CUTS "the library closes without an answer"
#define WORDS "refused with this status, but in the library's own words"
#define TWICE "refused with this status, but in the library's own words, and the head is sent twice"
#define LARGE_TWICE "the library says 413: too large, not wrong, and sends the head twice"
#define CODING "a coding that it does not know makes the library read on until the connection ends"
#define RESETS "the library closes right after a refusal; what the client still sends resets it"

/* Of Debian 12's 0.9.75 and of Debian 13's 1.0.1. */
#if MHD_VERSION < 0x01000000
#define KNOWN_OF_VERSION \
	{"length-blanks", "the library refuses blanks behind a length, and sends the head of that answer twice", false}, \
	{"expect-has-body", "the library says 100 whether it is needed or not", false}, \
	{"expect-no-body", "the library says 100 whether it is needed or not", false},
#else
#define EXTENSIONS "from 1.0 on the library refuses chunk extensions"
#define KNOWN_OF_VERSION \
	{"chunked-extensions", EXTENSIONS, false}, \
	{"chunked-extension-long", EXTENSIONS, false}, \
	{"split-chunked", EXTENSIONS, false}, \
	{"drip-chunked", EXTENSIONS, false}, \
	{"empty-lines-before", "from 1.0 on the library skips one empty line, not several", false},
#endif

#define KNOWN_IN_ALL \
	KNOWN_OF_VERSION \
	{"expect-bad-head", TWICE, false}, \
	{"expect-unknown", ACCEPTS, false}, \
	{"expect-two", ACCEPTS, false}, \
	{"pipeline-refused", CUTS, false}, \
	{"garbage", CUTS, false}, \
	{"tls-hello", "the library waits for the end of the first line", false}, \
	{"date-of-refusal", CUTS, false}, \
	{"method-no-token", METHOD, false}, \
	{"method-nul", METHOD, false}, \
	{"method-high", METHOD, false}, \
	{"blank-first", CUTS, false}, \
	{"blanks-before-target", ACCEPTS, false}, \
	{"blanks-before-version", CUTS, false}, \
	{"blank-after-version", WORDS, false}, \
	{"tab-before-target", WORDS, false}, \
	{"tab-before-version", WORDS, false}, \
	{"target-missing", WORDS, false}, \
	{"target-no-slash", TARGET, false}, \
	{"target-asterisk-get", TARGET, false}, \
	{"target-asterisk-longer", TARGET, false}, \
	{"target-authority", TARGET, false}, \
	{"target-blank", CUTS, false}, \
	{"target-nul", TARGET, false}, \
	{"target-control", TARGET, false}, \
	{"target-delete", TARGET, false}, \
	{"target-high", TARGET, false}, \
	{"target-fragment", TARGET, false}, \
	{"target-bare-cr", TARGET, false}, \
	{"absolute-no-host", TARGET, false}, \
	{"absolute-user", TARGET, false}, \
	{"absolute-port", TARGET, false}, \
	{"absolute-other-scheme", TARGET, false}, \
	{"absolute-half", TARGET, false}, \
	{"version-1.10", WORDS, false}, \
	{"version-1.01", WORDS, false}, \
	{"version-01.1", WORDS, false}, \
	{"version-11.1", WORDS, false}, \
	{"version-half", WORDS, false}, \
	{"version-case", WORDS, false}, \
	{"version-letters", WORDS, false}, \
	{"version-surplus", WORDS, false}, \
	{"version-comma", WORDS, false}, \
	{"version-protocol", WORDS, false}, \
	{"version-2.0", WORDS, false}, \
	{"version-3.0", WORDS, false}, \
	{"version-0.9-named", WORDS, false}, \
	{"version-0.9", "the library says 400, for the version is missing", false}, \
	{"http2-preface", WORDS, false}, \
	{"host-missing", TWICE, false}, \
	{"host-twice", ACCEPTS, false}, \
	{"hosts-differ", ACCEPTS, false}, \
	{"hosts-http-1.0", ACCEPTS, false}, \
	{"host-blank", ACCEPTS, false}, \
	{"host-path", ACCEPTS, false}, \
	{"host-user", ACCEPTS, false}, \
	{"host-port-letters", ACCEPTS, false}, \
	{"host-bracket", ACCEPTS, false}, \
	{"host-colons", ACCEPTS, false}, \
	{"host-query", ACCEPTS, false}, \
	{"host-scheme", ACCEPTS, false}, \
	{"host-high", ACCEPTS, false}, \
	{"host-quote", ACCEPTS, false}, \
	{"host-backslash", ACCEPTS, false}, \
	{"host-percent", ACCEPTS, false}, \
	{"obs-fold", ACCEPTS, false}, \
	{"obs-fold-empty", ACCEPTS, false}, \
	{"obs-fold-length", ACCEPTS, false}, \
	{"obs-fold-first", ACCEPTS, false}, \
	{"field-name-empty", ACCEPTS, false}, \
	{"field-name-blank", ACCEPTS, false}, \
	{"field-name-tab", ACCEPTS, false}, \
	{"field-name-within", ACCEPTS, false}, \
	{"field-name-no-token", ACCEPTS, false}, \
	{"field-name-high", ACCEPTS, false}, \
	{"field-name-nul", WORDS, false}, \
	{"field-no-colon", WORDS, false}, \
	{"field-value-nul", ACCEPTS, false}, \
	{"field-value-bare-cr", ACCEPTS, false}, \
	{"field-value-control", ACCEPTS, false}, \
	{"field-value-delete", ACCEPTS, false}, \
	{"bare-lf", ACCEPTS, false}, \
	{"bare-lf-first", ACCEPTS, false}, \
	{"bare-lf-field", ACCEPTS, false}, \
	{"bare-lf-last", ACCEPTS, false}, \
	{"bare-cr", WORDS, false}, \
	{"cr-twice", ACCEPTS, false}, \
	{"lengths-differ", ACCEPTS, false}, \
	{"lengths-alike", ACCEPTS, false}, \
	{"lengths-in-list", TWICE, false}, \
	{"lengths-alike-in-list", TWICE, false}, \
	{"length-empty", TWICE, false}, \
	{"length-negative", TWICE, false}, \
	{"length-negative-0", TWICE, false}, \
	{"length-plus", TWICE, false}, \
	{"length-hexadecimal", TWICE, false}, \
	{"length-fraction", TWICE, false}, \
	{"length-exponent", TWICE, false}, \
	{"length-letters", TWICE, false}, \
	{"length-comma", TWICE, false}, \
	{"length-inner-blank", TWICE, false}, \
	{"length-quoted", TWICE, false}, \
	{"length-parameter", TWICE, false}, \
	{"length-vertical-tab", TWICE, false}, \
	{"length-nul", ACCEPTS, false}, \
	{"length-high", TWICE, false}, \
	{"length-blank-name", ACCEPTS, false}, \
	{"length-overflow", LARGE_TWICE, false}, \
	{"length-2-64-and-5", LARGE_TWICE, false}, \
	{"length-and-chunked", ACCEPTS, false}, \
	{"chunked-and-length", ACCEPTS, false}, \
	{"length-and-other", CODING, false}, \
	{"length-and-identity", CODING, false}, \
	{"chunked-http-1.0", ACCEPTS, false}, \
	{"coding-empty", CODING, false}, \
	{"coding-vertical-tab", CODING, false}, \
	{"coding-form-feed", CODING, false}, \
	{"coding-nul", ACCEPTS, false}, \
	{"coding-blank-name", ACCEPTS, false}, \
	{"coding-folded", ACCEPTS, false}, \
	{"coding-blank-line", ACCEPTS, false}, \
	{"chunked-twice", CODING, false}, \
	{"chunked-twice-lines", ACCEPTS, false}, \
	{"chunked-not-last", CODING, false}, \
	{"chunked-then-identity", ACCEPTS, false}, \
	{"coding-unknown", CODING, false}, \
	{"coding-alone", CODING, false}, \
	{"coding-longer", CODING, false}, \
	{"coding-shorter", CODING, false}, \
	{"coding-behind", CODING, false}, \
	{"coding-parameter", CODING, false}, \
	{"coding-quoted", CODING, false}, \
	{"coding-blank-within", CODING, false}, \
	{"coding-high", CODING, false}, \
	{"coding-identity", CODING, false}, \
	{"coding-in-halves", CODING, false}, \
	{"coding-two-lines", CODING, false}, \
	{"chunk-size-bad", WORDS, false}, \
	{"chunk-size-letter", WORDS, false}, \
	{"chunk-size-empty", WORDS, false}, \
	{"chunk-size-prefix", WORDS, false}, \
	{"chunk-size-plus", WORDS, false}, \
	{"chunk-size-negative", WORDS, false}, \
	{"chunk-size-blank-before", WORDS, false}, \
	{"chunk-size-blank-behind", WORDS, false}, \
	{"chunk-size-two", WORDS, false}, \
	{"chunk-size-overflow", "the library says 413: too large, not wrong", false}, \
	{"chunk-size-2-64-and-5", "the library says 413: too large, not wrong", false}, \
	{"chunk-size-huge", "the library waits for the chunk before it says no", false}, \
	{"chunk-size-2-32-and-5", "the library waits for the chunk before it says no", false}, \
	{"chunk-size-lf", ACCEPTS, false}, \
	{"chunk-size-cr", WORDS, false}, \
	{"chunk-data-lf", ACCEPTS, false}, \
	{"chunk-data-cr", WORDS, false}, \
	{"chunk-end-missing", WORDS, false}, \
	{"chunk-no-line-end", WORDS, false}, \
	{"chunk-last-lf", ACCEPTS, false}, \
	{"extension-empty", ACCEPTS, false}, \
	{"extension-lf", WORDS, false}, \
	{"extension-cr", ACCEPTS, false}, \
	{"extension-nul", ACCEPTS, false}, \
	{"extension-quote", ACCEPTS, false}, \
	{"trailer-coding", ACCEPTS, false}, \
	{"trailer-fold", ACCEPTS, false}, \
	{"trailer-no-colon", WORDS, false}, \
	{"trailer-name-empty", ACCEPTS, false}, \
	{"trailer-name-blank", ACCEPTS, false}, \
	{"trailer-nul", ACCEPTS, false}, \
	{"trailer-bare-lf", ACCEPTS, false}, \
	{"chunks-above-1-mib", "in the middle of a body the library can only be told to cut", false}, \
	{"target-100000", WORDS, false}, \
	{"head-1000000", WORDS, false}, \
	{"refused-body", RESETS, false}, \
	{"refused-garbage", RESETS, false}, \
	{"empty-lines-20000", "the library takes line ends without end", false}

#define WAITS "the library waits for more, with a buffer that has no room for it"
#define GIVES_UP "the library says 500 when its buffer is full of an extension"

const struct known_difference libmicrohttpd_known[] = {
	KNOWN_IN_ALL,
	{"chunk-extension-40000", WAITS, false},
	{0}};

const struct known_difference libmicrohttpd_known_in_threads[] = {
	KNOWN_IN_ALL,
	{"chunk-extension-40000", GIVES_UP, false},
	{0}};

/*
 * It waits edge-triggered and takes a short read for the last of what has come, so it may miss an
 * end that came with the request, and keeps such a connection until --idle-timeout; after a wait it
 * may see that end before it answers. Both are matters of time.
 */
#define END_MISSED "in epoll the library may miss an end of input that comes along with other input"
#define END_FIRST "in epoll the library may take an end of input for a client that has left"
#define KNOWN_IN_EPOLL \
	{"half-close", END_MISSED, true}, \
	{"half-close-wait", END_FIRST, true}, \
	{"half-close-large", END_MISSED, true}, \
	{"cut-in-head", END_MISSED, true}, \
	{"cut-in-body", END_MISSED, true}

const struct known_difference libmicrohttpd_known_in_epoll[] = {
	KNOWN_IN_ALL,
	KNOWN_IN_EPOLL,
	{"chunk-extension-40000", WAITS, false},
	{0}};

const struct known_difference libmicrohttpd_known_in_pool[] = {
	KNOWN_IN_ALL,
	KNOWN_IN_EPOLL,
	{"chunk-extension-40000", GIVES_UP, false},
	{0}};
/* clang-format on */
