/* The one entry of a fuzz target, as libFuzzer calls it and replays do. Aborts if something is wrong. */
#ifndef TENK_FUZZ_HTTP_CORE_H
#define TENK_FUZZ_HTTP_CORE_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
