// WGSL's own sine is only good to 2^-11, and that within +-pi.

struct Wave {
  sine: vec4f,
  cosine: vec4f,
}

// Half turns taken off in three steps, of which the first two are exact (Cody and Waite 1980); fma, lest a compiler reorders them.
fn preciseWave(x: vec4f) -> Wave {
  let turns = round(x * 0.318309886);
  let rest = fma(turns, vec4f(-1.50995799e-7), fma(turns, vec4f(-9.67502594e-4), fma(turns, vec4f(-3.140625), x)));
  return waveOfRest(turns, rest);
}

// Sine and cosine of pi x; what is left of x after its half turns is exact.
fn waveOfHalfTurns(x: vec4f) -> Wave {
  let turns = round(x);
  return waveOfRest(turns, 3.14159265 * (x - turns));
}

// Taylor series within a quarter turn, to 6e-8 at its ends.
fn waveOfRest(turns: vec4f, rest: vec4f) -> Wave {
  let s = rest * rest;
  let sine = rest * (1. + s * (-1. / 6. + s * (1. / 120. + s * (-1. / 5040. + s * (1. / 362880. - s / 39916800.)))));
  let cosine = 1. + s * (-0.5 + s * (1. / 24. + s * (-1. / 720. + s * (1. / 40320. + s * (-1. / 3628800. + s / 479001600.)))));
  let flip = select(vec4f(1.), vec4f(-1.), (vec4i(turns) & vec4i(1)) == vec4i(1));
  return Wave(flip * sine, flip * cosine);
}
