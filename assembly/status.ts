/** Status of every kernel call; `src/optimizer/kernels/status.ts` names the same numbers for the host. */
export const OK: i32 = 0;
/** A scratch array of the frame is smaller than the instance needs; nothing was written past its end. */
export const SCRATCH_OVERFLOW: i32 = 1;
