/** `pods/exec` and `pods/attach`: from the upgrade to the exit code, over WebSocket and SPDY. */
import { createHash } from 'node:crypto';
import { badRequest, internalError } from '../../simulator/apiserver/index.ts';
import {
  NoSuchProgram,
  type Run,
  endContainer,
  isRunning,
  mainCommand,
  openLog,
  openMachine,
  runOf,
  startProgram,
} from '../../simulator/processes/index.ts';
import { objectKey } from '../../simulator/resources/definition.ts';
import type { Container, Pod } from '../../simulator/types/core.ts';
import {
  PlainRefusal,
  type StreamContext,
  type UpgradeRequest,
  authorizeStream,
  isSpdy,
  isWebSocket,
  listed,
  offeredProtocols,
  upgradeRequired,
} from './context.ts';
import { containerOf, fullName, podOf, requireHost } from './pod-target.ts';
import { KILLED, containerWatch, runProcess } from './process-session.ts';
import {
  type CommandStatus,
  type RemoteStreams,
  type WantedStreams,
  wantedStreams,
} from './remote-streams.ts';
import { SPDY_COMMAND_PROTOCOLS, chooseSpdyProtocol, spdyStreams } from './spdy-remote-command.ts';
import { acceptSpdy } from './spdy-upgrade.ts';
import { chooseProtocol, webSocketStreams } from './websocket-remote-command.ts';

const SUCCESS: CommandStatus = { metadata: {}, status: 'Success' };

type Kind = 'exec' | 'attach';

interface Command {
  readonly kind: Kind;
  readonly pod: Pod;
  readonly container: Container;
  readonly words: readonly string[];
  readonly wanted: WantedStreams;
  /** Since v5 the API server stands between client and kubelet and words failures once more. */
  readonly translated: boolean;
}

/** @throws ApiError or PlainRefusal before the upgrade. */
export function serveRemoteCommand(context: StreamContext, kind: Kind, upgrade: UpgradeRequest): void {
  const { route, user, query, request } = upgrade;
  const { cluster } = context;
  authorizeStream(cluster, route, user, route.verb === 'create' ? 'create' : 'get');
  // What a WebSocket does is no reading, whatever its method.
  if (route.verb !== 'create') authorizeStream(cluster, route, user, 'create');
  if (!isWebSocket(request) && !isSpdy(request)) throw upgradeRequired();
  const pod = podOf(cluster, route);
  const container = containerOf(pod, query.get('container') ?? '');
  requireHost(pod);
  const asked = wantedStreams(query);
  const tty = kind === 'attach' ? (container as { tty?: boolean }).tty === true : asked.tty;
  const wanted: WantedStreams = { ...asked, tty, stderr: asked.stderr && !tty };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) {
    throw new PlainRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr');
  }
  const words = query.getAll('command');
  if (kind === 'exec' && words.length === 0)
    throw badRequest('you must specify at least one command for the container');
  const problem = isRunning(pod, container.name)
    ? undefined
    : kind === 'exec'
      ? `container not found (${JSON.stringify(container.name)})`
      : `container ${container.name} not found in pod ${fullName(pod)}`;
  const begin = (streams: RemoteStreams, translated: boolean) => {
    const command: Command = { kind, pod, container, words, wanted, translated };
    if (problem !== undefined) {
      streams.finish(failure(`unable to upgrade connection: ${problem}`));
      return;
    }
    run(context, command, streams).then(
      status => status && streams.finish(status),
      error => {
        context.report(error);
        streams.finish(failure(error instanceof Error ? error.message : String(error)));
      },
    );
  };
  if (isWebSocket(request)) {
    const offered = offeredProtocols(request);
    const protocol = chooseProtocol(offered);
    if (!protocol)
      throw new PlainRefusal(403, `requested protocol(s) are not supported: [${offered.join(' ')}]`);
    if (problem !== undefined && !protocol.closes) throw new PlainRefusal(500, problem);
    context.sockets.accept(upgrade, protocol.name, client =>
      begin(webSocketStreams(client, protocol, wanted), protocol.closes),
    );
    return;
  }
  if (problem !== undefined) throw new PlainRefusal(500, problem);
  const offered = listed(request.headers['x-stream-protocol-version']);
  const protocol = chooseSpdyProtocol(offered);
  if (protocol === undefined) {
    const texts = [offered, SPDY_COMMAND_PROTOCOLS].map(each => `[${each.join(' ')}]`);
    throw new PlainRefusal(
      403,
      `unable to upgrade: unable to negotiate protocol: client supports ${texts[0]}, server accepts ${texts[1]}`,
    );
  }
  const connection = acceptSpdy(upgrade, protocol);
  void spdyStreams(connection, protocol, wanted).then(streams => streams && begin(streams, false));
}

async function run(
  context: StreamContext,
  command: Command,
  streams: RemoteStreams,
): Promise<CommandStatus | undefined> {
  const { kind, pod, container, words, wanted, translated } = command;
  const { cluster, ticker } = context;
  const current = runOf(cluster.view, pod, container.name);
  const machine = openMachine(cluster.view, pod, container, current?.restarts ?? 0, ticker.now());
  const main = mainCommand(container, machine.environment);
  const interactive = wanted.stdin && (container as { stdin?: boolean }).stdin === true;
  if (kind === 'attach' && !interactive) return follow(context, command, streams, current);
  try {
    const program = startProgram(machine, kind === 'attach' ? main : words, container, wanted.tty);
    const code = await runProcess(context, { pod, container, machine, program, tty: wanted.tty }, streams);
    if (code === undefined) return undefined;
    if (kind === 'exec') return exitStatus(code, words, translated);
    // It was the container's own process that somebody was attached to.
    if (endContainer(cluster, pod, container.name, code)) {
      cluster.enqueue('kubelet/pod', objectKey(pod.metadata.namespace, pod.metadata.name));
      context.clock.wake();
    }
    return SUCCESS;
  } catch (error) {
    if (!(error instanceof NoSuchProgram)) throw error;
    if (kind === 'attach') return follow(context, command, streams, current);
    const id = createHash('sha256')
      .update(`${pod.metadata.uid} ${words.join(' ')}`)
      .digest('hex');
    const reason = `error executing command in container: failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${error.message}: unknown`;
    return failure(translated ? `Internal error occurred: ${reason}` : reason);
  }
}

/** Attached to a process that reads nothing: what it prints from now on, until it ends. */
function follow(
  context: StreamContext,
  { pod, container }: Command,
  streams: RemoteStreams,
  current: Run | undefined,
): Promise<CommandStatus | undefined> {
  if (!current)
    return Promise.resolve(failure(`container ${container.name} not found in pod ${fullName(pod)}`));
  const { cluster, ticker } = context;
  const reader = openLog({ view: cluster.view, store: cluster.store }, pod, container, current);
  reader.read(ticker.now());
  const isOver = containerWatch(context, { pod, container });
  return new Promise(resolve => {
    const stop = ticker.onTick(() => {
      for (const { stream, bytes } of reader.read(cluster.now))
        (stream === 'stdout' ? streams.stdout : (streams.stderr ?? streams.stdout))?.write(bytes);
      if (!isOver()) return;
      stop();
      resolve(SUCCESS);
    });
    streams.onClose(() => {
      stop();
      resolve(undefined);
    });
  });
}

function exitStatus(code: number, words: readonly string[], translated: boolean): CommandStatus {
  if (code === 0) return SUCCESS;
  const how =
    translated || code === KILLED
      ? `command terminated with exit code ${code}`
      : `error executing command [${words.join(' ')}], exit code ${code}`;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${how}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function failure(why: string): CommandStatus {
  const { message, reason, details, code } = internalError(why).status;
  return { metadata: {}, status: 'Failure', message, reason, details, code };
}
