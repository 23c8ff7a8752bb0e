#include <math.h>
#include <string.h>
#include "kernels.h"

double price(const gap_t *gap, const double *lambda, int32_t *best_arc, double *load, double *lead) {
  const int32_t *start = gap->start, *machine = gap->machine;
  const double *cost = gap->cost, *weight = gap->weight;
  double sum = 0, compensation = 0;
  memset(load, 0, 8 * (size_t)gap->machines);
  for (int32_t r = 0; r < gap->jobs; r++) {
    int32_t first = start[r], end = start[r + 1], best = first;
    best_arc[r] = -1;
    if (first == end) continue;
    double least = cost[first] + lambda[machine[first]] * weight[first], second = INFINITY;
    for (int32_t arc = first + 1; arc < end; arc++) {
      double value = cost[arc] + lambda[machine[arc]] * weight[arc];
      if (value < least) {
        second = least;
        least = value;
        best = arc;
      } else if (value < second) second = value;
    }
    best_arc[r] = best;
    lead[r] = second - least;
    load[machine[best]] += weight[best];
    double next = sum + least;
    compensation += fabs(sum) >= fabs(least) ? sum - next + least : least - next + sum;
    sum = next;
  }
  return sum + compensation;
}
