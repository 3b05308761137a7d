import { describe, expect, it } from 'vitest';
import { imageProblem, missingImage, parseImage } from '../../simulator/node/images.ts';
import { processOf } from '../../simulator/node/process.ts';

const run = (...command: string[]) => processOf({ name: 'c', image: 'busybox', command });
const sh = (script: string) => run('/bin/sh', '-c', script);
const ends = (seconds: number, exitCode = 0, output = '') => ({ runsFor: seconds * 1_000, exitCode, output });
const serves = (output = '') => ({ output });

describe('what a command does', () => {
  it.each([
    ['true', ends(0)],
    ['false', ends(0, 1)],
    ['exit 42', ends(0, 42)],
    ['exit 256', ends(0, 0)],
    ['sleep 30', ends(30)],
    ['sleep 0.5', ends(0.5)],
    ['sleep 1m', ends(60)],
    ['sleep infinity', { endless: true, output: '' }],
    ['echo hello', ends(0, 0, 'hello\n')],
    ['echo "a  b"; echo c', ends(0, 0, 'a  b\nc\n')],
    ['echo quiet > /dev/null', ends(0)],
    ['sleep 1 && exit 3', ends(1, 3)],
    ['false || echo saved', ends(0, 0, 'saved\n')],
    ['false && echo never', ends(0, 1)],
    ['true || echo never; echo then', ends(0, 0, 'then\n')],
    ['for i in 1 2 3; do echo $i; done', ends(0, 0, '1\n2\n3\n')],
    ['for i in 1 2; do sleep 5; done; exit 1', ends(10, 1)],
    ['while true; do date; sleep 1; done', { endless: true, output: '' }],
    ['until nslookup db; do sleep 2; done', serves()],
    ['echo start; /app/server', serves('start\n')],
    ['# nothing\n\ntrue', ends(0)],
  ])('sh -c %j', (script, expected) => {
    expect(sh(script)).toEqual(expected);
  });

  it('knows programs without a shell, and serves when it does not know', () => {
    expect(run('sleep', '5')).toEqual(ends(5));
    expect(run('/bin/false')).toEqual(ends(0, 1));
    expect(run('virt-api', '--port', '8443')).toEqual(serves());
    expect(processOf({ name: 'c', image: 'busybox', args: ['sleep', '7'] })).toEqual(ends(7));
  });

  it('takes the command of the image where none is given', () => {
    expect(processOf({ name: 'c', image: 'nginx:1.27' })).toEqual(serves());
    expect(processOf({ name: 'c', image: 'busybox' })).toEqual(ends(0));
    expect(processOf({ name: 'c', image: 'docker.io/library/hello-world' }).output).toContain(
      'Hello from Docker!',
    );
  });
});

describe('image references', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/nginx', 'docker.io/bitnami/nginx:latest'],
    ['quay.io/kubevirt/virt-api:v1.9.0', 'quay.io/kubevirt/virt-api:v1.9.0'],
    ['localhost:5000/a/b:c', 'localhost:5000/a/b:c'],
    [`a/b@sha256:${'0'.repeat(64)}`, `docker.io/a/b@sha256:${'0'.repeat(64)}`],
  ])('%s is %s', (image, full) => {
    expect(parseImage(image)).toMatchObject({ full });
  });

  it.each(['', 'nginx:', 'a b', 'nginx:tag:tag', '-nginx', 'nginx@sha256:12', 'http://nginx'])(
    '%j is none',
    image => {
      expect(imageProblem(image)?.kind).toBe('invalid');
    },
  );

  it('can be made unpullable', () => {
    const table = [missingImage('docker.io/library/nginx:9')];
    expect(imageProblem('nginx:9', table)?.message).toBe(
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:9": failed to resolve reference "docker.io/library/nginx:9": docker.io/library/nginx:9: not found',
    );
    expect(imageProblem('nginx:1', table)).toBeUndefined();
  });
});
