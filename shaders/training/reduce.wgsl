// Sums over a workgroup of LANES, in an order that never changes: every lane adds up what all have brought, which takes one barrier
// where a tree takes six.
const LANES = 64u;
var<workgroup> lanes: array<vec4f, LANES>;

fn sumOverLanes(lane: u32, value: vec4f) -> vec4f {
  workgroupBarrier();
  lanes[lane] = value;
  workgroupBarrier();
  var sum = vec4f();
  for (var i = 0u; i < LANES; i++) { sum += lanes[i]; }
  return sum;
}
