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

/** sin(pi x) for phase 0, cos(pi x) for phase 1. Taylor series on a quarter turn: 1e-7 absolute for every x. */
export function sineOfPi(x: v128, phase: i32): v128 {
  const turns = quarterTurns(x);
  const u = f32x4.mul(f32x4.sub(x, f32x4.mul(turns, f32x4.splat(0.5))), f32x4.splat(<f32>Math.PI));
  const square = f32x4.mul(u, u);
  const quadrant = i32x4.add(i32x4.trunc_sat_f32x4_s(turns), i32x4.splat(phase));
  const odd = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const value = v128.bitselect(cosineOfRest(square), sineOfRest(u, square), odd);
  return v128.xor(value, i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30));
}

/** e^x for x <= 0; 2^-126 at the least, so that no denormal comes of it. */
function exponential(x: v128): v128 {
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
  series = polynomial(u, 1, series);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(series, power);
}

/** (1 - e) / (1 + e), e = exp(-2 |x|); its Taylor series below 1/4, where that difference would cancel. */
export function tanh(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const e = exponential(f32x4.mul(magnitude, f32x4.splat(-2)));
  const one = f32x4.splat(1);
  const far = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const square = f32x4.mul(x, x);
  let series = f32x4.splat(62.0 / 2835.0);
  series = polynomial(square, -17.0 / 315.0, series);
  series = polynomial(square, 2.0 / 15.0, series);
  series = polynomial(square, -1.0 / 3.0, series);
  series = polynomial(square, 1, series);
  return v128.bitselect(f32x4.mul(x, series), v128.or(far, sign), f32x4.lt(magnitude, f32x4.splat(0.25)));
}
