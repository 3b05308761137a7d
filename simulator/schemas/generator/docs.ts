/** Text of a JSDoc block without its decoration and tags. */
export function cleanDoc(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*/, '')
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, '').trimEnd())
    .filter(line => !/^@\w+/.test(line.trim()))
    .join('\n')
    .replace(/\\(['"])/g, '$1')
    .trim();
}

/** The generators of both packages print a Quantity as a plain string; its documentation gives it away. */
export function isQuantityDoc(doc: string): boolean {
  return doc.startsWith('Quantity is a fixed-point representation');
}
