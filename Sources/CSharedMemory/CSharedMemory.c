#define _GNU_SOURCE
#include "CSharedMemory.h"
#include <sys/mman.h>
int csm_memfd_create(const char *name, unsigned int flags) { return memfd_create(name, flags); }
