#include "servers/core/tasks/database/libpq.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

struct libpq libpq;

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define LIBPQ_ROW(name) {#name, offsetof(struct libpq, name)},
	LIBPQ_FUNCTIONS(LIBPQ_ROW)
#undef LIBPQ_ROW
};

int libpq_load(struct error *error)
{
	void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		error_set(error, "--database: %s; apt-get install libpq5", dlerror());
		return -ENOENT;
	}
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		void *found = dlsym(library, functions[i].name);

		if (!found) {
			error_set(error, "--database: this libpq has no %s: it takes 14 or newer",
				  functions[i].name);
			dlclose(library);
			return -ENOENT;
		}
		/* As POSIX has it: a function's address fits into a pointer to void. */
		memcpy((char *)&libpq + functions[i].offset, &found, sizeof found);
	}
	return 0;
}
