/** OpenAPI v3 (and the way to v2), as `kubectl explain` and client-side checks read it (kube-openapi pkg/handler3). */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResourceRegistry } from '../simulator/apiserver/index.ts';
import type { ResourceDefinition } from '../simulator/resources/index.ts';
import { servedSchemas } from '../simulator/custom-resources/index.ts';
import { type ResourceDescription, openApiV3Document } from '../simulator/schemas/index.ts';
import { AGGREGATED_GROUPS } from './aggregated-groups.ts';
import { allGroups } from './discovery-documents.ts';
import { UnknownPath, wrongMethod } from './failures.ts';
import { parseAccept } from './negotiation.ts';
import { OPENAPI_V2_PATH, OpenApiV2Endpoint } from './openapi-v2-endpoint.ts';
import { sendJson, sendText } from './responses.ts';
import { SERVER_VERSION } from './version-and-health.ts';

const ROOT = '/openapi/v3';
const STATUS_VERBS = ['get', 'patch', 'update'];
const YEAR_MS = 365 * 86_400_000;

interface Rendered {
  readonly text: string;
  /** SHA-512 in upper-case hexadecimal: clients keep documents by it. */
  readonly hash: string;
}

export class OpenApi {
  readonly #registry: ResourceRegistry;
  readonly #v2: OpenApiV2Endpoint;
  #documents = new Map<string, Rendered>();
  #definitions: unknown;

  constructor(registry: ResourceRegistry) {
    this.#registry = registry;
    this.#v2 = new OpenApiV2Endpoint(
      () => this.#groupVersions().map(({ name, group, version }) => this.#document(name, group, version)),
      SERVER_VERSION.gitVersion,
    );
  }

  /** Makes the documents one at a time while nobody waits for them: the first `kubectl explain` needs all their hashes. */
  prepare(): void {
    const waiting = this.#groupVersions();
    const next = () => {
      const known = waiting.shift();
      if (!known) return;
      this.#document(known.name, known.group, known.version);
      setImmediate(next).unref();
    };
    setImmediate(next).unref();
  }

  /**
   * Answers /openapi/v2 and paths under /openapi/v3; false when it is none of them.
   * @throws UnknownPath for group versions that have no document.
   */
  serve(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): boolean {
    if (path === OPENAPI_V2_PATH) {
      this.#v2.serve(request, response);
      return true;
    }
    if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod();
    if (!acceptsJson(request.headers.accept)) {
      sendText(response, 406, '');
      return true;
    }
    const name = path.slice(ROOT.length + 1);
    if (name === '') this.#serveRoot(response);
    else this.#serveDocument(request, response, name, query);
    return true;
  }

  #serveRoot(response: ServerResponse): void {
    const paths: Record<string, { serverRelativeURL: string }> = {};
    for (const { name, group, version } of this.#groupVersions()) {
      const { hash } = this.#document(name, group, version);
      paths[name] = { serverRelativeURL: `${ROOT}/${name}?hash=${hash}` };
    }
    sendJson(response, 200, JSON.stringify({ paths }), { Vary: 'Accept' });
  }

  #serveDocument(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    query: URLSearchParams,
  ): void {
    const known = this.#groupVersions().find(candidate => candidate.name === name);
    if (!known) throw new UnknownPath();
    const { text, hash } = this.#document(name, known.group, known.version);
    const asked = query.get('hash');
    if (asked !== null && asked !== hash) {
      response.writeHead(301, { Location: `${ROOT}/${name}?hash=${hash}`, 'Content-Length': 0 });
      response.end();
      return;
    }
    const etag = `"${hash}"`;
    const headers = {
      ETag: etag,
      Vary: 'Accept',
      ...(asked === null
        ? {}
        : { 'Cache-Control': 'public, immutable', Expires: new Date(Date.now() + YEAR_MS).toUTCString() }),
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    sendJson(response, 200, text, headers);
  }

  #groupVersions(): { name: string; group: string; version: string }[] {
    return allGroups(this.#registry)
      .filter(({ group }) => AGGREGATED_GROUPS.every(aggregated => aggregated.name !== group))
      .flatMap(({ group, versions }) =>
        versions.map(version => ({
          name: group === '' ? `api/${version}` : `apis/${group}/${version}`,
          group,
          version,
        })),
      );
  }

  #document(name: string, group: string, version: string): Rendered {
    const definitions = this.#registry.all();
    if (definitions !== this.#definitions) {
      this.#definitions = definitions;
      this.#documents = new Map();
    }
    let rendered = this.#documents.get(name);
    if (!rendered) {
      const text = JSON.stringify(
        openApiV3Document({
          group,
          version,
          resources: descriptions(this.#registry, group, version),
          registry: servedSchemas(this.#registry),
          kubernetesVersion: SERVER_VERSION.gitVersion,
        }),
      );
      rendered = { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
      this.#documents.set(name, rendered);
    }
    return rendered;
  }
}

function descriptions(registry: ResourceRegistry, group: string, version: string): ResourceDescription[] {
  return registry
    .all()
    .filter(
      definition =>
        definition.group === group &&
        definition.versions.some(({ name, served }) => name === version && served),
    )
    .map(description);
}

function description({
  kind,
  plural,
  namespaced,
  verbs,
  listKind,
  ...rest
}: ResourceDefinition): ResourceDescription {
  const subresources = [...(rest.subresources ?? [])];
  if (rest.hasStatus) subresources.push({ name: 'status', kind, verbs: STATUS_VERBS });
  if (rest.scale)
    subresources.push({
      name: 'scale',
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: STATUS_VERBS,
    });
  return { kind, plural, namespaced, verbs, listKind, subresources };
}

function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return true;
  return parseAccept(accept).some(
    ({ type }) => type === 'application/json' || type === '*/*' || type === 'application/*',
  );
}
