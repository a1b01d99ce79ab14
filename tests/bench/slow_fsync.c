/* A disk whose fsync takes SLOW_FSYNC_US microseconds: preloaded in front of the C library. */
#include <stdlib.h>
#include <unistd.h>

static int slow(void) {
  const char *microseconds = getenv("SLOW_FSYNC_US");
  return microseconds ? usleep(atoi(microseconds)) : 0;
}
int fsync(int fd) { (void)fd; return slow(); }
int fdatasync(int fd) { (void)fd; return slow(); }
