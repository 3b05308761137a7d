/** Named formats in rules (apiserver v1.35 pkg/cel/library/format.go): `format.dns1123Label().validate(self.name)`. */
import { type Environment, Optional } from '@marcbachmann/cel-js';
// The leaf file rather than the door: the API server's area asks this one to check rules.
import {
  checkLabel1035,
  checkLabelName,
  checkLabelValue,
  checkQualifiedName,
  checkSubdomain,
} from '../apiserver/names.ts';
import { hasFormat } from '../schemas/index.ts';
import { parseUrl } from './urls.ts';

export class CelFormat {
  readonly check: (text: string) => string[];

  constructor(check: (text: string) => string[]) {
    this.check = check;
  }
}

type Check = (text: string) => string[];

/** A prefix of a name may end in a dash. */
function ofPrefix(check: Check): Check {
  return text => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);
}

function byFormat(format: string, problem: string): Check {
  return text => (hasFormat(format, text) ? [] : [problem]);
}

const FORMATS: Readonly<Record<string, Check>> = {
  dns1123Label: checkLabelName,
  dns1123Subdomain: checkSubdomain,
  dns1035Label: checkLabel1035,
  qualifiedName: checkQualifiedName,
  dns1123LabelPrefix: ofPrefix(checkLabelName),
  dns1123SubdomainPrefix: ofPrefix(checkSubdomain),
  dns1035LabelPrefix: ofPrefix(checkLabel1035),
  labelValue: checkLabelValue,
  uri: text => {
    try {
      parseUrl(text);
      return [];
    } catch (error) {
      return [(error as Error).message.replace('URL parse error during conversion from string: ', '')];
    }
  },
  uuid: byFormat('uuid', 'does not match the UUID format'),
  byte: byFormat('byte', 'invalid base64'),
  date: byFormat('date', 'invalid date'),
  datetime: byFormat('datetime', 'invalid datetime'),
};

export function registerFormats(environment: Environment): void {
  environment
    .registerType('kubernetes.NamedFormat', { ctor: CelFormat, fields: {} })
    .registerFunction(
      'kubernetes.NamedFormat.validate(string): optional<list<string>>',
      ({ check }: CelFormat, text: string) => {
        const problems = check(text);
        return problems.length === 0 ? Optional.none() : Optional.of(problems);
      },
    )
    .registerFunction(
      'FormatNamespace.named(string): optional<kubernetes.NamedFormat>',
      (_: unknown, name: string) => {
        const check = FORMATS[name];
        return check ? Optional.of(new CelFormat(check)) : Optional.none();
      },
    );
  for (const [name, check] of Object.entries(FORMATS)) {
    const format = new CelFormat(check);
    environment.registerFunction(`FormatNamespace.${name}(): kubernetes.NamedFormat`, () => format);
  }
}
