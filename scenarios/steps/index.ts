/** Every step of the language. Adding one is one entry here; parser, schema and runner learn of it from this table. */
import { apply } from './apply.ts';
import type { StepKind } from './define.ts';
import { expect, say } from './observe.ts';
import { patch, remove, request } from './requests.ts';
import { advance, until } from './time.ts';
import { virtctlSteps } from './virtctl.ts';

export const STEP_KINDS: readonly StepKind[] = [
  apply,
  patch,
  remove,
  request,
  ...virtctlSteps,
  advance,
  until,
  expect,
  say,
];

export type { BoundStep, StepKind } from './define.ts';
export { applyRequest } from './apply.ts';
