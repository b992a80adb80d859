import { describe, expect, it } from 'vitest';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import type { EvaluatedShape } from '../../src/evaluation/evaluate-asset.js';
import { caveats, FIGURE_COLUMNS, figureTable, formatFigure, summarize } from '../../src/evaluation/figure-columns.js';
import { drawMesh } from '../../src/evaluation/picture.js';
import { reportHtml } from '../../src/evaluation/report-html.js';
import { EMPTY_FIGURES, measureSurface, type SurfaceFigures } from '../../src/evaluation/surface-figures.js';
import { Random } from '../../src/random.js';
import { sphereMesh } from '../support/dataset-shapes.js';

const radius = 0.8;
const mesh = sphereMesh(radius, 5);
const samples = sampleSurface(mesh, 30_000, new Random(1));
const measure = (grown: number, truth: Parameters<typeof measureSurface>[1]) =>
  measureSurface(sphereMesh(radius + grown, 5), truth, new Random(2));

describe('the figures of a surface', () => {
  it('are those of two samplings where it is the truth itself', () => {
    const figures = measure(0, { samples, mesh });
    // Uniform points of density d: the mean squared nearest distance is 1 / (pi d), each way.
    expect(figures.chamferX1000).toBeCloseTo((1000 * 2 * 4 * Math.PI * radius ** 2) / (Math.PI * 30_000), 1);
    expect(figures.earthMovers).toBeGreaterThan(0.05);
    expect(figures.earthMovers).toBeLessThan(0.12);
    expect(figures).toMatchObject({ completion: 1 });
    for (const distance of [figures.accuracy, figures.completionDistance, figures.distanceToTruth, figures.distanceFromTruth])
      expect(distance).toBeLessThan(1e-6);
    expect(figures.cosineSimilarity).toBeGreaterThan(0.995);
  });

  it('are the offset of a sphere that is too large', () => {
    const offset = 0.02;
    const figures = measure(offset, { samples, mesh });
    for (const distance of [figures.accuracy, figures.completionDistance, figures.distanceToTruth, figures.distanceFromTruth])
      expect(distance).toBeCloseTo(offset, 3);
    expect(figures.completion).toBe(0);
    expect(figures.chamferX1000 - measure(0, { samples, mesh }).chamferX1000).toBeCloseTo(1000 * 2 * offset ** 2, 1);
  });

  it('need no mesh: accuracy is then that of the samples, whose spacing adds to it', () => {
    const figures = measure(0, { samples });
    expect(figures.distanceToTruth).toBeUndefined();
    expect(figures.completion).toBe(1);
    // 90 % of nearest distances: 1 - exp(-pi d r^2) = 0.9.
    expect(figures.accuracy).toBeCloseTo(Math.sqrt(Math.log(10) / (Math.PI * (30_000 / (4 * Math.PI * radius ** 2)))), 3);
  });

  it('need no normals either, nor as many points as the paper takes', () => {
    const few = { points: samples.points.slice(0, 3 * 300), normals: new Float32Array(0) };
    const figures = measure(0, { samples: few });
    expect(figures.cosineSimilarity).toBeUndefined();
    expect(figures.completion).toBe(1);
    expect(figures.earthMovers).toBeLessThan(0.2);
  });
});

const shape = (name: string, figures: SurfaceFigures, more: Partial<EvaluatedShape> = {}): EvaluatedShape => ({
  name,
  empty: false,
  against: 'mesh',
  components: 1,
  triangles: 8,
  figures,
  pictures: { truth: drawMesh(mesh, 8), generated: drawMesh(mesh, 8) },
  ...more,
});

const FIGURES: SurfaceFigures = {
  chamferX1000: 0.1,
  earthMovers: 0.04,
  accuracy: 0.003,
  completion: 0.99,
  completionDistance: 0.002,
  distanceFromTruth: 0.001,
};

describe('the tables', () => {
  const three = [
    shape('a', FIGURES),
    shape('b', { ...FIGURES, chamferX1000: 0.2 }),
    shape('c', { ...FIGURES, chamferX1000: 0.6, cosineSimilarity: 0.9 }),
  ];
  const column = (key: string) => FIGURE_COLUMNS.find((candidate) => candidate.key === key)!;

  it('give mean and median of each figure, over the shapes that have it', () => {
    expect(summarize(three, column('chamferX1000'), 'mean')).toBeCloseTo(0.3, 12);
    expect(summarize(three, column('chamferX1000'), 'median')).toBe(0.2);
    expect(summarize(three, column('cosineSimilarity'), 'mean')).toBe(0.9);
    expect(summarize(three, column('distanceToTruth'), 'mean')).toBeUndefined();
  });

  it('hold one row a shape, and its figures under their headings', () => {
    const lines = figureTable(three).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^shape +CD x 1000 +EMD +accuracy/);
    expect(lines[1]).toMatch(/^a +0\.100 +0\.0400 +0\.0030 +0\.9900 +0\.0020 +– +– +0\.00100 +1$/);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  it('say what was left out or replaced, and count a shape without surface with the worst', () => {
    expect(caveats(three)).toEqual([]);
    const empty = shape('d', EMPTY_FIGURES, { empty: true, components: 0 });
    expect(caveats([...three, empty])).toEqual([expect.stringMatching(/^1 of 4 shapes decode to no surface/)]);
    expect(formatFigure(summarize([...three, empty], column('chamferX1000'), 'mean'), 3)).toBe('∞');
    expect(formatFigure(summarize([...three, empty], column('chamferX1000'), 'median'), 3)).toBe('0.400');
    expect(caveats([shape('e', FIGURES, { against: 'samples' })])).toEqual([expect.stringMatching(/^accuracy of all shapes/)]);
  });
});

describe('the page', () => {
  const heading = { asset: 'x.glb', folder: 'data/<b>', resolution: 128, seed: 1 };

  it('needs nothing from elsewhere, and takes names for text', () => {
    const hostile = '<img src=x onerror="alert(1)">';
    const html = reportHtml(heading, [shape(hostile, FIGURES)], () => 'data:image/png;base64,AAAA');
    expect(html).not.toContain(hostile);
    expect(html).not.toContain('data/<b>');
    expect(html.match(/<img /g)).toHaveLength(2);
    expect(html.match(/\b(?:src|href)="(?!data:)/g)).toBeNull();
    expect(html).not.toMatch(/https?:|@import|url\(|<script|<link/);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('prefers-color-scheme: dark');
  });

  it('shows that a shape has no surface', () => {
    const empty = shape('nothing', EMPTY_FIGURES, { empty: true, components: 0, pictures: { truth: drawMesh(mesh, 8) } });
    const html = reportHtml(heading, [empty], () => 'data:image/png;base64,AAAA');
    expect(html.match(/<img /g)).toHaveLength(1);
    expect(html).toContain('no surface');
    expect(html).toContain('∞');
  });
});
