import { describe, expect, it } from 'vitest';
import { applyPose, type Pose, parsePoses } from '../../src/dataset/poses.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { boxMesh, moved } from '../support/dataset-shapes.js';

const parse = (text: string) => parsePoses(new TextEncoder().encode(text), 'poses.json');

describe('a pose file', () => {
  it('says of each mesh which axis is up and how far it is turned, and may hold a remark', () => {
    expect(parse('{"about": "turns", "a": {"up": "z", "yaw": 90}, "b": {"yaw": -12.5}, "c": {"up": "-x"}, "d": {}}')).toEqual({
      a: { up: 'z', yaw: 90 },
      b: { up: 'y', yaw: -12.5 },
      c: { up: '-x', yaw: 0 },
      d: { up: 'y', yaw: 0 },
    });
  });

  it.each([
    ['', /not JSON/],
    ['[]', /object expected/],
    ['{"a": 90}', /"a" is not an object/],
    ['{"a": {"up": "w"}}', /up = "w"/],
    ['{"a": {"up": "toString"}}', /up = "toString"/],
    ['{"a": {"yaw": "90"}}', /yaw = "90"/],
    ['{"a": {"pitch": 3}}', /"pitch", which is not known/],
  ])('is refused when it is %s', (text, message) => {
    expect(() => parse(text)).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }));
  });
});

describe('a mesh', () => {
  /** Where a point goes. */
  const turn = (point: number[], pose: Pose) =>
    [...applyPose({ positions: Float32Array.from(point), triangles: new Uint32Array(0) }, pose).positions].map(
      (v) => Math.round(v * 1e6) / 1e6 + 0,
    );

  it.each([
    ['x', [1, 0, 0]],
    ['y', [0, 1, 0]],
    ['z', [0, 0, 1]],
    ['-x', [-1, 0, 0]],
    ['-y', [0, -1, 0]],
    ['-z', [0, 0, -1]],
  ] as const)('whose %s is up is set upright, and not mirrored', (up, axis) => {
    expect(turn([...axis], { up, yaw: 0 })).toEqual([0, 1, 0]);
    const box = moved(boxMesh(0.1, 0.2, 0.3), [1, 2, 3]);
    for (const yaw of [0, 33]) expect(meshVolume(applyPose(box, { up, yaw }))).toBeCloseTo(meshVolume(box), 5);
  });

  it('is turned back by its yaw: counter-clockwise seen from above is from +z to +x', () => {
    expect(turn([1, 5, 0], { up: 'y', yaw: 90 })).toEqual([0, 5, 1]);
    expect(turn([0, 5, 1], { up: 'y', yaw: 90 })).toEqual([-1, 5, 0]);
    expect(turn([Math.SQRT1_2, 0, Math.SQRT1_2], { up: 'y', yaw: 45 })).toEqual([0, 0, 1]);
  });

  it('with z up goes from (x, y, z) to (x, z, -y) first', () => {
    expect(turn([1, 2, 3], { up: 'z', yaw: 0 })).toEqual([1, 3, -2]);
    expect(turn([1, 2, 3], { up: 'z', yaw: 180 })).toEqual([-1, 3, 2]);
  });
});
