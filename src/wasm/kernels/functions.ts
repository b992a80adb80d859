// @ts-nocheck: AssemblyScript, see layout.ts.
import { multiplyAdd } from './multiply';

function polynomial(x: v128, coefficient: f32, rest: v128): v128 {
  return multiplyAdd(x, rest, f32x4.splat(coefficient));
}

/** Quarter turns nearest to pi x: subtracting half of them leaves |rest| <= 1/4, exactly. */
function quarterTurns(x: v128): v128 {
  return f32x4.nearest(f32x4.add(x, x));
}

function sineOfRest(u: v128, square: v128): v128 {
  let series = f32x4.splat(1.0 / 362880.0);
  series = polynomial(square, -1.0 / 5040.0, series);
  series = polynomial(square, 1.0 / 120.0, series);
  series = polynomial(square, -1.0 / 6.0, series);
  series = polynomial(square, 1, series);
  return f32x4.mul(u, series);
}

function cosineOfRest(square: v128): v128 {
  let series = f32x4.splat(1.0 / 40320.0);
  series = polynomial(square, -1.0 / 720.0, series);
  series = polynomial(square, 1.0 / 24.0, series);
  series = polynomial(square, -0.5, series);
  return polynomial(square, 1, series);
}

/** sin(u + quadrant pi / 2), from sine and cosine of u. */
function turned(sine: v128, cosine: v128, quadrant: v128): v128 {
  const odd = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  return v128.xor(v128.bitselect(cosine, sine, odd), i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30));
}

/** sin(pi x) for phase 0, cos(pi x) for phase 1. Taylor series on a quarter turn: 1e-7 absolute for every x. */
export function sineOfPi(x: v128, phase: i32): v128 {
  const turns = quarterTurns(x);
  const u = f32x4.mul(f32x4.sub(x, f32x4.mul(turns, f32x4.splat(0.5))), f32x4.splat(<f32>Math.PI));
  const square = f32x4.mul(u, u);
  return turned(sineOfRest(u, square), cosineOfRest(square), i32x4.add(i32x4.trunc_sat_f32x4_s(turns), i32x4.splat(phase)));
}

/**
 * sin(scale x) and scale cos(scale x), to `out` and `slope`. Quarter turns are subtracted in three parts (Cody and Waite), the first two
 * exact for angles below 1e4.
 */
export function storeSine(x: v128, scale: f32, out: usize, slope: usize): void {
  const angle = f32x4.mul(x, f32x4.splat(scale));
  const turns = f32x4.nearest(f32x4.mul(angle, f32x4.splat(<f32>(2 / Math.PI))));
  let u = multiplyAdd(turns, f32x4.splat(-1.5703125), angle);
  u = multiplyAdd(turns, f32x4.splat(-4.837512969970703e-4), u);
  u = multiplyAdd(turns, f32x4.splat(-7.549789954891882e-8), u);
  const square = f32x4.mul(u, u);
  const sine = sineOfRest(u, square);
  const cosine = cosineOfRest(square);
  const quadrant = i32x4.trunc_sat_f32x4_s(turns);
  v128.store(out, turned(sine, cosine, quadrant));
  v128.store(slope, f32x4.mul(f32x4.splat(scale), turned(sine, cosine, i32x4.add(quadrant, i32x4.splat(1)))));
}

/** e^x - 1 for x <= 0, to a relative 1e-7 near 0 as well; e^x counts as 2^-126 at the least, so that no denormal comes of it. */
export function exponentialLessOne(x: v128): v128 {
  const y = f32x4.max(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)), f32x4.splat(-126));
  const whole = f32x4.nearest(y);
  const u = f32x4.mul(f32x4.sub(y, whole), f32x4.splat(<f32>Math.LN2));
  let series = f32x4.splat(1.0 / 5040.0);
  series = polynomial(u, 1.0 / 720.0, series);
  series = polynomial(u, 1.0 / 120.0, series);
  series = polynomial(u, 1.0 / 24.0, series);
  series = polynomial(u, 1.0 / 6.0, series);
  series = polynomial(u, 0.5, series);
  series = polynomial(u, 1, series);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return multiplyAdd(power, f32x4.mul(u, series), f32x4.sub(power, f32x4.splat(1)));
}

/** (1 - e) / (1 + e), e = exp(-2 |x|) */
export function tanh(x: v128): v128 {
  const below = exponentialLessOne(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
  const magnitude = f32x4.div(f32x4.abs(below), f32x4.add(below, f32x4.splat(2)));
  return v128.or(magnitude, v128.and(x, i32x4.splat(0x80000000)));
}

/** log(1 + e) for e in [0, 1]: 2 artanh(e / (2 + e)), as a series. */
export function logarithmOfOneMore(e: v128): v128 {
  const z = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  const square = f32x4.mul(z, z);
  let series = f32x4.splat(2.0 / 13.0);
  series = polynomial(square, 2.0 / 11.0, series);
  series = polynomial(square, 2.0 / 9.0, series);
  series = polynomial(square, 2.0 / 7.0, series);
  series = polynomial(square, 2.0 / 5.0, series);
  series = polynomial(square, 2.0 / 3.0, series);
  series = polynomial(square, 2, series);
  return f32x4.mul(z, series);
}
