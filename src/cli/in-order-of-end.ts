/** Many pieces of work, some at one time, their results as they come. */

/**
 * @param width pieces that have begun and whose results were not taken; memory is bounded by it.
 * @param begin gives the result of a piece, from 0 to `count` - 1. Never rejects.
 */
export async function* inOrderOfEnd<T>(
  count: number,
  width: number,
  begin: (piece: number) => Promise<T>,
): AsyncGenerator<T> {
  const ended: T[] = [];
  let news = Promise.withResolvers<void>();
  let begunCount = 0;
  const beginNext = (): void => {
    if (begunCount === count) return;
    void begin(begunCount++).then((result) => {
      ended.push(result);
      news.resolve();
    });
  };
  for (let i = 0; i < width; i++) beginNext();
  for (let taken = 0; taken < count; taken++) {
    while (ended.length === 0) {
      await news.promise;
      news = Promise.withResolvers();
    }
    yield ended.shift() as T;
    beginNext();
  }
}
