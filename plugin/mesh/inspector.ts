import { type IInspectable, InspectableType } from '@babylonjs/core/Misc/iInspectable.js';
import { findShape } from '../../src/asset/find-shape.js';
import { analyzeLatents, type LatentDistribution, latentAt, latentCoordinates } from '../../src/latent/latent-distribution.js';
import { describeTraceStatus } from '../shape/trace-status.js';
import { SHOW_BAKED } from './mesh-options.js';
import type { NeuralSdfMesh } from './neural-sdf-mesh.js';

/** Sliders along the first principal directions of the asset's latent codes: what most of its variety lies in. */
const SLIDERS = 8;
/** Deviations to either side. */
const REACH = 2.5;

const made = new WeakMap<NeuralSdfMesh, IInspectable[]>();

/**
 * What Babylon's inspector shows of a neural shape: which shape it is, sliders along its variety, how it is shown and what it costs. The
 * inspector reads and writes the properties that are named here; they are put on the mesh when first asked for.
 */
export function inspectorProperties(mesh: NeuralSdfMesh): IInspectable[] {
  let list = made.get(mesh);
  if (!list) {
    list = [...shapeProperties(mesh), ...sliders(mesh), ...tracingProperties(mesh)];
    made.set(mesh, list);
  }
  return list;
}

function shapeProperties(mesh: NeuralSdfMesh): IInspectable[] {
  const names = mesh.shapes.shapes.map(({ name }) => name);
  define(mesh, 'inspectedShape', {
    get: () => mesh.shapes.shapes.findIndex(({ latent }) => latent.every((value, i) => value === mesh.latent[i])),
    set: (index: number | string) => {
      if (Number(index) >= 0) mesh.setShape(findShape(mesh.shapes, Number(index)));
    },
  });
  return [
    {
      label: 'Shape',
      propertyName: 'inspectedShape',
      type: InspectableType.Options,
      options: [{ label: '(edited)', value: -1 }, ...names.map((label, value) => ({ label, value }))],
    },
    { label: 'Blend', propertyName: 'blendFactor', type: InspectableType.Slider, min: 0, max: 1, step: 0.01 },
  ];
}

function sliders(mesh: NeuralSdfMesh): IInspectable[] {
  let analyzed: LatentDistribution | undefined;
  const distribution = () => {
    analyzed ??= analyzeLatents(mesh.shapes.shapes.map(({ latent }) => latent));
    return analyzed;
  };
  // As many as the shapes span.
  const count = Math.min(SLIDERS, mesh.shapes.decoder.spec.codeLength, mesh.shapes.shapes.length - 1);
  return Array.from({ length: count }, (_, k) => {
    const propertyName = `inspectedDirection${k + 1}`;
    define(mesh, propertyName, {
      get: () => latentCoordinates(distribution(), mesh.latent)[k],
      set: (value: number) => {
        // What lies off the first directions stays as it is.
        const step = latentAt(
          distribution(),
          Array.from({ length: k + 1 }, (_, i) => (i === k ? value - latentCoordinates(distribution(), mesh.latent)[k] : 0)),
        );
        mesh.setLatent(mesh.latent.map((entry, i) => entry + step[i] - distribution().mean[i]));
      },
    });
    return { label: `Direction ${k + 1}`, propertyName, type: InspectableType.Slider, min: -REACH, max: REACH, step: 0.05 };
  });
}

function tracingProperties(mesh: NeuralSdfMesh): IInspectable[] {
  define(mesh, 'inspectedBaked', {
    get: () => SHOW_BAKED.indexOf(mesh.showBaked),
    set: (index: number | string) => {
      mesh.showBaked = SHOW_BAKED[Number(index)] ?? 'never';
    },
  });
  define(mesh, 'inspectedStatus', { get: () => describeTraceStatus(mesh.traceStatus), set: () => {} });
  define(mesh, 'inspectedCount', {
    get: () => mesh.plugin?.countsEvaluations ?? false,
    set: (value: boolean) => {
      if (mesh.plugin) mesh.plugin.countsEvaluations = value;
    },
  });
  // The count is read back from the GPU: what is shown is the last one that arrived.
  let shown = '';
  define(mesh, 'inspectedEvaluations', {
    get: () => {
      mesh.plugin?.readEvaluationsAsync().then(
        ({ evaluations, pixels }) => {
          if (pixels > 0) shown = (evaluations / pixels).toFixed(2);
        },
        () => {},
      );
      return shown;
    },
    set: () => {},
  });
  return [
    {
      label: 'Show baked',
      propertyName: 'inspectedBaked',
      type: InspectableType.Options,
      options: SHOW_BAKED.map((label, value) => ({ label, value })),
    },
    { label: 'Traced by', propertyName: 'inspectedStatus', type: InspectableType.String },
    { label: 'Baked mesh follows', propertyName: 'autoBake', type: InspectableType.Checkbox },
    { label: 'Baked below, pixels', propertyName: 'lodPixels', type: InspectableType.Slider, min: 0, max: 200, step: 1 },
    { label: 'Count evaluations', propertyName: 'inspectedCount', type: InspectableType.Checkbox },
    { label: 'Evaluations a pixel', propertyName: 'inspectedEvaluations', type: InspectableType.String },
  ];
}

/** Not enumerable, so that copying a mesh's properties does not come here. */
function define<T>(mesh: NeuralSdfMesh, name: string, accessor: { get: () => unknown; set: (value: T) => void }): void {
  Object.defineProperty(mesh, name, { ...accessor, configurable: true, enumerable: false });
}
