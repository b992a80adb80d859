// Adam (src/training/adam.ts) on one number of the state.

// A gradient below TINY_GRADIENT moves a parameter by less than its last bit; what decays further would become denormal, and slow.
const TINY_GRADIENT = 1e-16;
const TINY_FIRST = 1e-30;
const TINY_SECOND = 1e-36;

// Returns the parameter's new value. scale: rate / (1 - beta1^step)
fn adam(at: u32, fullGradient: f32, scale: f32) -> f32 {
  let gradient = select(0., fullGradient, abs(fullGradient) > TINY_GRADIENT);
  let first = BETA1 * firstMoments[at] + (1. - BETA1) * gradient;
  let second = BETA2 * secondMoments[at] + (1. - BETA2) * gradient * gradient;
  firstMoments[at] = select(0., first, abs(first) > TINY_FIRST);
  secondMoments[at] = select(0., second, second > TINY_SECOND);
  let value = parameters[at] - scale * firstMoments[at] / (sqrt(secondMoments[at]) * batch.rootScale + EPSILON);
  parameters[at] = value;
  return value;
}
