/*
 * Linked into every program that counts lines: _exit, which programs end with where nothing is to be
 * cleaned up, ends them before they have written what they counted. So it does that first.
 */
void __gcov_dump(void);
void __real__exit(int code) __attribute__((noreturn));
void __wrap__exit(int code) __attribute__((noreturn));

void __wrap__exit(int code)
{
	__gcov_dump();
	__real__exit(code);
}
