/* Lets one call on a file fail. For LD_PRELOAD; controlled by a shared file, $FAILING_CALLS.
 *
 * The control file holds: which call is to fail (0: none), the error, the number of calls so far, and the path below
 * which calls count. So one process tries one call after the other. Calls that are counted change files: open for
 * writing, write, truncate, force, rename, link, unlink, mkdir. Each is also recorded in the trace that follows, so
 * that their order can be checked, before it is done: a line each, with a letter for the call, "!" if it was made to
 * fail, and the path or paths, each after a tab.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_FD = 4096, TRACE = 1 << 22 };

static struct control {
  int32_t fail, error;
  volatile int32_t calls;
  volatile int32_t used;
  char folder[496];
  char trace[TRACE];
} *control;

static char *names[MAX_FD]; /* of what is open below the folder */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("FAILING_CALLS");
  int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *shared = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (shared != MAP_FAILED) control = shared;
}

static int inside(const char *path) {
  size_t length = control ? strlen(control->folder) : 0;
  return length && path && strncmp(path, control->folder, length) == 0 && !strstr(path, "/.redis/");
}

/* Counts and records a call; true if it is to fail, with errno set. */
static int fails(char call, const char *path, const char *other) {
  pthread_mutex_lock(&lock);
  int number = ++control->calls, error = number == control->fail ? control->error : 0;
  if (control->used < TRACE - 2 * PATH_MAX - 16) {
    control->used += snprintf(control->trace + control->used, TRACE - control->used, "%c%s\t%s%s%s\n", call,
                              error ? "!" : "", path, other ? "\t" : "", other ? other : "");
  }
  pthread_mutex_unlock(&lock);
  errno = error ? error : errno;
  return error;
}

static const char *name(int fd) { return fd >= 0 && fd < MAX_FD && names[fd] && inside(names[fd]) ? names[fd] : NULL; }

static int opened(int fd, const char *path) {
  if (fd >= 0 && fd < MAX_FD && inside(path)) {
    free(names[fd]);
    names[fd] = strdup(path);
  }
  return fd;
}

#define REAL(type, call, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #call))
#define MODE(flags, mode)                                                                                              \
  mode_t mode = 0;                                                                                                     \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                               \
    va_list rest;                                                                                                      \
    va_start(rest, flags);                                                                                             \
    mode = va_arg(rest, mode_t);                                                                                       \
    va_end(rest);                                                                                                      \
  }
#define OPEN(call)                                                                                                     \
  int call(const char *path, int flags, ...) {                                                                         \
    MODE(flags, mode)                                                                                                  \
    if (inside(path) && fails((flags & O_TRUNC) ? 'T' : (flags & O_ACCMODE) ? 'O' : 'o', path, NULL)) return -1;            \
    return opened(REAL(int, call, const char *, int, ...)(path, flags, mode), path);                            \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(call)                                                                                                   \
  int call(int at, const char *path, int flags, ...) {                                                                 \
    MODE(flags, mode)                                                                                                  \
    if (inside(path) && fails((flags & O_TRUNC) ? 'T' : (flags & O_ACCMODE) ? 'O' : 'o', path, NULL)) return -1;            \
    return opened(REAL(int, call, int, const char *, int, ...)(at, path, flags, mode), path);                   \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (fd >= 0 && fd < MAX_FD && names[fd]) {
    free(names[fd]);
    names[fd] = NULL;
  }
  return REAL(int, close, int)(fd);
}

ssize_t write(int fd, const void *data, size_t size) {
  if (name(fd) && fails('w', name(fd), NULL)) return -1;
  return REAL(ssize_t, write, int, const void *, size_t)(fd, data, size);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  if (name(fd) && fails('w', name(fd), NULL)) return -1;
  return REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)(fd, data, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (name(fd) && fails('w', name(fd), NULL)) return -1;
  return REAL(ssize_t, writev, int, const struct iovec *, int)(fd, parts, count);
}

int ftruncate64(int fd, off64_t size) {
  if (name(fd) && fails('t', name(fd), NULL)) return -1;
  return REAL(int, ftruncate64, int, off64_t)(fd, size);
}

int fsync(int fd) {
  if (name(fd) && fails('f', name(fd), NULL)) return -1;
  return REAL(int, fsync, int)(fd);
}

int fdatasync(int fd) {
  if (name(fd) && fails('f', name(fd), NULL)) return -1;
  return REAL(int, fdatasync, int)(fd);
}

int rename(const char *from, const char *to) {
  if (inside(from) && fails('r', from, to)) return -1;
  return REAL(int, rename, const char *, const char *)(from, to);
}

int link(const char *from, const char *to) {
  if (inside(from) && fails('l', from, to)) return -1;
  return REAL(int, link, const char *, const char *)(from, to);
}

int unlink(const char *path) {
  if (inside(path) && fails('u', path, NULL)) return -1;
  return REAL(int, unlink, const char *)(path);
}

int mkdir(const char *path, mode_t mode) {
  if (inside(path) && fails('m', path, NULL)) return -1;
  return REAL(int, mkdir, const char *, mode_t)(path, mode);
}
