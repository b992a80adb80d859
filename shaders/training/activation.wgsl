// Activations with their derivatives.

struct Activated {
  value: vec4f,
  slope: vec4f,
}

fn activate(x: vec4f) -> Activated {
  if (ACTIVATION == SINE) {
    let wave = preciseWave(run.activationScale * x);
    return Activated(wave.sine, run.activationScale * wave.cosine);
  }
  if (ACTIVATION == SOFTPLUS) {
    let e = exp(-abs(run.activationScale * x));
    return Activated(max(x, vec4f()) + log(1. + e) / run.activationScale, select(e, vec4f(1.), x > vec4f()) / (1. + e));
  }
  if (ACTIVATION == ELU) {
    let e = run.activationScale * exp(min(x, vec4f()));
    return Activated(select(e - run.activationScale, x, x > vec4f()), select(e, vec4f(1.), x > vec4f()));
  }
  return Activated(max(x, vec4f()), select(vec4f(), vec4f(1.), x > vec4f()));
}
