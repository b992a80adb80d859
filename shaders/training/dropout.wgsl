// The masks of src/training/dropout.ts, bit for bit, four at a time.

fn hash32(x: vec4u) -> vec4u {
  var h = (x ^ (x >> vec4u(16u))) * 0x7feb352du;
  h = (h ^ (h >> vec4u(15u))) * 0x846ca68bu;
  return h ^ (h >> vec4u(16u));
}

fn dropoutKey(layerIndex: u32) -> u32 { return hash32(vec4u(batch.dropoutSeed ^ ((layerIndex + 1u) * 0x9e3779b1u))).x; }

fn areKept(key: u32, indices: vec4u, threshold: u32) -> vec4<bool> {
  return hash32((indices * 0x85ebca6bu) ^ vec4u(key)) >= vec4u(threshold);
}
