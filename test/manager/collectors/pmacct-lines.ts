/** A line of pmacct's print plugin, and whose it is. */
import type { Exporters } from '../../../src/manager/collectors/pmacct.ts';

export const EXPORTERS: Exporters = new Map([
  [
    '10.0.0.1',
    [
      { point: 0, ifIndex: 3 },
      { point: 1, ifIndex: 4 },
    ],
  ],
  ['10.0.0.2', [{ point: 2, ifIndex: null }]],
]);

export const GOOD =
  '{"event_type":"purge","peer_ip_src":"10.0.0.1","iface_out":4,"net_dst":"20.0.0.0","mask_dst":24,"packets":927,"bytes":927000}';
