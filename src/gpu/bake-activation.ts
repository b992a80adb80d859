import type { Activation } from '../decoder/activation.js';
import { floatLiteral } from './wgsl-literal.js';

/** WGSL of an activation: `a` names its input and `h` its output, both vec4f. */
export interface BakedActivation {
  /** A function that the others call; '' where there is none. */
  readonly declaration: string;
  /** Statements that define `h`, and whatever `derivative` reads besides. @param suffix of such names: layer_vector */
  value(a: string, h: string, suffix: string): string;
  /** upstream * d h / d a, an expression. */
  times(upstream: string, a: string, h: string, suffix: string): string;
}

/**
 * sin(2 pi turns) without WGSL's own sine, which need be no better than 2^-11, and only within [-pi, pi]. Minimax in w^2 over a quarter
 * turn: off by 8e-9, in float32 by 1.5e-7; counting turns adds 1e-7 of the angle. On a software GPU it takes 0.6 of the time of WGSL's
 * own, reduced first.
 */
const WAVE = `fn decoderWave(turns: vec4f) -> vec4f {
let w = abs(fract(turns - 0.25) - 0.5) - 0.25;
let u = w * w;
return w * (6.283185 + u * (-41.341618 + u * (81.59865 + u * (-76.49605 + u * 39.13411))));
}`;

/**
 * The counterpart of `activate` and `activationDerivative` in WGSL.
 * @param scale `activationScale` of the decoder's spec
 */
export function bakeActivation(activation: Activation, scale: number): BakedActivation {
  const s = floatLiteral(scale);
  switch (activation) {
    case 'relu':
      return {
        declaration: '',
        value: (a, h) => `let ${h} = max(${a}, vec4f());\n`,
        times: (upstream, _, h) => `select(vec4f(), ${upstream}, ${h} > vec4f())`,
      };
    case 'sine': {
      const turns = floatLiteral(scale / (2 * Math.PI));
      return {
        declaration: WAVE,
        value: (a, h) => `let ${h} = decoderWave(${a} * ${turns});\n`,
        times: (upstream, a) => `(${upstream}) * (${s} * decoderWave(${a} * ${turns} + 0.25))`,
      };
    }
    case 'softplus':
      return {
        declaration: '',
        // The larger part taken out, so that nothing overflows.
        value: (a, h, suffix) =>
          `let e${suffix} = exp(abs(${a}) * ${floatLiteral(-scale)});\n` +
          `let ${h} = max(${a}, vec4f()) + log(1. + e${suffix}) * ${floatLiteral(1 / scale)};\n`,
        times: (upstream, a, _, suffix) => `(${upstream}) * (select(e${suffix}, vec4f(1.), ${a} > vec4f()) / (1. + e${suffix}))`,
      };
    case 'elu':
      return {
        declaration: '',
        value: (a, h) => `let ${h} = select(${s} * (exp(min(${a}, vec4f())) - 1.), ${a}, ${a} > vec4f());\n`,
        times: (upstream, a, h) => `(${upstream}) * select(${h} + ${s}, vec4f(1.), ${a} > vec4f())`,
      };
  }
}
