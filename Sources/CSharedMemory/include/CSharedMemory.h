#ifndef PHEROMONE_CSHAREDMEMORY_H
#define PHEROMONE_CSHAREDMEMORY_H
#include <stdint.h>
#include <stddef.h>
int csm_memfd_create(const char *name, unsigned int flags);
#endif
