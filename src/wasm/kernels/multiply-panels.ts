// @ts-nocheck: AssemblyScript, see layout.ts.
import {
  ACCUMULATE,
  BACKWARD_MASKED,
  BACKWARD_SLOPED,
  BLOCK_BYTES,
  BLOCK_ROWS,
  FORWARD_RECTIFIED,
  mask,
  multiplyAdd,
  rectify,
  slope,
} from './multiply';

/**
 * `multiply` for one panel after another.
 *
 * 10 accumulators, 2 vectors of samples and 2 broadcast weights are as many registers as V8 has to give. 8 accumulators are as many as the
 * two multiply-add units of an x86 core have in flight, so that every hitch costs time; 12 leave V8 too few registers. Measured, GFLOP/s on
 * Node 20 / 24, where 46 is all there is: 5 rows 44 / 46, 4 rows 40 / 41, 6 rows 42 / 47, 4 rows x 12 samples 32 / 32.
 */
export function multiplyPanels(
  weights: usize,
  blocks: usize,
  depth: usize,
  panels: usize,
  stride: usize,
  panelCount: usize,
  out: usize,
  outStride: usize,
  outBlockStride: usize,
  mode: usize,
  aux: usize,
  auxStride: usize,
): void {
  const blockBytes = depth * BLOCK_ROWS * 4;
  for (let block: usize = 0; block < blocks; block++) {
    for (let panel: usize = 0; panel < panelCount; panel++) {
      const o = out + panel * outStride + block * outBlockStride;
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let a1 = a0;
      let b1 = a0;
      let a2 = a0;
      let b2 = a0;
      let a3 = a0;
      let b3 = a0;
      let a4 = a0;
      let b4 = a0;
      if (mode <= FORWARD_RECTIFIED) {
        const bias = aux + block * (BLOCK_ROWS * 4);
        b0 = a0 = v128.load32_splat(bias);
        b1 = a1 = v128.load32_splat(bias, 4);
        b2 = a2 = v128.load32_splat(bias, 8);
        b3 = a3 = v128.load32_splat(bias, 12);
        b4 = a4 = v128.load32_splat(bias, 16);
      }
      let x = panels + panel * stride;
      let w = weights + block * blockBytes;
      const end = w + blockBytes;
      // The breaks are never taken. Without them V8 moves all loads of a pass to its front, and runs out of registers.
      while (w < end) {
        const xa = v128.load(x);
        const xb = v128.load(x, 16);
        let s = v128.load32_splat(w);
        a0 = multiplyAdd(s, xa, a0);
        b0 = multiplyAdd(s, xb, b0);
        s = v128.load32_splat(w, 4);
        a1 = multiplyAdd(s, xa, a1);
        b1 = multiplyAdd(s, xb, b1);
        if (w === 1) break;
        s = v128.load32_splat(w, 8);
        a2 = multiplyAdd(s, xa, a2);
        b2 = multiplyAdd(s, xb, b2);
        s = v128.load32_splat(w, 12);
        a3 = multiplyAdd(s, xa, a3);
        b3 = multiplyAdd(s, xb, b3);
        if (w === 2) break;
        s = v128.load32_splat(w, 16);
        a4 = multiplyAdd(s, xa, a4);
        b4 = multiplyAdd(s, xb, b4);
        w += 20;
        x += 32;
      }
      if (mode === FORWARD_RECTIFIED) {
        a0 = rectify(a0);
        b0 = rectify(b0);
        a1 = rectify(a1);
        b1 = rectify(b1);
        a2 = rectify(a2);
        b2 = rectify(b2);
        a3 = rectify(a3);
        b3 = rectify(b3);
        a4 = rectify(a4);
        b4 = rectify(b4);
      } else if (mode === BACKWARD_MASKED) {
        const h = aux + panel * auxStride + block * BLOCK_BYTES;
        a0 = mask(a0, v128.load(h));
        b0 = mask(b0, v128.load(h, 16));
        a1 = mask(a1, v128.load(h, 32));
        b1 = mask(b1, v128.load(h, 48));
        a2 = mask(a2, v128.load(h, 64));
        b2 = mask(b2, v128.load(h, 80));
        a3 = mask(a3, v128.load(h, 96));
        b3 = mask(b3, v128.load(h, 112));
        a4 = mask(a4, v128.load(h, 128));
        b4 = mask(b4, v128.load(h, 144));
      } else if (mode === BACKWARD_SLOPED) {
        const h = aux + panel * auxStride + block * BLOCK_BYTES;
        a0 = slope(a0, v128.load(h));
        b0 = slope(b0, v128.load(h, 16));
        a1 = slope(a1, v128.load(h, 32));
        b1 = slope(b1, v128.load(h, 48));
        a2 = slope(a2, v128.load(h, 64));
        b2 = slope(b2, v128.load(h, 80));
        a3 = slope(a3, v128.load(h, 96));
        b3 = slope(b3, v128.load(h, 112));
        a4 = slope(a4, v128.load(h, 128));
        b4 = slope(b4, v128.load(h, 144));
      } else if (mode === ACCUMULATE) {
        // Here and not before the sum: gradients of a wide layer come from far, and the next block need not wait for these.
        a0 = f32x4.add(a0, v128.load(o));
        b0 = f32x4.add(b0, v128.load(o, 16));
        a1 = f32x4.add(a1, v128.load(o, 32));
        b1 = f32x4.add(b1, v128.load(o, 48));
        a2 = f32x4.add(a2, v128.load(o, 64));
        b2 = f32x4.add(b2, v128.load(o, 80));
        a3 = f32x4.add(a3, v128.load(o, 96));
        b3 = f32x4.add(b3, v128.load(o, 112));
        a4 = f32x4.add(a4, v128.load(o, 128));
        b4 = f32x4.add(b4, v128.load(o, 144));
      }
      v128.store(o, a0);
      v128.store(o, b0, 16);
      v128.store(o, a1, 32);
      v128.store(o, b1, 48);
      v128.store(o, a2, 64);
      v128.store(o, b2, 80);
      v128.store(o, a3, 96);
      v128.store(o, b3, 112);
      v128.store(o, a4, 128);
      v128.store(o, b4, 144);
    }
  }
}
