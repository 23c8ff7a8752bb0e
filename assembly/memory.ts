// The only accessors of linear memory: an address, an element index, the width in the name.

@inline
export function getF64(base: usize, index: i32): f64 {
  return load<f64>(base + ((<usize>index) << 3));
}

@inline
export function setF64(base: usize, index: i32, value: f64): void {
  store<f64>(base + ((<usize>index) << 3), value);
}

@inline
export function getI32(base: usize, index: i32): i32 {
  return load<i32>(base + ((<usize>index) << 2));
}

@inline
export function setI32(base: usize, index: i32, value: i32): void {
  store<i32>(base + ((<usize>index) << 2), value);
}

@inline
export function getU8(base: usize, index: i32): i32 {
  return load<u8>(base + <usize>index);
}

@inline
export function setU8(base: usize, index: i32, value: i32): void {
  store<u8>(base + <usize>index, <u8>value);
}

@inline
export function getPair(base: usize, index: i32): v128 {
  return v128.load(base + ((<usize>index) << 3));
}
