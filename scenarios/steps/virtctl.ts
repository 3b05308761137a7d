/** The verbs of virtctl, through the same calls of subresources.kubevirt.io (KubeVirt v1.9 pkg/virtctl). */
import { type JsonObject, objectKey } from '../../simulator/index.ts';
import { answerFields, checkAnswer } from '../checks/answer.ts';
import { type Field, mapping, optional, required } from '../language/mapping.ts';
import { byForm, flag, mapped, text, textMap, wholeNumber } from '../language/shapes.ts';
import { DEFAULT_NAMESPACE } from '../run/kinds.ts';
import { ask } from '../run/session.ts';
import { type StepKind, defineStep } from './define.ts';

interface Action {
  readonly verb: string;
  readonly summary: string;
  readonly resource: 'virtualmachines' | 'virtualmachineinstances';
  /** Options of the call by their name in the language, with their name in its body. */
  readonly options?: Readonly<Record<string, { field: Field<unknown, false>; as: string }>>;
}

const vm = 'virtualmachines';
const vmi = 'virtualmachineinstances';

const ACTIONS: readonly Action[] = [
  {
    verb: 'start',
    summary: 'start a VM, as virtctl start does',
    resource: vm,
    options: { paused: { field: optional('stop it before its first instruction', flag), as: 'paused' } },
  },
  {
    verb: 'stop',
    summary: 'stop a VM, as virtctl stop does',
    resource: vm,
    options: {
      gracePeriod: { field: optional('seconds the guest has to end', wholeNumber(0)), as: 'gracePeriod' },
    },
  },
  {
    verb: 'restart',
    summary: 'restart a VM, as virtctl restart does',
    resource: vm,
    options: {
      gracePeriod: {
        field: optional('seconds the guest has to end; only 0 (at once) can be chosen', wholeNumber(0)),
        as: 'gracePeriodSeconds',
      },
    },
  },
  { verb: 'pause', summary: 'pause a VM, as virtctl pause does', resource: vmi },
  { verb: 'unpause', summary: 'let a paused VM go on, as virtctl unpause does', resource: vmi },
  {
    verb: 'migrate',
    summary: 'move a VM to another node, as virtctl migrate does',
    resource: vm,
    options: {
      addedNodeSelector: {
        field: optional('labels that the node must have besides', textMap),
        as: 'addedNodeSelector',
      },
    },
  },
];

interface Target {
  readonly name: string;
  readonly namespace?: string;
}

function actionStep({ verb, summary, resource, options = {} }: Action): StepKind {
  const optionFields = Object.fromEntries(Object.entries(options).map(([key, { field }]) => [key, field]));
  const target = byForm({
    scalar: mapped(text, (name): Target => ({ name })),
    mapping: mapping({
      ...optionFields,
      name: required("the VM's name", text),
      namespace: optional('its namespace; by default "default"', text),
    }),
  });
  return defineStep({
    verb,
    summary: `${summary}: a name, or {name, namespace${Object.keys(options)
      .map(key => `, ${key}`)
      .join('')}}`,
    argument: target,
    beside: answerFields,
    title: ({ name, namespace }) => `${verb} ${namespace ? `${namespace}/` : ''}${name}`,
    run: (argument, beside, session) => {
      const { name, namespace = DEFAULT_NAMESPACE } = argument;
      const given = argument as unknown as Record<string, JsonObject[string] | undefined>;
      const body: JsonObject = {};
      for (const [key, { as }] of Object.entries(options)) {
        const value = given[key];
        if (value !== undefined) body[as] = value;
      }
      const response = ask(session, {
        verb: 'update',
        group: 'subresources.kubevirt.io',
        version: 'v1',
        resource,
        subresource: verb,
        namespace,
        name,
        body,
      });
      checkAnswer(response, beside, {
        resource: `${resource}.kubevirt.io`,
        key: objectKey(namespace, name),
      });
      return response.code < 400 ? 'accepted' : 'refused';
    },
  });
}

export const virtctlSteps: readonly StepKind[] = ACTIONS.map(actionStep);
