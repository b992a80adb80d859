/** What a variant material writes instead of a lit colour. */
export interface TraceOutput {
  /** Tells outputs apart among Babylon's defines; 1 or more. */
  readonly id: number;
  /** WGSL statements that come before the march. */
  readonly before?: string;
  /** Added to the fragment's declarations. */
  readonly declarations?: string;
  /** WGSL statements that set `fragmentOutputs.color` from `sdfHit`, `sdfWorld` (world position, vec4f), `sdfClip` (clip position), `fragmentInputs.vNormalW`. */
  readonly main: string;
}
