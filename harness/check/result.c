#include "harness/check/result.h"

#include <stdlib.h>

void check_result_destroy(struct check_result *result)
{
	free(result->expected);
	free(result->came);
	free(result->transcript);
	*result = (struct check_result){0};
}

bool check_is_failure(const struct check_result *result)
{
	return result->outcome == CHECK_FAILED || result->outcome == CHECK_DIFFERS ||
	       result->outcome == CHECK_STALE;
}
