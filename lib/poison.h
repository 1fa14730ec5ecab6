/*
 * Hides memory that is kept for later use from whoever still has a pointer to it, as freeing would:
 * AddressSanitizer's manual poisoning. In other builds nothing.
 */
#ifndef TENK_POISON_H
#define TENK_POISON_H

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else /* clang without its sanitizers */
#define ASAN_POISON_MEMORY_REGION(at, bytes)   ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

#define POISON(at, bytes)   ASAN_POISON_MEMORY_REGION(at, bytes)
#define UNPOISON(at, bytes) ASAN_UNPOISON_MEMORY_REGION(at, bytes)

#endif
