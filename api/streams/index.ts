/**
 * Streams: logs, exec, attach, cp and port-forward of pods over WebSocket (v1 to v5, base64 too), SPDY/3.1 and SPDY
 * tunnelled in WebSocket messages; virt-api's console and port-forward. Behind them are the simulated processes of
 * `simulator/processes`. A stream belongs to its connection, not to the cluster's value: what lasts of it are the files
 * that its processes write.
 *
 * Left out: VNC, USB redirection and VSOCK (the node's refusal instead), the proxy subresources, resizing of terminals.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cluster } from '../../simulator/cluster.ts';
import type { UserInfo } from '../../simulator/types/meta.ts';
import type { ClockDriver } from '../clock-driver.ts';
import type { ResourcePath, Route } from '../routing.ts';
import { sendText } from '../responses.ts';
import type { ClusterCertificates } from '../tls.ts';
import {
  PlainRefusal,
  type StreamContext,
  type UpgradeRequest,
  authorizeStream,
  upgradeRequired,
} from './context.ts';
import { serveLog } from './logs.ts';
import { servePortForward } from './port-forward.ts';
import { PortServer } from './port-server.ts';
import { serveRemoteCommand } from './remote-command.ts';
import { Ticker } from './ticker.ts';
import { MachineStreams, machineStreamRoute } from './virtual-machines.ts';
import { WebSockets, refuseInText } from './web-sockets.ts';

export type { UpgradeRequest } from './context.ts';

export interface StreamsOptions {
  readonly cluster: Cluster;
  readonly clock: ClockDriver;
  readonly certificates: ClusterCertificates;
  readonly report: (error: unknown) => void;
}

const POD_STREAMS = new Set(['exec', 'attach', 'portforward']);

export class Streams {
  readonly #context: StreamContext;
  readonly #machines: MachineStreams;

  constructor({ cluster, clock, certificates, report }: StreamsOptions) {
    this.#context = {
      cluster,
      clock,
      report,
      ticker: new Ticker(cluster, clock),
      sockets: new WebSockets(),
      ports: new PortServer(certificates),
    };
    this.#machines = new MachineStreams(this.#context);
  }

  /** The route of a stream that belongs to no resource of the registry. */
  routeOf(path: ResourcePath): Route | undefined {
    return machineStreamRoute(path);
  }

  /**
   * Serves a plain request where it is for a stream.
   * @returns false where it is not.
   * @throws ApiError where the stream is refused, or needs an upgrade.
   */
  serve(
    route: Route,
    user: UserInfo,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): boolean {
    const { socket } = request;
    try {
      if (isPodStream(route)) {
        authorizeStream(this.#context.cluster, route, user, route.verb === 'create' ? 'create' : 'get');
        throw upgradeRequired();
      }
      if (isLog(route)) {
        serveLog(this.#context, route, user, query, response);
        return true;
      }
      if (!isMachineStream(route)) return false;
      this.#machines.serve({ route, user, query, request, socket, head: Buffer.alloc(0) });
    } catch (error) {
      if (!(error instanceof PlainRefusal)) throw error;
      sendText(response, error.code, error.message);
    }
    return true;
  }

  /**
   * Makes a connection a stream where that is what it asks for.
   * @returns false where it is not.
   * @throws ApiError where the stream is refused.
   */
  upgrade(upgrade: UpgradeRequest): boolean {
    const { route, socket } = upgrade;
    try {
      if (isMachineStream(route)) this.#machines.serve(upgrade);
      else if (!isPodStream(route)) return false;
      else if (route.subresource === 'portforward') servePortForward(this.#context, upgrade);
      else serveRemoteCommand(this.#context, route.subresource === 'exec' ? 'exec' : 'attach', upgrade);
    } catch (error) {
      if (!(error instanceof PlainRefusal)) throw error;
      refuseInText(socket, error.code, error.message);
    }
    return true;
  }

  close(): void {
    this.#context.ticker.stop();
    this.#context.sockets.close();
    this.#context.ports.close();
  }
}

function isPodStream({ group, resource, name, subresource = '', verb }: Route): boolean {
  const known = group === '' && resource === 'pods' && name !== undefined && POD_STREAMS.has(subresource);
  return known && (verb === 'get' || verb === 'create');
}

function isLog({ group, resource, name, subresource, verb }: Route): boolean {
  return group === '' && resource === 'pods' && name !== undefined && subresource === 'log' && verb === 'get';
}

function isMachineStream(route: Route): boolean {
  return route.definition === undefined && machineStreamRoute(route) !== undefined;
}
