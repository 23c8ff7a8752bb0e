/** The router OSes that policy can be rendered for. */
import type { RouterFormat } from '../../model/network-model.ts';
import { bird } from './bird.ts';
import { frr } from './frr.ts';
import type { Renderer } from './renderer.ts';

const RENDERERS: Partial<Record<RouterFormat, Renderer>> = { frr, bird };

export function rendererFor(format: RouterFormat): Renderer {
  return RENDERERS[format] as Renderer;
}
