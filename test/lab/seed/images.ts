import { readFile } from 'node:fs/promises';
import type { BuiltImage, ImageSpec, LayerSpec } from './image-archive.ts';
import { buildImage } from './image-archive.ts';
import type { ArchiveKey } from './plan.ts';
import { randomContent } from './random-content.ts';
import type { TarEntry } from './tar-writer.ts';

const MB = 1_000_000;

/** A layer of random bytes in files of at most 16 MB. */
function randomLayer(name: string, size: number): LayerSpec {
  const entries: TarEntry[] = [{ path: `${name}/`, folder: true }];
  for (let part = 0, left = size; left > 0; part++, left -= 16 * MB) {
    const content = randomContent(`${name} ${part}`, Math.min(left, 16 * MB));
    entries.push({ path: `${name}/part-${part}`, content });
  }
  return { entries, createdBy: `/bin/sh -c #(nop) ADD dir:${name} in /${name} ` };
}

function textLayer(path: string, text: string): LayerSpec {
  return {
    entries: [{ path, content: Buffer.from(text) }],
    createdBy: `/bin/sh -c echo ${path} > /${path}`,
  };
}

async function busyboxLayer(): Promise<LayerSpec> {
  const applets = ['sh', 'sleep', 'echo', 'cat', 'ls', 'true', 'touch', 'sha256sum', 'find'];
  return {
    entries: [
      { path: 'bin/', folder: true },
      { path: 'bin/busybox', content: await readFile('/bin/busybox'), mode: 0o755 },
      ...applets.map((name) => ({ path: `bin/${name}`, linkTo: 'busybox' })),
    ],
    createdBy: '/bin/sh -c #(nop) ADD file:busybox in / ',
  };
}

/** Makes every image of the plan that is made by hand. Takes a second: 220 MB are hashed. */
export async function buildImages(): Promise<Record<ArchiveKey, BuiltImage>> {
  const base = [
    randomLayer('base-1', 120 * MB),
    randomLayer('base-2', 60 * MB),
    randomLayer('base-3', 20 * MB),
  ];
  const busybox = await busyboxLayer();
  const web = randomLayer('web', 2 * MB);
  const nginx = randomLayer('nginx', MB);
  const repeated = textLayer('repeated', 'the same bytes twice\n');
  const manyLayers = (count: number) =>
    Array.from({ length: count }, (_, index) => textLayer(`layer-${index}`, `layer ${index}\n`));
  const sh = { Cmd: ['sh'], Env: ['PATH=/bin'] };

  const specs: Record<ArchiveKey, ImageSpec> = {
    base: { layers: base, config: { Labels: { team: 'platform' } } },
    'base-labelled': { layers: base, config: { Labels: { team: 'other' } } },
    'app-1': {
      layers: [...base, randomLayer('app-1', 5 * MB)],
      config: { Cmd: ['/app'], Labels: { team: 'shop', version: '1' } },
      created: '2024-02-01T10:00:00Z',
    },
    'app-2': {
      layers: [...base, randomLayer('app-2', 5 * MB)],
      config: { Cmd: ['/app'], Labels: { team: 'shop', version: '2' } },
      created: '2024-03-01T10:00:00Z',
    },
    'web-old': {
      layers: [web, textLayer('version', '1.4 as it was\n')],
      config: { Cmd: ['/web'], Labels: { team: 'shop' } },
      created: '2024-02-10T00:00:00Z',
    },
    'web-new': {
      layers: [web, textLayer('version', '1.4 as it is\n')],
      config: { Cmd: ['/web'], Labels: { team: 'shop' } },
      created: '2024-04-10T00:00:00Z',
    },
    nginx: {
      layers: [nginx, textLayer('nginx.conf', 'debian\n')],
      config: { Cmd: ['nginx', '-g', 'daemon off;'], ExposedPorts: { '80/tcp': {} } },
      emptyHistory: [
        '/bin/sh -c #(nop)  EXPOSE 80',
        '/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]',
      ],
    },
    'nginx-alpine': { layers: [nginx, textLayer('nginx.conf', 'alpine\n')] },
    'nginx-slim': { layers: [nginx, textLayer('nginx.conf', 'slim\n')] },
    'nginx-windows': { layers: [nginx, textLayer('nginx.conf', 'windows\n')] },
    busybox: { layers: [busybox], config: sh, emptyHistory: ['/bin/sh -c #(nop)  CMD ["sh"]'] },
    'dangling-1': { layers: [randomLayer('dangling', 3 * MB)], created: '2023-05-05T05:05:05Z' },
    'dangling-2': { layers: [...base, textLayer('dangling', 'on the base\n')] },
    'dangling-used': { layers: [busybox, textLayer('dangling', 'used\n')], config: sh },
    'history-120': {
      layers: [web, textLayer('one', '1\n'), textLayer('two', '2\n')],
      config: { Env: Array.from({ length: 117 }, (_, index) => `V${index}=${index}`) },
      emptyHistory: Array.from(
        { length: 117 },
        (_, index) => `/bin/sh -c #(nop)  ENV V${index}=${index}`,
      ),
    },
    'layers-125': { layers: manyLayers(125) },
    'layers-101': { layers: manyLayers(101) },
    'layers-127': { layers: manyLayers(127) },
    'repeated-layer': {
      layers: [repeated, textLayer('between', 'between\n'), repeated],
      config: { Labels: { odd: 'repeated' } },
    },
    'empty-layer': { layers: [{ entries: [] }], config: { Labels: { odd: 'empty' } } },
    rich: {
      layers: [busybox, textLayer('rich', 'rich\n')],
      architecture: 'amd64',
      author: 'Lab <lab@example.com>',
      comment: 'everything a config can say',
      created: '2024-05-06T07:08:09.123456789Z',
      config: {
        Env: ['PATH=/bin', 'EMPTY=', 'WITH=equals=signs', 'UTF8=größe ✓'],
        Cmd: ['serve', '--verbose'],
        Entrypoint: ['/bin/sh', '-c', 'echo "$@"'],
        WorkingDir: '/srv/app',
        User: '1000:1000',
        ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8443/tcp': {} },
        Volumes: { '/data': {}, '/var/log/app': {} },
        Labels: {
          'org.opencontainers.image.title': 'rich',
          'org.opencontainers.image.description': 'a label with "quotes", commas and ünïcode',
          empty: '',
          env: 'prod',
        },
        StopSignal: 'SIGQUIT',
        Healthcheck: {
          Test: ['CMD-SHELL', 'test -f /rich'],
          Interval: 30_000_000_000,
          Timeout: 3_000_000_000,
          StartPeriod: 5_000_000_000,
          Retries: 4,
        },
      },
      emptyHistory: ['HEALTHCHECK &{["CMD-SHELL" "test -f /rich"] "30s" "3s" "5s" \'\\x04\'}'],
    },
    arm: {
      layers: [textLayer('arm', 'not for this machine\n')],
      architecture: 'arm64',
      variant: 'v8',
    },
    tool: { layers: [busybox, randomLayer('tool', MB)], config: sh },
    'moving-old': { layers: [textLayer('moving', 'old\n')], created: '2024-05-01T00:00:00Z' },
    'moving-new': { layers: [textLayer('moving', 'new\n')], created: '2024-06-01T00:00:00Z' },
    secret: { layers: [textLayer('secret', 'not for everyone\n')] },
    'odd-names': { layers: [textLayer('odd', 'names\n')], config: { Labels: { odd: 'names' } } },
  };
  const built = await Promise.all(
    Object.entries(specs).map(async ([key, spec]) => [key, await buildImage(spec)] as const),
  );
  return Object.fromEntries(built) as Record<ArchiveKey, BuiltImage>;
}
