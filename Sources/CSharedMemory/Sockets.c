#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// Fills an address. A path that does not fit goes through a descriptor of its folder, which the caller closes.
static int fill_address(const char *path, struct sockaddr_un *address, int *folder) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  *folder = -1;
  size_t length = strlen(path);
  if (length == 0) return -EINVAL;
  if (length < sizeof address->sun_path) {
    memcpy(address->sun_path, path, length + 1);
    return 0;
  }
  const char *slash = strrchr(path, '/');
  char name[4096];
  if (slash == NULL || (size_t)(slash - path) >= sizeof name) return -ENAMETOOLONG;
  memcpy(name, path, slash - path);
  name[slash - path] = 0;
  int descriptor = open(name[0] ? name : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  int written = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", descriptor, slash + 1);
  if (written < 0 || (size_t)written >= sizeof address->sun_path) {
    close(descriptor);
    return -ENAMETOOLONG;
  }
  *folder = descriptor;
  return 0;
}

static int new_socket(void) {
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return descriptor < 0 ? -errno : descriptor;
}

int csm_listen(const char *path, int mode) {
  struct sockaddr_un address;
  int folder;
  int result = fill_address(path, &address, &folder);
  if (result < 0) return result;
  int descriptor = new_socket();
  result = descriptor;
  if (descriptor >= 0) {
    struct stat status;
    // Only a socket is taken away: a stale one of an earlier life.
    if (lstat(address.sun_path, &status) == 0 && S_ISSOCK(status.st_mode)) unlink(address.sun_path);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0 || chmod(address.sun_path, mode) < 0 ||
        listen(descriptor, 128) < 0) {
      result = -errno;
      close(descriptor);
    } else {
      csm_set_nonblocking(descriptor, 1);
    }
  }
  if (folder >= 0) close(folder);
  return result;
}

int csm_connect(const char *path) {
  struct sockaddr_un address;
  int folder;
  int result = fill_address(path, &address, &folder);
  if (result < 0) return result;
  int descriptor = new_socket();
  result = descriptor;
  if (descriptor >= 0) {
    int connected;
    do connected = connect(descriptor, (struct sockaddr *)&address, sizeof address);
    while (connected < 0 && errno == EINTR);
    if (connected < 0) {
      result = -errno;
      close(descriptor);
    }
  }
  if (folder >= 0) close(folder);
  return result;
}

int csm_accept(int descriptor) {
  int accepted;
  do accepted = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
  return accepted < 0 ? -errno : accepted;
}

int csm_socket_pair(int *first, int *second) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
  *first = pair[0];
  *second = pair[1];
  return 0;
}

int csm_set_nonblocking(int descriptor, int on) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -errno;
  return fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) < 0 ? -errno : 0;
}

int64_t csm_send(int descriptor, const void *bytes, size_t count, const int *passed, int passed_count) {
  struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  enum { capacity = 16 };
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(capacity * sizeof(int))];
  } control;
  if (passed_count > capacity) return -EINVAL;
  if (passed_count > 0) {
    size_t size = passed_count * sizeof(int);
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), passed, size);
  }
  ssize_t sent;
  do sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

int64_t csm_receive(int descriptor, void *bytes, size_t count, int *passed, int capacity, int *passed_count) {
  struct iovec vector = {.iov_base = bytes, .iov_len = count};
  // The kernel passes at most 253 descriptors with one message; what finds no room here it closes itself.
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(253 * sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
  *passed_count = 0;
  ssize_t received;
  do received = recvmsg(descriptor, &message, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t length = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < length; index++) {
      int one;
      memcpy(&one, CMSG_DATA(header) + index * sizeof(int), sizeof one);
      if (*passed_count < capacity) {
        passed[(*passed_count)++] = one;
      } else {
        csm_close(one);
      }
    }
  }
  return received;
}

int csm_peer(int descriptor, int32_t *process, uint32_t *user, uint32_t *group) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
  *process = credentials.pid;
  *user = credentials.uid;
  *group = credentials.gid;
  return 0;
}

void csm_shutdown(int descriptor) { shutdown(descriptor, SHUT_RDWR); }
