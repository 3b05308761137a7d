/** Priority (kubernetes plugin/pkg/admission/priority, v1.35): names of classes become numbers. */
import type { AdmissionAttributes, AdmissionPlugin } from '../apiserver/index.ts';
import { denied, onNewPods, podOf, withSpec } from './pods.ts';
import { type PriorityClass, policiesIn, priorityClasses } from './policies.ts';

const DEFAULT_POLICY = 'PreemptLowerPriority';

export const podPriority = onNewPods('Priority', attributes => {
  const pod = podOf(attributes);
  const { spec } = pod;
  const found = spec.priorityClassName
    ? namedClass(attributes, spec.priorityClassName)
    : policiesIn(attributes.view).defaultPriority;
  const priority = found?.value ?? 0;
  const preemptionPolicy = found?.preemptionPolicy ?? DEFAULT_POLICY;
  if (spec.priority === priority && spec.preemptionPolicy === preemptionPolicy) return pod;
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw denied(
      attributes,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw denied(
      attributes,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  const named =
    spec.priorityClassName || found === undefined ? {} : { priorityClassName: found.metadata.name };
  return withSpec(pod, { ...named, priority, preemptionPolicy });
});

function namedClass(attributes: AdmissionAttributes, name: string): PriorityClass {
  const found = attributes.view.get(priorityClasses, undefined, name);
  if (found) return found;
  throw denied(attributes, `no PriorityClass with name ${name} was found`);
}

/** Only one class may be the default. */
export const priorityClassDefault: AdmissionPlugin = {
  name: 'Priority',
  resources: [priorityClasses.resource],
  operations: ['CREATE', 'UPDATE'],
  validate(attributes) {
    if (!(attributes.object as PriorityClass).globalDefault) return;
    const known = policiesIn(attributes.view).defaultPriority;
    if (!known || (attributes.operation === 'UPDATE' && known.metadata.name === attributes.name)) return;
    throw denied(
      attributes,
      `PriorityClass ${known.metadata.name} is already marked as default. Only one default can exist`,
    );
  },
};
