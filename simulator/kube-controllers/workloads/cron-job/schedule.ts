/**
 * Cron schedules as Kubernetes reads them (robfig/cron v3 standard parser): five fields, names, ranges, steps, `@hourly`
 * and the like, `@every 90m`. Times are UTC, or in a zone of the time zone database.
 */
import { HOUR, MINUTE, SECOND, parseDuration } from '../../../clock/index.ts';
import type { Millis } from '../../../types/meta.ts';

export interface Schedule {
  /** The first moment after `after` at which it is time; undefined where none comes within five years. */
  next(after: Millis): Millis | undefined;
}

interface Field {
  readonly allowed: ReadonlySet<number>;
  /** It was `*` or `?`: days of the month and of the week restrict each other only where both are given. */
  readonly star: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const NAMED: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const HORIZON = 5 * 366 * 24 * HOUR;

/**
 * Reads a schedule.
 * @throws RangeError naming what is wrong, in robfig/cron's words.
 */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  const trimmed = text.trim();
  if (trimmed.startsWith('@every ')) return every(parseDuration(trimmed.slice('@every '.length).trim()));
  if (trimmed.startsWith('@') && !NAMED[trimmed]) throw new RangeError(`unrecognized descriptor: ${trimmed}`);
  const fields = (NAMED[trimmed] ?? trimmed).split(/\s+/);
  if (fields.length !== 5) {
    throw new RangeError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  return new CronSchedule(
    {
      minute: parseField(minute, 0, 59),
      hour: parseField(hour, 0, 23),
      day: parseField(day, 1, 31),
      month: parseField(month, 1, 12, MONTHS, 1),
      weekday: parseField(weekday, 0, 6, DAYS, 0),
    },
    zoneOf(timeZone),
  );
}

function every(span: Millis): Schedule {
  const step = Math.max(SECOND, Math.floor(span / SECOND) * SECOND);
  return { next: after => Math.floor(after / SECOND) * SECOND + step };
}

function parseField(
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
  base = 0,
): Field {
  const allowed = new Set<number>();
  let star = false;
  for (const part of text.split(',')) {
    const [range = '', stepText, extra] = part.split('/');
    if (extra !== undefined) throw new RangeError(`too many slashes: ${part}`);
    const step = stepText === undefined ? 1 : whole(stepText, part);
    if (step === 0) throw new RangeError(`step of range should be a positive number: ${part}`);
    let [start, end] = [least, most];
    if (range === '*' || range === '?') {
      star ||= stepText === undefined;
    } else {
      const bounds = range.split('-');
      if (bounds.length > 2) throw new RangeError(`too many hyphens: ${part}`);
      start = named(bounds[0] ?? '', names, base, part);
      const single = bounds.length === 1;
      end = single ? (stepText === undefined ? start : most) : named(bounds[1] ?? '', names, base, part);
    }
    if (start < least)
      throw new RangeError(`beginning of range (${start}) below minimum (${least}): ${part}`);
    if (end > most) throw new RangeError(`end of range (${end}) above maximum (${most}): ${part}`);
    if (start > end)
      throw new RangeError(`beginning of range (${start}) beyond end of range (${end}): ${part}`);
    for (let value = start; value <= end; value += step) allowed.add(value);
  }
  return { allowed, star };
}

function named(text: string, names: readonly string[], base: number, part: string): number {
  const index = names.indexOf(text.toLowerCase());
  return index >= 0 ? index + base : whole(text, part);
}

function whole(text: string, part: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`failed to parse int from ${text}: ${part}`);
  return Number(text);
}

/** Local time of a zone as if it were UTC, and back. */
interface Zone {
  toLocal(at: Millis): Millis;
  fromLocal(local: Millis): Millis;
}

const UTC: Zone = { toLocal: at => at, fromLocal: local => local };

function zoneOf(name: string): Zone {
  if (name === 'UTC' || name === 'Etc/UTC') return UTC;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const toLocal = (at: Millis) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  const fromLocal = (local: Millis) => {
    const guess = local - (toLocal(local) - local);
    return guess - (toLocal(guess) - local);
  };
  return { toLocal, fromLocal };
}

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

class CronSchedule implements Schedule {
  readonly #fields: Fields;
  readonly #zone: Zone;

  constructor(fields: Fields, zone: Zone) {
    this.#fields = fields;
    this.#zone = zone;
  }

  next(after: Millis): Millis | undefined {
    const { minute, hour, month } = this.#fields;
    const start = this.#zone.toLocal(after);
    let local = Math.floor(start / MINUTE) * MINUTE + MINUTE;
    const end = start + HORIZON;
    while (local <= end) {
      const date = new Date(local);
      if (!month.allowed.has(date.getUTCMonth() + 1)) {
        local = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
      } else if (!this.#isDay(date)) {
        local = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
      } else if (!hour.allowed.has(date.getUTCHours())) {
        local = Math.floor(local / HOUR) * HOUR + HOUR;
      } else if (!minute.allowed.has(date.getUTCMinutes())) {
        local += MINUTE;
      } else {
        const at = this.#zone.fromLocal(local);
        // Clocks that are set forward skip a local time; those set back have it twice, and it counts once.
        if (at > after && this.#zone.toLocal(at) === local) return at;
        local += MINUTE;
      }
    }
    return undefined;
  }

  #isDay(date: Date): boolean {
    const { day, weekday } = this.#fields;
    const [inMonth, inWeek] = [day.allowed.has(date.getUTCDate()), weekday.allowed.has(date.getUTCDay())];
    return day.star || weekday.star ? inMonth && inWeek : inMonth || inWeek;
  }
}
