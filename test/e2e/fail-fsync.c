/* Makes fsync and fdatasync of the database fail with EIO while the file $FAIL_FSYNC_WHEN exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_failing(int fd) {
  char link[64], path[4096];
  const char *when = getenv("FAIL_FSYNC_WHEN");
  if (when == NULL || access(when, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (strstr(path, "relay.db") == NULL || strstr(path, ".reserve") != NULL) return 0;
  const char *log = getenv("FAIL_FSYNC_LOG");
  FILE *out = log == NULL ? NULL : fopen(log, "a");
  if (out != NULL) {
    fprintf(out, "%s\n", path);
    fclose(out);
  }
  errno = EIO;
  return 1;
}

int fsync(int fd) {
  static int (*real)(int);
  if (is_failing(fd)) return -1;
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (is_failing(fd)) return -1;
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return real(fd);
}
