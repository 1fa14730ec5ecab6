#include "harness/trial/alone.h"

#include "harness/http/http_client.h"
#include "harness/scenario/plan.h"
#include "lib/clock.h"
#include "lib/statistics/statistics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ENOUGH_NS   (300 * NS_PER_MS) /* in sum: long ones are asked for less often */
#define PATIENCE_NS (10 * NS_PER_S)
enum { REQUESTS = 9 };

/* Asks for a target again and again, on one connection. */
static double median_ns(struct http_client *client, const char *host, const char *target)
{
	uint64_t begin_ns = clock_now_ns(), sent_ns = begin_ns;
	double took_ns[REQUESTS];
	char request[400];
	size_t count = 0;

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, host);
	while (count < REQUESTS && sent_ns < begin_ns + ENOUGH_NS) {
		struct http_response response = {0};
		bool good;

		if (http_client_send(client, request, strlen(request), sent_ns + PATIENCE_NS) < 0 ||
		    http_client_receive(client, false, &response, sent_ns + PATIENCE_NS) < 0)
			return NAN;
		took_ns[count++] = (double)(clock_now_ns() - sent_ns);
		good = response.status == 200 && !response.closes;
		http_response_destroy(&response);
		if (!good)
			return NAN;
		sent_ns = clock_now_ns();
	}
	return statistics_median(took_ns, count);
}

double trial_work_alone_ns(const char *host, uint16_t port, const struct load *load)
{
	struct http_client client;
	char target[64];
	double alone_ns = NAN;

	snprintf(target, sizeof target, "/cpu/%" PRIu64, load_cpu_rounds(load));
	if (http_client_open(&client, host, port, PATIENCE_NS) == 0) {
		double idle_ns = median_ns(&client, host, "/plaintext");

		alone_ns = median_ns(&client, host, target) - idle_ns;
	}
	http_client_close(&client);
	return alone_ns;
}
