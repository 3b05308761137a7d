/** Serves discovery: `/api`, `/apis` and the documents of groups and versions. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ResourceRegistry } from '../simulator/apiserver/index.ts';
import { AGGREGATED_GROUPS } from './aggregated-groups.ts';
import {
  aggregatedDiscovery,
  apiGroup,
  coreVersions,
  groupList,
  ownApiGroup,
  resourceList,
} from './discovery-documents.ts';
import { UnknownPath, wrongMethod } from './failures.ts';
import { parseAccept } from './negotiation.ts';
import { sendJson } from './responses.ts';

type Form = 'legacy' | 'v2' | 'v2beta1';

interface Rendered {
  readonly text: string;
  readonly etag: string;
}

export class Discovery {
  readonly #registry: ResourceRegistry;
  /** Documents by what they were made from: they last until a resource comes or goes. */
  #rendered = new Map<string, Rendered>();
  #definitions: unknown;

  constructor(registry: ResourceRegistry) {
    this.#registry = registry;
  }

  /**
   * Answers a discovery path; false when the path is none.
   * @throws UnknownPath for groups and versions that are not served.
   */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const parts = path.split('/').filter(part => part !== '');
    const [root, group, version] = parts;
    if (root !== 'api' && root !== 'apis') return false;
    if (parts.length > (root === 'api' ? 2 : 3)) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod();

    if (parts.length === 1) this.#serveRoot(request, response, root);
    else if (root === 'api')
      this.#serveDocument(response, path, () => resourceList(this.#registry, '', group ?? ''));
    else if (version === undefined) this.#serveDocument(response, path, () => this.#group(group ?? ''));
    else this.#serveDocument(response, path, () => resourceList(this.#registry, group ?? '', version));
    return true;
  }

  #group(name: string): object | undefined {
    const aggregated = AGGREGATED_GROUPS.find(group => group.name === name);
    return aggregated?.ownName === undefined ? apiGroup(this.#registry, name) : ownApiGroup(aggregated);
  }

  #serveRoot(request: IncomingMessage, response: ServerResponse, root: 'api' | 'apis'): void {
    const form = formOf(request.headers.accept);
    if (form === 'legacy') {
      const address = `${request.socket.localAddress ?? ''}:${request.socket.localPort ?? ''}`;
      const { text } = this.#render(`${root} ${address}`, () =>
        root === 'api' ? coreVersions(address) : groupList(this.#registry),
      );
      sendJson(response, 200, `${text}\n`, { Vary: 'Accept' });
      return;
    }
    const { text, etag } = this.#render(`${root} ${form}`, () =>
      aggregatedDiscovery(this.#registry, root === 'api', form),
    );
    const headers: OutgoingHttpHeaders = { ETag: etag, Vary: 'Accept', 'Cache-Control': 'public' };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`;
    sendJson(response, 200, text, { ...headers, 'Content-Type': contentType });
  }

  #serveDocument(response: ServerResponse, path: string, make: () => object | undefined): void {
    const { text } = this.#render(path, () => {
      const document = make();
      if (!document) throw new UnknownPath();
      return document;
    });
    sendJson(response, 200, `${text}\n`);
  }

  #render(key: string, make: () => object): Rendered {
    const definitions = this.#registry.all();
    if (definitions !== this.#definitions) {
      this.#definitions = definitions;
      this.#rendered = new Map();
    }
    let rendered = this.#rendered.get(key);
    if (!rendered) {
      const text = JSON.stringify(make());
      const hash = createHash('sha512').update(text).digest('hex').toUpperCase();
      rendered = { text, etag: `"${hash}"` };
      this.#rendered.set(key, rendered);
    }
    return rendered;
  }
}

/** The form of `/api` and `/apis` that a client prefers. */
export function formOf(accept: string | undefined): Form {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    if (parameters.get('as') === undefined) return 'legacy';
    const version = parameters.get('v');
    if (
      parameters.get('as') === 'APIGroupDiscoveryList' &&
      parameters.get('g') === 'apidiscovery.k8s.io' &&
      (version === 'v2' || version === 'v2beta1')
    ) {
      return version;
    }
  }
  return 'legacy';
}
