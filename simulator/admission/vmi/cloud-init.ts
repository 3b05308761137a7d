import type { StatusCause } from '../../types/meta.ts';
import { invalid } from '../causes.ts';

/** What both kinds of cloud-init disk may hold. */
export interface CloudInit {
  secretRef?: { name?: string };
  userData?: string;
  userDataBase64?: string;
  networkDataSecretRef?: { name?: string };
  networkData?: string;
  networkDataBase64?: string;
}

interface Data {
  readonly secret: { name?: string } | undefined;
  readonly base64: string | undefined;
  readonly plain: string | undefined;
}

const MOST_BYTES = 2048;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** One source for user data, one for network data, neither too long for the pod (vmi-create-admitter.go). */
export function validateCloudInit(
  causes: StatusCause[],
  path: string,
  type: string,
  source: CloudInit,
): void {
  const field = `${path}.${type}`;
  const user = { secret: source.secretRef, base64: source.userDataBase64, plain: source.userData };
  const network = {
    secret: source.networkDataSecretRef,
    base64: source.networkDataBase64,
    plain: source.networkData,
  };
  checkBase64(causes, field, type, 'userDataBase64', user.base64);
  if (sources(user) > 1) causes.push(invalid(`${field} must have only one userdatasource set.`, field));
  if (byteLength(user) > MOST_BYTES) {
    causes.push(
      invalid(
        `${field} userdata exceeds ${MOST_BYTES} byte limit. Should use UserDataSecretRef for larger data.`,
        field,
      ),
    );
  }
  checkBase64(causes, field, type, 'networkDataBase64', network.base64);
  if (sources(network) > 1)
    causes.push(invalid(`${field} must have only one networkdata source set.`, field));
  if (byteLength(network) > MOST_BYTES) {
    causes.push(
      invalid(
        `${field} networkdata exceeds ${MOST_BYTES} byte limit. Should use NetworkDataSecretRef for larger data.`,
        field,
      ),
    );
  }
  if (sources(user) === 0 && sources(network) === 0) {
    causes.push(
      invalid(`${field} must have at least one userdatasource or one networkdatasource set.`, field),
    );
  }
}

/** KubeVirt names the source twice in this message. */
function checkBase64(
  causes: StatusCause[],
  path: string,
  type: string,
  name: string,
  text: string | undefined,
): void {
  if (!text || isBase64(text)) return;
  causes.push(invalid(`${path}.${name}.${type}.${name} is not a valid base64 value.`, `${path}.${name}`));
}

/** Go's decoder skips line breaks. */
function isBase64(text: string): boolean {
  return BASE64.test(text.replaceAll(/[\r\n]/g, ''));
}

function sources({ secret, base64, plain }: Data): number {
  return Number(Boolean(secret?.name)) + Number(Boolean(base64)) + Number(Boolean(plain));
}

function byteLength({ base64, plain }: Data): number {
  if (plain) return utf8Length(plain);
  if (!base64 || !isBase64(base64)) return 0;
  const text = base64.replaceAll(/[\r\n]/g, '');
  return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}

/** Short texts cannot be too long in any encoding, so most are never walked through. */
function utf8Length(text: string): number {
  if (text.length * 3 <= MOST_BYTES) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
