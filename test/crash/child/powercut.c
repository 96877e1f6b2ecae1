/*
 * Remembers what a power cut would take: what was written to the database's files since their last sync. Loaded in front
 * of the C library. Before every write the old bytes go to FILE.undo, which a sync empties; undoing them backwards gives
 * the file as the disk is sure to have it. Records: int64 offset, int64 old length of the file, int64 count, count bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FD 4096
/* What a descriptor led to when it was looked at last. libuv closes files without the C library, so the file tells. */
static struct { dev_t device; ino_t inode; int undo; } known[MAX_FD];

/* The log of the file behind a descriptor; -1 if the file is none of the database's. */
static int undo_for(int fd) {
  struct stat info;
  if (fd < 0 || fd >= MAX_FD || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return -1;
  if (known[fd].device == info.st_dev && known[fd].inode == info.st_ino) return known[fd].undo;
  char link[64], path[4096], name[4200];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return -1;
  path[length] = 0;
  const char *database = getenv("CRASH_DATABASE");
  int undo = -1;
  if (database != NULL && strncmp(path, database, strlen(database)) == 0 && strstr(path, ".undo") == NULL) {
    snprintf(name, sizeof name, "%s.undo", path);
    undo = open(name, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  }
  known[fd].device = info.st_dev;
  known[fd].inode = info.st_ino;
  known[fd].undo = undo;
  return undo;
}

static void remember(int fd, int64_t offset, int64_t count) {
  int undo = undo_for(fd);
  if (undo < 0) return;
  struct stat info;
  if (fstat(fd, &info) != 0) return;
  int64_t kept = info.st_size > offset ? info.st_size - offset : 0;
  if (kept > count) kept = count;
  int64_t head[3] = {offset, info.st_size, kept};
  char *record = malloc(sizeof head + kept);
  memcpy(record, head, sizeof head);
  ssize_t (*read_at)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread64");
  if (kept > 0 && read_at(fd, record + sizeof head, kept, offset) != kept) abort();
  ssize_t (*append)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  if (append(undo, record, sizeof head + kept) != (ssize_t)(sizeof head + kept)) abort();
  free(record);
}

static void forget(int fd) {
  int undo = undo_for(fd);
  int (*cut)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate64");
  if (undo >= 0 && cut(undo, 0) != 0) abort();
}

#define WRITE_AT(name)                                                                   \
  ssize_t name(int fd, const void *bytes, size_t count, off_t offset) {                  \
    remember(fd, offset, count);                                                         \
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, #name);         \
    return real(fd, bytes, count, offset);                                               \
  }
WRITE_AT(pwrite)
WRITE_AT(pwrite64)

ssize_t write(int fd, const void *bytes, size_t count) {
  if (undo_for(fd) >= 0) remember(fd, lseek(fd, 0, SEEK_CUR), count);
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  return real(fd, bytes, count);
}

#define CUT(name)                                              \
  int name(int fd, off_t length) {                             \
    struct stat info;                                          \
    if (undo_for(fd) >= 0 && fstat(fd, &info) == 0)            \
      remember(fd, length, info.st_size > length ? info.st_size - length : 0); \
    int (*real)(int, off_t) = dlsym(RTLD_NEXT, #name);         \
    return real(fd, length);                                   \
  }
CUT(ftruncate)
CUT(ftruncate64)

#define SYNC(name)                                 \
  int name(int fd) {                               \
    int (*real)(int) = dlsym(RTLD_NEXT, #name);    \
    int result = real(fd);                         \
    if (result == 0) forget(fd);                   \
    return result;                                 \
  }
SYNC(fsync)
SYNC(fdatasync)
