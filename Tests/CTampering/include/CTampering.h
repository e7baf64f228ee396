#ifndef CTAMPERING_H
#define CTAMPERING_H

// System calls that Swift does not see, for tests that try to change memory. Each answers whether it succeeded.
#include <stdbool.h>
#include <stdint.h>

bool ct_allocate(int descriptor, int64_t offset, int64_t length);
// Frees the pages of a range.
bool ct_punch_hole(int descriptor, int64_t length);
bool ct_zero(int descriptor, int64_t length);
// Writes one byte to an address of this process, by the means of debuggers.
bool ct_write_as_debugger(void *address, uint8_t byte);
// A descriptor that nothing can be done with but to find the file.
int ct_open_path(const char *path);

#endif
