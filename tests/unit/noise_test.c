#include "tests/unit/comparison_fixture.h"

#include "lib/json.h"
#include "lib/temporary.h"
#include "stored/comparison/noise.h"

#include <dirent.h>

#define CPU "server_cpu_per_request_ns"

static json_t *measure(double factor, double cv, unsigned blocks)
{
	struct error error = {""};
	struct results run;
	json_t *noise;

	made_run(&run, "run");
	made_blocks(&run, "s@base", &run, "s@head", "peak", CPU, blocks, 8000, factor, cv);
	noise = noise_measure(&run, "@base", "@head", &error);
	cr_expect_eq(noise == NULL, blocks < 10);
	if (!noise)
		cr_expect(strstr(error.text, "too few pairs"), "%s", error.text);
	results_destroy(&run);
	return noise;
}

/* The estimate of n pairs that differ by `cv` each side is off by 2 cv sqrt(2 / n), nearly. */
Test(noise, a_floor_falls_with_the_number_of_pairs)
{
	json_t *noise = measure(1, 0.02, 200);
	double ten = noise_floor(noise, CPU, "elsewhere", 10),
	       forty = noise_floor(noise, CPU, "elsewhere", 45);

	cr_expect_float_eq(ten, 2 * 0.02 * sqrt(2.0 / 10), 0.006);
	cr_expect_float_eq(forty, 2 * 0.02 * sqrt(2.0 / 40), 0.004);
	cr_expect_eq(noise_floor(noise, CPU, "elsewhere", 9), 0);
	cr_expect_eq(noise_floor(noise, "another", "elsewhere", 40), 0);
	cr_expect_eq(noise_floor(NULL, CPU, "elsewhere", 40), 0);
	json_decref(noise);
}

Test(noise, what_differs_always_is_part_of_the_floor)
{
	json_t *noise = measure(1.05, 0.001, 40);

	cr_expect_float_eq(noise_floor(noise, CPU, "elsewhere", 40), 0.05, 0.002);
	json_decref(noise);
}

Test(noise, each_cell_has_a_floor_of_its_own)
{
	json_t *noise = json_loads(
		"{\"metrics\":[{\"key\":\"m\",\"floors\":[{\"pairs\":10,\"change\":0.4}],"
		"\"cells\":[{\"cell\":\"peak\",\"floors\":[{\"pairs\":10,\"change\":0.1}]}]}]}",
		0, NULL);

	cr_expect_eq(noise_floor(noise, "m", "peak", 10), 0.1);
	cr_expect_eq(noise_floor(noise, "m", "fixed", 10), 0.4);
	json_decref(noise);
}

Test(noise, is_not_measured_from_a_few_pairs)
{
	measure(1, 0.02, 9);
}

Test(noise, tells_what_it_was_made_of)
{
	json_t *noise = measure(1, 0.02, 40);
	const json_t *cell = json_array_get(
		json_object_get(json_array_get(json_object_get(noise, "metrics"), 0), "cells"), 0);

	cr_expect_str_eq(json_string_of(cell, "cell"), "peak");
	cr_expect_eq(noise_floor(noise, CPU, "peak", 40), noise_floor(noise, CPU, "elsewhere", 40));
	cr_expect_eq(json_number_of(cell, "pairs"), 40);
	cr_expect_gt(json_number_of(cell, "correlation"), 0.98); /* what drifts is in both */
	cr_expect_gt(json_number_of(cell, "variation"), 0.2);
	cr_expect_lt(fabs(json_number_of(cell, "autocorrelation")), 0.4);
	json_decref(noise);
}

struct kept {
	char folder[256], below[300], path[512];
	json_t *noise;
};

static void keep(struct kept *kept)
{
	struct error error = {""};

	temporary_template(kept->folder, sizeof kept->folder, "noise");
	cr_assert_not_null(mkdtemp(kept->folder));
	snprintf(kept->below, sizeof kept->below, "%s/not/there/yet", kept->folder);
	kept->noise = measure(1, 0.02, 20);
	json_object_set_new(json_object_get(kept->noise, "environment"), "fingerprint",
			    json_string("0123"));
	cr_assert_eq(noise_write(kept->noise, kept->below, kept->path, sizeof kept->path, &error),
		     0, "%s", error.text);
}

static void drop(struct kept *kept)
{
	temporary_remove(kept->folder);
	json_decref(kept->noise);
}

Test(noise, is_found_again_on_the_same_machine_only)
{
	json_t *same = json_pack("{s:s, s:s}", "kernel", "6.1", "fingerprint", "other libraries");
	json_t *other = json_pack("{s:s}", "kernel", "6.12");
	struct kept kept;
	json_t *found;
	int days = -1;

	keep(&kept);
	cr_expect_not_null(strstr(kept.path, "/0123.json"));
	found = noise_read(kept.below, same, &days);
	cr_assert_not_null(found);
	cr_expect_eq(days, 0);
	cr_expect_float_eq(noise_floor(found, CPU, "elsewhere", 20),
			   noise_floor(kept.noise, CPU, "elsewhere", 20), 1e-5);
	json_decref(found);
	cr_expect_null(noise_read(kept.below, other, &days));
	cr_expect_null(noise_read("/nowhere", same, &days));
	json_decref(same);
	json_decref(other);
	drop(&kept);
}

Test(noise, expires)
{
	json_t *machine = json_pack("{s:s}", "kernel", "6.1");
	struct error error = {""};
	struct kept kept;
	int days = 0;

	keep(&kept);
	json_object_set_new(kept.noise, "made_at", json_string("2020-01-01T00:00:00Z"));
	cr_assert_eq(noise_write(kept.noise, kept.below, kept.path, sizeof kept.path, &error), 0);
	cr_expect_null(noise_read(kept.below, machine, &days));
	cr_expect_geq(days, NOISE_DAYS);
	json_decref(machine);
	drop(&kept);
}
