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
 * `multiply` for two panels at a time. Only where V8 joins neighbouring vectors into 256-bit registers (Node 24 with
 * --experimental-wasm-revectorize: 77 GFLOP/s, where `multiplyPanels` makes 51) do its 20 accumulators have room; elsewhere it makes 24.
 * @param panelCount even
 */
export function multiplyPairs(
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
    for (let panel: usize = 0; panel < panelCount; panel += 2) {
      const o = out + panel * outStride + block * outBlockStride;
      const q = o + outStride;
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let c0 = a0;
      let d0 = a0;
      let a1 = a0;
      let b1 = a0;
      let c1 = a0;
      let d1 = a0;
      let a2 = a0;
      let b2 = a0;
      let c2 = a0;
      let d2 = a0;
      let a3 = a0;
      let b3 = a0;
      let c3 = a0;
      let d3 = a0;
      let a4 = a0;
      let b4 = a0;
      let c4 = a0;
      let d4 = a0;
      if (mode <= FORWARD_RECTIFIED) {
        const bias = aux + block * (BLOCK_ROWS * 4);
        d0 = c0 = b0 = a0 = v128.load32_splat(bias, 0);
        d1 = c1 = b1 = a1 = v128.load32_splat(bias, 4);
        d2 = c2 = b2 = a2 = v128.load32_splat(bias, 8);
        d3 = c3 = b3 = a3 = v128.load32_splat(bias, 12);
        d4 = c4 = b4 = a4 = v128.load32_splat(bias, 16);
      }
      let x = panels + panel * stride;
      let y = x + stride;
      let w = weights + block * blockBytes;
      const end = w + blockBytes;
      while (w < end) {
        const xa = v128.load(x);
        const xb = v128.load(x, 16);
        const ya = v128.load(y);
        const yb = v128.load(y, 16);
        let s = v128.load32_splat(w);
        a0 = multiplyAdd(s, xa, a0);
        b0 = multiplyAdd(s, xb, b0);
        c0 = multiplyAdd(s, ya, c0);
        d0 = multiplyAdd(s, yb, d0);
        s = v128.load32_splat(w, 4);
        a1 = multiplyAdd(s, xa, a1);
        b1 = multiplyAdd(s, xb, b1);
        c1 = multiplyAdd(s, ya, c1);
        d1 = multiplyAdd(s, yb, d1);
        s = v128.load32_splat(w, 8);
        a2 = multiplyAdd(s, xa, a2);
        b2 = multiplyAdd(s, xb, b2);
        c2 = multiplyAdd(s, ya, c2);
        d2 = multiplyAdd(s, yb, d2);
        s = v128.load32_splat(w, 12);
        a3 = multiplyAdd(s, xa, a3);
        b3 = multiplyAdd(s, xb, b3);
        c3 = multiplyAdd(s, ya, c3);
        d3 = multiplyAdd(s, yb, d3);
        s = v128.load32_splat(w, 16);
        a4 = multiplyAdd(s, xa, a4);
        b4 = multiplyAdd(s, xb, b4);
        c4 = multiplyAdd(s, ya, c4);
        d4 = multiplyAdd(s, yb, d4);
        w += 20;
        x += 32;
        y += 32;
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
        c0 = rectify(c0);
        d0 = rectify(d0);
        c1 = rectify(c1);
        d1 = rectify(d1);
        c2 = rectify(c2);
        d2 = rectify(d2);
        c3 = rectify(c3);
        d3 = rectify(d3);
        c4 = rectify(c4);
        d4 = rectify(d4);
      } else if (mode === BACKWARD_MASKED) {
        const h = aux + panel * auxStride + block * BLOCK_BYTES;
        const g = h + auxStride;
        a0 = mask(a0, v128.load(h, 0));
        b0 = mask(b0, v128.load(h, 16));
        a1 = mask(a1, v128.load(h, 32));
        b1 = mask(b1, v128.load(h, 48));
        a2 = mask(a2, v128.load(h, 64));
        b2 = mask(b2, v128.load(h, 80));
        a3 = mask(a3, v128.load(h, 96));
        b3 = mask(b3, v128.load(h, 112));
        a4 = mask(a4, v128.load(h, 128));
        b4 = mask(b4, v128.load(h, 144));
        c0 = mask(c0, v128.load(g, 0));
        d0 = mask(d0, v128.load(g, 16));
        c1 = mask(c1, v128.load(g, 32));
        d1 = mask(d1, v128.load(g, 48));
        c2 = mask(c2, v128.load(g, 64));
        d2 = mask(d2, v128.load(g, 80));
        c3 = mask(c3, v128.load(g, 96));
        d3 = mask(d3, v128.load(g, 112));
        c4 = mask(c4, v128.load(g, 128));
        d4 = mask(d4, v128.load(g, 144));
      } else if (mode === BACKWARD_SLOPED) {
        const h = aux + panel * auxStride + block * BLOCK_BYTES;
        const g = h + auxStride;
        a0 = slope(a0, v128.load(h, 0));
        b0 = slope(b0, v128.load(h, 16));
        a1 = slope(a1, v128.load(h, 32));
        b1 = slope(b1, v128.load(h, 48));
        a2 = slope(a2, v128.load(h, 64));
        b2 = slope(b2, v128.load(h, 80));
        a3 = slope(a3, v128.load(h, 96));
        b3 = slope(b3, v128.load(h, 112));
        a4 = slope(a4, v128.load(h, 128));
        b4 = slope(b4, v128.load(h, 144));
        c0 = slope(c0, v128.load(g, 0));
        d0 = slope(d0, v128.load(g, 16));
        c1 = slope(c1, v128.load(g, 32));
        d1 = slope(d1, v128.load(g, 48));
        c2 = slope(c2, v128.load(g, 64));
        d2 = slope(d2, v128.load(g, 80));
        c3 = slope(c3, v128.load(g, 96));
        d3 = slope(d3, v128.load(g, 112));
        c4 = slope(c4, v128.load(g, 128));
        d4 = slope(d4, v128.load(g, 144));
      } else if (mode === ACCUMULATE) {
        a0 = f32x4.add(a0, v128.load(o, 0));
        b0 = f32x4.add(b0, v128.load(o, 16));
        a1 = f32x4.add(a1, v128.load(o, 32));
        b1 = f32x4.add(b1, v128.load(o, 48));
        a2 = f32x4.add(a2, v128.load(o, 64));
        b2 = f32x4.add(b2, v128.load(o, 80));
        a3 = f32x4.add(a3, v128.load(o, 96));
        b3 = f32x4.add(b3, v128.load(o, 112));
        a4 = f32x4.add(a4, v128.load(o, 128));
        b4 = f32x4.add(b4, v128.load(o, 144));
        c0 = f32x4.add(c0, v128.load(q, 0));
        d0 = f32x4.add(d0, v128.load(q, 16));
        c1 = f32x4.add(c1, v128.load(q, 32));
        d1 = f32x4.add(d1, v128.load(q, 48));
        c2 = f32x4.add(c2, v128.load(q, 64));
        d2 = f32x4.add(d2, v128.load(q, 80));
        c3 = f32x4.add(c3, v128.load(q, 96));
        d3 = f32x4.add(d3, v128.load(q, 112));
        c4 = f32x4.add(c4, v128.load(q, 128));
        d4 = f32x4.add(d4, v128.load(q, 144));
      }
      v128.store(o, a0, 0);
      v128.store(o, b0, 16);
      v128.store(o, a1, 32);
      v128.store(o, b1, 48);
      v128.store(o, a2, 64);
      v128.store(o, b2, 80);
      v128.store(o, a3, 96);
      v128.store(o, b3, 112);
      v128.store(o, a4, 128);
      v128.store(o, b4, 144);
      v128.store(q, c0, 0);
      v128.store(q, d0, 16);
      v128.store(q, c1, 32);
      v128.store(q, d1, 48);
      v128.store(q, c2, 64);
      v128.store(q, d2, 80);
      v128.store(q, c3, 96);
      v128.store(q, d3, 112);
      v128.store(q, c4, 128);
      v128.store(q, d4, 144);
    }
  }
}
