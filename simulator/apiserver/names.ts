/** What may be a name, a label or an annotation key (apimachinery pkg/util/validation), with Kubernetes' texts. */
import type { ResourceDefinition } from '../resources/definition.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;

const LABEL_PATTERN = new RegExp(`^${LABEL}$`);
const SUBDOMAIN_PATTERN = new RegExp(`^${SUBDOMAIN}$`);
const LABEL_1035_PATTERN = new RegExp(`^${LABEL_1035}$`);
const QUALIFIED_PATTERN = new RegExp(`^${QUALIFIED}$`);
const LABEL_VALUE_PATTERN = new RegExp(`^${LABEL_VALUE}$`);

const tooLong = (length: number) => `must be no more than ${length} characters`;

function mismatch(text: string, pattern: string, ...examples: string[]): string {
  const list = examples.map(example => `'${example}', `).join(' or ');
  return `${text} (e.g. ${list}regex used for validation is '${pattern}')`;
}

/** RFC 1123 label: namespaces, volumes, ports. Returns what is wrong; nothing when it is right. */
export function checkLabelName(name: string): string[] {
  const problems = name.length > 63 ? [tooLong(63)] : [];
  if (!LABEL_PATTERN.test(name)) {
    problems.push(
      SUBDOMAIN_PATTERN.test(name)
        ? 'must not contain dots'
        : mismatch(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            LABEL,
            'my-name',
            '123-abc',
          ),
    );
  }
  return problems;
}

/** RFC 1123 subdomain: most object names. */
export function checkSubdomain(name: string): string[] {
  const problems = name.length > 253 ? [tooLong(253)] : [];
  if (!SUBDOMAIN_PATTERN.test(name)) {
    problems.push(
      mismatch(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        SUBDOMAIN,
        'example.com',
      ),
    );
  }
  return problems;
}

/** RFC 1035 label: services. */
export function checkLabel1035(name: string): string[] {
  const problems = name.length > 63 ? [tooLong(63)] : [];
  if (!LABEL_1035_PATTERN.test(name)) {
    problems.push(
      mismatch(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        LABEL_1035,
        'my-name',
        'abc-123',
      ),
    );
  }
  return problems;
}

/** What can stand between slashes of a URL: names of RBAC objects. */
export function checkPathSegment(name: string, prefix = false): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter(part => name.includes(part)).map(part => `may not contain '${part}'`);
}

/** `example.com/MyName`: keys of labels and annotations, finalizers. */
export function checkQualifiedName(value: string): string[] {
  const text =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const examples = ['MyName', 'my.name', '123-abc'];
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${mismatch(text, QUALIFIED, ...examples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  const name = parts[parts.length - 1] as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...checkSubdomain(prefix).map(problem => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push(`name part ${tooLong(63)}`);
  if (!QUALIFIED_PATTERN.test(name)) problems.push(`name part ${mismatch(text, QUALIFIED, ...examples)}`);
  return problems;
}

export function checkLabelValue(value: string): string[] {
  const problems = value.length > 63 ? [tooLong(63)] : [];
  if (!LABEL_VALUE_PATTERN.test(value)) {
    problems.push(
      mismatch(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        LABEL_VALUE,
        'MyValue',
        'my_value',
        '12345',
      ),
    );
  }
  return problems;
}

/** Checks a name by its resource's rule. A prefix (generateName) may end in a dash. */
export function checkName(rule: ResourceDefinition['nameRule'], name: string, prefix = false): string[] {
  const checked = prefix && name.endsWith('-') ? `${name.slice(0, -1)}a` : name;
  switch (rule) {
    case 'subdomain':
      return checkSubdomain(checked);
    case 'label':
      return checkLabelName(checked);
    case 'label1035':
      return checkLabel1035(checked);
    case 'pathSegment':
      return checkPathSegment(name, prefix);
  }
}
