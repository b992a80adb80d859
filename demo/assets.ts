import { ImportMeshAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { NeuralSdfMesh, registerNeuralSdf } from '../plugin/index.js';
import { NeuralSdfError } from '../src/errors.js';

/** An asset that comes with the page. */
export interface Offer {
  readonly file: string;
  readonly about: string;
}

export const OFFERS: Readonly<Record<string, Offer>> = {
  chairs: { file: 'assets/chairs.glb', about: '108 chairs in one decoder of four layers, 64 units each.' },
  mugs: { file: 'assets/mugs.glb', about: 'Mugs with handles, in a decoder as small as that of the chairs.' },
  planes: { file: 'assets/planes.glb', about: 'Aeroplanes: thin wings, three octaves of Fourier features.' },
  'mugs, 8 × 512': {
    file: 'assets/mugs-teacher.glb',
    about: 'A decoder as wide as the DeepSDF paper’s: traced by bricks near the surface, which fill from coarse to fine.',
  },
};

/** @throws Error one sentence for the page */
export async function fetchAsset(file: string): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(file);
  } catch (cause) {
    throw new Error(`“${file}” could not be fetched: the server does not answer.`, { cause });
  }
  if (!answer.ok) throw new Error(`“${file}” could not be fetched: the server answered ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * The neural shapes of a file, by Babylon's own loader.
 * @param name what the page calls the file
 * @throws Error one sentence for the page; nothing then stays in the scene
 */
export async function loadAsset(name: string, bytes: Uint8Array, scene: Scene): Promise<NeuralSdfMesh[]> {
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== 'glTF') {
    throw new Error(`“${name}” is no .glb file: only .glb files with neural shapes can be shown here.`);
  }
  registerNeuralSdf();
  const { meshes } = await ImportMeshAsync(bytes, scene, { pluginExtension: '.glb' }).catch((cause: unknown) => {
    throw new Error(`“${name}” could not be read: ${reasonOf(cause)}`, { cause });
  });
  const neural = meshes.filter((mesh) => mesh instanceof NeuralSdfMesh);
  // The page has places and materials of its own.
  for (const mesh of neural) mesh.parent = null;
  const materials = new Set(meshes.map(({ material }) => material));
  for (const mesh of neural) mesh.material = null;
  for (const mesh of meshes) if (!(mesh instanceof NeuralSdfMesh)) mesh.dispose();
  for (const material of materials) material?.dispose();
  if (neural.length === 0) {
    throw new Error(`“${name}” holds ordinary meshes only: train.html or “neural-sdf train” makes neural shapes of them.`);
  }
  return neural;
}

/** Of what Babylon's loader wraps, the part that says what was wrong. */
function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && !(innermost instanceof NeuralSdfError) && 'innerError' in innermost && innermost.innerError) {
    innermost = innermost.innerError;
  }
  return innermost instanceof Error ? innermost.message : String(innermost);
}
