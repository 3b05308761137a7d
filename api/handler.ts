/**
 * Everything a kube-apiserver answers, on plain Node requests and responses: express mounts what is not Kubernetes,
 * and this path does not depend on its speed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiRequest, ApiResponse, WatchRequest } from '../simulator/apiserver/index.ts';
import type { Cluster } from '../simulator/cluster.ts';
import type { UserInfo } from '../simulator/types/meta.ts';
import { ANONYMOUS, type Authenticator } from './authentication.ts';
import { readBody } from './body.ts';
import type { ClockDriver } from './clock-driver.ts';
import { DELETE_OPTIONS, decodeObject, decodePatch, patchTypeOf } from './decoding.ts';
import { Discovery } from './discovery.ts';
import { encodeList, encodeObject, encodePartial, encodePartialList } from './encoding.ts';
import { sendError, statusOf } from './errors.ts';
import { UnknownPath, unauthorized } from './failures.ts';
import { type Shape, type Wanted, includeObject, negotiate } from './negotiation.ts';
import { OpenApi } from './openapi.ts';
import { type OptionsKind, booleanParameter, integerParameter, requestOptions } from './query.ts';
import { sendEmpty, sendFormatted, sendStatus, sendText, warningHeaders } from './responses.ts';
import { type ResourcePath, type Route, type Served, parseResourcePath, resolveRoute } from './routing.ts';
import { servedRegistry } from './served-registry.ts';
import { responseSink } from './sinks.ts';
import type { Streams } from './streams/index.ts';
import { TableEncoders } from './tables.ts';
import { isPublic, serveVersionOrHealth } from './version-and-health.ts';
import { errorFrame, frameEncoder } from './watch-frames.ts';
import { type FrameSink, WatchHub } from './watching.ts';

export interface HandlerOptions {
  readonly cluster: Cluster;
  readonly authenticator: Authenticator;
  readonly clock: ClockDriver;
  readonly streams: Streams;
  /** Told of bugs: what is no refusal. */
  readonly report: (error: unknown) => void;
}

const READ_SHAPES: readonly Shape[] = ['object', 'table', 'metadata', 'metadata-list'];
const PLAIN_SHAPES: readonly Shape[] = ['object', 'metadata', 'metadata-list'];

type RequestVerb = ApiRequest['verb'];

const OPTIONS_KINDS: Readonly<Record<RequestVerb, OptionsKind>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
  get: 'GetOptions',
  list: 'ListOptions',
};

/** Bodies of subresources whose kind is not the resource's own. */
const SUBRESOURCE_KINDS: Readonly<Record<string, string>> = {
  scale: 'Scale',
  eviction: 'Eviction',
  binding: 'Binding',
  token: 'TokenRequest',
};

export class ApiHandler {
  readonly hub: WatchHub;
  readonly #cluster: Cluster;
  readonly #authenticator: Authenticator;
  readonly #clock: ClockDriver;
  readonly #streams: Streams;
  readonly #report: (error: unknown) => void;
  readonly #discovery: Discovery;
  readonly #openApi: OpenApi;
  readonly #served: Served;
  readonly #tables = new TableEncoders();

  constructor({ cluster, authenticator, clock, streams, report }: HandlerOptions) {
    this.#cluster = cluster;
    this.#authenticator = authenticator;
    this.#clock = clock;
    this.#streams = streams;
    this.#report = report;
    this.hub = new WatchHub(cluster);
    const registry = servedRegistry(cluster);
    this.#served = { registry, subresources: cluster.subresources };
    this.#discovery = new Discovery(registry);
    this.#openApi = new OpenApi(registry);
  }

  /** Does ahead of time what the first clients would wait for. */
  prepare(): void {
    this.#openApi.prepare();
  }

  /** Answers one request, whatever comes of it. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {});
    try {
      const working = this.#dispatch(request, response);
      working?.catch(error => sendError(response, error, this.#report));
    } catch (error) {
      sendError(response, error, this.#report);
    }
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined {
    const { path, query } = splitUrl(request.url ?? '/');
    const user = this.#userOf(request, path);
    const resourcePath = parseResourcePath(path);
    if (!resourcePath) {
      const refusal = isPublic(path)
        ? undefined
        : this.#cluster.authorizePath(user, (request.method ?? 'GET').toLowerCase(), path);
      if (refusal) {
        sendAnswer(response, refusal);
        return undefined;
      }
      const served =
        this.#discovery.serve(request, response, path) ||
        this.#openApi.serve(request, response, path, query) ||
        serveVersionOrHealth(this.#served.registry, response, path, query);
      if (!served) throw new UnknownPath();
      return undefined;
    }
    const watch = booleanParameter(query, 'watch') ?? false;
    const route = this.#routeOf(request.method ?? 'GET', resourcePath, watch);
    if (this.#streams.serve(route, user, query, request, response)) return undefined;
    // What is only created, such as a review, has no table.
    const readable = route.definition?.verbs.includes('get');
    const wanted = negotiate(request.headers.accept, readable ? READ_SHAPES : PLAIN_SHAPES);
    if (route.verb === 'watch') {
      this.#watch(route, user, query, wanted, response);
      return undefined;
    }
    if (route.verb === 'get' || route.verb === 'list') {
      this.#serve(this.#requestOf(route, route.verb, user, query, request), route, query, wanted, response);
      return undefined;
    }
    return this.#write(route, route.verb, user, query, wanted, request, response);
  }

  /** @throws ApiError or UnknownPath for what is not served. */
  #routeOf(method: string, path: ResourcePath, watch: boolean): Route {
    return this.#streams.routeOf(path) ?? resolveRoute(this.#served, method, path, watch);
  }

  /**
   * The user behind a request.
   * @throws ApiError 401 for strangers, but on the few paths that everyone may see.
   */
  #userOf(request: IncomingMessage, path: string): UserInfo {
    const user = this.#authenticator.authenticate(request);
    if (user) return user;
    if (isPublic(path) && request.headers.authorization === undefined) return ANONYMOUS;
    throw unauthorized();
  }

  async #write(
    route: Route,
    verb: RequestVerb,
    user: UserInfo,
    query: URLSearchParams,
    wanted: Wanted,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const contentType = request.headers['content-type'];
    const patchType = verb === 'patch' ? patchTypeOf(contentType, route.definition) : undefined;
    const body = await readBody(request);
    const decoded = this.#requestOf(route, verb, user, query, request);
    const wantDuplicates = decoded.options?.fieldValidation !== 'Ignore';
    if (patchType) {
      const { value, errors } = decodePatch(body, patchType, wantDuplicates);
      decoded.patchType = patchType;
      decoded.body = value;
      if (errors.length > 0) decoded.decodingErrors = errors;
    } else if (body.length > 0 || (route.definition && (verb === 'create' || verb === 'update'))) {
      const deleting = verb === 'delete' || verb === 'deletecollection';
      const kind = deleting ? DELETE_OPTIONS : bodyKind(route);
      const { value, errors } = decodeObject(body, contentType, {
        kind,
        wantDuplicates: wantDuplicates && !deleting,
      });
      decoded.body = value;
      if (errors.length > 0) decoded.decodingErrors = errors;
    }
    this.#serve(decoded, route, query, wanted, response);
  }

  #requestOf(
    route: Route,
    verb: RequestVerb,
    user: UserInfo,
    query: URLSearchParams,
    request: IncomingMessage,
  ): ApiRequest {
    const { group, version, resource } = route;
    const result: ApiRequest = {
      verb,
      group,
      version,
      resource,
      user,
      options: requestOptions(query, OPTIONS_KINDS[verb]),
    };
    if (route.namespace !== undefined) result.namespace = route.namespace;
    if (route.name !== undefined) result.name = route.name;
    if (route.subresource !== undefined) result.subresource = route.subresource;
    const agent = request.headers['user-agent'];
    if (agent !== undefined) result.userAgent = agent;
    return result;
  }

  #serve(
    request: ApiRequest,
    route: Route,
    query: URLSearchParams,
    wanted: Wanted,
    response: ServerResponse,
  ): void {
    this.#clock.catchUp();
    const answer = this.#cluster.request(request);
    this.#clock.wake();
    if (answer.type === 'status' || answer.type === 'raw') {
      sendAnswer(response, answer, wanted.format);
      return;
    }
    const text = this.#encode(answer, route, query, wanted);
    sendFormatted(response, answer.code, text, wanted.format, warningHeaders(answer.warnings));
  }

  #encode(
    answer: Extract<ApiResponse, { type: 'object' | 'list' }>,
    route: Route,
    query: URLSearchParams,
    { shape, version }: Wanted,
  ): string {
    const { definition } = route;
    // Scale and other objects of subresources have no table of the resource.
    if (shape === 'table' && definition && answer.type === 'list') {
      const options = { version, include: includeObject(query), now: this.#cluster.now };
      return this.#tables.for(definition, route.version).encodeList(answer.list, options);
    }
    if (answer.type === 'list') {
      return shape === 'object' || shape === 'table'
        ? encodeList(answer.list, definition?.custom ?? true)
        : encodePartialList(answer.list, version);
    }
    if (shape === 'table' && definition && answer.object.kind === definition.kind) {
      const options = { version, include: includeObject(query), now: this.#cluster.now };
      return this.#tables.for(definition, route.version).encodeObject(answer.object, options);
    }
    return shape === 'object' || shape === 'table'
      ? encodeObject(answer.object)
      : encodePartial(answer.object, version);
  }

  #watch(
    route: Route,
    user: UserInfo,
    query: URLSearchParams,
    wanted: Wanted,
    response: ServerResponse,
  ): void {
    this.openWatch(route, user, query, wanted, () => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
      response.flushHeaders();
      return responseSink(response);
    });
  }

  /**
   * Opens a watch and, where the cluster allows it, the stream that it goes to.
   * @throws ApiError before `open` is called; a revision that is forgotten is told in the stream.
   */
  openWatch(
    route: Route,
    user: UserInfo,
    query: URLSearchParams,
    wanted: Wanted,
    open: () => FrameSink,
  ): void {
    const { definition, group, version, resource, namespace, name } = route;
    if (!definition) throw new UnknownPath();
    const options = requestOptions(query, 'ListOptions');
    if (name !== undefined) {
      options.fieldSelector = [options.fieldSelector, `metadata.name=${name}`].filter(Boolean).join(',');
    }
    const timeoutSeconds = integerParameter(query, 'timeoutSeconds');
    const include = includeObject(query);
    const request: WatchRequest = { group, version, resource, user, options };
    if (namespace !== undefined) request.namespace = namespace;
    this.#clock.catchUp();
    let watch: ReturnType<Cluster['watch']>;
    try {
      watch = this.#cluster.watch(request);
    } catch (error) {
      const status = statusOf(error);
      if (status?.code !== 410) throw error;
      const sink = open();
      sink.write(errorFrame(status));
      sink.end();
      return;
    }
    const encoder = frameEncoder(
      wanted,
      () => this.#tables.for(definition, version),
      include,
      () => this.#cluster.now,
    );
    this.hub.open({ watch, sink: open(), encoder, timeoutSeconds });
  }

  /**
   * What an upgrade asks for: who wants to watch what, or which stream.
   * @throws ApiError or UnknownPath where it may not.
   */
  resolveUpgrade(request: IncomingMessage): {
    route: Route;
    user: UserInfo;
    query: URLSearchParams;
    wanted: Wanted;
  } {
    const { path, query } = splitUrl(request.url ?? '/');
    const user = this.#userOf(request, path);
    const resourcePath = parseResourcePath(path);
    if (!resourcePath) throw new UnknownPath();
    const watch = booleanParameter(query, 'watch') ?? false;
    const route = this.#routeOf(request.method ?? 'GET', resourcePath, watch);
    return { route, user, query, wanted: negotiate(request.headers.accept, READ_SHAPES) };
  }
}

/** Answers that are no objects: a Status, a text, a value, or nothing. */
function sendAnswer(response: ServerResponse, answer: ApiResponse, format: Wanted['format'] = 'json'): void {
  const headers = warningHeaders(answer.warnings);
  if (answer.type === 'status') sendStatus(response, answer.status, headers);
  else if (answer.type !== 'raw') throw new TypeError(`a ${answer.type} is not sent without its kind`);
  else if (answer.value === undefined) sendEmpty(response, answer.code, headers);
  else if (typeof answer.value === 'string') sendText(response, answer.code, answer.value, headers);
  else sendFormatted(response, answer.code, JSON.stringify(answer.value), format, headers);
}

const NO_QUERY = new URLSearchParams();

function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const at = url.indexOf('?');
  return at < 0
    ? { path: url, query: NO_QUERY }
    : { path: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) };
}

function bodyKind({ definition, subresource, resource }: Route): string {
  return (subresource && SUBRESOURCE_KINDS[subresource]) || definition?.kind || resource;
}
