/** Kubernetes' rules for names, labels and ports, with its texts (k8s.io/apimachinery v0.34 pkg/util/validation). */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;

const LABEL_PATTERN = new RegExp(`^${LABEL}$`);
const SUBDOMAIN_PATTERN = new RegExp(`^${SUBDOMAIN}$`);
const QUALIFIED_PATTERN = new RegExp(`^${QUALIFIED}$`);
const LABEL_VALUE_PATTERN = new RegExp(`^${LABEL_VALUE}$`);
const PORT_CHARACTERS = /^[-a-z0-9]+$/;
const PORT_LETTER = /[a-z]/;

function patternError(message: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map(example => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

function tooLong(most: number): string {
  return `must be no more than ${most} characters`;
}

/** What is wrong with a DNS label; nothing is the empty list. */
export function dnsLabelErrors(value: string): string[] {
  const errors = value.length > 63 ? [tooLong(63)] : [];
  if (LABEL_PATTERN.test(value)) return errors;
  errors.push(
    SUBDOMAIN_PATTERN.test(value)
      ? 'must not contain dots'
      : patternError(
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
          LABEL,
          'my-name',
          '123-abc',
        ),
  );
  return errors;
}

/** What is wrong with a DNS subdomain. */
export function dnsSubdomainErrors(value: string): string[] {
  const errors = value.length > 253 ? [tooLong(253)] : [];
  if (SUBDOMAIN_PATTERN.test(value)) return errors;
  errors.push(
    patternError(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      SUBDOMAIN,
      'example.com',
    ),
  );
  return errors;
}

/** What is wrong with the key of a label or annotation. */
export function qualifiedNameErrors(value: string): string[] {
  const nameError = patternError(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    QUALIFIED,
    'MyName',
    'my.name',
    '123-abc',
  );
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${nameError} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...dnsSubdomainErrors(prefix).map(error => `prefix part ${error}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (name.length > 63) errors.push(`name part ${tooLong(63)}`);
  if (!QUALIFIED_PATTERN.test(name)) errors.push(`name part ${nameError}`);
  return errors;
}

/** What is wrong with the value of a label. */
export function labelValueErrors(value: string): string[] {
  const errors = value.length > 63 ? [tooLong(63)] : [];
  if (LABEL_VALUE_PATTERN.test(value)) return errors;
  errors.push(
    patternError(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      LABEL_VALUE,
      'MyValue',
      'my_value',
      '12345',
    ),
  );
  return errors;
}

export function isPortName(name: string): boolean {
  return (
    name.length <= 15 &&
    PORT_CHARACTERS.test(name) &&
    PORT_LETTER.test(name) &&
    !name.includes('--') &&
    !name.startsWith('-') &&
    !name.endsWith('-')
  );
}
