#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

/// Heap allocations that this process has made so far. A program that links this has its own `malloc` count them.
uint64_t allocation_count(void);

/// Bytes of the heap that are in use.
uint64_t allocated_bytes(void);

#endif
