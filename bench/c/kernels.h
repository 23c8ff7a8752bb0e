#ifndef EGRESSO_BENCH_KERNELS_H
#define EGRESSO_BENCH_KERNELS_H
#include <stdint.h>

/* `src/problem/gap-instance.ts`; `limit` holds the prices where `price` is run. */
typedef struct {
  int32_t jobs, machines;
  const int32_t *start, *machine;
  const double *cost, *weight, *limit;
} gap_t;

typedef struct greedy_scratch greedy_scratch_t;

greedy_scratch_t *greedy_scratch(const gap_t *gap);
/* One iteration of the triple loop; returns the arc that would be taken. `used` is Float64 [machines] of scratch. */
double scan(const gap_t *gap, const int32_t *assignment, double *used);
/* The algorithm of `assembly/greedy.ts`; returns the number of moves plus a sum over the moved jobs. */
double greedy(const gap_t *gap, int32_t *assignment, greedy_scratch_t *scratch);
/* The algorithm of `test/oracle/pricing.ts`; returns the total. `lead` is Float64 [jobs]. */
double price(const gap_t *gap, const double *lambda, int32_t *best_arc, double *load, double *lead);
#endif
