/** What a run has found: plain data, for reports in any form. */
import type { Millis } from '../../simulator/index.ts';
import type { Place } from '../language/source.ts';
import type { Problem } from './session.ts';

/** One write to an object, from the journal. */
export interface WriteRecord {
  readonly revision: number;
  readonly time: Millis;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly key: string;
  readonly author: string;
  readonly cause: string;
  /** The revision that led to it; 0 for a request and for the passing of time. */
  readonly causeRevision: number;
  /** `/status/phase`: where it changed the object; empty for creations and deletions. */
  readonly changed: readonly string[];
}

export interface Failure extends Problem {
  readonly time: Millis;
  readonly revision: number;
  /** The last writes to the object it is about, oldest first. */
  readonly lastWrites: readonly WriteRecord[];
}

export interface StepResult {
  /** From 1. */
  readonly number: number;
  readonly verb: string;
  readonly title: string;
  readonly place: Place;
  readonly narration?: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** `created`, `refused`: what came of it, in a word. */
  readonly detail?: string;
  /** Virtual time when the step began and ended. */
  readonly begin: Millis;
  readonly end: Millis;
  readonly failures: readonly Failure[];
}

export interface ScenarioResult {
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly seed: number;
  readonly passed: boolean;
  readonly startTime: Millis;
  readonly endTime: Millis;
  readonly revision: number;
  readonly steps: readonly StepResult[];
  /** SHA-256 of the journal, in hexadecimal: the same file and seed give the same one. */
  readonly digest: string;
}
