#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <malloc.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// The program's own arguments, cut out of what /proc keeps of them.
static char **own_arguments(char **storage) {
  int descriptor = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return NULL;
  size_t capacity = 1 << 21, length = 0;
  char *text = malloc(capacity + 1);
  ssize_t got = 1;
  while (text != NULL && length < capacity && (got = read(descriptor, text + length, capacity - length)) > 0)
    length += (size_t)got;
  close(descriptor);
  if (text == NULL || got < 0) {
    free(text);
    return NULL;
  }
  text[length] = 0;
  size_t count = 0;
  for (size_t index = 0; index < length; index++) count += text[index] == 0;
  char **arguments = calloc(count + 2, sizeof *arguments);
  if (arguments == NULL) {
    free(text);
    return NULL;
  }
  size_t position = 0;
  for (size_t index = 0; index < count; index++) {
    arguments[index] = text + position;
    position += strlen(text + position) + 1;
  }
  *storage = text;
  return arguments;
}

int csm_spawn_self(const char *variable) {
  char *storage = NULL;
  char **arguments = own_arguments(&storage);
  if (arguments == NULL) return -ENOMEM;
  size_t count = 0;
  while (environ[count] != NULL) count++;
  char **environment = calloc(count + 2, sizeof *environment);
  int result = -ENOMEM;
  if (environment != NULL) {
    size_t name = strcspn(variable, "=") + 1, kept = 0;
    for (size_t index = 0; index < count; index++)
      if (strncmp(environ[index], variable, name) != 0) environment[kept++] = environ[index];
    environment[kept] = (char *)variable;
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t process;
    int error = posix_spawn(&process, "/proc/self/exe", NULL, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    result = error != 0 ? -error : process;
  }
  free(environment);
  free(arguments);
  free(storage);
  return result;
}

static volatile sig_atomic_t signal_event = -1;
static volatile sig_atomic_t termination = 0;

static void on_signal(int signal) {
  int saved = errno;
  if (signal != SIGCHLD) termination = 1;
  csm_event_signal(signal_event);
  errno = saved;
}

int csm_signals_to_event(int descriptor) {
  signal_event = descriptor;
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGTERM, &action, NULL) < 0 || sigaction(SIGINT, &action, NULL) < 0 ||
      sigaction(SIGCHLD, &action, NULL) < 0)
    return -errno;
  return 0;
}

int csm_termination_requested(void) { return termination; }
int csm_signal_process(int process, int signal) { return kill(process, signal) < 0 ? -errno : 0; }

int csm_take_ended_child(int *status) {
  int raw;
  pid_t process;
  do process = waitpid(-1, &raw, WNOHANG);
  while (process < 0 && errno == EINTR);
  if (process <= 0) return process < 0 && errno != ECHILD ? -errno : 0;
  *status = WIFSIGNALED(raw) ? -WTERMSIG(raw) : WEXITSTATUS(raw);
  return process;
}

int csm_parent_death_signal(int signal, int parent) {
  if (prctl(PR_SET_PDEATHSIG, signal) < 0) return -errno;
  // The parent may have gone before the call.
  return getppid() == parent ? 0 : -ESRCH;
}

void csm_return_large_memory(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

void csm_print_by_line(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
