// @ts-nocheck: AssemblyScript, see layout.ts.
// biome-ignore-all lint/style/useImportType: AssemblyScript has no type imports.
import { Plan } from './layout';
import { dot, sumOfLanes } from './weights';

/** Bytes of the parameters that one job takes; a multiple of 16. */
const CHUNK: usize = 16384;

export function decoderChunks(plan: Plan): usize {
  return (plan.latents + CHUNK - 1) / CHUNK;
}

export function latentChunks(plan: Plan): usize {
  return (plan.parameterBytes - plan.latents + CHUNK - 1) / CHUNK;
}

/** Squared length of one chunk of the decoder's gradient. */
export function measureChunk(plan: Plan, chunk: usize): void {
  const end = plan.gradients + min(plan.latents, (chunk + 1) * CHUNK);
  let sum: f64 = 0;
  for (let at = plan.gradients + chunk * CHUNK; at < end; at += 16) {
    const gradient = v128.load(at);
    sum += <f64>sumOfLanes(f32x4.mul(gradient, gradient));
  }
  store<f64>(plan.squares + chunk * 8, sum);
}

/** `clipFactor` of src/training/clip-gradients.ts, from all chunks' squares in their order. */
export function clipFactor(plan: Plan): f32 {
  if (plan.gradientClip === 0) return 1;
  let sum: f64 = 0;
  for (let chunk: usize = 0; chunk < decoderChunks(plan); chunk++) sum += load<f64>(plan.squares + chunk * 8);
  return <f32>Math.min(1, <f64>plan.gradientClip / (Math.sqrt(sum) + 1e-6));
}

/** Adam on one chunk, of the decoder's parameters or, after those, of the latent codes, which have a rate of their own. */
export function updateChunk(plan: Plan, chunk: usize, clip: f32): void {
  const chunks = decoderChunks(plan);
  if (chunk < chunks) {
    const from = chunk * CHUNK;
    adam(plan, from, min(plan.latents, from + CHUNK), plan.decoderRate, clip);
  } else {
    const from = plan.latents + (chunk - chunks) * CHUNK;
    adam(plan, from, min(plan.parameterBytes, from + CHUNK), plan.latentRate, 1);
  }
}

/** Adam (src/training/adam.ts) on parameter bytes [from, to), both multiples of 16. @param factor of the gradient */
function adam(plan: Plan, from: usize, to: usize, rate: f32, factor: f32): void {
  const beta1 = plan.beta1;
  const beta2 = plan.beta2;
  for (let at = from; at < to; at += 16) {
    let gradient = f32x4.mul(v128.load(plan.gradients + at), f32x4.splat(factor));
    // A gradient below this moves a parameter by less than its last bit, and its square or its slow decay would be denormal.
    gradient = v128.and(gradient, f32x4.gt(f32x4.abs(gradient), f32x4.splat(1e-16)));
    let first = v128.load(plan.firstMoments + at);
    let second = v128.load(plan.secondMoments + at);
    first = f32x4.add(f32x4.mul(f32x4.splat(beta1), first), f32x4.mul(f32x4.splat(plan.rest1), gradient));
    second = f32x4.add(f32x4.mul(f32x4.splat(beta2), second), f32x4.mul(f32x4.splat(plan.rest2), f32x4.mul(gradient, gradient)));
    first = v128.and(first, f32x4.gt(f32x4.abs(first), f32x4.splat(1e-30)));
    second = v128.and(second, f32x4.gt(second, f32x4.splat(1e-36)));
    v128.store(plan.firstMoments + at, first);
    v128.store(plan.secondMoments + at, second);
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(second), f32x4.splat(plan.rootScale)), f32x4.splat(plan.epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), first), divisor);
    v128.store(plan.parameters + at, f32x4.sub(v128.load(plan.parameters + at), step));
  }
}

/** Scales back the latent codes that are longer than `bound`. */
export function boundLatents(plan: Plan, bound: f32): void {
  for (let shape: usize = 0; shape < plan.shapeCount; shape++) {
    const code = plan.parameters + plan.latents + shape * plan.codeLength * 4;
    const norm = sqrt<f32>(dot(code, code, plan.codeLength));
    if (!(norm > bound)) continue;
    for (let i: usize = 0; i < plan.codeLength; i++) store<f32>(code + i * 4, load<f32>(code + i * 4) * (bound / norm));
  }
}
