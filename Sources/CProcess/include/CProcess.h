#ifndef CPROCESS_H
#define CPROCESS_H

// What Swift cannot reach of the C library: extensions of posix_spawn and pipe2.

/// Starts `path` in a session of its own, with default signals, `input` as its input, or /dev/null where that is
/// negative, `output` as both of its outputs, no other descriptor, in the folder `directory`. Returns 0 or an error number.
int cprocess_spawn(int *pid, const char *path, char *const arguments[], char *const environment[],
                   const char *directory, int input, int output);

/// A pipe whose ends are closed on exec. Returns 0 or an error number.
int cprocess_pipe(int ends[2]);

/// Waits for the end of a child and leaves the zombie, so that its number stays taken. Returns 0 or an error number.
int cprocess_await_end(int pid);

/// A descriptor, closed on exec, that can be read when the process has ended, also one that is no child. Or -1, where there
/// is no such process.
int cprocess_watch(int pid);

#endif
