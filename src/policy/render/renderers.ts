/** The router OSes that policy can be rendered for. */
import type { RouterFormat } from '../../model/network-model.ts';
import { bird } from './bird.ts';
import { frr } from './frr.ts';
import { gobgp } from './gobgp.ts';
import { iosxr } from './iosxr.ts';
import { junos } from './junos.ts';
import type { Renderer } from './renderer.ts';

const RENDERERS: Readonly<Record<RouterFormat, Renderer>> = { frr, bird, gobgp, junos, iosxr };

export const ROUTER_FORMATS = Object.keys(RENDERERS) as RouterFormat[];

export function rendererFor(format: RouterFormat): Renderer {
  return RENDERERS[format];
}
