/** Serves /openapi/v2 (kube-openapi pkg/handler): JSON, and gnostic's protobuf for clients that take nothing else. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../simulator/types/meta.ts';
import { wrongMethod } from './failures.ts';
import { parseAccept } from './negotiation.ts';
import { OpenApiV2Builder, openApiV2Json } from './openapi-v2.ts';
import { openApiV2Protobuf } from './openapi-v2-protobuf.ts';
import { sendText } from './responses.ts';

export const OPENAPI_V2_PATH = '/openapi/v2';

/** Go's parser of media types refuses the `@` of the name that clients ask by, so answers spell it with a dot. */
const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const ASKED_PROTOBUF = [PROTOBUF_TYPE, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'];

type Form = 'json' | 'protobuf';

/** A document in v3: its text and the hash of that. */
export interface Source {
  readonly text: string;
  readonly hash: string;
}

/** Makes the document when it is first asked for, in some 200 ms, and keeps it until a source changes. */
export class OpenApiV2Endpoint {
  readonly #sources: () => readonly Source[];
  readonly #version: string;
  readonly #bodies = new Map<Form, Buffer>();
  #key = '';

  constructor(sources: () => readonly Source[], version: string) {
    this.#sources = sources;
    this.#version = version;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod();
    const form = formOf(request.headers.accept);
    if (!form) {
      sendText(response, 406, '');
      return;
    }
    const sources = this.#sources();
    const hash = createHash('sha512');
    for (const source of sources) hash.update(source.hash);
    const key = hash.digest('hex').toUpperCase();
    const etag = `"${form === 'json' ? key : `${key}-PB`}"`;
    const headers = { ETag: etag, Vary: 'Accept', 'Cache-Control': 'no-cache, private' };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers);
      response.end();
      return;
    }
    const body = this.#body(form, key, sources);
    response.writeHead(200, {
      ...headers,
      'Content-Type': form === 'json' ? 'application/json' : PROTOBUF_TYPE,
      'Content-Length': body.length,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #body(form: Form, key: string, sources: readonly Source[]): Buffer {
    if (key !== this.#key) {
      this.#key = key;
      this.#bodies.clear();
    }
    let body = this.#bodies.get(form);
    if (!body) {
      const builder = new OpenApiV2Builder();
      for (const { text } of sources) builder.add(JSON.parse(text) as JsonObject);
      const document = builder.build();
      body =
        form === 'json'
          ? Buffer.from(openApiV2Json(document, this.#version))
          : openApiV2Protobuf(document, this.#version);
      this.#bodies.set(form, body);
    }
    return body;
  }
}

function formOf(accept: string | undefined): Form | undefined {
  if (accept === undefined || accept === '') return 'json';
  for (const { type } of parseAccept(accept)) {
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
    if (ASKED_PROTOBUF.includes(type)) return 'protobuf';
  }
  return undefined;
}
