/** What stands between a plan and BGP, by name. */
import { type Static, Type } from 'typebox';

export const FINDING_KINDS = [
  'plan-rule',
  'no-route',
  'existing-policy',
  'local-pref-exhausted',
  'path-too-short',
  'asn-unknown',
  'hidden-path',
  'undetermined',
  'inner-router',
  'guard',
  'read-back',
  'unsupported',
] as const;

export const FindingSchema = Type.Object(
  { kind: Type.Enum([...FINDING_KINDS]), message: Type.String() },
  { additionalProperties: false },
);

export type Finding = Static<typeof FindingSchema>;
