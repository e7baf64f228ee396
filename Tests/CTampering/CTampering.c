#define _GNU_SOURCE
#include "CTampering.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

bool ct_allocate(int descriptor, int64_t offset, int64_t length) {
  return fallocate(descriptor, 0, offset, length) == 0;
}

bool ct_punch_hole(int descriptor, int64_t length) {
  return fallocate(descriptor, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, length) == 0;
}

bool ct_zero(int descriptor, int64_t length) {
  return fallocate(descriptor, FALLOC_FL_KEEP_SIZE | FALLOC_FL_ZERO_RANGE, 0, length) == 0;
}

bool ct_write_as_debugger(void *address, uint8_t byte) {
  struct iovec from = {.iov_base = &byte, .iov_len = 1}, to = {.iov_base = address, .iov_len = 1};
  return process_vm_writev(getpid(), &from, 1, &to, 1, 0) >= 0;
}

int ct_open_path(const char *path) { return open(path, O_PATH | O_CLOEXEC); }
