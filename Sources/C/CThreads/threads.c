#define _GNU_SOURCE
#include "CThreads.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct start {
  char name[16];
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  pthread_setname_np(pthread_self(), start.name);
  start.body(start.context);
  return NULL;
}

int thread_start(const char *name, size_t stack, void (*body)(void *), void *context) {
  struct start *start = calloc(1, sizeof *start);
  if (start == NULL) return ENOMEM;
  strncpy(start->name, name, sizeof start->name - 1);
  start->body = body;
  start->context = context;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (stack > 0) pthread_attr_setstacksize(&attributes, stack);
  pthread_t thread;
  int error = pthread_create(&thread, &attributes, run, start);
  pthread_attr_destroy(&attributes);
  if (error != 0) free(start);
  return error;
}

int die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

int child_start(const char *path, char *const argv[], char *const envp[], int in, int out, int err, int die_signal) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return -errno;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child < 0) {
    int error = errno;
    close(report[0]);
    close(report[1]);
    return -error;
  }
  if (child == 0) {
    // Only async-signal-safe calls from here to exec.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int s = 1; s < 32; s++) signal(s, SIG_DFL);
    setpgid(0, 0);
    if (die_signal != 0) {
      prctl(PR_SET_PDEATHSIG, die_signal);
      if (getppid() != parent) _exit(127);
    }
    int null = open("/dev/null", O_RDWR);
    int wanted[3] = {in < 0 ? null : in, out < 0 ? null : out, err < 0 ? null : err};
    for (int i = 0; i < 3; i++) {  // above the standard ones first, so that no dup2 overwrites one still wanted
      wanted[i] = fcntl(wanted[i], F_DUPFD, 10);
    }
    int keep = fcntl(report[1], F_DUPFD_CLOEXEC, 20);
    for (int i = 0; i < 3; i++) dup2(wanted[i], i);
    syscall(SYS_close_range, 3, keep - 1, 0);
    syscall(SYS_close_range, keep + 1, ~0U, 0);
    execve(path, argv, envp);
    int error = errno;
    ssize_t ignored = write(keep, &error, sizeof error);
    (void)ignored;
    _exit(127);
  }
  close(report[1]);
  int error = 0;
  ssize_t n;
  do n = read(report[0], &error, sizeof error);
  while (n < 0 && errno == EINTR);
  close(report[0]);
  return n == (ssize_t)sizeof error ? -error : child;
}
