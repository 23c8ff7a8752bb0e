/** A small dense square matrix, row-major. */
export class SquareMatrix {
  readonly size: number;
  readonly values: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.values = new Float64Array(size * size);
  }

  add(row: number, column: number, value: number): void {
    this.values[row * this.size + column] += value;
  }

  /** With `share` of the mean of the diagonal, or 1 where that is 0, added to the diagonal. */
  ridged(share: number): SquareMatrix {
    const { size } = this;
    const ridged = new SquareMatrix(size);
    ridged.values.set(this.values);
    let trace = 0;
    for (let row = 0; row < size; row++) trace += this.values[row * size + row];
    for (let row = 0; row < size; row++) ridged.add(row, row, (share * trace) / size || 1);
    return ridged;
  }

  /** Of a symmetric matrix that is positive definite: by elimination without pivots. O(size³). */
  inverse(): SquareMatrix {
    const { size } = this;
    const left = this.values.slice();
    const inverse = new SquareMatrix(size);
    const right = inverse.values;
    for (let row = 0; row < size; row++) right[row * size + row] = 1;
    for (let pivot = 0; pivot < size; pivot++) {
      const own = pivot * size;
      const scale = 1 / left[own + pivot];
      for (let column = 0; column < size; column++) {
        left[own + column] *= scale;
        right[own + column] *= scale;
      }
      for (let row = 0; row < size; row++) {
        const factor = left[row * size + pivot];
        if (row === pivot || factor === 0) continue;
        for (let column = 0; column < size; column++) {
          left[row * size + column] -= factor * left[own + column];
          right[row * size + column] -= factor * right[own + column];
        }
      }
    }
    return inverse;
  }
}
