/** Status of a kernel call; the same numbers as in `assembly/status.ts`. */
export const STATUS_NAMES = ['ok', 'scratch overflow'] as const;

export const STATUS_OK = 0;
