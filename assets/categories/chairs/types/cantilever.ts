import type { Draw } from '../../variety.js';
import type { ChairParameters } from '../parameters.js';
import { backOf, baseOf, NO_ARMS, seatOf } from './defaults.js';

export function cantilever(draw: Draw): ChairParameters {
  return {
    seat: seatOf({
      width: draw.between('width', 0.46, 0.56),
      depth: draw.between('depth', 0.44, 0.52),
      height: draw.between('height', 0.42, 0.48),
      thickness: draw.between('thickness', 0.055, 0.085),
      taper: draw.between('taper', 0.94, 1),
      corner: draw.between('corner', 0.15, 0.45),
      dish: draw.between('dish', 0, 0.03),
      tilt: draw.between('tilt', 0.03, 0.1),
      cushion: draw.sometimes('cushioned', 0.3) ? 0.08 : 0,
    }),
    back: backOf({
      height: draw.between('back height', 0.36, 0.6),
      flare: draw.between('flare', 0.92, 1.04),
      rake: draw.between('rake', 0.1, 0.3),
      hollow: draw.between('hollow', 0, 0.07),
      lumbar: draw.between('lumbar', 0, 0.03),
      thickness: draw.between('back thickness', 0.05, 0.075),
      corner: draw.between('back corner', 0.2, 0.7),
    }),
    base: baseOf({
      style: 'cantilever',
      thickness: draw.between('tube', 0.05, 0.064),
      taper: 1,
      splay: draw.between('nose', 0, 0.2),
      spread: draw.between('spread', 0, 0.3),
    }),
    arms: {
      ...NO_ARMS,
      style: draw.sometimes('arms', 0.4) ? 'loops' : 'none',
      height: draw.between('arm height', 0.18, 0.24),
      thickness: 0.056,
      reach: draw.between('reach', 0.78, 0.98),
    },
  };
}
