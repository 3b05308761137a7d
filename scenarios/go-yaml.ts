/**
 * YAML as Kubernetes' clients read it (sigs.k8s.io/yaml v1.6 on goyaml.v2): YAML 1.1 words for booleans and octal
 * numbers, but neither sexagesimal numbers nor timestamps, and numbers only where Go's parser sees one (`e1000` is text).
 * Left out: integers above 2^53 keep a float's precision; `!!binary` is refused.
 */
import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions, Tags } from 'yaml';

const INTEGER = /^([-+]?)(?:(\d+)|0x([\da-f]+)|0o([0-7]+)|0b([01]+))$/i;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NAN = /^\.(?:nan|NaN|NAN)$/;

/** The number that Go reads in a plain scalar, or undefined where it reads text. */
export function goNumber(text: string): number | undefined {
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (NAN.test(text)) return Number.NaN;
  // Underscores are dropped anywhere but in a number that begins with its point.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const integer = INTEGER.exec(plain);
  if (integer) {
    const [, sign, decimal, hex, octal, binary] = integer;
    const value =
      decimal !== undefined
        ? decimalOrOctal(decimal)
        : hex !== undefined
          ? Number.parseInt(hex, 16)
          : octal !== undefined
            ? Number.parseInt(octal, 8)
            : Number.parseInt(binary ?? '', 2);
    return sign === '-' && value !== 0 ? -value : value;
  }
  return FLOAT.test(plain) ? Number(plain) : undefined;
}

function decimalOrOctal(digits: string): number {
  return digits.length > 1 && /^0[0-7]*$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
}

function numberTag(name: 'int' | 'float', byDefault: boolean): ScalarTag {
  return {
    tag: `tag:yaml.org,2002:${name}`,
    default: byDefault,
    test: /^[-+.\d]/,
    resolve: (text, onError) => {
      const number = goNumber(text);
      if (number !== undefined) return number;
      if (!byDefault) onError(`cannot decode !!str \`${text}\` as a !!${name}`);
      return text;
    },
  };
}

/** Of the YAML 1.1 types those that Go's reader knows; dates and the rest are plain text to it. */
const KEPT = new Set(['null', 'bool', 'merge', 'map', 'seq', 'str'].map(name => `tag:yaml.org,2002:${name}`));

export const GO_YAML: DocumentOptions & ParseOptions & SchemaOptions = {
  version: '1.1',
  customTags: (tags: Tags) => [
    ...tags.filter(tag => typeof tag === 'object' && KEPT.has(tag.tag)),
    numberTag('float', true),
    numberTag('float', false),
    numberTag('int', false),
  ],
  logLevel: 'silent',
};
