import { sampleCurve } from '../solids/paths.js';
import type { Surface } from '../solids/sheet.js';
import { mix, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { backPoint } from './back-frame.js';
import type { BackParameters, ChairParameters } from './parameters.js';
import { addShell } from './shell.js';

type Bar = (across: number, up: number) => Vector;

const SIDEWAYS: Vector = [1, 0, 0];
const UPRIGHT: Vector = [0, 1, 0];

export function addBack(shop: Workshop, chair: ChairParameters): void {
  const { back } = chair;
  const at: Bar = (across, up) => backPoint(chair, across, up);
  if (back.style === 'shell') addShell(shop, chair);
  if (back.style === 'panel') addPanel(shop, chair, at);
  if (back.style === 'slats') addSlats(shop, back, at);
  if (back.style === 'ladder') addLadder(shop, back, at);
  if (back.style === 'hoop') addHoop(shop, back, at);
  if (back.headrest > 0) addHeadrest(shop, back, at);
  if (back.finial > 0) addFinials(shop, back, at);
}

/** A part of the back as a surface, `lift` metres in front of its middle. */
function backSurface(at: Bar, from: number, to: number, share = 1, lift = 0): Surface {
  return (u, v) => {
    const [x, y, z] = at(u * share, mix(from, to, (v + 1) / 2));
    return [x, y, z + lift];
  };
}

function addPanel(shop: Workshop, { seat, back }: ChairParameters, at: Bar): void {
  const sunk = -Math.min(seat.thickness, 0.08) / back.height;
  shop.sheet(backSurface(at, sunk, 1), { thickness: back.thickness, corner: back.corner, detail: back.wing > 0 ? 3 : 1 });
  if (back.hole > 0) {
    const [x, y, z] = at(0, 0.74);
    shop.drill(
      [
        [x, y, z - 0.3],
        [x, y, z + 0.3],
      ],
      { radius: back.hole * 0.85, flatness: 1 / 1.7, across: SIDEWAYS, segments: 24 },
    );
  }
  if (back.cushion === 0) return;
  const share = back.wing > 0 ? 0.55 : 0.9;
  shop.sheet(backSurface(at, 0.04, 0.93, share, back.thickness / 2 + back.cushion * 0.25), {
    thickness: back.cushion,
    corner: Math.max(back.corner, 0.35),
    crown: back.cushion * 0.2,
  });
}

function addPosts(shop: Workshop, back: BackParameters, at: Bar, top: number): void {
  for (const side of [-0.95, 0.95]) {
    const path = sampleCurve(8, (t) => at(side, mix(-0.08, top, t)));
    shop.rod(path, { radius: (t) => back.thickness * mix(0.55, 0.48, t), across: SIDEWAYS, square: 0.3 });
  }
}

function addRail(shop: Workshop, back: BackParameters, at: Bar, up: number, width: number, reach: number): void {
  const path = sampleCurve(10, (t) => at(mix(-reach, reach, t), up));
  shop.rod(path, { radius: width / 2, flatness: Math.min(1, back.thickness / width), across: UPRIGHT, square: 0.35 });
}

function addSlats(shop: Workshop, back: BackParameters, at: Bar): void {
  const rail = back.thickness * 1.7;
  const railUp = 1 - rail / 2 / back.height;
  addPosts(shop, back, at, railUp);
  addRail(shop, back, at, railUp, rail, 0.98);
  for (let i = 0; i < back.bars; i++) {
    const across = 0.95 * ((2 * (i + 1)) / (back.bars + 1) - 1);
    const path = sampleCurve(8, (t) => at(across, mix(-0.05, railUp, t)));
    const width = back.thickness * mix(1.9, 1.15, Math.min(1, (back.bars - 1) / 2));
    shop.rod(path, { radius: width / 2, flatness: back.thickness / width, across: SIDEWAYS, square: 0.35 });
  }
}

function addLadder(shop: Workshop, back: BackParameters, at: Bar): void {
  const rung = back.thickness * 1.6;
  addPosts(shop, back, at, 1);
  for (let i = 0; i <= back.bars; i++) {
    const up = mix(1 - rung / 2 / back.height, 0.08, (i + 0.15) / (back.bars + 0.6));
    addRail(shop, back, at, up, rung, 0.92);
  }
}

function addHoop(shop: Workshop, back: BackParameters, at: Bar): void {
  const arch = (t: number): Vector => {
    const angle = Math.PI * t;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    // Between an ellipse and a rectangle, as bentwood goes: up straight, then around.
    const exponent = 2 / mix(3.6, 2.3, back.corner);
    return at(-0.93 * Math.sign(c) * Math.abs(c) ** exponent, mix(-0.08, 1, s ** exponent));
  };
  const bow = sampleCurve(28, arch);
  shop.rod(bow, { radius: back.thickness / 2, across: [0, 0, 1] });
  for (let i = 0; i < back.bars; i++) {
    const across = 0.85 * ((2 * (i + 1)) / (back.bars + 1) - 1);
    const path = sampleCurve(8, (t) =>
      at(across * mix(0.85, 1, t), mix(-0.05, 0.99 - 0.35 * across ** 4 - back.thickness / 3 / back.height, t)),
    );
    shop.rod(path, { radius: (back.thickness / 2) * 0.9, across: SIDEWAYS });
  }
}

function addHeadrest(shop: Workshop, back: BackParameters, at: Bar): void {
  const gap = back.thickness * 0.6;
  const [low, high] = [1 + gap / back.height, 1 + (gap + back.headrest) / back.height];
  shop.sheet(backSurface(at, low, high, 0.66), { thickness: back.thickness, corner: 0.7 });
  const stem = sampleCurve(4, (t) => at(0, mix(0.85, (low + high) / 2, t)));
  shop.rod(stem, { radius: back.thickness * 1.3, flatness: 0.34, across: SIDEWAYS });
}

function addFinials(shop: Workshop, back: BackParameters, at: Bar): void {
  for (const side of [-0.93, 0.93]) shop.ball(at(side, 1), back.finial / 2);
}
