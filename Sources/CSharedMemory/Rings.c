#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

// Neither call says FUTEX_PRIVATE_FLAG: waiter and waker are in different processes.
int csm_futex_wait(const void *word, uint32_t expected, int64_t nanoseconds) {
  struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  long result = syscall(SYS_futex, word, FUTEX_WAIT, expected, nanoseconds < 0 ? NULL : &timeout, NULL, 0);
  if (result >= 0) return 1;
  return errno == EAGAIN || errno == EINTR ? 1 : errno == ETIMEDOUT ? 0 : -errno;
}

int csm_futex_wake(const void *word) {
  long result = syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
  return result < 0 ? -errno : (int)result;
}

int csm_event_take(int descriptor) {
  uint64_t count;
  struct iovec vector = {.iov_base = &count, .iov_len = sizeof count};
  ssize_t result = preadv2(descriptor, &vector, 1, -1, RWF_NOWAIT);
  if (result >= 0) return 1;
  return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int csm_is_plain_memory(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) < 0 ? -errno : status.f_type == TMPFS_MAGIC;
}

int64_t csm_allocated(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) < 0 ? -errno : (int64_t)status.st_blocks * 512;
}

void csm_copy(void *to, const void *from, size_t count) { memcpy(to, from, count); }

int csm_processors(void) {
  // Enough for any kernel of today; one that knows of more processors answers EINVAL.
  unsigned long set[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof set, set);
  if (bytes < 0) return -errno;
  int count = 0;
  for (size_t index = 0; index < bytes / sizeof *set; index++) count += __builtin_popcountl(set[index]);
  return count;
}

int csm_pin_to_processor(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof set, &set) < 0 ? -errno : 0;
}

void csm_yield(void) { sched_yield(); }

int csm_processor(void) { return sched_getcpu(); }

// Where the thread may run while it avoids a processor, to be given back to it.
static _Thread_local unsigned long allowed[128];
static _Thread_local long allowed_bytes;

int csm_avoid_processor(int processor) {
  const size_t bits = 8 * sizeof *allowed;
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof allowed, allowed);
  if (bytes < 0) return -errno;
  if (processor < 0 || (size_t)processor >= bytes * 8) return 0;
  unsigned long set[128];
  memcpy(set, allowed, bytes);
  set[processor / bits] &= ~(1ul << (processor % bits));
  int others = 0;
  for (size_t index = 0; index < bytes / sizeof *set; index++) others |= set[index] != 0;
  if (!others) return 0;
  if (syscall(SYS_sched_setaffinity, 0, bytes, set) < 0) return -errno;
  allowed_bytes = bytes;
  return 1;
}

void csm_avoid_none(void) {
  if (allowed_bytes > 0) syscall(SYS_sched_setaffinity, 0, allowed_bytes, allowed);
  allowed_bytes = 0;
}
