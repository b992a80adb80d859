/** What follows a hidden layer: ReLU in DeepSDF, sine in SIREN (Sitzmann 2020), softplus in IGR (Gropp 2020), ELU. */
export const ACTIVATIONS = ['relu', 'sine', 'softplus', 'elu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/**
 * relu: max(0, x); sine: sin(scale x); softplus: log(1 + exp(scale x)) / scale; elu: x where x > 0, else scale (exp(x) - 1).
 * @param scale `activationScale` of the decoder's spec
 */
export function activate(activation: Activation | 'linear', scale: number, x: number): number {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return Math.max(0, x);
    case 'sine':
      return Math.sin(scale * x);
    case 'softplus':
      // The larger part taken out, so that nothing overflows.
      return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(scale * x))) / scale;
    case 'elu':
      return x > 0 ? x : scale * Math.expm1(x);
  }
}

/** d activate / d x. The sub-gradient of ReLU at its kink is taken as 0, as every framework does. */
export function activationDerivative(activation: Activation | 'linear', scale: number, x: number): number {
  switch (activation) {
    case 'linear':
      return 1;
    case 'relu':
      return x > 0 ? 1 : 0;
    case 'sine':
      return scale * Math.cos(scale * x);
    case 'softplus':
      return 1 / (1 + Math.exp(-scale * x));
    case 'elu':
      return x > 0 ? 1 : scale * Math.exp(x);
  }
}
