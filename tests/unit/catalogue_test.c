#include "harness/catalogue/catalogue.h"

#include <criterion/criterion.h>

static const char description[] =
	"{\"name\":\"model\",\"max_connections\":3,"
	"\"known_differences\":[{\"row\":\"a\",\"reason\":\"x\"}],"
	"\"variants\":[{\"name\":\"free\",\"max_connections\":null,"
	"\"known_differences\":[{\"row\":\"b\",\"reason\":\"y\"}]},"
	"{\"name\":\"small\",\"max_connections\":1,\"known_differences\":[]}]}";

static const char *first_row(const struct server_entry *entry)
{
	const json_t *known = server_entry_known_differences(entry);

	return json_string_value(json_object_get(json_array_get(known, 0), "row"));
}

Test(catalogue, a_variant_is_known_by_what_it_says_itself)
{
	struct server_entry entry = {.description = json_loads(description, 0, NULL)};

	cr_assert(entry.description != NULL);
	cr_expect(server_entry_max_connections(&entry) == 3);
	cr_expect_str_eq(first_row(&entry), "a");
	entry.variant = (char *)"free";
	cr_expect(server_entry_max_connections(&entry) == UINT64_MAX);
	cr_expect_str_eq(first_row(&entry), "b");
	entry.variant = (char *)"small";
	cr_expect(server_entry_max_connections(&entry) == 1);
	cr_expect(first_row(&entry) == NULL);
	json_decref(entry.description);
}
