/*
 * C twins of the kernels: plain scalar loops, for comparison only.
 *
 *   kernels scan|greedy|price FILE REPETITIONS
 *
 * FILE is what `bench/c-twin.ts` writes. Prints one line of JSON: the times in ns and a checksum of the result.
 */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kernels.h"

static void *take(FILE *file, size_t bytes) {
  void *data = malloc(bytes + 8);
  if (!data || fread(data, 1, bytes, file) != bytes) exit(2);
  return data;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  FILE *file = fopen(argv[2], "rb");
  if (!file) return 2;
  int32_t *counts = take(file, 4 * sizeof(int32_t));
  gap_t gap = {.jobs = counts[0], .machines = counts[1]};
  size_t arcs = (size_t)counts[2];
  gap.cost = take(file, 8 * arcs);
  gap.weight = take(file, 8 * arcs);
  gap.limit = take(file, 8 * (size_t)gap.machines);
  gap.start = take(file, 4 * ((size_t)gap.jobs + 1));
  gap.machine = take(file, 4 * arcs);
  int32_t *first = take(file, 4 * (size_t)gap.jobs);
  fclose(file);

  int32_t *assignment = malloc(4 * (size_t)gap.jobs + 8);
  double *load = malloc(8 * (size_t)gap.machines);
  double *lead = malloc(8 * (size_t)gap.jobs + 8);
  int repetitions = atoi(argv[3]);
  double checksum = 0;
  greedy_scratch_t *scratch = greedy_scratch(&gap);
  printf("{\"times\":[");
  for (int i = 0; i < repetitions; i++) {
    memcpy(assignment, first, 4 * (size_t)gap.jobs);
    double begin = now();
    if (!strcmp(argv[1], "scan")) checksum = scan(&gap, assignment, load);
    else if (!strcmp(argv[1], "greedy")) checksum = greedy(&gap, assignment, scratch);
    else checksum = price(&gap, gap.limit, assignment, load, lead);
    printf("%s%.0f", i ? "," : "", now() - begin);
    if (!strcmp(argv[1], "price")) checksum += lead[gap.jobs - 1];
  }
  printf("],\"checksum\":%.17g}\n", checksum);
  return 0;
}
