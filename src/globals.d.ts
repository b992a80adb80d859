/** Shaders are files that an editor can highlight; the bundler hands them over as text. */
declare module '*.wgsl' {
  const source: string;
  export default source;
}

/** package.json's version, put in by the bundler. */
declare const __PACKAGE_VERSION__: string;
