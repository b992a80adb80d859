/** @returns name to contents of every file that generated/ must hold */
export function generate(): Promise<Record<string, string>>;
