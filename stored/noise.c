#include "stored/noise.h"

#include "lib/json.h"

#include <math.h>

double noise_floor(const json_t *noise, const char *metric, size_t pairs)
{
	const json_t *of = json_find(json_object_get(noise, "metrics"), "key", metric), *step;
	double floor = 0, most = 0;
	size_t i;

	json_array_foreach(json_object_get(of, "floors"), i, step)
	{
		double count = json_number_of(step, "pairs");
		double change = json_number_of(step, "change");

		if (count <= (double)pairs && count > most && change > 0) {
			most = count;
			floor = change;
		}
	}
	return floor;
}
