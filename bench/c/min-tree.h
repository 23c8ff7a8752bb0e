/* `assembly/min-tree.ts` in plain C. */
#ifndef EGRESSO_BENCH_MIN_TREE_H
#define EGRESSO_BENCH_MIN_TREE_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 16 };

static double block_minimum(const double *leaves, int32_t block) {
  const double *leaf = leaves + BLOCK * (size_t)block;
  double minimum = leaf[0];
  for (int i = 1; i < BLOCK; i++) minimum = leaf[i] < minimum ? leaf[i] : minimum;
  return minimum;
}

static void build_tree(const double *leaves, double *nodes, int32_t width, int32_t blocks) {
  for (int32_t block = 0; block < width; block++) {
    nodes[width + block] = block < blocks ? block_minimum(leaves, block) : INFINITY;
  }
  for (int32_t node = width - 1; node >= 1; node--) {
    nodes[node] = nodes[2 * node + 1] < nodes[2 * node] ? nodes[2 * node + 1] : nodes[2 * node];
  }
}

static void set_leaf(double *leaves, double *nodes, int32_t width, int32_t index, double value) {
  leaves[index] = value;
  double minimum = block_minimum(leaves, index / BLOCK);
  for (int32_t node = width + index / BLOCK; nodes[node] != minimum; node >>= 1) {
    nodes[node] = minimum;
    if (node == 1) return;
    if (nodes[node ^ 1] < minimum) minimum = nodes[node ^ 1];
  }
}

static int32_t lowest_index(const double *leaves, const double *nodes, int32_t width, double divisor, double bound) {
  int32_t node = 1;
  while (node < width) {
    node <<= 1;
    if (!(nodes[node] / divisor <= bound)) node++;
  }
  int32_t index = (node - width) * BLOCK;
  while (!(leaves[index] / divisor <= bound)) index++;
  return index;
}
#endif
