/** Affinity and topology spread, judged as for pods (KubeVirt v1.9 admitters/validate-k8s-utils.go). */
import type { Affinity, NodeSelectorTerm, PodAffinityTerm, TopologySpreadConstraint } from '../types/core.ts';
import type { LabelSelector, LabelSelectorRequirement, StatusCause } from '../types/meta.ts';
import { invalid, quoted } from './causes.ts';
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from './kubernetes-names.ts';

type Causes = StatusCause[];

/** Every field error becomes one cause of the same reason, its text that of Kubernetes' field.Error. */
function report(causes: Causes, field: string, body: string): void {
  causes.push(invalid(`${field}: ${body}`, field));
}

function badValue(causes: Causes, field: string, value: string | number, detail: string): void {
  report(causes, field, `Invalid value: ${typeof value === 'string' ? quoted(value) : value}: ${detail}`);
}

function missing(causes: Causes, field: string, detail: string): void {
  report(causes, field, `Required value: ${detail}`);
}

function unwanted(causes: Causes, field: string, detail: string): void {
  report(causes, field, `Forbidden: ${detail}`);
}

/** KubeVirt hands the spec's own path in, so `affinity` is missing from every field it names. */
export function validateAffinity(causes: Causes, path: string, affinity: Affinity | undefined): void {
  if (!affinity) return;
  const { nodeAffinity: node, podAffinity, podAntiAffinity } = affinity;
  const requiredTerms = node?.requiredDuringSchedulingIgnoredDuringExecution;
  if (requiredTerms) {
    const field = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    const terms = requiredTerms.nodeSelectorTerms ?? [];
    if (terms.length === 0) missing(causes, field, 'must have at least one node selector term');
    terms.forEach((term, index) => validateNodeSelectorTerm(causes, `${field}[${index}]`, term));
  }
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) => {
    const field = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    validateWeight(causes, field, term.weight);
    validateNodeSelectorTerm(causes, `${field}.preference`, term.preference);
  });
  validatePodAffinity(causes, `${path}.podAffinity`, podAffinity);
  validatePodAffinity(causes, `${path}.podAntiAffinity`, podAntiAffinity);
}

export function validateTopologySpread(
  causes: Causes,
  path: string,
  constraints: readonly TopologySpreadConstraint[] | undefined,
): void {
  constraints?.forEach((constraint, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    const field = `${path}.topologySpreadConstraints[${index}]`;
    if (!(maxSkew > 0)) badValue(causes, `${field}.maxSkew`, maxSkew ?? 0, 'must be greater than zero');
    if (!topologyKey) missing(causes, `${field}.topologyKey`, 'can not be empty');
    else validateLabelKey(causes, `${field}.topologyKey`, topologyKey);
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') {
      report(
        causes,
        `${field}.whenUnsatisfiable`,
        `Unsupported value: ${quoted(whenUnsatisfiable ?? '')}: supported values: "DoNotSchedule", "ScheduleAnyway"`,
      );
    }
    validateLabelSelector(
      causes,
      `${path}.topologySpreadConstraints.labelSelector`,
      constraint.labelSelector,
    );
    const repeated = constraints
      .slice(index + 1)
      .some(other => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (repeated) {
      report(
        causes,
        `${field}.{topologyKey, whenUnsatisfiable}`,
        `Duplicate value: ${quoted(`{${topologyKey}, ${whenUnsatisfiable}}`)}`,
      );
    }
  });
}

type PodTerms = NonNullable<Affinity['podAffinity']>;

function validatePodAffinity(causes: Causes, path: string, terms: PodTerms | undefined): void {
  terms?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
    validatePodAffinityTerm(causes, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term),
  );
  terms?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((weighted, index) => {
    const field = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    validateWeight(causes, field, weighted.weight);
    validatePodAffinityTerm(causes, `${field}.podAffinityTerm`, weighted.podAffinityTerm);
  });
}

function validateWeight(causes: Causes, path: string, weight: number | undefined): void {
  if (weight === undefined || weight <= 0 || weight > 100) {
    badValue(causes, `${path}.weight`, weight ?? 0, 'must be in the range 1-100');
  }
}

function validatePodAffinityTerm(causes: Causes, path: string, term: PodAffinityTerm | undefined): void {
  validateLabelSelector(causes, `${path}.labelSelector`, term?.labelSelector);
  validateLabelSelector(causes, `${path}.namespaceSelector`, term?.namespaceSelector);
  for (const name of term?.namespaces ?? []) {
    for (const error of dnsLabelErrors(name)) badValue(causes, `${path}.namespace`, name, error);
  }
  const key = term?.topologyKey ?? '';
  if (key === '') missing(causes, `${path}.topologyKey`, 'can not be empty');
  validateLabelKey(causes, `${path}.topologyKey`, key);
}

function validateNodeSelectorTerm(causes: Causes, path: string, term: NodeSelectorTerm | undefined): void {
  term?.matchExpressions?.forEach((requirement, index) => {
    const field = `${path}.matchExpressions[${index}]`;
    const { operator, values = [] } = requirement;
    if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1) {
        missing(causes, `${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
    } else {
      validateOperator(causes, field, requirement);
    }
    validateLabelKey(causes, `${field}.key`, requirement.key);
  });
  term?.matchFields?.forEach((requirement, index) => {
    const field = `${path}.matchFields[${index}]`;
    const { key, operator, values = [] } = requirement;
    if (operator !== 'In' && operator !== 'NotIn') {
      badValue(causes, `${field}.operator`, operator ?? '', 'not a valid selector operator');
    } else if (values.length !== 1) {
      missing(
        causes,
        `${field}.values`,
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      );
    }
    if (key !== 'metadata.name') {
      badValue(causes, `${field}.key`, key ?? '', 'not a valid field selector key');
      return;
    }
    values.forEach((value, at) => {
      for (const error of dnsSubdomainErrors(value)) badValue(causes, `${field}.values[${at}]`, value, error);
    });
  });
}

function validateOperator(
  causes: Causes,
  path: string,
  { operator, values = [] }: LabelSelectorRequirement,
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      missing(causes, `${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      unwanted(
        causes,
        `${path}.values`,
        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      );
    }
  } else {
    badValue(causes, `${path}.operator`, operator ?? '', 'not a valid selector operator');
  }
}

function validateLabelSelector(causes: Causes, path: string, selector: LabelSelector | undefined): void {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    validateLabelKey(causes, `${path}.matchLabels`, key);
    for (const error of labelValueErrors(value)) badValue(causes, `${path}.matchLabels`, value, error);
  }
  selector?.matchExpressions?.forEach((requirement, index) => {
    const field = `${path}.matchExpressions[${index}]`;
    validateOperator(causes, field, requirement);
    validateLabelKey(causes, `${field}.key`, requirement.key);
    requirement.values?.forEach((value, at) => {
      for (const error of labelValueErrors(value)) badValue(causes, `${field}.values[${at}]`, value, error);
    });
  });
}

function validateLabelKey(causes: Causes, path: string, key: string | undefined): void {
  for (const error of qualifiedNameErrors(key ?? '')) badValue(causes, path, key ?? '', error);
}
