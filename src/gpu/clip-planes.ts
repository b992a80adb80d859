/** Of Babylon's clip planes: the first has no number. */
const NUMBERS = ['', '2', '3', '4', '5', '6'];

/**
 * Shader text for all of Babylon's clip planes: each block from `#ifdef CLIPPLANE_N` to `#endif` once for every plane, its number for `_N`.
 */
export function writeClipPlanes(wgsl: string): string {
  return wgsl.replaceAll(/#ifdef CLIPPLANE_N\n.*?#endif\n/gs, (block) => NUMBERS.map((number) => block.replaceAll('_N', number)).join(''));
}
