#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int csm_epoll_create(void) {
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int csm_epoll_set(int epoll, int descriptor, int readable, int writable, uint64_t token, int is_new) {
  struct epoll_event event = {.events = EPOLLRDHUP, .data.u64 = token};
  if (readable) event.events |= EPOLLIN;
  if (writable) event.events |= EPOLLOUT;
  return epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) < 0 ? -errno : 0;
}

int csm_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL) < 0 ? -errno : 0;
}

int csm_epoll_wait(int epoll, uint64_t *tokens, uint32_t *flags, int capacity, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, milliseconds);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int index = 0; index < count; index++) {
    tokens[index] = events[index].data.u64;
    uint32_t flag = 0;
    if (events[index].events & EPOLLIN) flag |= CSM_READABLE;
    if (events[index].events & EPOLLOUT) flag |= CSM_WRITABLE;
    if (events[index].events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) flag |= CSM_HANGUP;
    flags[index] = flag;
  }
  return count;
}

int csm_event_create(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

void csm_event_signal(int descriptor) {
  uint64_t one = 1;
  // A full counter is as good as a signal; nothing else can go wrong with an open eventfd.
  ssize_t ignored = write(descriptor, &one, sizeof one);
  (void)ignored;
}

void csm_event_drain(int descriptor) {
  uint64_t count;
  ssize_t ignored = read(descriptor, &count, sizeof count);
  (void)ignored;
}
