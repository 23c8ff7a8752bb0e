/**
 * The kernels: this file is the whole exported ABI. Every function takes the address of a frame and returns a status
 * (`status.ts`). Nothing is allocated and nothing is thrown; whatever a kernel needs is in its frame.
 */
export { computeEgress } from './compute-egress';
export { ejection } from './ejection';
export { greedy } from './greedy';
export { pricePrefixes } from './prefix-pass';
export { fillPrefixes, placePrefixes, reinsertPrefixes } from './prefix-place';
export { priceLeads } from './pricing';
export { moveValues, step7 } from './step7';
