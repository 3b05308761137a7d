/** `pods/log`: the API server's checks, the kubelet's refusals, and lines as they come (Kubernetes 1.35 pkg/kubelet). */
import type { ServerResponse } from 'node:http';
import { badRequest, invalid } from '../../simulator/apiserver/index.ts';
import { type LogLine, type Run, openLog, runOf, statusOf } from '../../simulator/processes/index.ts';
import type { Container, Pod } from '../../simulator/types/core.ts';
import type { StatusCause, UserInfo } from '../../simulator/types/meta.ts';
import { booleanParameter, integerParameter } from '../query.ts';
import type { Route } from '../routing.ts';
import { type StreamContext, authorizeStream } from './context.ts';
import { containerOf, podOf } from './pod-target.ts';
import { containerWatch } from './process-session.ts';

interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: number | undefined;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
}

/** @throws ApiError where there is no such log. */
export function serveLog(
  context: StreamContext,
  route: Route,
  user: UserInfo,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const { cluster, ticker } = context;
  authorizeStream(cluster, route, user, 'get');
  const options = readOptions(query, route.name ?? '');
  const pod = podOf(cluster, route);
  const container = containerOf(pod, query.get('container') ?? '');
  const headers = { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' };
  if (!pod.spec.nodeName) {
    // Nobody has anything to say about it yet.
    response.writeHead(204, headers).end();
    return;
  }
  ticker.now();
  const run = requireRun(context, podOf(cluster, route), container, options.previous);
  response.writeHead(200, headers);
  response.flushHeaders();
  new LogStream(context, pod, container, run, options, response).start();
}

function readOptions(query: URLSearchParams, name: string): LogOptions {
  const sinceTimeText = query.get('sinceTime');
  const sinceTime = sinceTimeText ? Date.parse(sinceTimeText) : undefined;
  if (Number.isNaN(sinceTime)) {
    throw badRequest(
      `parsing time ${JSON.stringify(sinceTimeText)} as "2006-01-02T15:04:05Z07:00": cannot parse`,
    );
  }
  const options: LogOptions = {
    follow: booleanParameter(query, 'follow') ?? false,
    previous: booleanParameter(query, 'previous') ?? false,
    timestamps: booleanParameter(query, 'timestamps') ?? false,
    sinceSeconds: integerParameter(query, 'sinceSeconds'),
    sinceTime,
    tailLines: integerParameter(query, 'tailLines'),
    limitBytes: integerParameter(query, 'limitBytes'),
  };
  const causes: StatusCause[] = [];
  const bad = (field: string, value: number, why: string) =>
    causes.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${why}`, field });
  const { tailLines, limitBytes, sinceSeconds } = options;
  if (tailLines !== undefined && tailLines < 0)
    bad('tailLines', tailLines, 'must be greater than or equal to 0');
  if (limitBytes !== undefined && limitBytes < 1) bad('limitBytes', limitBytes, 'must be greater than 0');
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified';
    causes.push({ reason: 'FieldValueForbidden', message, field: '' });
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    bad('sinceSeconds', sinceSeconds, 'must be greater than 0');
  }
  const stream = query.get('stream');
  // Choosing a stream is behind a feature gate that is off in 1.35.
  if (stream !== null && stream !== 'All') {
    causes.push({
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified',
      field: 'stream',
    });
  }
  if (causes.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, causes);
  return options;
}

/** @throws ApiError 400 in the kubelet's words. */
function requireRun({ cluster }: StreamContext, pod: Pod, container: Container, previous: boolean): Run {
  const what = `container ${JSON.stringify(container.name)} in pod ${JSON.stringify(pod.metadata.name)}`;
  const status = statusOf(pod, container.name);
  if (!status) throw badRequest(`${what} is not available`);
  const run = runOf(cluster.view, pod, container.name, previous);
  if (run) return run;
  if (previous) throw badRequest(`previous terminated ${what} not found`);
  if (status.state?.terminated) throw badRequest(`${what} is terminated`);
  const reason = status.state?.waiting?.reason;
  switch (reason) {
    case 'ErrImagePull':
      throw badRequest(`${what} is waiting to start: image can't be pulled`);
    case 'ImagePullBackOff':
      throw badRequest(`${what} is waiting to start: trying and failing to pull image`);
    case undefined:
      throw badRequest(`${what} is waiting to start - no logs yet`);
    default:
      throw badRequest(`${what} is waiting to start: ${reason}`);
  }
}

/** Writes lines until there will be no more, and no faster than the client reads. */
class LogStream {
  readonly #context: StreamContext;
  readonly #options: LogOptions;
  readonly #response: ServerResponse;
  readonly #since: number;
  readonly #read: (until: number) => LogLine[];
  readonly #isOver: () => boolean;
  readonly #endedAt: number | undefined;
  #left: number;
  #blocked = false;

  constructor(
    context: StreamContext,
    pod: Pod,
    container: Container,
    run: Run,
    options: LogOptions,
    response: ServerResponse,
  ) {
    const { cluster } = context;
    this.#context = context;
    this.#options = options;
    this.#response = response;
    const reader = openLog({ view: cluster.view, store: cluster.store }, pod, container, run);
    this.#read = until => reader.read(until);
    this.#isOver = containerWatch(context, { pod, container });
    this.#endedAt = run.endedAt;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
    this.#since =
      options.sinceTime ??
      (options.sinceSeconds === undefined
        ? Number.NEGATIVE_INFINITY
        : cluster.now - options.sinceSeconds * 1_000);
  }

  start(): void {
    const { tailLines, follow } = this.#options;
    const lines = this.#read(this.#context.cluster.now);
    this.#write(tailLines === undefined ? lines : tailLines === 0 ? [] : lines.slice(-tailLines));
    if (!follow || this.#endedAt !== undefined || this.#left <= 0) {
      this.#response.end();
      return;
    }
    const stop = this.#context.ticker.onTick(() => {
      if (this.#blocked) return;
      const over = this.#isOver();
      this.#write(this.#read(this.#context.cluster.now));
      if (over || this.#left <= 0) this.#response.end();
    });
    this.#response.on('drain', () => {
      this.#blocked = false;
    });
    this.#response.on('close', stop);
  }

  #write(lines: readonly LogLine[]): void {
    const parts: Buffer[] = [];
    for (const { at, bytes } of lines) {
      if (at < this.#since) continue;
      if (this.#options.timestamps) parts.push(Buffer.from(`${nanoTimestamp(at)} `));
      parts.push(Buffer.from(bytes));
    }
    if (parts.length === 0 || this.#left <= 0) return;
    let all = Buffer.concat(parts);
    if (all.length > this.#left) all = all.subarray(0, this.#left);
    this.#left -= all.length;
    if (!this.#response.write(all)) this.#blocked = true;
  }
}

function nanoTimestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}000000Z`;
}
