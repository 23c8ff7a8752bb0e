#include <math.h>
#include <string.h>
#include "kernels.h"

double scan(const gap_t *gap, const int32_t *assignment, double *used) {
  const int32_t *start = gap->start, *machine = gap->machine;
  const double *cost = gap->cost, *weight = gap->weight, *limit = gap->limit;
  memset(used, 0, 8 * (size_t)gap->machines);
  for (int32_t r = 0; r < gap->jobs; r++) {
    if (assignment[r] >= 0) used[machine[assignment[r]]] += weight[assignment[r]];
  }
  double least = INFINITY;
  int32_t target = -1;
  for (int32_t r = 0; r < gap->jobs; r++) {
    int32_t old = assignment[r];
    if (old < 0 || weight[old] == 0) continue;
    int32_t s = machine[old];
    if (!(used[s] > limit[s])) continue;
    double over = used[s] - limit[s];
    for (int32_t arc = start[r]; arc < start[r + 1]; arc++) {
      int32_t t = machine[arc];
      if (used[t] > limit[t] || !(limit[t] - used[t] >= weight[arc])) continue;
      double ratio = (cost[arc] - cost[old]) / (weight[old] < over ? weight[old] : over);
      if (ratio < least) {
        least = ratio;
        target = arc;
      }
    }
  }
  return target;
}
