import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { installWebGpu } from '../../gpu/device-node.js';
import type { TfjsPlatform } from './tfjs-backend.js';

/**
 * What tfjs needs in Node: its wasm binaries from the installed package, and Dawn where it is installed. Where one is missing,
 * the backend in question says so.
 */
export function nodeTfjsPlatform(): TfjsPlatform {
  return { wasmPaths: wasmFolder(), gpu: () => installWebGpu().catch(() => undefined) };
}

function wasmFolder(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')), '/');
  } catch {
    return undefined;
  }
}
