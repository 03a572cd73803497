/* A file in a FUSE folder that records each write and each flush, in order.
 *
 * recorder IMAGE LOG MOUNTPOINT: MOUNTPOINT/disk is IMAGE, an existing file whose size does not change. Each write
 * and each fsync of it is a record in LOG: 64-bit offset and length in the machine's byte order, then the data; a
 * flush has offset -1 and length 0. Requests are handled one at a time, and a record is in LOG before its request is
 * answered. So LOG's length at any moment is the moment of whatever a program was told by then.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int image, record;

static int is_disk(const char *path) { return strcmp(path, "/disk") == 0; }

static int disk_getattr(const char *path, struct stat *st, struct fuse_file_info *info) {
  (void)info;
  if (is_disk(path)) return fstat(image, st) ? -errno : 0;
  if (strcmp(path, "/") != 0) return -ENOENT;
  memset(st, 0, sizeof *st);
  st->st_mode = S_IFDIR | 0700;
  st->st_nlink = 2;
  return 0;
}

static int disk_open(const char *path, struct fuse_file_info *info) {
  info->direct_io = 1; /* nothing stays in a cache between the file system and the record */
  return is_disk(path) ? 0 : -ENOENT;
}

static int disk_read(const char *path, char *data, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)path, (void)info;
  ssize_t done = pread(image, data, size, offset);
  return done < 0 ? -errno : (int)done;
}

static int append(int64_t offset, const void *data, size_t size) {
  int64_t header[2] = {offset, (int64_t)size};
  struct iovec parts[2] = {{header, sizeof header}, {(void *)data, size}};
  return writev(record, parts, 2) == (ssize_t)(sizeof header + size) ? 0 : -EIO;
}

static int disk_write(const char *path, const char *data, size_t size, off_t offset, struct fuse_file_info *info) {
  (void)path, (void)info;
  if (append(offset, data, size) || pwrite(image, data, size, offset) != (ssize_t)size) return -EIO;
  return (int)size;
}

static int disk_fsync(const char *path, int data_only, struct fuse_file_info *info) {
  (void)path, (void)data_only, (void)info;
  return append(-1, NULL, 0);
}

static const struct fuse_operations operations = {
    .getattr = disk_getattr,
    .open = disk_open,
    .read = disk_read,
    .write = disk_write,
    .fsync = disk_fsync,
};

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: recorder IMAGE LOG MOUNTPOINT\n");
    return 2;
  }
  image = open(arguments[1], O_RDWR | O_CLOEXEC);
  record = open(arguments[2], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (image < 0 || record < 0) {
    perror("recorder");
    return 1;
  }
  char *fuse[] = {arguments[0], "-f", "-s", arguments[3], NULL};
  return fuse_main(4, fuse, &operations, NULL);
}
