#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
_Static_assert(CSM_SEAL_SEAL == F_SEAL_SEAL && CSM_SEAL_SHRINK == F_SEAL_SHRINK, "seals differ");
_Static_assert(CSM_SEAL_GROW == F_SEAL_GROW && CSM_SEAL_FUTURE_WRITE == F_SEAL_FUTURE_WRITE, "seals differ");

const char *csm_error_text(int code) { return strerrordesc_np(code); }

int csm_memory_file(const char *name, uint64_t size) {
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  if (ftruncate(descriptor, (off_t)size) < 0) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

int csm_add_seals(int descriptor, int seals) { return fcntl(descriptor, F_ADD_SEALS, seals) < 0 ? -errno : 0; }

int csm_seals(int descriptor) {
  int seals = fcntl(descriptor, F_GET_SEALS);
  return seals < 0 ? -errno : seals;
}

int64_t csm_size(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) < 0 ? -errno : status.st_size;
}

int csm_prefault(int descriptor, uint64_t size) {
  int result;
  do result = fallocate(descriptor, 0, 0, (off_t)size);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int64_t csm_page_size(void) { return sysconf(_SC_PAGESIZE); }

int csm_map(int descriptor, uint64_t size, int writable, void **address) {
  void *mapped = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED) return -errno;
  // A forked child must not be a second writer.
  if (writable && madvise(mapped, size, MADV_DONTFORK) < 0) {
    int error = errno;
    munmap(mapped, size);
    return -error;
  }
  *address = mapped;
  return 0;
}

void csm_unmap(void *address, uint64_t size) { munmap(address, size); }

void csm_close(int descriptor) {
  // A peer may have passed a socket that lingers, and to close the last of its descriptors would hold up this thread for as
  // long as the peer likes. For what is no socket this is an error without a consequence.
  struct linger none = {0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(descriptor);
}
