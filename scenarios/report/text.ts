/** A run as text for a terminal. */
import { type JsonValue, type Millis, timestamp } from '../../simulator/index.ts';
import type { Failure, ScenarioResult, StepResult, WriteRecord } from '../run/result.ts';
import { formatOffset, formatSpan } from './span.ts';

const MARKS = { passed: '✓', failed: '✗', skipped: '-' } as const;
const INDENT = '              ';
/** Paths shown of one write. */
const MOST_PATHS = 4;

/** Title, steps with the virtual time at their end, and what failed; every line ends with a newline. */
export function textReport(result: ScenarioResult): string {
  const { title, file, seed, steps, startTime } = result;
  const lines = [`${title} (${file}, seed ${seed})`];
  for (const step of steps) lines.push(...stepLines(step, startTime));
  lines.push(summary(result));
  return `${lines.join('\n')}\n`;
}

function stepLines(step: StepResult, startTime: Millis): string[] {
  if (step.narration !== undefined) {
    if (step.outcome === 'skipped') return [];
    return ['', ...step.narration.split('\n').map(line => `  ${line}`), ''];
  }
  const at = formatOffset(step.end, startTime).padStart(9);
  const detail = step.detail === undefined ? '' : ` (${step.detail})`;
  const lines = [`  ${at} ${MARKS[step.outcome]} ${step.title}${detail}`];
  if (step.outcome !== 'failed') return lines;
  const { file, line, column } = step.place;
  lines.push(`${INDENT}in ${file}:${line}:${column}`);
  for (const failure of step.failures) lines.push(...failureLines(failure, startTime));
  return lines;
}

function failureLines(failure: Failure, startTime: Millis): string[] {
  const { message, subject, time, revision } = failure;
  const about = subject ? `${subject.resource}${subject.key ? ` ${subject.key}` : ''}: ` : '';
  const lines = [`${INDENT}${about}${message}`];
  if (failure.expected !== undefined) {
    lines.push(`${INDENT}  expected: ${show(failure.expected)}`);
    lines.push(`${INDENT}  actual:   ${show(failure.actual)}`);
  } else if (failure.actual !== undefined) {
    lines.push(`${INDENT}  actual:   ${show(failure.actual)}`);
  }
  lines.push(
    `${INDENT}  moment:   ${formatOffset(time, startTime)} (${timestamp(time)}), revision ${revision}`,
  );
  if (failure.lastWrites.length > 0) {
    lines.push(`${INDENT}  last writes:`);
    for (const write of failure.lastWrites)
      lines.push(`${INDENT}    ${writeLine(write, startTime, subject?.key)}`);
  }
  return lines;
}

function writeLine(write: WriteRecord, startTime: Millis, subjectKey: string | undefined): string {
  const { revision, time, type, key, author, cause, causeRevision, changed } = write;
  const what = subjectKey === undefined ? `${type} ${key}` : type;
  const because = causeRevision > 0 ? `${cause} at revision ${causeRevision}` : cause;
  const more = changed.length > MOST_PATHS ? ` and ${changed.length - MOST_PATHS} more` : '';
  const paths = changed.length > 0 ? `: ${changed.slice(0, MOST_PATHS).join(', ')}${more}` : '';
  return `${revision} ${formatOffset(time, startTime)} ${what} by ${author} (${because})${paths}`;
}

function summary({ passed, steps, startTime, endTime }: ScenarioResult): string {
  const failed = steps.filter(step => step.outcome === 'failed').length;
  const skipped = steps.filter(step => step.outcome === 'skipped').length;
  const counts = [
    `${steps.length - failed - skipped} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${passed ? 'PASSED' : 'FAILED'}: ${counts.join(', ')} in ${formatSpan(endTime - startTime)} of virtual time`;
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
