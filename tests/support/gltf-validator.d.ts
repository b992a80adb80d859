/** The package ships no types; the one function that the tests call. */
declare module 'gltf-validator' {
  export function validateBytes(file: Uint8Array, options?: { readonly maxIssues?: number }): Promise<unknown>;
}
