/* The algorithm of `assembly/greedy.ts` in plain C; see there for why it is exact. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "kernels.h"
#include "min-tree.h"

typedef struct {
  double *leaves, *nodes;
} forest_t;

typedef struct {
  int32_t slot, arc;
  double weight;
} entry_t;

struct greedy_scratch {
  double *used, *room, *best_ratio, *increase;
  int32_t *best_slot, *overloaded, *slot_start, *node_start, *width, *slot_job;
  forest_t light, heavy, weight;
  int32_t *entry_start, *slot_of;
  entry_t *entries;
  int32_t overloaded_count, candidate_count;
};

static void *room_for(size_t count, size_t size) { return malloc(count * size + 64); }

greedy_scratch_t *greedy_scratch(const gap_t *gap) {
  greedy_scratch_t *g = malloc(sizeof *g);
  size_t n = (size_t)gap->machines, slots = (size_t)gap->jobs + BLOCK * n, nodes = 4 * (slots / BLOCK + 1 + n);
  size_t arcs = (size_t)gap->start[gap->jobs];
  g->used = room_for(n, 8), g->room = room_for(n, 8), g->best_ratio = room_for(n, 8);
  g->best_slot = room_for(n, 4), g->overloaded = room_for(n, 4), g->slot_start = room_for(n + 1, 4);
  g->node_start = room_for(n, 4), g->width = room_for(n, 4), g->slot_job = room_for(slots, 4);
  g->increase = room_for(slots, 8);
  forest_t *forests[] = {&g->light, &g->heavy, &g->weight};
  for (int i = 0; i < 3; i++) forests[i]->leaves = room_for(slots, 8), forests[i]->nodes = room_for(nodes, 8);
  g->entry_start = room_for(n + 1, 4), g->entries = room_for(arcs + 1, sizeof(entry_t));
  g->slot_of = room_for((size_t)gap->jobs, 4);
  return g;
}

static double excess(const gap_t *gap, const greedy_scratch_t *g, int32_t s) { return g->used[s] - gap->limit[s]; }

static double cheapest_target(const gap_t *gap, const greedy_scratch_t *g, int32_t job) {
  double least = INFINITY;
  for (int32_t arc = gap->start[job]; arc < gap->start[job + 1]; arc++) {
    if (g->room[gap->machine[arc]] >= gap->weight[arc] && gap->cost[arc] < least) least = gap->cost[arc];
  }
  return least;
}

static void refresh(const gap_t *gap, greedy_scratch_t *g, int32_t s) {
  int32_t slot = g->slot_start[s], node = g->node_start[s], width = g->width[s];
  double over = excess(gap, g, s), light = g->light.nodes[node + 1], heavy = g->heavy.nodes[node + 1] / over;
  double ratio = heavy < light ? heavy : light;
  g->best_ratio[s] = ratio;
  if (ratio == INFINITY) return;
  int32_t index = INT32_MAX;
  if (light == ratio) index = lowest_index(g->light.leaves + slot, g->light.nodes + node, width, 1, ratio);
  if (heavy == ratio) {
    int32_t other = lowest_index(g->heavy.leaves + slot, g->heavy.nodes + node, width, over, ratio);
    if (other < index) index = other;
  }
  g->best_slot[s] = slot + index;
}

static void refresh_all(const gap_t *gap, greedy_scratch_t *g) {
  for (int32_t v = 0; v < g->overloaded_count; v++) refresh(gap, g, g->overloaded[v]);
}

static void set_in(forest_t *forest, const greedy_scratch_t *g, int32_t s, int32_t slot, double value) {
  int32_t first = g->slot_start[s];
  set_leaf(forest->leaves + first, forest->nodes + g->node_start[s], g->width[s], slot - first, value);
}

static void set_increase(greedy_scratch_t *g, int32_t s, int32_t slot, double increase) {
  g->increase[slot] = increase;
  double weight = -g->weight.leaves[slot];
  if (weight == -INFINITY) set_in(&g->heavy, g, s, slot, increase);
  else set_in(&g->light, g, s, slot, increase / weight);
}

static void make_heavy(const gap_t *gap, greedy_scratch_t *g, int32_t s) {
  int32_t first = g->slot_start[s], end = g->slot_start[s + 1], node = g->node_start[s], width = g->width[s];
  int32_t blocks = (end - first) / BLOCK;
  double bound = -excess(gap, g, s);
  for (int32_t left = 8 + (blocks >> 3); left > 0; left--) {
    double heaviest = g->weight.nodes[node + 1];
    if (!(heaviest < bound)) return;
    int32_t slot = first + lowest_index(g->weight.leaves + first, g->weight.nodes + node, width, 1, heaviest);
    set_in(&g->weight, g, s, slot, INFINITY);
    set_in(&g->light, g, s, slot, INFINITY);
    set_in(&g->heavy, g, s, slot, g->increase[slot]);
  }
  if (!(g->weight.nodes[node + 1] < bound)) return;
  for (int32_t slot = first; slot < end; slot++) {
    if (!(g->weight.leaves[slot] < bound)) continue;
    g->weight.leaves[slot] = INFINITY;
    g->light.leaves[slot] = INFINITY;
    g->heavy.leaves[slot] = g->increase[slot];
  }
  build_tree(g->weight.leaves + first, g->weight.nodes + node, width, blocks);
  build_tree(g->light.leaves + first, g->light.nodes + node, width, blocks);
  build_tree(g->heavy.leaves + first, g->heavy.nodes + node, width, blocks);
}

static void leave(const gap_t *gap, const int32_t *assignment, greedy_scratch_t *g, int32_t s) {
  int32_t kept = 0;
  for (int32_t v = 0; v < g->overloaded_count; v++) {
    if (g->overloaded[v] != s) g->overloaded[kept++] = g->overloaded[v];
  }
  g->overloaded_count = kept;
  for (int32_t slot = g->slot_start[s]; slot < g->slot_start[s + 1]; slot++) {
    if (g->slot_job[slot] < 0) continue;
    g->slot_of[g->slot_job[slot]] = -1;
    g->slot_job[slot] = -1;
  }
  g->room[s] = gap->limit[s] - g->used[s];
  for (int32_t e = g->entry_start[s]; e < g->entry_start[s + 1]; e++) {
    if (!(g->room[s] >= g->entries[e].weight)) continue;
    int32_t slot = g->entries[e].slot, arc = g->entries[e].arc, job = g->slot_job[slot];
    if (job < 0) continue;
    int32_t old = assignment[job];
    double increase = gap->cost[arc] - gap->cost[old];
    if (increase < g->increase[slot]) set_increase(g, gap->machine[old], slot, increase);
  }
  refresh_all(gap, g);
}

static void move(const gap_t *gap, int32_t *assignment, greedy_scratch_t *g, int32_t s, double ratio, double divisor) {
  int32_t slot = g->best_slot[s], job = g->slot_job[slot], old = assignment[job], arc = gap->start[job];
  while (!(g->room[gap->machine[arc]] >= gap->weight[arc]) || (gap->cost[arc] - gap->cost[old]) / divisor != ratio) arc++;
  int32_t t = gap->machine[arc];
  assignment[job] = arc;
  g->used[s] -= gap->weight[old];
  g->used[t] += gap->weight[arc];
  g->room[t] = gap->limit[t] - g->used[t];
  if (g->used[s] <= gap->limit[s]) {
    leave(gap, assignment, g, s);
    return;
  }
  set_increase(g, s, slot, INFINITY);
  g->slot_of[job] = -1;
  g->slot_job[slot] = -1;
  set_in(&g->weight, g, s, slot, INFINITY);
  make_heavy(gap, g, s);
  refresh(gap, g, s);
}

static void sum_loads(const gap_t *gap, const int32_t *assignment, greedy_scratch_t *g) {
  memset(g->used, 0, 8 * (size_t)gap->machines);
  memset(g->best_slot, 0, 4 * (size_t)gap->machines);
  for (int32_t job = 0; job < gap->jobs; job++) {
    int32_t arc = assignment[job], own = -1;
    if (arc >= 0) {
      int32_t s = gap->machine[arc];
      g->used[s] += gap->weight[arc];
      if (gap->weight[arc] > 0) g->best_slot[s]++, own = s;
    }
    g->slot_of[job] = own;
  }
  g->overloaded_count = 0;
  for (int32_t s = 0; s < gap->machines; s++) {
    int over = g->used[s] > gap->limit[s];
    g->room[s] = over ? -INFINITY : gap->limit[s] - g->used[s];
    if (over) g->overloaded[g->overloaded_count++] = s;
  }
}

static void lay_out(const gap_t *gap, greedy_scratch_t *g) {
  int32_t *cursor = g->best_slot, slots = 0, nodes = 0;
  for (int32_t s = 0; s < gap->machines; s++) {
    int over = g->room[s] == -INFINITY;
    int32_t blocks = over ? (cursor[s] + BLOCK - 1) / BLOCK : 0, width = over;
    while (width && width < blocks) width *= 2;
    g->slot_start[s] = cursor[s] = slots;
    g->node_start[s] = nodes;
    g->width[s] = width;
    slots += blocks * BLOCK;
    nodes += 2 * width;
  }
  g->slot_start[gap->machines] = slots;
  for (int32_t job = 0; job < gap->jobs; job++) {
    int32_t s = g->slot_of[job];
    if (s < 0) continue;
    if (g->room[s] == -INFINITY) {
      g->slot_of[job] = cursor[s];
      g->slot_job[cursor[s]++] = job;
    } else {
      g->slot_of[job] = -1;
    }
  }
  for (int32_t v = 0; v < g->overloaded_count; v++) {
    int32_t s = g->overloaded[v];
    for (int32_t slot = cursor[s]; slot < g->slot_start[s + 1]; slot++) {
      g->slot_job[slot] = -1;
      g->increase[slot] = g->light.leaves[slot] = g->heavy.leaves[slot] = g->weight.leaves[slot] = INFINITY;
    }
  }
}

static void scan_targets(const gap_t *gap, const int32_t *assignment, greedy_scratch_t *g) {
  g->candidate_count = 0;
  for (int32_t job = 0; job < gap->jobs; job++) {
    int32_t slot = g->slot_of[job];
    if (slot < 0) continue;
    g->candidate_count++;
    int32_t old = assignment[job];
    double weight = gap->weight[old], increase = cheapest_target(gap, g, job) - gap->cost[old];
    int heavy = weight > excess(gap, g, gap->machine[old]);
    g->increase[slot] = increase;
    g->light.leaves[slot] = heavy ? INFINITY : increase / weight;
    g->heavy.leaves[slot] = heavy ? increase : INFINITY;
    g->weight.leaves[slot] = heavy ? INFINITY : -weight;
  }
  for (int32_t v = 0; v < g->overloaded_count; v++) {
    int32_t s = g->overloaded[v], first = g->slot_start[s], node = g->node_start[s];
    int32_t blocks = (g->slot_start[s + 1] - first) / BLOCK;
    build_tree(g->light.leaves + first, g->light.nodes + node, g->width[s], blocks);
    build_tree(g->heavy.leaves + first, g->heavy.nodes + node, g->width[s], blocks);
    build_tree(g->weight.leaves + first, g->weight.nodes + node, g->width[s], blocks);
  }
}

static void index_entries(const gap_t *gap, greedy_scratch_t *g) {
  int32_t *start = g->entry_start, *cursor = g->best_slot, entries = 0;
  memset(start, 0, 4 * ((size_t)gap->machines + 1));
  if (g->overloaded_count < 2) return;
  memset(cursor, 0, 4 * (size_t)gap->machines);
  for (int32_t job = 0; job < gap->jobs; job++) {
    if (g->slot_of[job] < 0) continue;
    for (int32_t arc = gap->start[job]; arc < gap->start[job + 1]; arc++) cursor[gap->machine[arc]]++;
  }
  for (int32_t s = 0; s < gap->machines; s++) {
    int32_t count = g->room[s] == -INFINITY ? cursor[s] : 0;
    start[s] = cursor[s] = entries;
    entries += count;
  }
  start[gap->machines] = entries;
  for (int32_t s = 0; s < gap->machines; s++) {
    if (g->room[s] != -INFINITY) cursor[s] = entries;
  }
  for (int32_t job = 0; job < gap->jobs; job++) {
    int32_t slot = g->slot_of[job];
    if (slot < 0) continue;
    for (int32_t arc = gap->start[job]; arc < gap->start[job + 1]; arc++) {
      int32_t t = gap->machine[arc], entry = cursor[t];
      cursor[t] = entry + (g->room[t] == -INFINITY);
      g->entries[entry] = (entry_t){slot, arc, gap->weight[arc]};
    }
  }
}

static int32_t best_machine(const greedy_scratch_t *g) {
  double best = INFINITY;
  int32_t machine = -1;
  for (int32_t v = 0; v < g->overloaded_count; v++) {
    int32_t s = g->overloaded[v];
    double ratio = g->best_ratio[s];
    if (ratio > best || ratio == INFINITY) continue;
    if (ratio < best || g->slot_job[g->best_slot[s]] < g->slot_job[g->best_slot[machine]]) best = ratio, machine = s;
  }
  return machine;
}

double greedy(const gap_t *gap, int32_t *assignment, greedy_scratch_t *g) {
  double moves = 0, sum = 0;
  sum_loads(gap, assignment, g);
  if (!g->overloaded_count) return 0;
  lay_out(gap, g);
  scan_targets(gap, assignment, g);
  index_entries(gap, g);
  refresh_all(gap, g);
  int32_t stale = 0;
  for (int32_t s = best_machine(g); s >= 0; s = best_machine(g)) {
    int32_t slot = g->best_slot[s], job = g->slot_job[slot];
    double over = excess(gap, g, s), weight = gap->weight[assignment[job]], divisor = weight < over ? weight : over;
    double increase = cheapest_target(gap, g, job) - gap->cost[assignment[job]];
    if (increase / divisor == g->best_ratio[s]) {
      move(gap, assignment, g, s, increase / divisor, divisor);
      moves++;
      sum += job;
    } else if (++stale > 64 + (g->candidate_count >> 5)) {
      stale = 0;
      scan_targets(gap, assignment, g);
      refresh_all(gap, g);
    } else {
      set_increase(g, s, slot, increase);
      refresh(gap, g, s);
    }
  }
  return moves + sum;
}
