import { conditionMesh } from '../dataset/condition-mesh.js';
import { loadSamples } from '../dataset/folder-node.js';
import { preparedPose } from '../dataset/manifest-node.js';
import { readMeshFile } from '../dataset/prepare-mesh-node.js';
import type { PreparedMesh } from '../dataset/prepared-mesh.js';
import { readMesh } from '../dataset/read-mesh.js';
import { NeuralSdfError } from '../errors.js';
import { writeFileAtomic } from '../write-file-node.js';
import { drawSlice } from './draw-slice.js';
import { drawMesh } from './picture.js';
import { type PicturedMesh, prepareReportHtml, SHOWN_SIZE } from './prepare-report-html.js';
import { pngUri } from './write-report-node.js';

const PICTURE_SIZE = 2 * SHOWN_SIZE;

/**
 * Writes a page that shows each mesh beside its samples, and needs no other file.
 * @param path of the page
 * @param root the prepared folder
 * @param meshes as `prepareMeshes` answers
 * @param onProgress called after each mesh with the share done
 * @throws NeuralSdfError WRITE_FAILED, and what reading samples throws that have gone since
 */
export async function writePrepareReport(
  path: string,
  root: string,
  meshes: readonly PreparedMesh[],
  onProgress?: (done: number) => void,
): Promise<void> {
  const pictured: PicturedMesh[] = [];
  for (const prepared of meshes) {
    pictured.push(await picture(root, prepared));
    onProgress?.(pictured.length / meshes.length);
  }
  await writeFileAtomic(path, prepareReportHtml(root, pictured));
}

async function picture(root: string, prepared: PreparedMesh): Promise<PicturedMesh> {
  const { file, instance, error } = prepared;
  try {
    const read = await readMesh(await readMeshFile(file), file);
    const { mesh } = conditionMesh(read, file, await preparedPose(root, instance));
    const pictures = [{ caption: 'mesh', uri: pngUri(drawMesh(mesh, PICTURE_SIZE)) }];
    if (!error) {
      const { samples } = await loadSamples(root, instance);
      pictures.push({ caption: 'cut, from the front', uri: pngUri(drawSlice(samples, mesh, 'z', PICTURE_SIZE)) });
      pictures.push({ caption: 'cut, from the side', uri: pngUri(drawSlice(samples, mesh, 'x', PICTURE_SIZE)) });
    }
    return { prepared, pictures };
  } catch (reason) {
    // A mesh that could not be prepared may well not be drawn either: its card says why.
    if (error && reason instanceof NeuralSdfError) return { prepared, pictures: [] };
    throw reason;
  }
}
