/**
 * virt-api's streams (KubeVirt v1.9 pkg/virt-api/rest): console, vnc, usbredir, vsock and portforward of instances,
 * portforward of machines. What comes through a WebSocket is the raw stream, in binary messages.
 */
import type { WebSocket } from 'ws';
import { createWebSocketStream } from 'ws';
import {
  type ApiError,
  badRequest,
  conflict,
  internalError,
  notFound,
} from '../../simulator/apiserver/index.ts';
import { type GuestConsole, guestListener, plainConsole } from '../../simulator/processes/index.ts';
import { virtualMachineInstances, virtualMachines } from '../../simulator/resources/refs.ts';
import { hasCondition } from '../../simulator/types/conditions.ts';
import type { VirtualMachineInstance } from '../../simulator/types/kubevirt.ts';
import type { ResourcePath, Route } from '../routing.ts';
import {
  PlainRefusal,
  type StreamContext,
  type UpgradeRequest,
  authorizeStream,
  isWebSocket,
  offeredProtocols,
} from './context.ts';
import { splice } from './port-server.ts';

const GROUP = 'subresources.kubevirt.io';
const VERSIONS = ['v1', 'v1alpha3'];
const VMI = { group: 'kubevirt.io', plural: 'virtualmachineinstance' };
const VM = { group: 'kubevirt.io', plural: 'virtualmachine' };
const PLAIN_PROTOCOL = 'plain.kubevirt.io';
const KEEP_ALIVE_MS = 1_000;
const NOT_RUNNING = 'VMI is not running';
const PORT_FORWARD = /^portforward\/([^/]+)(?:\/([^/]+))?$/;
const INSTANCE_STREAMS = new Set(['console', 'vnc', 'usbredir', 'vsock']);

/** The route of one of virt-api's streams; undefined for all other paths. */
export function machineStreamRoute(path: ResourcePath): Route | undefined {
  const { group, version, resource, namespace, name, subresource = '' } = path;
  if (group !== GROUP || !VERSIONS.includes(version) || namespace === undefined || name === undefined)
    return undefined;
  const forwards = PORT_FORWARD.test(subresource);
  const served =
    resource === 'virtualmachineinstances'
      ? forwards || INSTANCE_STREAMS.has(subresource)
      : resource === 'virtualmachines' && forwards;
  return served ? { ...path, verb: 'get', definition: undefined } : undefined;
}

interface DeviceSpec {
  autoattachSerialConsole?: boolean;
  autoattachGraphicsDevice?: boolean;
  autoattachVSOCK?: boolean;
  clientPassthrough?: object;
}

const devicesOf = (vmi: VirtualMachineInstance) => (vmi.spec.domain.devices ?? {}) as DeviceSpec;
const vmiConflict = (vmi: VirtualMachineInstance, why: string) => conflict(VMI, vmi.metadata.name, why);

/** What virt-api refuses before it calls the node. */
function check(stream: string, vmi: VirtualMachineInstance): ApiError | undefined {
  const running = vmi.status?.phase === 'Running';
  const devices = devicesOf(vmi);
  switch (stream) {
    case 'console':
      if (devices.autoattachSerialConsole === false) return badRequest('No serial consoles are present.');
      if (vmi.status?.phase === 'Failed') return vmiConflict(vmi, 'VMI is in failed status');
      return running ? undefined : badRequest(NOT_RUNNING);
    case 'vnc':
      if (devices.autoattachGraphicsDevice === false) return badRequest('No graphics devices are present.');
      return running ? undefined : badRequest(NOT_RUNNING);
    case 'usbredir':
      if ((vmi.spec as { architecture?: string }).architecture === 's390x')
        return vmiConflict(vmi, 'No USB support on s390x');
      if (devices.clientPassthrough === undefined)
        return vmiConflict(vmi, 'Not configured with USB Redirection');
      return running ? undefined : badRequest(NOT_RUNNING);
    case 'vsock':
      return devices.autoattachVSOCK === true ? undefined : badRequest('VSOCK is not attached.');
    default:
      return hasCondition(vmi.status?.conditions, 'Paused', 'True')
        ? vmiConflict(vmi, 'VMI is paused')
        : undefined;
  }
}

/** The node cannot open what virt-api asks it for. */
function nodeFailure(message: string): ApiError {
  return internalError(`${message}: websocket: bad handshake`);
}

export class MachineStreams {
  readonly #context: StreamContext;
  readonly #consoleOf: (vmi: VirtualMachineInstance) => GuestConsole;
  /** The one session a serial console has, by the instance's UID. */
  readonly #consoles = new Map<string, WebSocket>();

  constructor(context: StreamContext, consoleOf?: (vmi: VirtualMachineInstance) => GuestConsole) {
    this.#context = context;
    this.#consoleOf = consoleOf ?? (vmi => plainConsole(context.cluster.view, vmi));
  }

  /** @throws ApiError or PlainRefusal before the upgrade. */
  serve(upgrade: UpgradeRequest): void {
    const { route, user, request } = upgrade;
    const { cluster } = this.#context;
    authorizeStream(cluster, route, user, 'get');
    const stream = (route.subresource ?? '').split('/')[0] ?? '';
    const vmi = this.#fetch(route);
    const problem = check(stream, vmi);
    if (problem) throw problem;
    if (stream === 'portforward') {
      this.#forward(upgrade, vmi);
      return;
    }
    this.#requireNode(vmi);
    if (!isWebSocket(request)) throw new PlainRefusal(400, 'Bad Request\n');
    if (stream === 'console') this.#accept(upgrade, client => this.#openConsole(vmi, client));
    else if (stream === 'vnc') throw nodeFailure('the simulated node has no VNC server');
    else if (stream === 'usbredir') throw nodeFailure('the simulated node has no USB redirection');
    else throw nodeFailure('nothing listens on that port of the VSOCK');
  }

  #fetch(route: Route): VirtualMachineInstance {
    const { cluster } = this.#context;
    const { namespace, name = '', resource } = route;
    if (resource === 'virtualmachines') {
      const vm = cluster.view.get(virtualMachines, namespace, name);
      if (!vm) throw notFound(VM, name);
      if (!(vm.status as { created?: boolean } | undefined)?.created)
        throw conflict(VM, name, 'VMI is not started');
    }
    const vmi = cluster.view.get(virtualMachineInstances, namespace, name);
    if (!vmi) throw notFound(VMI, name);
    return vmi;
  }

  #requireNode(vmi: VirtualMachineInstance): void {
    const phase = vmi.status?.phase ?? '';
    if (phase === 'Running' || phase === 'Scheduled') return;
    throw badRequest(
      `Unable to connect to VirtualMachineInstance because phase is ${phase} instead of Running or Scheduled`,
    );
  }

  #accept(upgrade: UpgradeRequest, accepted: (client: WebSocket) => void): void {
    const offered = offeredProtocols(upgrade.request);
    this.#context.sockets.accept(upgrade, offered.includes(PLAIN_PROTOCOL) ? PLAIN_PROTOCOL : '', accepted);
  }

  #openConsole(vmi: VirtualMachineInstance, client: WebSocket): void {
    const { ticker, cluster } = this.#context;
    const { namespace, name, uid } = vmi.metadata;
    // The one before is cut off, not told: its client sees the connection end.
    this.#consoles.get(uid)?.terminate();
    this.#consoles.set(uid, client);
    const guest = this.#consoleOf(vmi);
    const send = (bytes: Uint8Array) => {
      if (bytes.length > 0 && client.readyState === client.OPEN) client.send(bytes);
    };
    client.on('message', (data, isBinary) => {
      if (!isBinary) return;
      send(guest.type(Buffer.from(data as Buffer), ticker.now()));
    });
    const stop = ticker.onTick(() => {
      const current = cluster.view.get(virtualMachineInstances, namespace, name);
      if (current?.metadata.uid !== uid || current.status?.phase !== 'Running') client.close(1000);
      else send(guest.printed(cluster.now));
    });
    client.on('close', () => {
      stop();
      if (this.#consoles.get(uid) === client) this.#consoles.delete(uid);
    });
  }

  #forward(upgrade: UpgradeRequest, vmi: VirtualMachineInstance): void {
    const [, port = '', protocol = 'tcp'] = PORT_FORWARD.exec(upgrade.route.subresource ?? '') ?? [];
    const address = (vmi.status?.interfaces as { ipAddress?: string }[] | undefined)?.[0];
    if (!address) throw badRequest('no network interfaces are present');
    const target = `${protocol} ${address.ipAddress ?? ''}:${port}`;
    const number = Number(port);
    if (protocol !== 'tcp' && protocol !== 'udp')
      throw internalError(`dialing VM: dial ${protocol}: unknown network ${protocol}`);
    if (!Number.isInteger(number) || number < 1 || number > 65_535) {
      throw internalError(`dialing VM: dial ${target}: invalid port`);
    }
    const listener = protocol === 'tcp' ? guestListener(vmi, number) : undefined;
    // Nobody refuses a datagram.
    if (protocol === 'tcp' && !listener)
      throw internalError(`dialing VM: dial ${target}: connect: connection refused`);
    if (!isWebSocket(upgrade.request)) throw new PlainRefusal(400, 'Bad Request\n');
    this.#accept(upgrade, client => {
      const alive = setInterval(() => client.ping('keep alive'), KEEP_ALIVE_MS);
      client.on('close', () => clearInterval(alive));
      if (listener) splice(createWebSocketStream(client), this.#context.ports.connect(listener));
    });
  }
}
