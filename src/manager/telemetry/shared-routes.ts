/** Routes by number, equal ones once. A number whose last user is gone is given to another: a table that changes for weeks stays small. */
import type { LearnedRoute } from '../decision/observation.ts';

export class SharedRoutes {
  readonly #routes: LearnedRoute[] = [];
  readonly #keys: string[] = [];
  readonly #userCounts: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #free: number[] = [];

  /** Distinct routes that are in use. */
  get count(): number {
    return this.#numbers.size;
  }

  get(number: number): LearnedRoute {
    return this.#routes[number];
  }

  /** Number of the route, which has one user more. */
  take(route: LearnedRoute): number {
    const key = keyOf(route);
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      this.#userCounts[known]++;
      return known;
    }
    const number = this.#free.pop() ?? this.#routes.length;
    this.#routes[number] = copyOf(route);
    this.#keys[number] = key;
    this.#userCounts[number] = 1;
    this.#numbers.set(key, number);
    return number;
  }

  /** One user less. */
  release(number: number): void {
    if (--this.#userCounts[number] > 0) return;
    this.#numbers.delete(this.#keys[number]);
    this.#free.push(number);
  }
}

function keyOf({ point, nextHop, asPath, origin, med, localPref, communities, others = [] }: LearnedRoute): string {
  const opaque = others.map(({ type, value }) => `${type}=${value}`).join(' ');
  return `${point} ${nextHop} ${asPath.join(' ')} ${origin} ${med} ${localPref} ${communities.join(' ')} ${opaque}`;
}

function copyOf({
  point,
  nextHop,
  asPath,
  origin,
  med,
  localPref,
  communities,
  others = [],
}: LearnedRoute): LearnedRoute {
  return {
    point,
    nextHop,
    asPath,
    origin,
    med,
    ...(localPref !== undefined && { localPref }),
    communities,
    ...(others.length > 0 && { others }),
  };
}
