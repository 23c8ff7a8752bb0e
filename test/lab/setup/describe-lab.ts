import { describe, inject } from 'vitest';
import './global-setup.ts';

/** `describe` for tests that need real routers; where they cannot run, they are reported as not run, with the reason. */
export function describeLab(name: string, body: () => void): void {
  const reason = inject('labUnavailable');
  describe.skipIf(reason !== null)(reason === null ? name : `${name} (not run: ${reason})`, body);
}
