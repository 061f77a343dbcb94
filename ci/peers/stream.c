/* Bandwidth of memory by plain C: read, copy and triad over arrays far larger than any cache, each
 * thread going through several contiguous streams side by side. Counts bytes as STREAM does
 * (J. D. McCalpin, 1995). Usage: stream THREADS MEBIBYTES SECONDS; prints one JSON object with the
 * best of each kind over 1, 2, 4 and 8 streams. Compile with -O3 -march=native -pthread. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { READ, COPY, TRIAD, KINDS };

static int threads;
static size_t words; /* of an array */
static uint64_t *a, *b, *c;
static pthread_barrier_t gate;
static int kind, streams, stopping;
static volatile uint64_t sink;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t *array(void) {
  const size_t huge = 2 << 20, bytes = words * sizeof(uint64_t);
  char *raw = mmap(NULL, bytes + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) {
    perror("mmap");
    exit(7);
  }
  raw += huge - (uintptr_t)raw % huge;
  madvise(raw, bytes, MADV_HUGEPAGE);
  return (uint64_t *)raw;
}

/* One kind over `n` words of a stream, for STREAMS streams of `part` words each. */
#define EACH1(f) f(0)
#define EACH2(f) EACH1(f) f(1)
#define EACH4(f) EACH2(f) f(2) f(3)
#define EACH8(f) EACH4(f) f(4) f(5) f(6) f(7)
#define SUM(s) uint64_t sum##s = 0;
#define ADD(s) sum##s ^= x[s * part + i];
#define ALL(s) total ^= sum##s;
#define MOVE(s) y[s * part + i] = x[s * part + i];
#define MULTIPLY(s) z[s * part + i] = y[s * part + i] + 3.0 * x[s * part + i];
#define KERNELS(S)                                                                               \
  static uint64_t read##S(const uint64_t *restrict x, size_t part) {                             \
    EACH##S(SUM) uint64_t total = 0;                                                             \
    for (size_t i = 0; i < part; ++i) {                                                          \
      EACH##S(ADD)                                                                               \
    }                                                                                            \
    EACH##S(ALL) return total;                                                                   \
  }                                                                                              \
  static void copy##S(const uint64_t *restrict x, uint64_t *restrict y, size_t part) {           \
    for (size_t i = 0; i < part; ++i) {                                                          \
      EACH##S(MOVE)                                                                              \
    }                                                                                            \
  }                                                                                              \
  static void triad##S(const double *restrict x, const double *restrict y, double *restrict z,   \
                       size_t part) {                                                            \
    for (size_t i = 0; i < part; ++i) {                                                          \
      EACH##S(MULTIPLY)                                                                          \
    }                                                                                            \
  }
KERNELS(1)
KERNELS(2)
KERNELS(4)
KERNELS(8)

#define CASE(S)                                                                                  \
  case S:                                                                                        \
    if (kind == READ) sink = read##S(x, n / S);                                                  \
    if (kind == COPY) copy##S(x, y, n / S);                                                      \
    if (kind == TRIAD) triad##S((double *)x, (double *)y, (double *)z, n / S);                   \
    break;

static void part(int worker) {
  const size_t n = words / (size_t)threads;
  uint64_t *x = a + n * (size_t)worker, *y = b + n * (size_t)worker, *z = c + n * (size_t)worker;
  switch (streams) {
    CASE(1)
    CASE(2)
    CASE(4)
    CASE(8)
    default: /* fills: doubles in [1, 2), each of another place */
      for (size_t i = 0; i < n; ++i) {
        const uint64_t at = (uint64_t)worker * n + i;
        x[i] = y[i] = z[i] = 0x3ff0000000000000u | (at * 0x9e3779b97f4a7c15u >> 12);
      }
  }
}

static void *work(void *argument) {
  const int worker = (int)(intptr_t)argument;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) { /* the worker-th CPU of those allowed */
    int seen = -1, cpu = 0;
    for (; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &allowed) && ++seen == worker) break;
    }
    if (cpu < CPU_SETSIZE) {
      CPU_ZERO(&allowed);
      CPU_SET(cpu, &allowed);
      pthread_setaffinity_np(pthread_self(), sizeof allowed, &allowed);
    }
  }
  for (;;) {
    pthread_barrier_wait(&gate);
    if (stopping) return NULL;
    part(worker);
    pthread_barrier_wait(&gate);
  }
}

static double timed(void) {
  const double start = now();
  pthread_barrier_wait(&gate);
  pthread_barrier_wait(&gate);
  return now() - start;
}

int main(int argc, char **argv) {
  if (argc != 4 || (threads = atoi(argv[1])) < 1) {
    fprintf(stderr, "usage: stream THREADS MEBIBYTES SECONDS\n");
    return 2;
  }
  const size_t unit = (size_t)threads * 8 * 512; /* whole pages in every stream */
  words = (size_t)atoi(argv[2]) * (1 << 20) / 8 / unit * unit;
  const double seconds = atof(argv[3]);
  a = array(), b = array(), c = array();
  pthread_barrier_init(&gate, NULL, (unsigned)threads + 1);
  pthread_t ids[1024];
  if (threads > 1024) return 2;
  for (int i = 0; i < threads; ++i) pthread_create(&ids[i], NULL, work, (void *)(intptr_t)i);
  streams = 0;
  timed();
  double best[KINDS] = {0};
  int best_streams[KINDS] = {0};
  for (kind = READ; kind < KINDS; ++kind) {
    const double end = now() + seconds;
    do {
      for (streams = 1; streams <= 8; streams *= 2) {
        const double rate = (kind + 1) * (double)words * 8 / timed();
        if (rate > best[kind]) best[kind] = rate, best_streams[kind] = streams;
      }
    } while (now() < end);
  }
  stopping = 1;
  pthread_barrier_wait(&gate);
  for (int i = 0; i < threads; ++i) pthread_join(ids[i], NULL);
  printf("{\"read\": %.6g, \"copy\": %.6g, \"triad\": %.6g, \"read_streams\": %d}\n", best[READ], best[COPY],
         best[TRIAD], best_streams[READ]);
  return 0;
}
