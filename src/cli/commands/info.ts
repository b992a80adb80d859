import { Command } from 'commander';
import type { NeuralShapes } from '../../asset/index.js';
import { parameterCount } from '../../decoder/decoder.js';
import { multiplyAddsPerEvaluation } from '../../decoder/spec.js';
import { readAsset, readInput } from '../files.js';
import { type CommonOptions, withCommonOptions } from '../options.js';
import { createTerminal } from '../terminal.js';

/** `info`: what an asset holds and what it costs. */
export function infoCommand(): Command {
  const command = new Command('info')
    .description('show the decoder, shapes, sizes and training figures of an asset')
    .argument('<asset>', 'a .glb with neural shapes');
  return withCommonOptions(command, 'neural-sdf info cups.glb').action(async (path: string, options: CommonOptions) => {
    const [bytes, shapes] = [await readInput(path), await readAsset(path)];
    const summary = summarize(shapes, bytes.length);
    createTerminal(options).result(summary, format(summary));
  });
}

function summarize(asset: NeuralShapes, fileBytes: number) {
  const { decoder, shapes, delta, stepScale, halfExtent, provenance } = asset;
  return {
    fileBytes,
    decoder: { ...decoder.spec, parameters: parameterCount(decoder), multiplyAddsPerEvaluation: multiplyAddsPerEvaluation(decoder.spec) },
    delta,
    stepScale,
    halfExtent,
    shapes: shapes.map(({ name, normalization, bakedMesh }) => ({
      name,
      normalization,
      bakedTriangles: bakedMesh ? bakedMesh.triangles.length / 3 : 0,
    })),
    provenance: provenance ?? {},
  };
}

function format(summary: ReturnType<typeof summarize>): string {
  const { decoder, shapes } = summary;
  const { perShape = [], ...others } = summary.provenance as { perShape?: { name: string; chamferX1000: number | null }[] };
  const extras = [
    decoder.latentIn.length > 0 && `latent again before layer ${decoder.latentIn.join(', ')}`,
    decoder.latentInAll && 'latent in every layer',
    decoder.xyzInAll && 'point in every layer',
    decoder.fourierOctaves > 0 && `${decoder.fourierOctaves} Fourier octaves`,
    decoder.activation !== 'relu' && `${decoder.activation} (${decoder.activationScale})`,
    !decoder.weightNorm && decoder.normLayers.length > 0 && `layer norm of ${decoder.normLayers.join(', ')}`,
    decoder.innerTanh && 'inner tanh',
    decoder.outputTanh && 'tanh',
  ].filter(Boolean);
  const lines = [
    `decoder     ${decoder.dims.join('-')}, code length ${decoder.codeLength}${extras.length > 0 ? `, ${extras.join(', ')}` : ''}`,
    `            ${decoder.parameters} parameters, ${decoder.multiplyAddsPerEvaluation} multiply-adds an evaluation`,
    `distances   truncated at ${summary.delta}, steps scaled by ${summary.stepScale.toFixed(3)}, surfaces within ±${summary.halfExtent}`,
    `file        ${(summary.fileBytes / 1024).toFixed(0)} KiB`,
    `shapes      ${shapes.length}`,
    ...shapes.map(({ name, bakedTriangles }, index) => {
      const figures = perShape.find((one) => one.name === name);
      const chamfer = figures ? `  Chamfer x 1000 ${figures.chamferX1000?.toFixed(3) ?? 'none: no surface'}` : '';
      return `  ${String(index).padStart(4)}  ${name.padEnd(20)}${chamfer}${bakedTriangles > 0 ? `  baked mesh of ${bakedTriangles} triangles` : ''}`;
    }),
  ];
  for (const [key, value] of Object.entries(others)) {
    lines.push(`${key.padEnd(11)} ${typeof value === 'object' ? indented(JSON.stringify(value, undefined, 1)) : value}`);
  }
  return lines.join('\n');
}

/** JSON without its braces, under the values' column. */
function indented(json: string): string {
  const lines = json
    .split('\n')
    .map((line) => line.replace(/[{}[\]",]/g, '').trimEnd())
    .filter((line) => line.trim() !== '');
  return lines.map((line) => line.slice(1)).join('\n            ');
}
