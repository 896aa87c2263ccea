#pragma once
#include <stddef.h>

/// Starts a detached thread of the given name (at most 15 bytes are kept) and stack size in bytes (0: the default).
/// Returns 0, or an errno value when the thread could not be made; then `body` is never called.
int thread_start(const char *name, size_t stack, void (*body)(void *), void *context);

/// Asks the kernel to send this process `signal` when the process that started it ends (prctl PR_SET_PDEATHSIG).
int die_with_parent(int signal);

/// fork and exec: standard streams are the given descriptors (-1: /dev/null); `die_signal` 0 or what the child gets when
/// its parent ends. Every other descriptor is closed in the child, and a terminal's Ctrl-C is for the parent alone. Returns the process id, or -errno.
int child_start(const char *path, char *const argv[], char *const envp[], int in, int out, int err, int die_signal);
