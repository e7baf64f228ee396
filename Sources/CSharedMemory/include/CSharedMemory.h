#ifndef PHEROMONE_CSHAREDMEMORY_H
#define PHEROMONE_CSHAREDMEMORY_H

// System calls that Swift cannot call as they are (variadic, macros, control messages).
// Every function answers a value of zero or more, or the negated errno.

#include <stddef.h>
#include <stdint.h>

enum {
  CSM_SEAL_SEAL = 0x0001,
  CSM_SEAL_SHRINK = 0x0002,
  CSM_SEAL_GROW = 0x0004,
  CSM_SEAL_FUTURE_WRITE = 0x0010,
};

// The text of an error number, or NULL. It lives for ever.
const char *csm_error_text(int code);

// Memory files.
int csm_memory_file(const char *name, uint64_t size);
int csm_add_seals(int descriptor, int seals);
int csm_seals(int descriptor);
int64_t csm_size(int descriptor);
int csm_prefault(int descriptor, uint64_t size);
int64_t csm_page_size(void);
int csm_map(int descriptor, uint64_t size, int writable, void **address);
void csm_unmap(void *address, uint64_t size);
void csm_close(int descriptor);

// Unix sockets.
int csm_listen(const char *path, int mode);
int csm_connect(const char *path);
int csm_accept(int descriptor);
int csm_socket_pair(int *first, int *second);
int csm_set_nonblocking(int descriptor, int on);
int64_t csm_send(int descriptor, const void *bytes, size_t count, const int *passed, int passed_count);
int64_t csm_receive(int descriptor, void *bytes, size_t count, int *passed, int capacity, int *passed_count);
int csm_peer(int descriptor, int32_t *process, uint32_t *user, uint32_t *group);
void csm_shutdown(int descriptor);

// Waiting.
int csm_epoll_create(void);
int csm_epoll_set(int epoll, int descriptor, int readable, int writable, uint64_t token, int is_new);
int csm_epoll_remove(int epoll, int descriptor);
int csm_epoll_wait(int epoll, uint64_t *tokens, uint32_t *flags, int capacity, int milliseconds);
enum { CSM_READABLE = 1, CSM_WRITABLE = 2, CSM_HANGUP = 4 };
int csm_event_create(void);
void csm_event_signal(int descriptor);
void csm_event_drain(int descriptor);

// Rings.
// Sleeps while the word, which other processes may map too, has the expected value; a mapping for reading will do.
// No limit with a negative time. 0: the time is over; 1: woken, or the value differs, or no reason at all.
int csm_futex_wait(const void *word, uint32_t expected, int64_t nanoseconds);
// Wakes one that sleeps on the word, in whichever process. Answers how many were woken.
int csm_futex_wake(const void *word);
// Takes an eventfd's signals without ever waiting, also when a peer has made the descriptor a blocking one. 1: there
// were some, 0: there were none.
int csm_event_take(int descriptor);
// Whether a descriptor is of memory in ordinary pages, neither a file on a disk nor huge pages that may run out.
int csm_is_plain_memory(int descriptor);
// How many bytes of a file have pages already.
int64_t csm_allocated(int descriptor);
// Copies out of memory that a peer may change meanwhile. A function that the compiler cannot see into, so that nothing
// it knows about the copy lets it look at the original once more.
void csm_copy(void *to, const void *from, size_t count);
// How many processors the calling thread may run on.
int csm_processors(void);
int csm_pin_to_processor(int processor);
// The processor that runs the calling thread; no system call.
int csm_processor(void);
// From now on the calling thread does not run on that processor, if there is another for it. Until csm_avoid_none, which
// has to come before it does anything else, as what it starts inherits that. 1: done; 0: there is no other.
int csm_avoid_processor(int processor);
void csm_avoid_none(void);
// Lets another thread run that waits for this processor, if there is one.
void csm_yield(void);
// Tells the processor that this is a loop that waits.
static inline void csm_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

// Processes.
// Starts this program again with its own arguments and environment, plus one variable NAME=value. The child gets
// SIGKILL when the thread that started it ends.
int csm_spawn_self(const char *variable);
// From now on SIGTERM, SIGINT and SIGCHLD signal this eventfd; programs started from here get them as usual.
int csm_signals_to_event(int descriptor);
int csm_termination_requested(void);
int csm_signal_process(int process, int signal);
// Takes an ended child: its process number, or 0 when there is none. `status` is the exit code, or 128 + the signal.
int csm_take_ended_child(int *status);
int csm_parent_death_signal(int signal, int parent);

// From now on memory of a mebibyte and more goes back to the system as soon as it is freed; otherwise the allocator
// keeps what large messages once took.
void csm_return_large_memory(void);

// Writes what is printed at the end of each line, also into a pipe, where it would be held back otherwise.
void csm_print_by_line(void);

#endif
