// Adds up the tiles' column sums, a group each: gradients by a group's biases, whence those by biases and latent codes.
@group(0) @binding(0) var<uniform> run: Run;
@group(0) @binding(1) var<uniform> batch: Batch;
@group(0) @binding(2) var<storage, read> tileSums: array<f32>;
@group(0) @binding(3) var<storage, read_write> groupSums: array<f32>;

// Threads that share a column.
const SHARES = 4u;
var<workgroup> shares: array<array<f32, 64>, SHARES>;

@compute @workgroup_size(64, SHARES)
fn sumGroups(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let group = workgroup.y;
  let column = workgroup.x * 64u + local.x;
  // The group's tiles that are in this chunk.
  let first = max(group * batch.tilesPerGroup, batch.firstTile);
  let end = min((group + 1u) * batch.tilesPerGroup, batch.firstTile + batch.chunkRows / TILE_ROWS);
  var sum = 0.;
  for (var tile = first + local.y; tile < end; tile += SHARES) { sum += tileSums[(tile - batch.firstTile) * run.sumStride + column]; }
  shares[local.y][local.x] = sum;
  workgroupBarrier();
  if (local.y > 0u || first >= end) { return; }
  for (var i = 1u; i < SHARES; i++) { sum += shares[i][local.x]; }
  let at = group * run.sumStride + column;
  // The rest of a group that began in another chunk adds to its sums.
  groupSums[at] = sum + select(groupSums[at], 0., first == group * batch.tilesPerGroup);
}
